import { describe, expect, it } from 'vitest';
import { openSensitive, Sensitive } from '../../src/core/sensitive.ts';
import {
  createRecorded,
  knownIds,
  sampleInstance,
  sampleIntent,
  sampleTime,
} from '../support/state-samples.ts';
import { adopt, fails, type StateUnderTest } from './state-place.ts';

/** `openIntent` and `settle`. */
export function describeIntents(place: StateUnderTest): void {
  describe('openIntent', () => {
    it('C1: stores all of an intent', async () => {
      const lock = await place.begin();
      const intent = sampleIntent('a', { tags: [], tag: null, knownIds: knownIds(3, 20, 100) });
      await lock.openIntent(intent, null, {});
      expect((await place.store.read()).intents).toEqual([{ ...intent, attempt: 0, vendorFailed: false }]);
    });

    it('C7: refuses where the address is not as the writer saw it', async () => {
      const lock = await place.begin();
      await lock.record([adopt('a', 1)]);
      await fails(lock.openIntent(sampleIntent('a'), null, {}), 'state_changed', 'a');
      await fails(lock.openIntent(sampleIntent('a'), 2, {}), 'state_changed');
      await fails(lock.openIntent(sampleIntent('b'), 1, {}), 'state_changed', 'b');
      expect((await place.store.read()).intents).toEqual([]);
      await lock.openIntent(sampleIntent('a'), 1, {});
    });

    it('C7: an address has one open intent at most, also after a new start', async () => {
      let lock = await place.begin();
      await lock.openIntent(sampleIntent('a'), null, {});
      await fails(lock.openIntent(sampleIntent('a'), null, {}), 'state_changed', 'a');
      await lock.release();
      lock = await place.begin();
      await fails(lock.openIntent(sampleIntent('a'), null, {}), 'state_changed', 'a');
      expect((await place.store.read()).intents).toHaveLength(1);
    });

    it('C7: an id is used once', async () => {
      const lock = await place.begin();
      const intent = sampleIntent('a');
      await lock.openIntent(intent, null, {});
      await lock.settle(intent.id, { kind: 'refused' });
      await fails(lock.openIntent({ ...intent, address: 'b' }, null, {}), 'state_changed');
    });

    it('shares one commit in a turn; one that fails fails alone', async () => {
      const lock = await place.begin();
      const outcomes = await Promise.allSettled([
        lock.openIntent(sampleIntent('a'), null, {}),
        lock.openIntent(sampleIntent('a'), null, {}),
        lock.openIntent(sampleIntent('b'), 7, {}),
        lock.record([adopt('c', 1)]),
        lock.settle('nowhere', { kind: 'refused' }),
        lock.openIntent(sampleIntent('d'), null, {}),
      ]);
      const ok = outcomes.map(({ status }) => status === 'fulfilled');
      expect(ok).toEqual([true, false, false, true, false, true]);
      const state = await place.store.read();
      expect(state.serial).toBe(1);
      expect(state.intents.map(({ address }) => address)).toEqual(['a', 'd']);
      expect(state.instances.map(({ address }) => address)).toEqual(['c']);
    });

    it('counts a commit as one step of the serial, and one that changes nothing as none', async () => {
      const lock = await place.begin();
      await lock.openIntent(sampleIntent('a'), null, {});
      await lock.openIntent(sampleIntent('b'), null, {});
      await fails(lock.openIntent(sampleIntent('b'), null, {}), 'state_changed');
      await lock.record([]);
      expect((await place.store.read()).serial).toBe(2);
    });

    it('keeps the ids that were known, shared or not, until nothing needs them', async () => {
      let lock = await place.begin();
      const shared = knownIds(...Array.from({ length: 1000 }, (_, index) => index * 3));
      const intents = ['a', 'b', 'c'].map((address) => sampleIntent(address, { knownIds: shared }));
      await Promise.all(intents.map((intent) => lock.openIntent(intent, null, {})));
      await lock.openIntent(sampleIntent('d', { knownIds: knownIds() }), null, {});
      await lock.settle(intents[0]?.id ?? '', { kind: 'absent', presumed: true, at: sampleTime });
      await lock.settle(intents[1]?.id ?? '', { kind: 'refused' });
      await lock.release();
      lock = await place.begin();
      const state = await place.store.read();
      expect(state.intents.map((intent) => intent.knownIds)).toEqual([shared, knownIds()]);
      expect(state.tombstones.map((tombstone) => tombstone.knownIds)).toEqual([shared]);
    });
  });

  describe('settle', () => {
    it('created: records the instance, closes the intent, in one step', async () => {
      const lock = await place.begin();
      const intent = sampleIntent('a');
      await lock.openIntent(intent, null, { 'configuration.password': new Sensitive('p') });
      const instance = sampleInstance(77, { name: 'As answered', tag: intent.tag, user: 8421 });
      await lock.settle(intent.id, {
        kind: 'created',
        instance,
        token: new Sensitive('tok'),
        tagProven: true,
      });
      const state = await place.store.read();
      const at = new Date(sampleTime).toISOString();
      const { user, ...recorded } = instance;
      expect(user).toBe(8421);
      expect(state.instances).toEqual([
        {
          ...recorded,
          address: 'a',
          row: intent.row,
          version: 1,
          credentials: { 'configuration.password': at },
          origin: 'created',
          recordedAt: at,
          tokenStored: true,
        },
      ]);
      expect(state).toMatchObject({ intents: [], tombstones: [], tagProven: true, serial: 2 });
      expect(openSensitive((await place.store.reveal('a')) ?? new Sensitive(''))).toBe('tok');
    });

    it('created: takes the place of the row that was there, whose fingerprints and token fall', async () => {
      const lock = await place.begin();
      const first = await createRecorded(lock, 'a', 1, { credentials: { p: 'old' }, token: 'old' });
      const second = sampleIntent('a');
      await lock.openIntent(second, 1, {});
      await lock.settle(second.id, {
        kind: 'created',
        instance: sampleInstance(2),
        token: null,
        tagProven: false,
      });
      expect(await place.rowOf('a')).toMatchObject({
        instanceId: 2,
        row: second.row,
        version: 2,
        credentials: {},
        tokenStored: false,
      });
      expect(place.store.fingerprints.compare(first.row, 'p', new Sensitive('old'))).toBe('unverified');
      expect(await place.store.reveal('a')).toBeNull();
    });

    it('refused and not-sent: close the intent and leave nothing', async () => {
      const lock = await place.begin();
      for (const kind of ['refused', 'not-sent'] as const) {
        const intent = sampleIntent('a');
        await lock.openIntent(intent, null, {});
        await lock.settle(intent.id, { kind });
        expect(await place.store.read()).toMatchObject({
          intents: [],
          instances: [],
          tombstones: [],
          absences: new Map(),
        });
      }
    });

    it('C3: a presumed absence leaves a tombstone and counts; a proven one does not', async () => {
      const lock = await place.begin();
      const settle = async (presumed: boolean): Promise<string> => {
        const intent = sampleIntent('a');
        await lock.openIntent(intent, null, {});
        await lock.settle(intent.id, { kind: 'absent', presumed, at: sampleTime + 9 });
        return intent.id;
      };
      const first = await settle(true);
      await settle(false);
      await settle(true);
      const state = await place.store.read();
      expect(state.absences).toEqual(new Map([['a', 2]]));
      expect(state.tombstones).toHaveLength(2);
      expect(state.tombstones.find(({ intentId }) => intentId === first)).toEqual({
        intentId: first,
        address: 'a',
        element: 'insightly',
        name: 'Name of a',
        tag: 'instate:shop:a',
        knownIds: knownIds(11, 12),
        resolveAfter: sampleTime + 185_000,
        absentAt: sampleTime + 9,
      });
      await lock.openIntent(sampleIntent('a'), null, {});
      await lock.openIntent(sampleIntent('b'), null, {});
      expect((await place.store.read()).intents.map(({ attempt }) => attempt)).toEqual([2, 0]);
    });

    it('C3: a settled create, or an adoption, ends the row of absences; its tombstones stay', async () => {
      const lock = await place.begin();
      for (const address of ['a', 'b', 'c']) {
        const intent = sampleIntent(address);
        await lock.openIntent(intent, null, {});
        await lock.settle(intent.id, { kind: 'absent', presumed: true, at: sampleTime });
      }
      await createRecorded(lock, 'a', 1);
      await lock.record([adopt('b', 2)]);
      const state = await place.store.read();
      expect(state.absences).toEqual(new Map([['c', 1]]));
      expect(state.tombstones).toHaveLength(3);
    });

    it('refuses an intent that is not open', async () => {
      const lock = await place.begin();
      const intent = await createRecorded(lock, 'a', 1);
      await fails(lock.settle(intent.id, { kind: 'refused' }), 'state_changed', 'a', 'created');
      await fails(lock.settle('nowhere', { kind: 'refused' }), 'state_changed');
      await fails(lock.record([{ kind: 'vendor-failed', intentId: intent.id }]), 'state_changed');
    });

    it('B1: one instance is recorded for one address only; both are named', async () => {
      const lock = await place.begin();
      await createRecorded(lock, 'first-one', 5);
      const intent = sampleIntent('second-one');
      await lock.openIntent(intent, null, {});
      const created = {
        kind: 'created',
        instance: sampleInstance(5),
        token: null,
        tagProven: false,
      } as const;
      await fails(lock.settle(intent.id, created), 'state_changed', 'first-one', 'second-one', '5');
      await fails(lock.record([adopt('third-one', 5)]), 'state_changed', 'first-one', 'third-one');
      expect((await place.store.read()).intents).toHaveLength(1);
    });

    it('A4: an instance of another user is not recorded', async () => {
      const lock = await place.begin();
      await lock.record([{ kind: 'pin-account', account: { baseUrl: 'https://x', user: null } }]);
      const settleAs = async (address: string, id: number, user: number | null): Promise<void> => {
        const intent = sampleIntent(address);
        await lock.openIntent(intent, null, {});
        const instance = sampleInstance(id, { user });
        await lock.settle(intent.id, { kind: 'created', instance, token: null, tagProven: false });
      };
      await settleAs('a', 1, null);
      expect((await place.store.read()).account).toEqual({ baseUrl: 'https://x', user: null });
      await settleAs('b', 2, 8421);
      await fails(settleAs('c', 3, 9), 'wrong_account', '8421', '9');
      await settleAs('d', 4, null);
      const state = await place.store.read();
      expect(state.account).toEqual({ baseUrl: 'https://x', user: 8421 });
      expect(state.intents.map(({ address }) => address)).toEqual(['c']);
    });
  });
}
