import { describe, expect, it } from 'vitest';
import { Sensitive } from '../../src/core/sensitive.ts';
import type { Rekeyed } from '../../src/core/rekeyed.ts';
import type { Lock, RekeyTerms } from '../../src/ports.ts';
import {
  createRecorded,
  otherKey,
  sampleInstance,
  sampleIntent,
  sampleKey,
  sampleTime,
  takeLock,
} from '../support/state-samples.ts';
import { fails, type StateUnderTest } from './state-place.ts';

const nowhere: RekeyTerms = { kind: 'known', drop: true, credentials: new Map() };
const moving = { stateKey: otherKey, oldStateKey: sampleKey };
const clean = { leftover: null, backups: [] };

function known(row: string, credentials: Readonly<Record<string, string>>): RekeyTerms {
  const entries = Object.entries(credentials).map(([path, value]) => [path, new Sensitive(value)]);
  return { kind: 'known', drop: true, credentials: new Map([[row, Object.fromEntries(entries)]]) };
}

/** What every store must do to move from one key to another. */
export function describeRekey(place: StateUnderTest): void {
  describe('rekey', () => {
    const write = async (work: (lock: Lock) => Promise<void>): Promise<void> => {
      const lock = await place.begin();
      await work(lock);
      await lock.release();
    };
    const move = async (
      terms: RekeyTerms,
      keys: Parameters<StateUnderTest['open']>[0] = moving,
    ): Promise<Rekeyed> => {
      const lock = await takeLock(place.open(keys));
      try {
        return await lock.rekey(terms);
      } finally {
        await lock.release();
      }
    };
    const moved = place.open.bind(place, { stateKey: otherKey });

    it('E4: tokens open under the new key, and no longer under the old one', async () => {
      await write(async (lock) => {
        await createRecorded(lock, 'a', 1, { token: 'first' });
        await createRecorded(lock, 'b', 2, { token: 'second' });
        await createRecorded(lock, 'c', 3);
      });
      expect(await move(nowhere)).toEqual({
        ...{ outcome: 'moved', tokens: 2, fingerprints: 0, dropped: [], unread: [] },
        remains: clean,
      });
      expect(moved().keyStatus()).toBe('usable');
      expect((await moved().reveal('a'))?.equals('first')).toBe(true);
      expect((await moved().reveal('b'))?.equals('second')).toBe(true);
      expect(await moved().reveal('c')).toBeNull();
      const before = place.open();
      expect(before.keyStatus()).toBe('other');
      await fails(before.reveal('a'), 'wrong_state_key', 'a');
    });

    it('E4: a fingerprint is made anew where the value is at hand and the same, and keeps its date', async () => {
      let row = '';
      await write(async (lock) => {
        ({ row } = await createRecorded(lock, 'a', 1, { credentials: { p: 'v', q: 'w' } }));
      });
      const { credentials, version } = await place.rowOf('a');
      expect(await move(known(row, { p: 'v', q: 'w', unknown: 'x' }))).toMatchObject({
        ...{ fingerprints: 2, dropped: [] },
      });
      const { compare } = moved().fingerprints;
      expect(compare(row, 'p', new Sensitive('v'))).toBe('same');
      expect(compare(row, 'p', new Sensitive('w'))).toBe('changed');
      expect(compare(row, 'q', new Sensitive('w'))).toBe('same');
      expect(place.open().fingerprints.compare(row, 'p', new Sensitive('v'))).toBe('unverified');
      expect(await place.rowOf('a')).toMatchObject({ credentials, version: version + 1 });
    });

    it('E4: one that differs, or is not at hand, is dropped and named, never accepted', async () => {
      let row = '';
      await write(async (lock) => {
        ({ row } = await createRecorded(lock, 'b', 1, { credentials: { p: 'v', q: 'w', r: 'x' } }));
        await createRecorded(lock, 'a', 2, { credentials: { p: 'v' } });
      });
      expect(await move(known(row, { p: 'rotated', q: 'w' }))).toMatchObject({
        fingerprints: 1,
        dropped: [
          { address: 'a', path: 'p', why: 'not-at-hand' },
          { address: 'b', path: 'p', why: 'differs' },
          { address: 'b', path: 'r', why: 'not-at-hand' },
        ],
      });
      const { compare } = moved().fingerprints;
      expect(compare(row, 'p', new Sensitive('rotated'))).toBe('unverified');
      expect(compare(row, 'p', new Sensitive('v'))).toBe('unverified');
      expect(Object.keys((await place.rowOf('b')).credentials)).toEqual(['q']);
      expect((await place.rowOf('a')).credentials).toEqual({});
    });

    it('E4: the fingerprints of an open create move along, and are recorded when it is found', async () => {
      const intent = sampleIntent('a');
      const credentials = { p: new Sensitive('v'), q: new Sensitive('w'), r: new Sensitive('x') };
      await write((lock) => lock.openIntent(intent, null, credentials));
      expect(await move(known(intent.row, { p: 'v', q: 'rotated' }))).toMatchObject({
        fingerprints: 1,
        dropped: [
          { address: 'a', path: 'q', why: 'differs' },
          { address: 'a', path: 'r', why: 'not-at-hand' },
        ],
      });
      const store = moved();
      const lock = await takeLock(store);
      const settled = { kind: 'created', instance: sampleInstance(1), token: null, tagProven: true } as const;
      await lock.settle(intent.id, settled);
      await lock.release();
      expect(store.fingerprints.compare(intent.row, 'p', new Sensitive('v'))).toBe('same');
      expect(Object.keys((await place.rowOf('a')).credentials)).toEqual(['p']);
    });

    it('E4: what is written afterwards is sealed under the new key, by the same lock too', async () => {
      await write(async (lock) => {
        await createRecorded(lock, 'a', 1, { token: 'first' });
      });
      const store = place.open(moving);
      const lock = await takeLock(store);
      await lock.rekey(nowhere);
      await createRecorded(lock, 'b', 2, { token: 'second', credentials: { p: 'v' } });
      expect(store.keyStatus()).toBe('usable');
      expect((await store.reveal('b'))?.equals('second')).toBe(true);
      await lock.release();
      expect((await moved().reveal('b'))?.equals('second')).toBe(true);
    });

    it('E4: says beforehand how the state stands to the new key, and changes nothing', async () => {
      await write((lock) => lock.record([{ kind: 'bind-project', project: 'p' }]));
      const ask = async (keys: Parameters<StateUnderTest['open']>[0]): Promise<string> => {
        const store = place.open(keys);
        const lock = await takeLock(store);
        const { serial } = await lock.read();
        try {
          return await lock.examineKeys();
        } finally {
          expect((await lock.read()).serial).toBe(serial);
          await lock.release();
        }
      };
      expect(await ask(moving)).toBe('no-key');
      await write(async (lock) => {
        await createRecorded(lock, 'a', 1, { token: 'first' });
      });
      expect(await ask({ stateKey: sampleKey })).toBe('current');
      expect(await ask(moving)).toBe('known');
      expect(await ask({ stateKey: otherKey })).toBe('lost');
    });

    it('has nothing to do where nothing is sealed, and only cleans up where the key fits', async () => {
      await write((lock) => lock.record([{ kind: 'bind-project', project: 'p' }]));
      expect(await move(nowhere)).toEqual({ outcome: 'no-key' });
      await write(async (lock) => {
        await createRecorded(lock, 'a', 1, { token: 'first', credentials: { p: 'v' } });
      });
      const before = await place.store.read();
      for (const terms of [nowhere, { kind: 'lost', tokens: new Map() } as const])
        expect(await move(terms, { stateKey: sampleKey, oldStateKey: otherKey })).toEqual({
          ...{ outcome: 'current', remains: clean },
        });
      expect(await place.store.read()).toEqual(before);
      expect((await place.store.reveal('a'))?.equals('first')).toBe(true);
    });

    it('E4: without the old key nothing is changed', async () => {
      await write(async (lock) => {
        await createRecorded(lock, 'a', 1, { token: 'first', credentials: { p: 'v' } });
      });
      const before = await place.store.read();
      const work = move(nowhere, { stateKey: otherKey });
      await fails(work, 'wrong_state_key');
      await expect(work).rejects.toMatchObject({
        hint: expect.stringMatching(/INSTATE_STATE_KEY_OLD.*--lost/),
      });
      expect(await place.store.read()).toEqual(before);
      expect((await place.store.reveal('a'))?.equals('first')).toBe(true);
    });

    it('E4: lost: tokens just read are sealed, every fingerprint falls, and what has no token is named', async () => {
      const intent = sampleIntent('c');
      await write(async (lock) => {
        await createRecorded(lock, 'a', 1, { token: 'first', credentials: { p: 'v' } });
        await createRecorded(lock, 'b', 2, { token: 'second' });
        await createRecorded(lock, 'd', 4);
        await lock.openIntent(intent, null, { p: new Sensitive('v') });
      });
      const tokens = new Map([1, 4, 5].map((id) => [id, new Sensitive(`live ${id.toString()}`)]));
      expect(await move({ kind: 'lost', tokens }, { stateKey: otherKey })).toEqual({
        ...{ outcome: 'moved', tokens: 2, fingerprints: 0, unread: ['b'], remains: clean },
        dropped: [
          { address: 'a', path: 'p', why: 'key-lost' },
          { address: 'c', path: 'p', why: 'key-lost' },
        ],
      });
      expect((await moved().reveal('a'))?.equals('live 1')).toBe(true);
      expect(await moved().reveal('b')).toBeNull();
      expect((await moved().reveal('d'))?.equals('live 4')).toBe(true);
      expect((await place.rowOf('a')).credentials).toEqual({});
      expect((await moved().read()).intents).toHaveLength(1);
    });

    it('E4: lost is refused while the old key is at hand, and changes nothing', async () => {
      await write(async (lock) => {
        await createRecorded(lock, 'a', 1, { token: 'first', credentials: { p: 'v' } });
      });
      const before = await place.store.read();
      const work = move({ kind: 'lost', tokens: new Map() });
      await fails(work, 'usage');
      await expect(work).rejects.toMatchObject({ hint: 'leave out --lost' });
      expect(await place.store.read()).toEqual(before);
    });

    it('is one commit, and none once the lock was given back', async () => {
      await write(async (lock) => {
        await createRecorded(lock, 'a', 1, { token: 'first', credentials: { p: 'v' } });
        await createRecorded(lock, 'b', 2, { token: 'second', credentials: { p: 'v' } });
      });
      const { serial } = await place.store.read();
      const lock = await takeLock(place.open(moving));
      await lock.rekey(nowhere);
      expect((await lock.read()).serial).toBe(serial + 1);
      await lock.release();
      await fails(lock.rekey(nowhere), 'state_locked');
      await fails(lock.examineKeys(), 'state_locked');
    });

    it('E4: an accept after it verifies again what was dropped', async () => {
      await write(async (lock) => {
        await createRecorded(lock, 'a', 1, { credentials: { p: 'v' } });
      });
      await move(nowhere);
      const { row, version } = await place.rowOf('a');
      const store = moved();
      const lock = await takeLock(store);
      const credentials = { p: new Sensitive('v') };
      await lock.record([{ kind: 'accept', address: 'a', expected: version, credentials, at: sampleTime }]);
      await lock.release();
      expect(store.fingerprints.compare(row, 'p', new Sensitive('v'))).toBe('same');
    });
  });
}
