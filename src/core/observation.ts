import type {
  Address,
  Declaration,
  Declarations,
  Listing,
  LiveInstance,
  Probe,
  RecordedInstance,
  RecordedState,
} from './model.ts';
import type { Sensitive } from './sensitive.ts';

/** What is known of one declared sensitive value before anything is decided. */
export interface CredentialReading {
  /** null: a reference is unset. */
  readonly value: Sensitive | null;
  /** Names of the unset references; not sensitive. */
  readonly missing: readonly string[];
  /** Against the value last applied, by keyed fingerprint. */
  readonly applied: 'same' | 'changed' | 'unverified';
}

/** By address, then by configuration key. */
export type CredentialReadings = ReadonlyMap<Address, ReadonlyMap<string, CredentialReading>>;

/** The three readings that a plan is made from. Data, with the secrets in it wrapped. */
export interface Observation {
  readonly declarations: Declarations;
  readonly recorded: RecordedState;
  /** null: offline; recorded instances are then taken to live as recorded. */
  readonly listing: Listing | null;
  /**
   * When the listing was at hand, and so not before it was begun, by the monotonic clock of this process, ms; a wait is measured by
   * it alone (safety.md C2).
   */
  readonly seenAt: number;
  /** GETs by id of recorded and pinned instances that the listing lacks (safety.md A1). */
  readonly probes: ReadonlyMap<number, Probe>;
  readonly credentials: CredentialReadings;
  /** Intents whose whole period this very run has waited through, on its own clock (safety.md C2). */
  readonly waitedFor: ReadonlySet<string>;
  /** Ids that this very run has created: that a list lacks them yet says nothing against it. */
  readonly fresh: ReadonlySet<number>;
}

/** Declared and recorded, joined by address. */
export interface Addresses {
  /** By declared address. */
  readonly declared: ReadonlyMap<Address, Declaration>;
  /** The row that a declared address stands for: its own, or that of the address it was moved from. */
  readonly rows: ReadonlyMap<Address, RecordedInstance>;
  /** Rows that no declared address stands for. */
  readonly orphans: readonly RecordedInstance[];
  /** Rows of the address that one was moved from, where the new name has a record of its own. */
  readonly rivals: ReadonlyMap<Address, RecordedInstance>;
  /** A declared address, then those it was moved from. */
  readonly names: (address: Address) => readonly Address[];
  /** The declared address that a name in a tag stands for, or null. */
  readonly resolve: (name: Address) => Address | null;
}

/** What is recorded where there is no state. */
export const nothingRecorded: RecordedState = {
  ...{
    lineage: null,
    serial: 0,
    project: null,
    account: null,
    tagProven: false,
    lastApply: null,
    heldBy: null,
  },
  ...{ instances: [], intents: [], tombstones: [], absences: new Map<Address, number>() },
};

/** Joins what is declared with what is recorded. */
export function joinAddresses(declarations: Declarations, recorded: RecordedState): Addresses {
  const declared = new Map(declarations.instances.map((one) => [one.address, one]));
  const origins = new Map<Address, Address[]>();
  const targets = new Map<Address, Address>();
  for (const { from, to } of declarations.moved) {
    origins.set(to, [...(origins.get(to) ?? []), from]);
    targets.set(from, to);
  }
  const names = (address: Address) => [address, ...(origins.get(address) ?? [])];
  const byAddress = new Map(recorded.instances.map((row) => [row.address, row]));
  const rows = new Map<Address, RecordedInstance>();
  const rivals = new Map<Address, RecordedInstance>();
  for (const address of declared.keys()) {
    const [row, rival] = names(address).flatMap((name) => byAddress.get(name) ?? []);
    if (row !== undefined) rows.set(address, row);
    if (row !== undefined && rival !== undefined) rivals.set(address, rival);
  }
  const used = new Set([...rows.values()].map((row) => row.row));
  return {
    declared,
    rows,
    orphans: recorded.instances.filter((row) => !used.has(row.row)),
    rivals,
    names,
    resolve: (name) => (declared.has(name) ? name : (targets.get(name) ?? null)),
  };
}

/** The user whose instances these must be: declared, else the one that the state has seen, else not known (A4). */
export function findUser(observation: Pick<Observation, 'declarations' | 'recorded'>): number | null {
  return observation.declarations.account.user ?? observation.recorded.account?.user ?? null;
}

/** Everything that is known to live, by id: the listing, and what GETs by id found besides. Offline: what is recorded. */
export function listLive(observation: Observation): readonly LiveInstance[] {
  const listing = observation.listing ?? assumeLive(observation.recorded);
  const probed = [...observation.probes.values()].flatMap((probe) =>
    probe.kind === 'live' ? [probe.instance] : [],
  );
  const listed = new Set(listing.instances.map((instance) => instance.id));
  return [...listing.instances, ...probed.filter((instance) => !listed.has(instance.id))].sort(
    (a, b) => a.id - b.id,
  );
}

/**
 * Instances that live by GET and that the listing lacks. A list that hides these may hide others: it proves no absence
 * (safety.md A1).
 */
export function listHidden({
  listing,
  probes,
  fresh,
}: Pick<Observation, 'listing' | 'probes' | 'fresh'>): readonly LiveInstance[] {
  if (listing === null) return [];
  return [...probes.values()].flatMap((probe) =>
    probe.kind === 'live' && !fresh.has(probe.instance.id) ? [probe.instance] : [],
  );
}

/** Recorded instances as if the service had answered with them: what an offline plan compares with. */
function assumeLive(recorded: RecordedState): Listing {
  const instances = recorded.instances.map((row) => ({
    id: row.instanceId,
    element: row.element,
    name: row.name,
    tags: row.tags === null || row.tag === null ? row.tags : [...row.tags, row.tag],
    configuration: row.configuration,
    disabled: false,
    valid: true,
    retired: false,
    user: null,
    createdDate: null,
  }));
  return { complete: true, note: null, startedAt: 0, serviceAhead: null, instances, tokens: new Map() };
}
