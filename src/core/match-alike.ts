import { conflict, findRival, pick, type Claims, type Match, type Matching } from './claims.ts';
import type { Address, LiveInstance } from './model.ts';
import { listOwners } from './ownership.ts';

/** Rule 4, for all addresses that no earlier rule decided: the same element and name, and no ownership tag. */
export function matchByLikeness(
  seekers: readonly Address[],
  input: Matching,
  claims: Claims,
): ReadonlyMap<Address, Match> {
  const wanted = new Map<number, Address[]>();
  const found = new Map<Address, Match>();
  for (const address of seekers) {
    const match = matchLookAlike(address, input, claims);
    if (match === null) continue;
    found.set(address, match);
    if (match.kind === 'found')
      wanted.set(match.instance.id, [...(wanted.get(match.instance.id) ?? []), address]);
  }
  for (const [id, rivals] of wanted) {
    if (rivals.length < 2) continue;
    for (const address of rivals) {
      const other = rivals.find((rival) => rival !== address) ?? null;
      found.set(address, conflict('claimed_twice', { instances: pick(input.live.look(id)), other }));
    }
  }
  return found;
}

function matchLookAlike(address: Address, input: Matching, claims: Claims): Match | null {
  const declaration = input.addresses.declared.get(address);
  const alike = declaration === undefined ? [] : input.live.alike(declaration.element, declaration.name);
  const free: LiveInstance[] = [];
  for (const instance of alike) {
    const claimant = findRival(instance.id, address, claims);
    if (claimant !== null) {
      if (!input.addresses.declared.has(claimant))
        return conflict('renamed', { instances: [instance], other: claimant });
      continue;
    }
    if (instance.tags === null) return conflict('unreadable', { instances: [instance] });
    const owners = listOwners(instance);
    const stranger = owners.find((owner) => owner.project !== input.observation.declarations.project);
    if (stranger !== undefined)
      return conflict('foreign', { instances: [instance], other: stranger.project });
    const lost = owners.find((owner) => input.addresses.resolve(owner.address) === null);
    if (lost !== undefined) return conflict('renamed', { instances: [instance], other: lost.address });
    if (owners.length === 0) free.push(instance);
  }
  const [instance, ...more] = free;
  if (instance === undefined) return null;
  return more.length > 0
    ? conflict('ambiguous', { instances: free })
    : { kind: 'found', by: 'look-alike', instance };
}
