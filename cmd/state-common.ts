import type { RecordedInstance, RecordedState } from '../src/core/model.ts';
import { InstateError } from '../src/errors.ts';
import type { Lock, StateStore } from '../src/ports.ts';
import type { FlagGroup } from './flag-groups.ts';
import type { Run } from './run.ts';
import { refuseUnrecorded } from './scope.ts';
import { openStateOnly, takeLock } from './session.ts';

/** Flags of the commands that change the state by hand. */
export const writingGroups: readonly FlagGroup[] = ['files', 'looks', 'locking'];

/** Opens the state for reading. */
export async function withState<T>(run: Run, work: (store: StateStore) => Promise<T>): Promise<T> {
  const store = await openStateOnly(run);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

/** Takes the lock of a state that exists already: none of these commands makes one. */
export async function withLock<T>(
  run: Run,
  store: StateStore,
  work: (lock: Lock, recorded: RecordedState) => Promise<T>,
): Promise<T> {
  if ((await store.read()).lineage === null)
    throw new InstateError('state_missing', 'there is no state yet', {
      hint: 'instate apply makes it; --state names another place',
    });
  const lock = await takeLock(run, store);
  try {
    const recorded = await lock.read();
    run.known.project = recorded.project;
    run.known.account = recorded.account;
    return await work(lock, recorded);
  } finally {
    await lock.release();
  }
}

/** The row of an address, or the error that names the nearest one. */
export function requireRow(recorded: RecordedState, address: string): RecordedInstance {
  const row = recorded.instances.find((one) => one.address === address);
  if (row === undefined)
    throw refuseUnrecorded(
      address,
      recorded.instances.map((one) => one.address),
    );
  return row;
}

/** A positional that may be repeated. */
export function readAddresses(value: unknown): readonly string[] {
  return [...new Set(Array.isArray(value) ? value.map(String) : [String(value)])];
}
