import { InstateError } from '../src/errors.ts';
import { prepare, type Connection } from './connection.ts';

/** One step from the version before to `version`. */
export interface Migration {
  readonly version: number;
  readonly sql: string;
}

/** The ordered steps from an empty database to what this release reads and writes. */
export type Schema = readonly Migration[];

/** How a database stands to the schema that this release knows. */
export type Standing = 'empty' | 'older' | 'current';

/** "inst" in ASCII: tells a state from any other SQLite database. */
const applicationId = 0x696e7374;

const version1 = `
CREATE TABLE meta (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  lineage TEXT NOT NULL,
  serial INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  tool_version TEXT NOT NULL,
  project TEXT,
  base_url TEXT,
  user INTEGER,
  tag_proven INTEGER NOT NULL DEFAULT 0,
  key_id TEXT,
  key_check TEXT
) STRICT;
CREATE TABLE instances (
  address TEXT PRIMARY KEY,
  row TEXT NOT NULL UNIQUE,
  version INTEGER NOT NULL,
  instance_id INTEGER NOT NULL UNIQUE,
  element TEXT NOT NULL,
  name TEXT NOT NULL,
  tags TEXT,
  configuration TEXT NOT NULL,
  tag TEXT,
  origin TEXT NOT NULL CHECK (origin IN ('created', 'adopted')),
  recorded_at TEXT NOT NULL,
  token BLOB
) STRICT, WITHOUT ROWID;
CREATE TABLE credentials (
  row TEXT NOT NULL REFERENCES instances (row) ON DELETE CASCADE,
  path TEXT NOT NULL,
  fingerprint BLOB NOT NULL,
  since TEXT NOT NULL,
  PRIMARY KEY (row, path)
) STRICT, WITHOUT ROWID;
CREATE TABLE known_ids (
  digest TEXT PRIMARY KEY,
  ids TEXT NOT NULL
) STRICT;
CREATE TABLE intents (
  id TEXT PRIMARY KEY,
  address TEXT NOT NULL,
  row TEXT NOT NULL,
  element TEXT NOT NULL,
  name TEXT NOT NULL,
  tags TEXT NOT NULL,
  configuration TEXT NOT NULL,
  tag TEXT,
  opened_at INTEGER NOT NULL,
  send_by INTEGER NOT NULL,
  resolve_after INTEGER NOT NULL,
  known_ids TEXT REFERENCES known_ids (digest),
  attempt INTEGER NOT NULL,
  vendor_failed INTEGER NOT NULL DEFAULT 0,
  settlement TEXT CHECK (settlement IN ('created', 'refused', 'not-sent', 'absent')),
  settled_at TEXT,
  CHECK ((settlement IS NULL) = (settled_at IS NULL)),
  CHECK (settlement IS NOT NULL OR known_ids IS NOT NULL)
) STRICT;
CREATE UNIQUE INDEX open_intents ON intents (address) WHERE settlement IS NULL;
CREATE INDEX intents_known_ids ON intents (known_ids) WHERE known_ids IS NOT NULL;
CREATE TABLE intent_credentials (
  intent TEXT NOT NULL REFERENCES intents (id) ON DELETE CASCADE,
  path TEXT NOT NULL,
  fingerprint BLOB NOT NULL,
  PRIMARY KEY (intent, path)
) STRICT, WITHOUT ROWID;
CREATE TABLE tombstones (
  intent TEXT PRIMARY KEY,
  address TEXT NOT NULL,
  element TEXT NOT NULL,
  name TEXT NOT NULL,
  tag TEXT,
  known_ids TEXT NOT NULL REFERENCES known_ids (digest),
  resolve_after INTEGER NOT NULL,
  absent_at INTEGER NOT NULL
) STRICT;
CREATE INDEX tombstones_known_ids ON tombstones (known_ids);
CREATE TABLE absences (
  address TEXT PRIMARY KEY,
  count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE history (
  run TEXT PRIMARY KEY,
  at TEXT NOT NULL,
  command TEXT NOT NULL,
  user TEXT NOT NULL,
  host TEXT NOT NULL,
  ci_url TEXT,
  tool_version TEXT NOT NULL,
  first_serial INTEGER NOT NULL,
  last_serial INTEGER NOT NULL
) STRICT;
PRAGMA application_id = ${applicationId.toString()};
`;

/** By how much the service's clock was ahead as an intent was opened (safety.md C2); null for older ones. */
const version2 = 'ALTER TABLE intents ADD COLUMN service_ahead INTEGER;';

/** The schema of this release. A change of it is a further step; those that were released are never edited. */
export const currentSchema: Schema = [
  { version: 1, sql: version1 },
  { version: 2, sql: version2 },
];

/**
 * How the database of the state at `location` stands to `schema`. `empty`: a valid database without a table. Throws `state_newer` if a later
 * release wrote it, `state_corrupt` if it belongs to another program.
 */
export function inspectSchema(db: Connection, schema: Schema, location: string): Standing {
  const known = schema.at(-1)?.version ?? 0;
  const version = versionOf(db);
  const tables = db.prepare<[], number>('SELECT count(*) FROM sqlite_schema').pluck().get() ?? 0;
  if (version === 0 && tables === 0) return 'empty';
  if (db.pragma('application_id', { simple: true }) !== applicationId || version < 1) {
    throw new InstateError(
      'state_corrupt',
      `The file ${location} is an SQLite database, but no state of instate.`,
      {
        hint: 'name another file: --state PATH',
      },
    );
  }
  if (version > known) {
    const versions = `schema ${version.toString()}; this release knows ${known.toString()}`;
    throw new InstateError(
      'state_newer',
      `The state ${location} was written by a later instate (${versions}).`,
      {
        hint: 'update instate: npm install --save-dev instate@latest',
      },
    );
  }
  return version < known ? 'older' : 'current';
}

/** The schema version that the database is at; 0 for none. */
export function versionOf(db: Connection): number {
  return Number(db.pragma('user_version', { simple: true }));
}

/** Takes the missing steps, all or none. */
export function migrate(db: Connection, schema: Schema): void {
  db.transaction(() => {
    const from = versionOf(db);
    for (const step of schema.filter((migration) => migration.version > from)) {
      db.exec(step.sql);
      db.pragma(`user_version = ${step.version.toString()}`);
    }
  }).immediate();
}

/** Gives a migrated database its lineage, once. */
export function beginLineage(db: Connection, lineage: string, toolVersion: string, at: string): void {
  const sql =
    'INSERT INTO meta (id, lineage, serial, created_at, tool_version) VALUES (1, ?, 0, ?, ?) ON CONFLICT DO NOTHING';
  prepare(db, sql).run(lineage, at, toolVersion);
}
