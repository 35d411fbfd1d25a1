import { findLive } from './claims.ts';
import { makeDrift } from './drift.ts';
import type { Address, LiveInstance } from './model.ts';
import type { Planning } from './plan.ts';
import { nameInstances } from './reasons.ts';
import { findLateArrivals, mostAutomaticCreates, type Recovered, type Recovery } from './recovery.ts';

/** A create that was cut off, and what one look at the account says of it. */
export interface OpenCreate {
  readonly address: Address;
  readonly element: string;
  readonly name: string;
  /** ISO, as all times here. */
  readonly openedAt: string;
  /** When a listing that lacks it will prove that it does not exist. */
  readonly decidableAt: string;
  readonly state: Recovery['kind'];
  /** What it made, or may have made. */
  readonly instanceIds: readonly number[];
  /** What that means, and what to type where a person is wanted. */
  readonly text: string;
}

/** A create that was presumed lost: whatever arrives late is held against it (safety.md C3). */
export interface LostCreate {
  readonly address: Address;
  readonly element: string;
  readonly name: string;
  readonly lostAt: string;
  /** Instances with its tag that have arrived after all. */
  readonly arrivedIds: readonly number[];
  /** The instance that took its place meanwhile, or null. */
  readonly keptId: number | null;
}

/** A live instance with our tag that nothing accounts for. */
export interface Stray {
  readonly address: Address | null;
  readonly instanceId: number | null;
}

/** An address whose creates were lost so often that only a person may let it be made again. */
export interface Blocked {
  readonly address: Address;
  readonly lost: number;
}

/** All that crashes and lost answers have left behind. Plain JSON, by address. */
export interface Leftovers {
  readonly open: readonly OpenCreate[];
  readonly blocked: readonly Blocked[];
  readonly lost: readonly LostCreate[];
  readonly strays: readonly Stray[];
}

/** Lists what is left; the same readings always give the same list. */
export function listLeftovers(planning: Planning): Leftovers {
  const { matching, policy } = planning;
  const { recorded } = matching.observation;
  const arrivals = findLateArrivals(recorded, matching.live).filter(
    ({ instance }) => !isOfOpen(planning, instance),
  );
  const open = [...matching.recoveries].flatMap(([address, { each }]) =>
    each.map((one) => describeOpen(planning, address, one)),
  );
  const blocked = [...recorded.absences].flatMap(([address, lost]) =>
    lost > mostAutomaticCreates ? [{ address, lost }] : [],
  );
  const lost = recorded.tombstones.map(({ intentId, address, element, name, absentAt }) => ({
    ...{ address, element, name, lostAt: writeTime(absentAt) },
    arrivedIds: arrivals.flatMap((one) => (one.tombstone.intentId === intentId ? [one.instance.id] : [])),
    keptId: findKept(planning, address),
  }));
  const strays = makeDrift(planning, [])
    .items.filter(({ kind }) => kind === 'stray')
    .map(({ address, instanceId }) => ({ address, instanceId }));
  const select = <T extends { readonly address: Address | null }>(items: readonly T[]): readonly T[] =>
    items
      .filter(({ address }) => address === null || policy.includes(address))
      .sort((a, b) => ((a.address ?? '') < (b.address ?? '') ? -1 : 1));
  return { open: select(open), blocked: select(blocked), lost: select(lost), strays: select(strays) };
}

/** What an open create has made is no late arrival of the one before it. */
function isOfOpen({ matching }: Planning, { id }: LiveInstance): boolean {
  return [...matching.recoveries.values()].some(
    ({ together }) => together.kind === 'found' && together.instance.id === id,
  );
}

function findKept({ matching, matches }: Planning, name: Address): number | null {
  const match = matches.get(matching.addresses.resolve(name) ?? name);
  const row = matching.observation.recorded.instances.find(({ address }) => address === name);
  return (match === undefined ? null : findLive(match))?.id ?? row?.instanceId ?? null;
}

/** Whether a person is wanted, now or once something has arrived. */
export function wantsPerson({ open, blocked, lost }: Leftovers): boolean {
  return open.length > 0 || blocked.length > 0 || lost.some(({ arrivedIds }) => arrivedIds.length > 0);
}

function describeOpen(planning: Planning, address: Address, { intent, recovery }: Recovered): OpenCreate {
  const { element, name, openedAt, resolveAfter } = intent;
  const instances =
    recovery.kind === 'found'
      ? [recovery.instance]
      : recovery.kind === 'several' || recovery.kind === 'undecidable'
        ? recovery.instances
        : [];
  return {
    ...{ address, element, name },
    openedAt: writeTime(openedAt),
    decidableAt: writeTime(recovery.kind === 'waiting' ? recovery.until : resolveAfter),
    state: recovery.kind,
    instanceIds: instances.map(({ id }) => id),
    text: explainOpen(planning, address, recovery),
  };
}

function explainOpen(planning: Planning, address: Address, recovery: Recovery): string {
  const byHand = (id: number | undefined) =>
    `instate recover ${address} --found ${String(id ?? 'ID')}  or  --absent`;
  switch (recovery.kind) {
    case 'in-flight':
      return 'another run has it in hand';
    case 'found': {
      const match = planning.matches.get(address);
      const kept = match === undefined ? null : findLive(match);
      const isTaken = kept !== null && kept.id !== recovery.instance.id;
      return isTaken
        ? `made #${String(recovery.instance.id)}, and ${address} has #${String(kept.id)} already`
        : `made #${String(recovery.instance.id)}`;
    }
    case 'several':
      return `${nameInstances(recovery.instances)} carry its tag: delete the one too many in the account, or  ${byHand(recovery.instances.at(-1)?.id)}`;
    case 'waiting':
      return `may still arrive, until ${writeTime(recovery.until)}; instate recover --wait  waits for it`;
    case 'absent':
      return recovery.presumed ? 'does not exist: the next apply makes it' : 'was refused by the service';
    case 'undecidable':
      return `${nameInstances(recovery.instances)} may be what it made:  ${byHand(recovery.instances.at(-1)?.id)}`;
    default:
      return recovery satisfies never;
  }
}

function writeTime(ms: number): string {
  return new Date(ms).toISOString();
}
