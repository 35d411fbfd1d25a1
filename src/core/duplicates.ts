import { findLive } from './claims.ts';
import type { Address, LiveInstance } from './model.ts';
import { listOwners } from './ownership.ts';
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

/** Every duplicate in the account (safety.md B3, C3, C6), whoever's user it shows; conflicts of the plan are told there. */
export function findDuplicates({ matching, matches }: Planning): readonly Duplicate[] {
  const { observation, addresses, live } = matching;
  const late = new Set(findLateArrivals(observation.recorded, live).map(({ instance }) => instance.id));
  const groups = new Map<Address, Map<number, LiveInstance>>();
  const add = (address: Address, instance: LiveInstance) =>
    groups.set(address, (groups.get(address) ?? new Map<number, LiveInstance>()).set(instance.id, instance));
  for (const instance of live.all) {
    for (const { project, address } of listOwners(instance)) {
      if (project === observation.declarations.project) add(addresses.resolve(address) ?? address, instance);
    }
  }
  for (const [address, match] of matches) {
    const instance = findLive(match);
    if (instance !== null && match.kind !== 'conflict') add(address, instance);
  }
  const recorded = new Set(observation.recorded.instances.map((row) => row.instanceId));
  return [...groups].flatMap(([address, group]) => {
    const match = matches.get(address);
    if (group.size < 2 || match?.kind === 'conflict') return [];
    const all = [...group.values()];
    const kept =
      (match === undefined ? null : findLive(match)) ?? all.find((one) => recorded.has(one.id)) ?? null;
    const copies = all.filter((one) => one.id !== kept?.id).sort((a, b) => a.id - b.id);
    return [{ address, kept, copies, late: copies.some((one) => late.has(one.id)) }];
  });
}

/** `2 live instances carry the ownership tag of a: #1, #2`, with both ids, and what a late one is. */
export function describeDuplicate({ address, kept, copies, late }: Duplicate): string {
  const all = [...(kept === null ? [] : [kept]), ...copies];
  const arrival = late ? '; a late duplicate: a create that was presumed lost has arrived' : '';
  return `${String(all.length)} live instances stand for ${address}: ${nameInstances(all)}${arrival}`;
}
