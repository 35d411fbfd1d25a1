import { setTimeout as pause } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { describeHolder } from '../src/core/holder.ts';
import type { Holder } from '../src/core/model.ts';
import { InstateError } from '../src/errors.ts';
import type { LockWait } from '../src/ports.ts';
import { explainFailure, inOurWords, isBusy } from './failures.ts';
import { ensureFile, identify, isPlainFile } from './files.ts';
import { readHolder, removeHolder, writeHolder } from './holder.ts';

/** The held lock of one state. The kernel frees it with the process, however that ends (safety.md D2). */
export interface HeldLock {
  /** Whether the file at the lock's path is still the one that is locked. */
  isIntact(): boolean;
  release(): void;
}

const pollMs = 100;
/** Outlasts another process's probe, which holds the file for less than a millisecond. */
const patienceMs = 50;

/** Where the lock of the state at `location` lies. */
export function lockPathOf(location: string): string {
  return `${location}.lock`;
}

/**
 * Takes the lock: an open exclusive transaction on a second SQLite file, in which nothing is ever written. Waits up to
 * `timeoutMs` (counted by its own pauses, so that no clock can cut or stretch it), then `state_locked`, naming the
 * holder. `state_unsupported` where the file system does not keep locks.
 */
export async function acquireLock(location: string, holder: Holder, wait: LockWait): Promise<HeldLock> {
  const path = lockPathOf(location);
  for (let waited = 0, announced = false; ;) {
    const lock = inOurWords('write', path, () => tryLock(location, holder));
    if (lock !== null) return lock;
    const by = readHolder(location);
    const rest = wait.timeoutMs - waited;
    if (wait.stop?.aborted === true)
      throw new InstateError('interrupted', 'stopped while waiting for the state lock');
    if (rest <= 0) throw lockedBy(location, by);
    if (!announced) wait.onWait(by);
    announced = true;
    const step = Math.min(pollMs, rest);
    await pause(step);
    waited += step;
  }
}

/** Who holds the lock of this state, in this or another process; null if nobody does. Never disturbs the holder. */
export function findHolder(location: string): Holder | null {
  const path = lockPathOf(location);
  const held = inOurWords('read', path, () => identify(path) !== null && probe(path) === 'held');
  return held ? (readHolder(location) ?? strangeHolder) : null;
}

/** Holds the lock but has not said who it is. */
const strangeHolder: Holder = {
  pid: 0,
  host: 'unknown',
  user: 'unknown',
  command: 'unknown',
  since: 'unknown',
  ciUrl: null,
};

function tryLock(location: string, holder: Holder): HeldLock | null {
  const path = lockPathOf(location);
  ensureFile(path);
  isPlainFile(path);
  const file = identify(path);
  const db = new Database(path, { fileMustExist: true, timeout: patienceMs });
  try {
    if (!beginExclusive(db) || file === null || identify(path) !== file) return closed(db);
    const seen = probe(path);
    if (seen === 'free') {
      // A file that SQLite could open for reading only is not locked by it either, and this says so.
      db.pragma('user_version = 1');
      throw lockNotKept(path);
    }
    if (seen !== 'held') throw explainFailure(seen, 'write', path);
    writeHolder(location, holder);
  } catch (error) {
    db.close();
    throw error;
  }
  const isIntact = (): boolean => identify(path) === file;
  return {
    isIntact,
    release: () => {
      if (isIntact()) removeHolder(location);
      db.close();
    },
  };
}

function beginExclusive(db: Database.Database): boolean {
  try {
    // An empty database gets a first page with the transaction, and that page a journal: in memory, or a kill would leave a file.
    db.pragma('journal_mode = MEMORY');
    db.exec('BEGIN EXCLUSIVE');
    return true;
  } catch (error) {
    if (isBusy(error)) return false;
    throw error;
  }
}

function closed(db: Database.Database): null {
  db.close();
  return null;
}

/** Asks as a reader: an exclusive transaction answers "busy". A lock file that cannot be opened or read answers with the cause. */
function probe(path: string): 'held' | 'free' | Error {
  let db: Database.Database | null = null;
  try {
    db = new Database(path, { readonly: true, fileMustExist: true, timeout: 0 });
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
    return 'free';
  } catch (error) {
    if (isBusy(error)) return 'held';
    const failure = explainFailure(error, 'read', path);
    if (failure.code === 'file_unreadable' && error instanceof Error) return error;
    throw failure;
  } finally {
    db?.close();
  }
}

function lockedBy(location: string, by: Holder | null): InstateError {
  const who = by === null ? 'another process' : describeHolder(by);
  return new InstateError('state_locked', `The state ${location} is locked by ${who}.`, {
    hint: 'wait until it ends, or wait here: --lock-timeout 60',
  });
}

function lockNotKept(path: string): InstateError {
  return new InstateError('state_unsupported', `The file system of ${path} does not keep locks.`, {
    hint: 'keep the state on a local disk: --state PATH',
  });
}
