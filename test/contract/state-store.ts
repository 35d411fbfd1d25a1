import { describe, expect, it } from 'vitest';
import type { RecordedState } from '../../src/core/model.ts';
import { openSensitive, Sensitive } from '../../src/core/sensitive.ts';
import {
  createRecorded,
  noWait,
  otherKey,
  sampleHolder,
  sampleIntent,
  sampleTime,
  takeLock,
} from '../support/state-samples.ts';
import { fails, useStatePlace, type StatePlace } from './state-place.ts';
import { describeEffects } from './state-effects.ts';
import { describeIntents } from './state-intents.ts';
import { describeRekey } from './state-rekey.ts';

/** What every store must do, wherever it keeps its state. Stores are opened with a usable key. */
export function describeStateStore(kind: string, makePlace: () => Promise<StatePlace>): void {
  describe(`${kind} keeps the contract of a state store`, () => {
    const place = useStatePlace(makePlace);
    describe('read', () => {
      it('answers an empty state where there is none', async () => {
        const empty: RecordedState = {
          lineage: null,
          serial: 0,
          project: null,
          account: null,
          instances: [],
          intents: [],
          tombstones: [],
          absences: new Map(),
          tagProven: false,
          lastApply: null,
          heldBy: null,
        };
        expect(await place.store.read()).toEqual(empty);
        expect(place.store.keyStatus()).toBe('usable');
        expect(await place.store.reveal('a')).toBeNull();
        expect(place.store.fingerprints.compare('row', 'configuration.password', new Sensitive('x'))).toBe(
          'unverified',
        );
      });

      it('sorts by address and is the same under the lock', async () => {
        const lock = await place.begin();
        for (const [index, address] of ['m', 'a.b', 'z', 'a-b', 'a'].entries()) {
          await createRecorded(lock, address, index + 1);
          await lock.openIntent(sampleIntent(`open-${address}`), null, {});
        }
        const state = await lock.read();
        expect(state.instances.map(({ address }) => address)).toEqual(['a', 'a-b', 'a.b', 'm', 'z']);
        expect(state.intents.map(({ address }) => address)).toEqual([
          'open-a',
          'open-a-b',
          'open-a.b',
          'open-m',
          'open-z',
        ]);
        expect(await place.store.read()).toEqual(state);
        await lock.release();
        expect(await place.open().read()).toEqual(state);
      });

      it('shows other stores what is committed, and who holds the lock', async () => {
        const other = place.open();
        const lock = await place.begin();
        const opening = lock.openIntent(sampleIntent('a'), null, {});
        expect((await other.read()).intents).toEqual([]);
        await opening;
        const seen = await other.read();
        expect(seen.intents).toHaveLength(1);
        expect(seen.heldBy).toEqual(sampleHolder);
        expect((await place.store.read()).heldBy).toBeNull();
        await lock.release();
        expect((await other.read()).heldBy).toBeNull();
      });
    });

    describe('lock', () => {
      it('makes a state with a lineage that stays', async () => {
        let lock = await place.begin();
        const made = await place.store.read();
        expect(made.lineage).toEqual(expect.any(String));
        expect(made).toMatchObject({ serial: 0, project: null, account: null });
        await lock.release();
        lock = await place.begin();
        expect((await place.store.read()).lineage).toBe(made.lineage);
      });

      it('is given to one at a time, and names the holder', async () => {
        const lock = await place.begin();
        await fails(
          takeLock(place.open()),
          'state_locked',
          'of ada on build-7',
          '4711',
          'apply --auto-approve',
        );
        await fails(takeLock(place.store), 'state_locked');
        await lock.release();
        const next = await takeLock(place.open());
        await next.release();
      });

      it('waits for its turn, and says so once', async () => {
        const lock = await place.begin();
        const waits: unknown[] = [];
        const onWait = (by: unknown): void => {
          waits.push(by);
          setTimeout(() => void lock.release(), 150);
        };
        const next = await place.open().lock(sampleHolder, { timeoutMs: 20_000, onWait });
        expect(waits).toEqual([sampleHolder]);
        await next.release();
      });

      it('writes nothing more once it was given back', async () => {
        const lock = await place.begin();
        await lock.release();
        await lock.release();
        await fails(lock.openIntent(sampleIntent('a'), null, {}), 'state_locked');
        await fails(lock.settle('x', { kind: 'refused' }), 'state_locked');
        await fails(lock.record([]), 'state_locked');
        await fails(lock.read(), 'state_locked');
        expect((await place.store.read()).intents).toEqual([]);
      });

      it('commits what was asked for before it was given back', async () => {
        const lock = await place.begin();
        const opening = lock.openIntent(sampleIntent('a'), null, {});
        await Promise.all([opening, lock.release()]);
        expect((await place.store.read()).intents).toHaveLength(1);
      });

      it('is given back as the store closes', async () => {
        const lock = await place.begin();
        await place.store.close();
        await fails(lock.record([]), 'state_locked');
        const next = await takeLock(place.open());
        await next.release();
      });

      it('gives up on a lock after its time, not before', async () => {
        await place.begin();
        const waits: unknown[] = [];
        const wait = { timeoutMs: 250, onWait: (by: unknown): unknown => waits.push(by) };
        await fails(place.open().lock(sampleHolder, wait), 'state_locked');
        expect(waits).toHaveLength(1);
        await fails(place.open().lock(sampleHolder, noWait), 'state_locked');
      });
    });

    describe('secrets', () => {
      it('E4: fingerprints tell the same value from another, for this row and path alone', async () => {
        const lock = await place.begin();
        const one = await createRecorded(lock, 'a', 1, { credentials: { p: 'v', q: 'w' } });
        const two = await createRecorded(lock, 'b', 2, { credentials: { p: 'other' } });
        await lock.release();
        const fresh = place.open();
        const compare = (row: string, path: string, value: string): string =>
          fresh.fingerprints.compare(row, path, new Sensitive(value));
        expect(compare(one.row, 'p', 'v')).toBe('same');
        expect(compare(one.row, 'p', 'w')).toBe('changed');
        expect(compare(one.row, 'q', 'v')).toBe('changed');
        expect(compare(two.row, 'p', 'v')).toBe('changed');
        expect(compare('nowhere', 'p', 'v')).toBe('unverified');
      });

      it('E4: under another key credentials are not verified, tokens are not opened, and the rest works', async () => {
        const lock = await place.begin();
        const one = await createRecorded(lock, 'a', 1, { credentials: { p: 'v' }, token: 'tok' });
        await lock.release();
        const other = place.open({ stateKey: otherKey });
        expect(other.keyStatus()).toBe('other');
        expect(other.fingerprints.compare(one.row, 'p', new Sensitive('v'))).toBe('unverified');
        await fails(other.reveal('a'), 'wrong_state_key', 'a');
        const second = await takeLock(other);
        await createRecorded(second, 'b', 2, { credentials: { p: 'v' }, token: 'tok' });
        const credentials = { p: new Sensitive('v') };
        await fails(
          second.record([{ kind: 'accept', address: 'b', expected: 1, credentials, at: sampleTime }]),
          'wrong_state_key',
        );
        await second.release();
        expect((await place.store.read()).instances.map(({ tokenStored }) => tokenStored)).toEqual([
          true,
          false,
        ]);
        expect(await place.rowOf('b')).toMatchObject({ credentials: {} });
        expect(place.store.keyStatus()).toBe('usable');
        expect(openSensitive((await place.store.reveal('a')) ?? new Sensitive(''))).toBe('tok');
      });
    });

    describeIntents(place);
    describeEffects(place);
    describeRekey(place);
  });
}
