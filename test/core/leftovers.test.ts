import { describe, expect, it } from 'vitest';
import { listLeftovers, wantsPerson } from '../../src/core/leftovers.ts';
import { makePlan, type Policy } from '../../src/core/plan.ts';
import { declare, holder, intent, live, observed, row, type World } from './world.ts';

const everything: Policy = { includes: () => true, filtered: false };
const look = (world: World, policy: Policy = everything) => listLeftovers(makePlan(observed(world), policy));
const tagged = (id: number, address = 'a') =>
  live(id, { name: address, tags: [`instate:crm:${address}`], createdDate: null });
const late = { listing: { startedAt: 100_001 } };
const open = { state: { intents: [intent('a')] } };

/** What an open create of a is called, what it names, and what is said. */
const rows: readonly (readonly [string, World, string, readonly number[], string])[] = [
  [
    'another run has it',
    { declared: [declare('a')], state: { ...open.state, heldBy: holder } },
    'in-flight',
    [],
    'another run has it in hand',
  ],
  ['it made one', { declared: [declare('a')], ...open, live: [tagged(9)] }, 'found', [9], 'made #9'],
  [
    'B3: it made one beside the recorded one',
    { declared: [declare('a')], ...open, recorded: [row('a', 5)], live: [tagged(5), tagged(9)] },
    'found',
    [9],
    'made #9, and a has #5 already',
  ],
  [
    'two carry its tag',
    { declared: [declare('a')], ...open, live: [tagged(8), tagged(9)] },
    'several',
    [8, 9],
    '#8, #9 carry its tag: delete the one too many in the account, or  instate recover a --found 9  or  --absent',
  ],
  [
    'C2: before its time',
    { declared: [declare('a')], ...open },
    'waiting',
    [],
    'may still arrive, until 1970-01-01T00:01:40.000Z; instate recover --wait  waits for it',
  ],
  [
    'C3: absent',
    { declared: [declare('a')], ...open, ...late },
    'absent',
    [],
    'does not exist: the next apply makes it',
  ],
  [
    'C4: absent after a 5xx',
    { declared: [declare('a')], state: { intents: [intent('a', { vendorFailed: true })] }, ...late },
    'absent',
    [],
    'was refused by the service',
  ],
  [
    'B4: without a tag',
    {
      declared: [declare('a')],
      ownership: 'none',
      state: { intents: [intent('a', { tag: null })] },
      live: [live(9, { name: 'a', createdDate: null })],
      ...late,
    },
    'undecidable',
    [9],
    '#9 may be what it made:  instate recover a --found 9  or  --absent',
  ],
  ['of an address that is declared no more', { ...open, live: [tagged(9)] }, 'found', [9], 'made #9'],
];

describe('leftovers', () => {
  it.each(rows)('%s', (_, world, state, instanceIds, text) => {
    const left = look(world);
    expect(left.open).toMatchObject([{ address: 'a', element: 'insightly', state, instanceIds, text }]);
    expect(left.open[0]?.openedAt).toBe('1970-01-01T00:00:01.000Z');
    expect(wantsPerson(left)).toBe(true);
  });

  it('C3: lost creates, those that arrived late, and addresses that want a person', () => {
    const tombstone = (address: string) => ({
      ...{ intentId: `i-${address}`, address, element: 'insightly', name: address },
      ...{ tag: `instate:crm:${address}`, knownIds: { ids: [] }, resolveAfter: 1, absentAt: 2_000 },
    });
    const absences = new Map([
      ['b', 4],
      ['c', 3],
    ]);
    const left = look({
      declared: [declare('a')],
      recorded: [row('a', 5)],
      live: [tagged(5), tagged(9)],
      state: { tombstones: [tombstone('b'), tombstone('a')], absences },
    });
    expect(left.lost.map(({ address, arrivedIds }) => [address, arrivedIds])).toEqual([
      ['a', [9]],
      ['b', []],
    ]);
    expect(left.blocked).toEqual([{ address: 'b', lost: 4 }]);
    expect(wantsPerson(left)).toBe(true);
    expect(wantsPerson({ ...left, blocked: [] })).toBe(true);
    expect(wantsPerson({ ...left, blocked: [], lost: [] })).toBe(false);
  });

  it('a filter keeps what is named, and nothing left is an empty list', () => {
    const world = { declared: [declare('a'), declare('b')], state: { intents: [intent('b'), intent('a')] } };
    expect(look(world).open.map(({ address }) => address)).toEqual(['a', 'b']);
    const policy = { includes: (address: string) => address === 'b', filtered: true };
    expect(look(world, policy).open.map(({ address }) => address)).toEqual(['b']);
    expect(look({ declared: [declare('a')] })).toEqual({ open: [], blocked: [], lost: [], strays: [] });
  });
});
