import { afterEach, beforeEach, expect } from 'vitest';
import type { RecordedInstance } from '../../src/core/model.ts';
import type { Effect, Lock, StateStore } from '../../src/ports.ts';
import { sampleInstance, takeLock, type KeyTexts } from '../support/state-samples.ts';

/** One place where a state may be kept, empty at first; every `open` gives another store on the same state. */
export interface StatePlace {
  open(overrides?: KeyTexts): StateStore;
  dispose(): Promise<void>;
}

/** The place of the test that runs, made anew for each. */
export interface StateUnderTest {
  readonly store: StateStore;
  /** Another store on the same state. */
  open(overrides?: KeyTexts): StateStore;
  begin(): Promise<Lock>;
  rowOf(address: string): Promise<RecordedInstance>;
}

/** To be called in a `describe`: registers the making and removing of the place. */
export function useStatePlace(makePlace: () => Promise<StatePlace>): StateUnderTest {
  let place: StatePlace;
  let store: StateStore;
  beforeEach(async () => {
    place = await makePlace();
    store = place.open();
  });
  afterEach(async () => {
    await store.close();
    await place.dispose();
  });
  return {
    get store() {
      return store;
    },
    open: (overrides) => place.open(overrides),
    begin: () => takeLock(store),
    rowOf: async (address) => {
      const found = (await store.read()).instances.find((instance) => instance.address === address);
      if (found === undefined) throw new Error(`${address} is not recorded`);
      return found;
    },
  };
}

/** The work is refused with this code, in an error of ours that says these words. */
export async function fails(
  work: Promise<unknown>,
  code: string,
  ...words: readonly string[]
): Promise<void> {
  await expect(work).rejects.toMatchObject({ name: 'InstateError', code });
  const error: unknown = await work.catch((caught: unknown) => caught);
  for (const word of words) expect((error as Error).message).toContain(word);
}

export function adopt(address: string, instanceId: number, expected: number | null = null): Effect {
  return { kind: 'adopt', address, expected, instance: sampleInstance(instanceId), token: null };
}
