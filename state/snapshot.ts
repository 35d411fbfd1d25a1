import type {
  Address,
  KnownIds,
  OpenIntent,
  RecordedInstance,
  RecordedState,
  Tombstone,
} from '../src/core/model.ts';
import { InstateError } from '../src/errors.ts';
import { prepare, type Connection } from './connection.ts';
import type { KeyBinding } from './keyring.ts';

/** What one reading of the database says; who holds the lock is not in it. */
export type Snapshot = Omit<RecordedState, 'heldBy'>;

/** Fingerprints by row, then by path. */
export type FingerprintTable = ReadonlyMap<string, ReadonlyMap<string, Buffer>>;

type MetaRow = Pick<Snapshot, 'serial' | 'project'> & {
  readonly lineage: string;
  readonly baseUrl: string | null;
  readonly user: number | null;
  readonly tagProven: number;
};

type InstanceRow = Omit<RecordedInstance, 'tags' | 'configuration' | 'credentials' | 'tokenStored'> & {
  readonly tags: string | null;
  readonly configuration: string;
  readonly tokenStored: number;
};

type IntentRow = Omit<OpenIntent, 'tags' | 'configuration' | 'knownIds' | 'vendorFailed'> & {
  readonly tags: string;
  readonly configuration: string;
  readonly knownIds: string;
  readonly vendorFailed: number;
};

type TombstoneRow = Omit<Tombstone, 'knownIds'> & { readonly knownIds: string };

const metaColumns = 'lineage, serial, project, base_url AS baseUrl, user, tag_proven AS tagProven';
const instanceColumns = `address, row, version, instance_id AS instanceId, element, name, tags, configuration, tag, origin,
  recorded_at AS recordedAt, token IS NOT NULL AS tokenStored`;
const intentColumns = `id, address, row, element, name, tags, configuration, tag, opened_at AS openedAt, send_by AS sendBy,
  resolve_after AS resolveAfter, service_ahead AS serviceAhead, known_ids AS knownIds, attempt, vendor_failed AS vendorFailed`;
const tombstoneColumns = `intent AS intentId, address, element, name, tag, known_ids AS knownIds,
  resolve_after AS resolveAfter, absent_at AS absentAt`;

/** What there is where there is no state. */
export const emptySnapshot: Snapshot = {
  lineage: null,
  serial: 0,
  project: null,
  account: null,
  instances: [],
  intents: [],
  tombstones: [],
  absences: new Map<Address, number>(),
  tagProven: false,
  lastApply: null,
};

/** Reads everything but secrets; the caller holds a transaction. Throws `state_corrupt` if a column makes no sense. */
export function readSnapshot(db: Connection): Snapshot {
  const meta = prepare<MetaRow>(db, `SELECT ${metaColumns} FROM meta`).get();
  if (meta === undefined) return emptySnapshot;
  const { baseUrl, user, tagProven, ...rest } = meta;
  const known = readKnownIds(db);
  return {
    ...rest,
    account: baseUrl === null ? null : { baseUrl, user },
    instances: readInstances(db),
    intents: readOpenIntents(db, known),
    tombstones: readTombstones(db, known),
    absences: readAbsences(db),
    tagProven: tagProven === 1,
    lastApply: readLastApply(db),
  };
}

/** The command as the lock's holder names it. */
function readLastApply(db: Connection): string | null {
  const sql = "SELECT max(at) AS at FROM history WHERE command = 'instate apply'";
  return prepare<{ readonly at: string | null }>(db, sql).get()?.at ?? null;
}

/** Which key the state was written under; null if there is no state yet. */
export function readKeyBinding(db: Connection): KeyBinding | null {
  const sql = 'SELECT lineage, key_id AS keyId, key_check AS keyCheck FROM meta';
  return prepare<KeyBinding>(db, sql).get() ?? null;
}

/** All fingerprints; they never leave this folder (safety.md E4). */
export function readFingerprints(db: Connection): FingerprintTable {
  interface Row {
    readonly row: string;
    readonly path: string;
    readonly fingerprint: Buffer;
  }
  const table = new Map<string, Map<string, Buffer>>();
  for (const { row, path, fingerprint } of prepare<Row>(
    db,
    'SELECT row, path, fingerprint FROM credentials',
  ).all()) {
    const paths = table.get(row) ?? new Map<string, Buffer>();
    table.set(row, paths.set(path, fingerprint));
  }
  return table;
}

/** What is written there is an address always; a database that somebody else made may hold anything, also what a shell would obey. */
const addressShape = /^[a-z0-9][a-z0-9._-]{0,62}$/;

function readInstances(db: Connection): readonly RecordedInstance[] {
  const since = readCredentialDates(db);
  return prepare<InstanceRow>(db, `SELECT ${instanceColumns} FROM instances ORDER BY address`)
    .all()
    .map((row) => ({
      ...row,
      address: requireAddress(row.address),
      tags: row.tags === null ? null : parseColumn<readonly string[]>(row.tags),
      configuration: parseColumn<RecordedInstance['configuration']>(row.configuration),
      credentials: since.get(row.row) ?? {},
      tokenStored: row.tokenStored === 1,
    }));
}

function readCredentialDates(db: Connection): ReadonlyMap<string, Readonly<Record<string, string>>> {
  interface Row {
    readonly row: string;
    readonly path: string;
    readonly since: string;
  }
  const byRow = new Map<string, [string, string][]>();
  for (const { row, path, since } of prepare<Row>(
    db,
    'SELECT row, path, since FROM credentials ORDER BY row, path',
  ).all()) {
    const dates = byRow.get(row) ?? [];
    dates.push([path, since]);
    byRow.set(row, dates);
  }
  return new Map([...byRow].map(([row, dates]) => [row, Object.fromEntries(dates)]));
}

function readOpenIntents(db: Connection, known: ReadonlyMap<string, KnownIds>): readonly OpenIntent[] {
  return prepare<IntentRow>(
    db,
    `SELECT ${intentColumns} FROM intents WHERE settlement IS NULL ORDER BY address`,
  )
    .all()
    .map((row) => ({
      ...row,
      tags: parseColumn<readonly string[]>(row.tags),
      configuration: parseColumn<OpenIntent['configuration']>(row.configuration),
      knownIds: requireKnownIds(known, row.knownIds),
      vendorFailed: row.vendorFailed === 1,
    }));
}

function readTombstones(db: Connection, known: ReadonlyMap<string, KnownIds>): readonly Tombstone[] {
  return prepare<TombstoneRow>(
    db,
    `SELECT ${tombstoneColumns} FROM tombstones ORDER BY address, absent_at, intent`,
  )
    .all()
    .map((row) => ({ ...row, knownIds: requireKnownIds(known, row.knownIds) }));
}

function readAbsences(db: Connection): ReadonlyMap<Address, number> {
  interface Row {
    readonly address: string;
    readonly count: number;
  }
  const rows = prepare<Row>(db, 'SELECT address, count FROM absences ORDER BY address').all();
  return new Map(rows.map(({ address, count }) => [address, count]));
}

/** Each set is parsed once, however many intents share it. */
function readKnownIds(db: Connection): ReadonlyMap<string, KnownIds> {
  interface Row {
    readonly digest: string;
    readonly ids: string;
  }
  const rows = prepare<Row>(db, 'SELECT digest, ids FROM known_ids').all();
  return new Map(rows.map(({ digest, ids }) => [digest, { ids: parseColumn<readonly number[]>(ids) }]));
}

function requireAddress(address: string): Address {
  if (addressShape.test(address)) return address;
  throw damaged('a record stands under what is no address');
}

function requireKnownIds(known: ReadonlyMap<string, KnownIds>, digest: string): KnownIds {
  const found = known.get(digest);
  if (found === undefined) throw damaged('the ids that were known when a create was begun are gone');
  return found;
}

/** The column's JSON; `Shape` is what this release writes there. SyntaxErrors quote their input and stay here (safety.md E2). */
function parseColumn<Shape>(text: string): Shape {
  try {
    return JSON.parse(text) as Shape;
  } catch {
    throw damaged('a column that should hold JSON does not');
  }
}

function damaged(what: string): InstateError {
  return new InstateError('state_corrupt', `The state is damaged: ${what}.`, {
    hint: 'restore a backup, or move the file away: apply finds tagged instances again',
  });
}
