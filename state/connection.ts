import Database from 'better-sqlite3';
import { InstateError } from '../src/errors.ts';

/** An open SQLite database. */
export type Connection = Database.Database;

const patienceMs = 2000;
const prepared = new WeakMap<Connection, Map<string, Database.Statement>>();

/** The statement for `sql`, compiled once for each connection. `Row` is what the caller knows of its columns. */
export function prepare<Row = unknown>(db: Connection, sql: string): Database.Statement<unknown[], Row> {
  const known = prepared.get(db) ?? new Map<string, Database.Statement>();
  prepared.set(db, known);
  const statement = known.get(sql) ?? db.prepare(sql);
  known.set(sql, statement);
  return statement as Database.Statement<unknown[], Row>;
}

/**
 * Opens the database for reading only (safety.md D1): content of database and WAL stays as it is, side files may
 * appear. Never `immutable`, which would hide what stands in the WAL. Throws SQLite's errors.
 */
export function openForReading(path: string): Connection {
  const db = new Database(path, { readonly: true, fileMustExist: true, timeout: patienceMs });
  return orClose(db, () => {
    harden(db);
  });
}

/** Opens an existing file for writing, as yet without changing anything in it. Throws SQLite's errors. */
export function openForWriting(path: string): Connection {
  const db = new Database(path, { fileMustExist: true, timeout: patienceMs });
  return orClose(db, () => {
    harden(db);
  });
}

/** Opens the image of a database in memory, as `serialize()` made it; changes to it reach no disk. */
export function openImage(image: Buffer): Connection {
  // Bytes 18 and 19 of the header say "WAL" (2), which a database in memory cannot be; the image holds the WAL's content already.
  const rollback = Buffer.from(image);
  if (rollback.length > 19) rollback.fill(1, 18, 20);
  const db = new Database(rollback);
  return orClose(db, () => {
    harden(db);
  });
}

/**
 * Makes every later commit survive a power cut (architecture.md §7) and removed content vanish (safety.md D3). Each
 * setting is read back: better-sqlite3's own default in WAL is NORMAL, with which an intent could vanish.
 * Throws `state_unsupported` where the file system cannot do it.
 */
export function makeDurable(db: Connection): void {
  const mode = db.pragma('journal_mode = WAL', { simple: true });
  db.pragma('synchronous = FULL');
  db.pragma('secure_delete = ON');
  db.pragma('fullfsync = ON');
  db.pragma('checkpoint_fullfsync = ON');
  const kept = mode === 'wal' && read(db, 'synchronous') === 2 && read(db, 'secure_delete') === 1;
  if (kept && read(db, 'fullfsync') === 1) return;
  throw new InstateError(
    'state_unsupported',
    `The state ${db.name} lies where SQLite cannot write durably.`,
    {
      hint: 'keep the state on a local disk: --state PATH',
    },
  );
}

function harden(db: Connection): void {
  db.pragma('trusted_schema = OFF');
  db.pragma('temp_store = MEMORY');
  db.pragma('foreign_keys = ON');
  db.pragma('cell_size_check = ON');
}

function read(db: Connection, setting: string): unknown {
  return db.pragma(setting, { simple: true });
}

function orClose(db: Connection, setUp: () => void): Connection {
  try {
    setUp();
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
