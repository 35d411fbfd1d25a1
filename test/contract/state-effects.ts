import { describe, expect, it } from 'vitest';
import { openSensitive, Sensitive } from '../../src/core/sensitive.ts';
import type { Effect } from '../../src/ports.ts';
import { createRecorded, sampleInstance, sampleIntent, sampleTime } from '../support/state-samples.ts';
import { adopt, fails, type StateUnderTest } from './state-place.ts';

/** `record`. */
export function describeEffects(place: StateUnderTest): void {
  describe('record', () => {
    it('adopt: records, and keeps what belongs to the same instance', async () => {
      const lock = await place.begin();
      await createRecorded(lock, 'a', 1, { credentials: { p: 'v' }, token: 'tok' });
      const before = await place.rowOf('a');
      const instance = sampleInstance(1, { name: 'Renamed', tags: null });
      await lock.record([{ kind: 'adopt', address: 'a', expected: 1, instance, token: null }]);
      expect(await place.rowOf('a')).toEqual({ ...before, version: 2, name: 'Renamed', tags: null });
      expect(place.store.fingerprints.compare(before.row, 'p', new Sensitive('v'))).toBe('same');
      expect(openSensitive((await place.store.reveal('a')) ?? new Sensitive(''))).toBe('tok');
    });

    it('adopt: another instance gets a row of its own, so that no old fingerprint speaks for it', async () => {
      const lock = await place.begin();
      await createRecorded(lock, 'a', 1, { credentials: { p: 'v' }, token: 'tok' });
      const before = await place.rowOf('a');
      await lock.record([adopt('a', 2, 1)]);
      const after = await place.rowOf('a');
      expect(after).toMatchObject({ version: 2, origin: 'adopted', credentials: {}, tokenStored: false });
      expect(after.row).not.toBe(before.row);
    });

    it('adopt: refuses where the address is not as the writer saw it, or the user is another', async () => {
      const lock = await place.begin();
      await lock.record([adopt('a', 1), { kind: 'pin-account', account: { baseUrl: 'https://x', user: 1 } }]);
      await fails(lock.record([adopt('a', 2)]), 'state_changed', 'a');
      await fails(lock.record([adopt('b', 2, 1)]), 'state_changed', 'b');
      const foreign = sampleInstance(3, { user: 2 });
      await fails(
        lock.record([{ kind: 'adopt', address: 'c', expected: null, instance: foreign, token: null }]),
        'wrong_account',
      );
    });

    it('forget: drops row, fingerprints and token', async () => {
      const lock = await place.begin();
      const intent = await createRecorded(lock, 'a', 1, { credentials: { p: 'v' }, token: 'tok' });
      await fails(lock.record([{ kind: 'forget', address: 'a', expected: 2 }]), 'state_changed');
      await lock.record([{ kind: 'forget', address: 'a', expected: 1 }]);
      await fails(lock.record([{ kind: 'forget', address: 'a', expected: 1 }]), 'state_changed');
      expect((await place.store.read()).instances).toEqual([]);
      expect(await place.store.reveal('a')).toBeNull();
      expect(place.store.fingerprints.compare(intent.row, 'p', new Sensitive('v'))).toBe('unverified');
      await lock.record([adopt('b', 1)]);
    });

    it('E4: move keeps row, fingerprints and token', async () => {
      const lock = await place.begin();
      await createRecorded(lock, 'a', 1, { credentials: { p: 'v' }, token: 'tok' });
      const before = await place.rowOf('a');
      await lock.record([{ kind: 'move', from: 'a', to: 'b', expected: 1 }]);
      expect(await place.rowOf('b')).toEqual({ ...before, address: 'b', version: 2 });
      expect(place.store.fingerprints.compare(before.row, 'p', new Sensitive('v'))).toBe('same');
      expect(openSensitive((await place.store.reveal('b')) ?? new Sensitive(''))).toBe('tok');
      expect(await place.store.reveal('a')).toBeNull();
    });

    it('move: chains and exchanges are done at once', async () => {
      const lock = await place.begin();
      await lock.record([adopt('a', 1), adopt('b', 2), adopt('x', 3), adopt('y', 4)]);
      await lock.record([
        { kind: 'move', from: 'a', to: 'b', expected: 1 },
        { kind: 'move', from: 'b', to: 'c', expected: 1 },
        { kind: 'move', from: 'x', to: 'y', expected: 1 },
        { kind: 'move', from: 'y', to: 'x', expected: 1 },
      ]);
      const rows = (await place.store.read()).instances.map(({ address, instanceId }) => [
        address,
        instanceId,
      ]);
      expect(rows).toEqual([
        ['b', 1],
        ['c', 2],
        ['x', 4],
        ['y', 3],
      ]);
    });

    it('move: refuses a place that is taken, a row that changed, and an unsettled create', async () => {
      const lock = await place.begin();
      await lock.record([adopt('a', 1), adopt('b', 2)]);
      await lock.openIntent(sampleIntent('busy'), null, {});
      await lock.openIntent(sampleIntent('b'), 1, {});
      const move = (from: string, to: string, expected = 1): Promise<void> =>
        lock.record([{ kind: 'move', from, to, expected }]);
      await fails(move('a', 'b'), 'state_changed', 'b');
      await fails(move('a', 'busy'), 'state_changed', 'busy');
      await fails(move('b', 'c'), 'state_changed', 'b');
      await fails(move('a', 'c', 2), 'state_changed', 'a');
      await fails(move('nobody', 'c'), 'state_changed', 'nobody');
      const rows = (await place.store.read()).instances.map(({ address, version }) => [address, version]);
      expect(rows).toEqual([
        ['a', 1],
        ['b', 1],
      ]);
    });

    it('C3: absences go along with a move', async () => {
      const lock = await place.begin();
      await lock.record([adopt('a', 1)]);
      const intent = sampleIntent('a');
      await lock.openIntent(intent, 1, {});
      await lock.settle(intent.id, { kind: 'absent', presumed: true, at: sampleTime });
      await lock.record([{ kind: 'move', from: 'a', to: 'b', expected: 1 }]);
      expect((await place.store.read()).absences).toEqual(new Map([['b', 1]]));
    });

    it('C3: absences are reset when a person says so, and tombstones stay', async () => {
      const lock = await place.begin();
      const intent = sampleIntent('a');
      await lock.openIntent(intent, null, {});
      await lock.settle(intent.id, { kind: 'absent', presumed: true, at: sampleTime });
      await lock.record([{ kind: 'reset-absences', address: 'a' }]);
      const { absences, tombstones } = await place.store.read();
      expect([absences.size, tombstones.length]).toEqual([0, 1]);
    });

    it('accept: takes credentials as the ones last applied', async () => {
      const lock = await place.begin();
      const intent = await createRecorded(lock, 'a', 1, { credentials: { p: 'old', q: 'kept' } });
      const at = sampleTime + 60_000;
      const credentials = { p: new Sensitive('new'), r: new Sensitive('more') };
      await lock.record([{ kind: 'accept', address: 'a', expected: 1, credentials, at }]);
      const first = new Date(sampleTime).toISOString();
      const later = new Date(at).toISOString();
      expect(await place.rowOf('a')).toMatchObject({
        version: 2,
        credentials: { p: later, q: first, r: later },
      });
      const compare = (path: string, value: string): string =>
        place.store.fingerprints.compare(intent.row, path, new Sensitive(value));
      expect([compare('p', 'new'), compare('p', 'old'), compare('q', 'kept')]).toEqual([
        'same',
        'changed',
        'same',
      ]);
      expect([compare('r', 'more'), compare('nothing', 'more')]).toEqual(['same', 'unverified']);
      await fails(
        lock.record([{ kind: 'accept', address: 'a', expected: 1, credentials, at }]),
        'state_changed',
      );
    });

    it('A4: binds the state to one project and one account', async () => {
      const lock = await place.begin();
      const pin = (baseUrl: string, user: number | null): Effect => ({
        kind: 'pin-account',
        account: { baseUrl, user },
      });
      await lock.record([{ kind: 'bind-project', project: 'shop' }, pin('https://x', null)]);
      await lock.record([{ kind: 'bind-project', project: 'shop' }, pin('https://x', 8421)]);
      await lock.record([pin('https://x', null)]);
      await fails(lock.record([{ kind: 'bind-project', project: 'other' }]), 'wrong_state', 'shop', 'other');
      await fails(lock.record([pin('https://y', null)]), 'wrong_state', 'https://x', 'https://y');
      await fails(lock.record([pin('https://x', 9)]), 'wrong_account', '8421');
      const state = await place.store.read();
      expect(state).toMatchObject({
        project: 'shop',
        account: { baseUrl: 'https://x', user: 8421 },
        serial: 2,
      });
    });

    it('C4: notes that the service failed in its own words', async () => {
      const lock = await place.begin();
      const intent = sampleIntent('a');
      await lock.openIntent(intent, null, {});
      await lock.record([{ kind: 'vendor-failed', intentId: intent.id }]);
      expect((await place.store.read()).intents).toMatchObject([{ id: intent.id, vendorFailed: true }]);
    });

    it('is all or nothing, also beside another write of the same turn', async () => {
      const lock = await place.begin();
      await lock.record([adopt('a', 1)]);
      const before = await place.store.read();
      const half = lock.record([adopt('b', 2), { kind: 'move', from: 'a', to: 'b', expected: 1 }]);
      const whole = lock.record([{ kind: 'bind-project', project: 'shop' }]);
      await fails(half, 'state_changed');
      await whole;
      expect(await place.store.read()).toEqual({ ...before, project: 'shop', serial: 2 });
    });

    it('is all or nothing', async () => {
      const lock = await place.begin();
      await lock.record([adopt('a', 1)]);
      const before = await place.store.read();
      await fails(
        lock.record([
          { kind: 'bind-project', project: 'shop' },
          adopt('b', 2),
          { kind: 'move', from: 'a', to: 'c', expected: 1 },
          { kind: 'forget', address: 'nobody', expected: 1 },
        ]),
        'state_changed',
      );
      expect(await place.store.read()).toEqual(before);
    });
  });
}
