import type { RecordedState } from '../src/core/model.ts';
import { InstateError } from '../src/errors.ts';
import type { Effect, Lock } from '../src/ports.ts';
import { createGroupCommit, type Run, type Write } from './group-commit.ts';
import { writeEffects } from './effects.ts';
import { identify } from './files.ts';
import { writeIntent, writeSettlement } from './intents.ts';
import { dropUnusedKnownIds } from './known-ids.ts';
import type { HeldLock } from './lock.ts';
import { examineKeys, rekey } from './rekey.ts';

export interface WriterOptions {
  readonly run: Run;
  readonly held: HeldLock;
  /** Called under the lock. */
  readonly read: () => RecordedState;
  /** Called after each commit, or try at one. */
  readonly onWrite: () => void;
  readonly onRelease: () => void;
}

/** The verbs of the lock's holder. The database and the lock are closed by `release`, whatever fails on the way. */
export function createWriter(options: WriterOptions): Lock {
  const { run, held, onWrite } = options;
  const file = identify(run.location);
  let released = false;

  const guard = (): void => {
    if (released || !held.isIntact()) throw lostLock(run.location, released);
    if (identify(run.location) !== file) throw replaced(run.location);
  };
  const commits = createGroupCommit(run, guard);
  const write = async (work: Write): Promise<void> => {
    guard();
    try {
      await commits.add(work);
    } finally {
      onWrite();
    }
  };
  const read = async (): Promise<RecordedState> => {
    guard();
    return options.read();
  };
  const release = async (): Promise<void> => {
    if (released) return;
    commits.flush();
    released = true;
    try {
      if (held.isIntact() && identify(run.location) === file) dropUnusedKnownIds(run.db);
    } catch {
      // Only tidying: the next run does it.
    } finally {
      options.onRelease();
      run.db.close();
      held.release();
    }
  };
  return {
    read,
    openIntent: (intent, expected, credentials) =>
      write({
        sealing: Object.keys(credentials).length > 0,
        run: (context) => {
          writeIntent(context, intent, expected, credentials);
        },
      }),
    settle: (intentId, settlement) =>
      write({
        sealing: settlement.kind === 'created' && settlement.token !== null,
        run: (context) => {
          writeSettlement(context, intentId, settlement);
        },
      }),
    record: (effects) =>
      write({
        sealing: effects.some(needsKey),
        run: (context) => {
          writeEffects(context, effects);
        },
      }),
    examineKeys: async () => {
      guard();
      return examineKeys(run);
    },
    rekey: (terms) => rekey(run, write, terms),
    release,
  };
}

function needsKey(effect: Effect): boolean {
  if (effect.kind === 'adopt') return effect.token !== null;
  return effect.kind === 'accept' && Object.keys(effect.credentials).length > 0;
}

function replaced(location: string): InstateError {
  return new InstateError(
    'state_unwritable',
    `The state ${location} was deleted or replaced while this run had it open, so nothing more can be recorded.`,
    { hint: 'run apply again: it finds by its ownership tag what was made' },
  );
}

function lostLock(location: string, released: boolean): InstateError {
  const why = released ? 'was given back' : 'was lost, since its file was deleted or replaced';
  return new InstateError(
    'state_locked',
    `The lock of the state ${location} ${why}, so nothing more can be written.`,
    {
      hint: 'run this again',
    },
  );
}
