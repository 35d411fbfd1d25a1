import type { Holder } from '../src/core/model.ts';
import { InstateError } from '../src/errors.ts';
import { prepare, type Connection } from './connection.ts';
import type { Keys } from './crypto.ts';
import { codeOf, explainFailure } from './failures.ts';
import { changed, type WriteContext } from './instances.ts';
import type { Keyring } from './keyring.ts';
import { readKeyBinding } from './snapshot.ts';

/** One verb's work. It is undone alone if it throws an InstateError. */
export interface Write {
  /** Whether it has something to seal or to fingerprint. */
  readonly sealing: boolean;
  readonly run: (context: WriteContext) => void;
}

/** What all commits of one run share. */
export interface Run {
  readonly db: Connection;
  readonly location: string;
  readonly keyring: Keyring;
  readonly holder: Holder;
  readonly toolVersion: string;
  readonly now: () => number;
  readonly newId: () => string;
  /** Names the run in the history. */
  readonly id: string;
}

type Outcome = { readonly changed: boolean } | { readonly failure: InstateError };

/** Writes of one turn of the event loop share a commit (architecture.md §6): one sync of the disk for all of them. */
export interface GroupCommit {
  /** Resolves once the write would survive a power cut. */
  add(write: Write): Promise<void>;
  /** Commits at once what was added. */
  flush(): void;
}

interface Waiting {
  readonly write: Write;
  readonly resolve: () => void;
  readonly reject: (error: InstateError) => void;
}

/** `guard` is asked before each commit and throws if the run may write no more; all of the turn's writes fail with it. */
export function createGroupCommit(run: Run, guard: () => void): GroupCommit {
  let waiting: Waiting[] = [];
  // The fence: the serial as this run knows it. A run that slept through the loss of its lock finds another one.
  let serial = readSerial(run.db);

  const flush = (): void => {
    const group = waiting;
    waiting = [];
    if (group.length === 0) return;
    try {
      guard();
      const writes = group.map(({ write }) => write);
      const { outcomes, dirty } = commitTogether(run, writes, serial);
      if (dirty) serial++;
      outcomes.forEach((outcome, index) => {
        if ('failure' in outcome) group[index]?.reject(outcome.failure);
        else group[index]?.resolve();
      });
    } catch (error) {
      const failure = explainFailure(error, 'write', run.location);
      for (const { reject } of group) reject(failure);
    }
  };
  const add = (write: Write): Promise<void> =>
    new Promise((resolve, reject) => {
      waiting.push({ write, resolve, reject });
      if (waiting.length === 1) setImmediate(flush);
    });
  return { add, flush };
}

/**
 * One transaction for all: either every write without a failure of its own is durable, or this throws and none is.
 * (After a failed sync nobody can say what the disk holds: what was refused here may show up as an open intent later,
 * which recovery then settles; it is never the other way round.)
 */
function commitTogether(
  run: Run,
  writes: readonly Write[],
  serial: number,
): { readonly outcomes: readonly Outcome[]; readonly dirty: boolean } {
  const { db } = run;
  prepare(db, 'BEGIN IMMEDIATE').run();
  try {
    if (readSerial(db) !== serial) throw overtaken(run.location);
    const keys = writes.some(({ sealing }) => sealing) ? claimKeys(run) : null;
    const context = { db, keys, now: new Date(run.now()).toISOString(), newId: run.newId };
    const outcomes = writes.map((write) => attempt(context, write));
    const dirty = outcomes.some((outcome) => 'changed' in outcome && outcome.changed);
    if (dirty) countCommit(run, context.now);
    prepare(db, dirty ? 'COMMIT' : 'ROLLBACK').run();
    return { outcomes, dirty };
  } catch (error) {
    if (db.inTransaction) prepare(db, 'ROLLBACK').run();
    throw error;
  }
}

function attempt(context: WriteContext, write: Write): Outcome {
  const { db } = context;
  prepare(db, 'SAVEPOINT one').run();
  const before = countChanges(db);
  try {
    write.run(context);
    prepare(db, 'RELEASE one').run();
    return { changed: countChanges(db) > before };
  } catch (error) {
    const failure = failureOfOne(error);
    // A full disk, say, ends the whole transaction: then it is everyone's failure.
    if (failure === null || !db.inTransaction) throw error;
    prepare(db, 'ROLLBACK TO one').run();
    prepare(db, 'RELEASE one').run();
    return { failure };
  }
}

function failureOfOne(error: unknown): InstateError | null {
  if (error instanceof InstateError) return error;
  const clash = /^SQLITE_CONSTRAINT_(UNIQUE|PRIMARYKEY)/.test(codeOf(error) ?? '');
  return clash ? changed('what was to be written clashes with what is recorded') : null;
}

/** Under the transaction and outside of any write, so that the key's id stands if and only if something is sealed with it. */
function claimKeys(run: Run): Keys | null {
  const binding = readKeyBinding(run.db);
  if (binding === null) return null;
  const keys = run.keyring.forWriting(binding);
  if (keys !== null && binding.keyId === null) {
    prepare(run.db, 'UPDATE meta SET key_id = ?, key_check = ?').run(keys.id, keys.check);
  }
  return keys;
}

/** The serial counts commits; the history has one line for each run that wrote. */
function countCommit(run: Run, now: string): void {
  const { db, holder, toolVersion } = run;
  prepare(db, 'UPDATE meta SET serial = serial + 1, tool_version = ?').run(toolVersion);
  const sql = `INSERT INTO history (run, at, command, user, host, ci_url, tool_version, first_serial, last_serial)
    SELECT ?, ?, ?, ?, ?, ?, ?, serial, serial FROM meta WHERE true
    ON CONFLICT (run) DO UPDATE SET last_serial = excluded.last_serial`;
  prepare(db, sql).run(run.id, now, holder.command, holder.user, holder.host, holder.ciUrl, toolVersion);
}

function readSerial(db: Connection): number {
  return prepare<{ readonly serial: number }>(db, 'SELECT serial FROM meta').get()?.serial ?? 0;
}

function overtaken(location: string): InstateError {
  return new InstateError(
    'state_locked',
    `Another run has written to the state ${location} since this one read it, so this one writes nothing more.`,
    { hint: 'run this again' },
  );
}

function countChanges(db: Connection): number {
  return prepare<{ readonly count: number }>(db, 'SELECT total_changes() AS count').get()?.count ?? 0;
}
