import type { Alike } from './account.ts';
import type { DriftKind, Finding } from './drift-kinds.ts';
import { describeDuplicate, findDuplicates } from './duplicates.ts';
import type { Address, LiveInstance } from './model.ts';
import { listOwners } from './ownership.ts';
import { findUnmanaged, listManaged, type Planning } from './plan.ts';

/** Instances beside the one that an address stands for, and those with our tag that nothing accounts for. */
export function listTagged(planning: Planning): readonly Finding[] {
  const { matching, matches } = planning;
  const duplicates = findDuplicates(planning);
  const told = new Set(duplicates.flatMap(({ copies }) => copies.map((one) => one.id)));
  const managed = listManaged(matching, matches);
  const copies = duplicates.flatMap((duplicate) =>
    duplicate.copies.map((one) => about(one, duplicate.address, 'duplicate', describeDuplicate(duplicate))),
  );
  const strays = matching.live.all.flatMap((instance) => {
    const own = listOwners(instance).find(
      (owner) => owner.project === matching.observation.declarations.project,
    );
    if (own === undefined || told.has(instance.id)) return [];
    const address = matching.addresses.resolve(own.address);
    const match = address === null ? undefined : matches.get(address);
    // What a plan adopts by its tag (after the state was lost, say) is recorded nowhere as yet.
    if (match?.kind === 'found' && match.by === 'tag' && match.instance.id === instance.id) {
      return [
        about(instance, address, 'stray', 'carries our ownership tag and is not recorded: apply adopts it'),
      ];
    }
    if (managed.has(instance.id) || match?.kind === 'conflict') return [];
    // Another run has just made it, and is about to record it.
    if (matching.recoveries.get(address ?? own.address)?.together.kind === 'in-flight') return [];
    return [about(instance, own.address, 'stray', 'carries our ownership tag and is recorded nowhere')];
  });
  return [...copies, ...strays];
}

/** What nobody has declared; where another bears the same element and name, it may be a copy that was made by hand. */
export function listUnmanaged({ matching, matches }: Planning, alike: readonly Alike[]): readonly Finding[] {
  const groups = new Map(alike.flatMap(({ instanceIds }) => instanceIds.map((id) => [id, instanceIds])));
  return findUnmanaged(matching, matches).map((one) => {
    const copies = nameOthers(groups.get(one.id) ?? [], one.id);
    return about(one, null, 'unmanaged', `neither declared nor recorded${copies}`);
  });
}

/** All of them stand in `alike`, once: here each of thousands would name all the others. */
const mostOthers = 5;

function nameOthers(group: readonly number[], own: number): string {
  if (group.length < 2) return '';
  const shown = group
    .slice(0, mostOthers + 1)
    .filter((id) => id !== own)
    .slice(0, mostOthers);
  const rest = group.length - 1 - shown.length;
  const more = rest === 0 ? '' : ` and ${String(rest)} more`;
  return `; same element and name as ${shown.map((id) => `#${String(id)}`).join(', ')}${more}`;
}

/** An item about one live instance. */
export function about(
  instance: LiveInstance,
  address: Address | null,
  kind: DriftKind,
  text: string,
): Finding {
  const { id, element, name } = instance;
  return { address, kind, text, fields: [], instanceId: id, element, name, source: null };
}
