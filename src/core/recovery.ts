import type { LiveIndex } from './live-index.ts';
import type { Address, Listing, LiveInstance, OpenIntent, RecordedState, Tombstone } from './model.ts';
import { type Addresses, type Observation } from './observation.ts';
import { listOwners } from './ownership.ts';

/** What became of an open intent, as far as one listing can tell. */
export type Recovery =
  /** The run that holds the lock has it in hand. */
  | { readonly kind: 'in-flight' }
  | { readonly kind: 'found'; readonly instance: LiveInstance }
  | { readonly kind: 'several'; readonly instances: readonly LiveInstance[] }
  /** Not to be told before `until` (wall clock, ms). */
  | { readonly kind: 'waiting'; readonly until: number }
  /** Not there, in a complete listing that started late enough. `presumed`: it may still arrive (C3). */
  | { readonly kind: 'absent'; readonly presumed: boolean }
  /** These may be it; nothing but a person can tell. */
  | { readonly kind: 'undecidable'; readonly instances: readonly LiveInstance[] };

/** An open intent, and what became of it. */
export interface Recovered {
  readonly intent: OpenIntent;
  readonly recovery: Recovery;
}

/** The open intents that concern one address (more than one only through `moved:`), and what they say together. */
export interface AddressRecovery {
  readonly each: readonly Recovered[];
  readonly together: Recovery;
}

/** So many creates of one address are made after presumed absences in a row; a further one wants a person (C3). */
export const mostAutomaticCreates = 3;

/** The holder of the lock has opened it. What an earlier run left open is in nobody's hand, whoever holds the lock now. */
function isInHand({ openedAt }: OpenIntent, { heldBy }: RecordedState): boolean {
  return heldBy !== null && openedAt >= Date.parse(heldBy.since);
}

/** Decides what became of one intent. Pure: the same observation always gives the same answer. */
function recoverIntent(intent: OpenIntent, observation: Observation, live: LiveIndex): Recovery {
  if (isInHand(intent, observation.recorded)) return { kind: 'in-flight' };
  if (observation.listing === null) return { kind: 'waiting', until: intent.resolveAfter };
  const known = new Set(intent.knownIds.ids);
  const isNew = (instance: LiveInstance) => !known.has(instance.id) && !live.recorded.has(instance.id);
  const until = findDecidable(intent, observation.listing);
  const tagged = intent.tag === null ? [] : live.owned(intent.address).filter(isNew);
  const [first, ...more] = tagged;
  if (first !== undefined) return judgeTagged(first, more);
  if (!isLateEnough(intent, observation, live) || live.unread(intent.element).some(isNew))
    return { kind: 'waiting', until };
  const alike = intent.tag === null ? live.alike(intent.element, intent.name).filter(isNew) : [];
  if (alike.length > 0) return { kind: 'undecidable', instances: alike };
  return { kind: 'absent', presumed: !intent.vendorFailed };
}

/** An instance that carries a second owner's tag is nobody's for sure. */
function judgeTagged(first: LiveInstance, more: readonly LiveInstance[]): Recovery {
  if (more.length > 0) return { kind: 'several', instances: [first, ...more] };
  const shared = listOwners(first).length > 1;
  return shared ? { kind: 'undecidable', instances: [first] } : { kind: 'found', instance: first };
}

/** Clocks that differ by no more agree: the service's Date has whole seconds, and answers take their time. */
const agreementMs = 2_000;

/**
 * From when on, by the clock that the listing was begun by, a listing may prove the absence of a create (safety.md C2):
 * the opener's `resolveAfter`, later if our clock was put forward since by the service's, and a whole period from now
 * if it runs before the intent was opened. Never more than a whole period ahead.
 */
export function findDecidable(
  { openedAt, resolveAfter, serviceAhead }: Pick<OpenIntent, 'openedAt' | 'resolveAfter' | 'serviceAhead'>,
  listing: Pick<Listing, 'startedAt' | 'serviceAhead'>,
): number {
  const latest = listing.startedAt + (resolveAfter - openedAt);
  if (listing.startedAt < openedAt) return latest;
  const forward =
    serviceAhead === null || listing.serviceAhead === null ? 0 : serviceAhead - listing.serviceAhead;
  return forward > agreementMs ? Math.min(resolveAfter + forward, latest) : resolveAfter;
}

/** C2: only a complete listing that started late enough, or after a whole period waited here. */
function isLateEnough(intent: OpenIntent, observation: Observation, live: LiveIndex): boolean {
  const { listing, waitedFor } = observation;
  if (listing === null || !listing.complete || live.hidden.length > 0) return false;
  return waitedFor.has(intent.id) || listing.startedAt > findDecidable(intent, listing);
}

/** A create that was presumed absent and has arrived after all, beside the instance that took its place. */
export interface LateDuplicate {
  readonly tombstone: Tombstone;
  readonly instance: LiveInstance;
}

/** Matches every listing against the tombstones (safety.md C3). */
export function findLateArrivals(recorded: RecordedState, live: LiveIndex): readonly LateDuplicate[] {
  return recorded.tombstones.flatMap((tombstone) => {
    const known = new Set(tombstone.knownIds.ids);
    if (tombstone.tag === null) return [];
    return live
      .owned(tombstone.address)
      .filter((instance) => !known.has(instance.id) && !live.recorded.has(instance.id))
      .map((instance) => ({ tombstone, instance }));
  });
}

/** Recoveries of all open intents, by the declared address that each concerns; others under the intent's own address. */
export function recoverAll(
  observation: Observation,
  live: LiveIndex,
  addresses: Addresses,
): ReadonlyMap<Address, AddressRecovery> {
  const grouped = new Map<Address, Recovered[]>();
  for (const intent of observation.recorded.intents) {
    const address = addresses.resolve(intent.address) ?? intent.address;
    const recovery = recoverIntent(intent, observation, live);
    grouped.set(address, [...(grouped.get(address) ?? []), { intent, recovery }]);
  }
  return new Map([...grouped].map(([address, each]) => [address, { each, together: combine(each) }]));
}

/** An address may be created again only if every intent for it is absent. */
function combine(each: readonly Recovered[]): Recovery {
  const [first, ...more] = each.map(({ recovery }) => recovery);
  if (first === undefined || more.length === 0) return first ?? { kind: 'absent', presumed: false };
  const all = [first, ...more];
  const found = all.flatMap((one) =>
    one.kind === 'found' ? [one.instance] : one.kind === 'several' ? one.instances : [],
  );
  const distinct = [...new Map(found.map((one) => [one.id, one])).values()];
  const waiting = all.flatMap((one) => (one.kind === 'waiting' ? [one.until] : []));
  const [instance, ...others] = distinct;
  if (all.some((one) => one.kind === 'in-flight')) return { kind: 'in-flight' };
  if (others.length > 0) return { kind: 'several', instances: distinct };
  if (waiting.length > 0) return { kind: 'waiting', until: Math.max(...waiting) };
  const doubtful = all.find((one) => one.kind === 'undecidable');
  if (doubtful !== undefined) return doubtful;
  if (instance !== undefined) return { kind: 'found', instance };
  return { kind: 'absent', presumed: all.some((one) => one.kind === 'absent' && one.presumed) };
}
