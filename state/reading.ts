import { chmodSync, copyFileSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InstateError } from '../src/errors.ts';
import { openForReading, openForWriting, openImage, type Connection } from './connection.ts';
import { codeOf, inOurWords, needsPrivateCopy } from './failures.ts';
import { isPlainFile, requireWritable } from './files.ts';
import { inspectSchema, migrate, type Schema } from './schema.ts';
import { findNetworkFault } from './volume.ts';

export interface ReadingPlace {
  readonly location: string;
  /** Where a private copy may lie for a moment. */
  readonly tempFolder: string;
  readonly schema: Schema;
}

const copyTries = 5;

/**
 * Hands one consistent reading of the state to `use`; null if there is no state. Content of database and WAL is the
 * same afterwards (safety.md D1). An older schema is brought up to date in memory only; in a folder where SQLite cannot
 * make its side files, and on a network, where other machines do not see them, a private copy is read. Throws `state_newer`, `state_corrupt`, `state_unsupported`, `file_unreadable`.
 */
export function readState<T>(place: ReadingPlace, use: (db: Connection) => T): T | null {
  return inOurWords('read', place.location, () => {
    if (!isPlainFile(place.location)) return null;
    // Side files of a database that is readonly would be so, too, and stay when it no longer is.
    const isOurs = isWritable(dirname(place.location)) && isWritable(place.location);
    if (!isOurs || findNetworkFault(place.location) !== null) return readCopy(place, use);
    try {
      return readConnection(openForReading(place.location), place, use);
    } catch (error) {
      if (!needsPrivateCopy(error)) throw error;
      return readCopy(place, use);
    }
  });
}

function readConnection<T>(db: Connection, place: ReadingPlace, use: (db: Connection) => T): T | null {
  try {
    return db.transaction(() => {
      const standing = inspectSchema(db, place.schema, place.location);
      if (standing === 'empty') return null;
      return standing === 'older' ? readMigrated(db.serialize(), place.schema, use) : use(db);
    })();
  } finally {
    db.close();
  }
}

function readMigrated<T>(image: Buffer, schema: Schema, use: (db: Connection) => T): T {
  const db = openImage(image);
  try {
    migrate(db, schema);
    return use(db);
  } finally {
    db.close();
  }
}

/** Opens the copy for writing: it is ours alone, and whatever a crash left in it can then be recovered. */
function readCopy<T>(place: ReadingPlace, use: (db: Connection) => T): T | null {
  const folder = mkdtempSync(join(place.tempFolder, 'instate-'));
  try {
    const copy = join(folder, 'state.db');
    copyUnchanged(place.location, copy);
    return readConnection(openForWriting(copy), place, use);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Database, WAL and journal of one moment: if a writer was at work in between, the copy is made again. */
function copyUnchanged(from: string, to: string): void {
  const endings = ['', '-wal', '-journal'];
  const describe = (): string => endings.map((ending) => stampOf(from + ending)).join(' ');
  for (let tries = 0; tries < copyTries; tries += 1) {
    const before = describe();
    for (const ending of endings) copyIfThere(from + ending, to + ending);
    if (describe() === before) return;
  }
  throw new InstateError(
    'state_locked',
    `The state ${from} is being written all the time, so it cannot be copied for reading.`,
    {
      hint: 'wait until the other run ends, then run this again',
    },
  );
}

function copyIfThere(from: string, to: string): void {
  rmSync(to, { force: true });
  try {
    copyFileSync(from, to);
    chmodSync(to, 0o600);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

function stampOf(path: string): string {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (found === undefined) return 'none';
  return [found.ino, found.size, found.mtimeNs, found.ctimeNs].map(String).join(':');
}

function isWritable(path: string): boolean {
  try {
    requireWritable(path);
    return true;
  } catch {
    return false;
  }
}
