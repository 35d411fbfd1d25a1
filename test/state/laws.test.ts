import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Intent } from '../../src/core/model.ts';
import type { Lock } from '../../src/ports.ts';
import {
  makeStateFolder,
  sampleInstance,
  sampleIntent,
  sampleTime,
  takeLock,
} from '../support/state-samples.ts';

const addresses = ['a', 'b', 'c'] as const;
type Name = (typeof addresses)[number];

type Deed =
  | { readonly do: 'open'; readonly at: Name; readonly expected: number | null }
  | { readonly do: 'create'; readonly at: Name; readonly id: number }
  | { readonly do: 'absent'; readonly at: Name; readonly presumed: boolean }
  | { readonly do: 'refuse'; readonly at: Name }
  | { readonly do: 'adopt'; readonly at: Name; readonly id: number; readonly expected: number | null }
  | { readonly do: 'forget'; readonly at: Name; readonly expected: number }
  | { readonly do: 'move'; readonly at: Name; readonly to: Name; readonly expected: number };

/** What a state is, in the simplest words that can be written: the oracle of the law below. */
class Model {
  rows = new Map<Name, { id: number; version: number }>();
  open = new Map<Name, string>();
  absences = new Map<Name, number>();
  tombstones = 0;

  /** Does the deed if the rules allow it, and says whether. */
  perform(deed: Deed, intentId: string): boolean {
    const row = this.rows.get(deed.at);
    const elsewhere = (id: number): boolean =>
      [...this.rows].some(([address, other]) => address !== deed.at && other.id === id);
    if (deed.do === 'open') {
      if (this.open.has(deed.at) || (row?.version ?? null) !== deed.expected) return false;
      this.open.set(deed.at, intentId);
      return true;
    }
    if (deed.do === 'adopt') {
      if ((row?.version ?? null) !== deed.expected || elsewhere(deed.id)) return false;
      return this.put(deed.at, deed.id);
    }
    if (deed.do === 'forget') return row?.version === deed.expected && this.rows.delete(deed.at);
    if (deed.do === 'move') return this.move(deed.at, deed.to, deed.expected);
    if (!this.open.has(deed.at) || (deed.do === 'create' && elsewhere(deed.id))) return false;
    this.open.delete(deed.at);
    if (deed.do === 'create') this.put(deed.at, deed.id);
    if (deed.do === 'absent' && deed.presumed) {
      this.tombstones += 1;
      this.absences.set(deed.at, (this.absences.get(deed.at) ?? 0) + 1);
    }
    return true;
  }

  put(at: Name, id: number): true {
    this.rows.set(at, { id, version: (this.rows.get(at)?.version ?? 0) + 1 });
    this.absences.delete(at);
    return true;
  }

  move(from: Name, to: Name, expected: number): boolean {
    const row = this.rows.get(from);
    const taken = (from !== to && this.rows.has(to)) || this.open.has(to);
    if (row?.version !== expected || this.open.has(from) || taken) return false;
    this.rows.delete(from);
    this.rows.set(to, { id: row.id, version: row.version + 1 });
    const count = Math.max(this.absences.get(from) ?? 0, this.absences.get(to) ?? 0);
    this.absences.delete(from);
    if (count > 0) this.absences.set(to, count);
    return true;
  }
}

const at = fc.constantFrom(...addresses);
const id = fc.integer({ min: 1, max: 4 });
const version = fc.integer({ min: 1, max: 3 });
const seen = fc.option(version, { nil: null });
const deed: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({ do: fc.constant('open' as const), at, expected: seen }),
  fc.record({ do: fc.constant('create' as const), at, id }),
  fc.record({ do: fc.constant('absent' as const), at, presumed: fc.boolean() }),
  fc.record({ do: fc.constant('refuse' as const), at }),
  fc.record({ do: fc.constant('adopt' as const), at, id, expected: seen }),
  fc.record({ do: fc.constant('forget' as const), at, expected: version }),
  fc.record({ do: fc.constant('move' as const), at, to: at, expected: version }),
);

function carryOut(lock: Lock, deed: Deed, intent: Intent, openIntent: string): Promise<void> {
  switch (deed.do) {
    case 'open':
      return lock.openIntent(intent, deed.expected, {});
    case 'create':
      return lock.settle(openIntent, {
        kind: 'created',
        instance: sampleInstance(deed.id),
        token: null,
        tagProven: false,
      });
    case 'absent':
      return lock.settle(openIntent, { kind: 'absent', presumed: deed.presumed, at: sampleTime });
    case 'refuse':
      return lock.settle(openIntent, { kind: 'refused' });
    case 'adopt': {
      const instance = sampleInstance(deed.id);
      return lock.record([
        { kind: 'adopt', address: deed.at, expected: deed.expected, instance, token: null },
      ]);
    }
    case 'forget':
      return lock.record([{ kind: 'forget', address: deed.at, expected: deed.expected }]);
    case 'move':
      return lock.record([{ kind: 'move', from: deed.at, to: deed.to, expected: deed.expected }]);
  }
}

it('C7: whatever is asked for, in whatever turns, the state is what the rules say', async () => {
  const law = fc.asyncProperty(
    fc.array(fc.array(deed, { maxLength: 6 }), { maxLength: 12 }),
    async (turns) => {
      const folder = await makeStateFolder();
      const store = folder.open();
      const lock = await takeLock(store);
      const model = new Model();
      let serial = 0;
      for (const turn of turns) {
        const expected: boolean[] = [];
        const asked = turn.map((one) => {
          const intent = sampleIntent(one.at);
          const open = model.open.get(one.at) ?? 'nowhere';
          expected.push(model.perform(one, intent.id));
          return carryOut(lock, one, intent, open);
        });
        const outcomes = await Promise.allSettled(asked);
        expect(outcomes.map(({ status }) => status === 'fulfilled')).toEqual(expected);
        if (expected.includes(true)) serial += 1;
        const state = await store.read();
        const rows = state.instances.map((row) => [
          row.address,
          { id: row.instanceId, version: row.version },
        ]);
        expect(rows).toEqual([...model.rows].sort(([one], [two]) => (one < two ? -1 : 1)));
        expect(new Map(state.intents.map((intent) => [intent.address, intent.id]))).toEqual(model.open);
        expect(state.absences).toEqual(model.absences);
        expect([state.tombstones.length, state.serial]).toEqual([model.tombstones, serial]);
      }
      await lock.release();
      expect((await folder.open().read()).serial).toBe(serial);
      await folder.dispose();
    },
  );
  await fc.assert(law, { numRuns: 150 });
});
