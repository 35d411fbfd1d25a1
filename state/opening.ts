import { renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Diagnostic } from '../src/diagnostics.ts';
import { InstateError } from '../src/errors.ts';
import { makeDurable, openForWriting, prepare, type Connection } from './connection.ts';
import { inOurWords } from './failures.ts';
import { ensureFile, isPlainFile, requireWritable, syncPath } from './files.ts';
import { dropUnusedKnownIds } from './known-ids.ts';
import { beginLineage, inspectSchema, migrate, versionOf, type Schema } from './schema.ts';

export interface OpeningPlace {
  readonly location: string;
  readonly schema: Schema;
  readonly toolVersion: string;
  readonly now: () => number;
  readonly newId: () => string;
  readonly notify: (diagnostic: Diagnostic) => void;
}

/**
 * Opens the state for writing; the caller holds its lock. Makes it (mode 0600) if there is none, checks it, and brings
 * an older schema up to date after a backup beside it. Throws `state_corrupt`, `state_newer`, `state_unwritable`,
 * `state_unsupported`.
 */
export function openDatabase(place: OpeningPlace): Connection {
  return inOurWords('write', place.location, () => {
    if (!isPlainFile(place.location)) ensureFile(place.location);
    // SQLite would open it for reading, and leave side files of the same mode that nobody can write later.
    requireWritable(place.location);
    const db = openForWriting(place.location);
    try {
      bringUpToDate(db, place);
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  });
}

function bringUpToDate(db: Connection, place: OpeningPlace): void {
  // Nothing is changed before it is known to be ours.
  const standing = inspectSchema(db, place.schema, place.location);
  checkIntegrity(db, place.location);
  makeDurable(db);
  if (standing === 'older') backUp(db, place);
  migrate(db, place.schema);
  if (prepare(db, 'SELECT 1 FROM meta').get() === undefined) {
    beginLineage(db, place.newId(), place.toolVersion, new Date(place.now()).toISOString());
  }
  dropUnusedKnownIds(db);
}

function checkIntegrity(db: Connection, location: string): void {
  if (db.pragma('quick_check(1)', { simple: true }) === 'ok') return;
  throw new InstateError('state_corrupt', `The state ${location} is damaged.`, {
    hint: 'look again: instate state doctor; then restore a backup, or move the file away: apply finds tagged instances again',
  });
}

/** `VACUUM INTO` sees one consistent state, the WAL's part included, and needs no second handle on the file (safety.md D2). */
function backUp(db: Connection, place: OpeningPlace): void {
  const from = versionOf(db);
  const time = new Date(place.now()).toISOString().replaceAll(/[:.]/g, '-');
  const backup = `${place.location}.v${from.toString()}-${time}.backup`;
  // Half a backup, of a run that was killed or of a full disk, must not pass for one.
  const draft = `${place.location}.backup-draft`;
  rmSync(draft, { force: true });
  ensureFile(draft);
  try {
    db.prepare('VACUUM INTO ?').run(draft);
    // SQLite does not promise that what it wrote there is on the disk already.
    syncPath(draft);
    renameSync(draft, backup);
    syncPath(dirname(backup));
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
  const to = place.schema.at(-1)?.version ?? from;
  place.notify({
    severity: 'info',
    code: 'state_migrated',
    summary: `The state was brought from schema ${from.toString()} to ${to.toString()}.`,
    detail: `What it was before lies in ${backup}`,
  });
}
