import { findLive } from './claims.ts';
import type { Address, LiveInstance } from './model.ts';
import { listOwners, readOwnershipTag } from './ownership.ts';
import type { Planning } from './plan.ts';
import { nameInstances } from './reasons.ts';
import { findLateArrivals } from './recovery.ts';

/** An address with more than one live instance: what a clone in the UI, or a create that arrived late, leaves behind. */
export interface Duplicate {
  /** Declared, or the name that the tags bear. */
  readonly address: Address;
  /** The managed one; null if none is. */
  readonly kept: LiveInstance | null;
  /** The others, at least one; two if none is kept. */
  readonly copies: readonly LiveInstance[];
  /** One of them is a create that was presumed lost (safety.md C3). */
  readonly late: boolean;
}

/** Every duplicate of this account's user, by address (safety.md B3, C3, C6); conflicts of the plan are told there. */
export function findDuplicates(planning: Planning): readonly Duplicate[] {
  const { matching, matches } = planning;
  const { observation, addresses, live } = matching;
  const late = new Set(findLateArrivals(observation.recorded, live).map(({ instance }) => instance.id));
  const groups = new Map<Address, Map<number, LiveInstance>>();
  const add = (address: Address, instance: LiveInstance) =>
    groups.set(address, (groups.get(address) ?? new Map<number, LiveInstance>()).set(instance.id, instance));
  const owners = listHolders(planning);
  const names = listOldNames(planning);
  for (const instance of live.mine) {
    for (const { project, address } of listOwners(instance)) {
      const name = addresses.resolve(address) ?? names.get(address) ?? address;
      // What belongs to another address bears an old name (a rename cannot change the tag), and is no copy.
      const isFree = (owners.get(instance.id) ?? name) === name;
      if (project === observation.declarations.project && isFree) add(name, instance);
    }
  }
  for (const [address, match] of matches) {
    const instance = findLive(match);
    if (instance !== null && match.kind !== 'conflict') add(address, instance);
  }
  const sorted = [...groups].sort(([one], [other]) => (one < other ? -1 : 1));
  return sorted.flatMap(([address, group]) => {
    const match = matches.get(address);
    if (group.size < 2 || match?.kind === 'conflict') return [];
    const all = [...group.values()];
    const kept =
      (match === undefined ? null : findLive(match)) ?? all.find((one) => owners.has(one.id)) ?? null;
    const copies = all.filter((one) => one.id !== kept?.id).sort((a, b) => a.id - b.id);
    return [{ address, kept, copies, late: copies.some((one) => late.has(one.id)) }];
  });
}

/** The address that a recorded instance has now, by the name in the tag that it was made with; its `moved:` may be gone. */
function listOldNames({ matching }: Planning): ReadonlyMap<Address, Address> {
  const { project } = matching.observation.declarations;
  const { instances } = matching.observation.recorded;
  const tags = new Map(instances.map((row) => [row.tag, row.address]));
  const held = new Set(instances.map((row) => row.address));
  return new Map(
    [...tags].flatMap(([tag, address]) => {
      const owner = tag === null ? null : readOwnershipTag(tag);
      if (owner?.project !== project || held.has(owner.address)) return [];
      return [[owner.address, address] as const];
    }),
  );
}

/** Which address has each managed instance. */
function listHolders({ matching, matches }: Planning): ReadonlyMap<number, Address> {
  const { rows, orphans } = matching.addresses;
  const found = [...matches].flatMap(([address, match]) => {
    const instance = match.kind === 'conflict' ? null : findLive(match);
    return instance === null ? [] : [[instance.id, address] as const];
  });
  return new Map([
    ...orphans.map((row) => [row.instanceId, row.address] as const),
    ...[...rows].map(([address, row]) => [row.instanceId, address] as const),
    ...found,
  ]);
}

/** `2 live instances stand for a: #1, #2; #1 is recorded`, with all ids, and what a late one is. */
export function describeDuplicate({ address, kept, copies, late }: Duplicate): string {
  const all = [...(kept === null ? [] : [kept]), ...copies];
  const arrival = late ? '; a late duplicate: a create that was presumed lost has arrived' : '';
  const own = kept === null ? '' : `; this state's is #${String(kept.id)}`;
  return `${String(all.length)} live instances stand for ${address}: ${nameInstances(all)}${own}${arrival}`;
}
