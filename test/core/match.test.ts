import { describe, expect, it } from 'vitest';
import { makePlan } from '../../src/core/plan.ts';
import { declare, holder, intent, live, observed, row, type World } from './world.ts';

/** After every intent of a world was opened. */
const later = '1970-01-01T01:00:00.000Z';

/** `address: action/reason #id` for everything, as-declared addresses included. */
function decide(world: World): Record<string, string> {
  const { decisions } = makePlan(observed(world));
  return Object.fromEntries(
    [...decisions.values()].map(({ change }) => [
      change.address,
      `${change.action}/${change.reason.code}${change.instanceId === null ? '' : ` #${String(change.instanceId)}`}`,
    ]),
  );
}
const owned = (id: number, address: string, given = {}) =>
  live(id, { name: address, tags: [`instate:crm:${address}`], ...given });
const foreign = (id: number, name: string) => live(id, { name, tags: ['instate:other:x'] });

const table: readonly (readonly [string, World, Record<string, string>])[] = [
  ['rule 5: nothing lives', { declared: [declare('a')] }, { a: 'create/missing' }],
  // rule 1: pins
  [
    'rule 1: a pin that lives',
    { declared: [declare('a', { id: 9 })], live: [live(9)] },
    { a: 'adopt/pinned #9' },
  ],
  [
    'rule 1: a pin that is recorded',
    {
      declared: [declare('a', { id: 9, name: 'n' })],
      recorded: [row('a', 9)],
      live: [live(9, { name: 'n' })],
    },
    { a: 'no-op/as_declared #9' },
  ],
  [
    'rule 1: a pin that does not live',
    { declared: [declare('a', { id: 9 })] },
    { a: 'conflict/pin_not_found' },
  ],
  [
    'rule 1: a pin nobody can read',
    { declared: [declare('a', { id: 9 })], probes: { 9: { kind: 'unknown', why: '403', requestId: null } } },
    { a: 'conflict/unreadable' },
  ],
  [
    'B2: a pin of another element',
    { declared: [declare('a', { id: 9 })], live: [live(9, { element: 'zendesk' })] },
    { a: 'conflict/pin_element #9' },
  ],
  [
    'B2: a pin that another project owns',
    { declared: [declare('a', { id: 9 })], live: [foreign(9, 'z')] },
    { a: 'conflict/foreign #9' },
  ],
  [
    'B2: a pin that another address owns',
    { declared: [declare('a', { id: 9 })], live: [owned(9, 'zz')] },
    { a: 'conflict/other_address #9' },
  ],
  [
    'a pin wins over the record',
    {
      declared: [declare('a', { id: 9 })],
      recorded: [row('a', 8)],
      live: [live(8, { name: 'old' }), live(9)],
    },
    { a: 'adopt/pinned #9' },
  ],
  // rule 2: records
  [
    'rule 2: recorded and live',
    { declared: [declare('a')], recorded: [row('a', 1)], live: [owned(1, 'a')] },
    { a: 'no-op/as_declared #1' },
  ],
  [
    'rule 2: recorded and gone',
    { declared: [declare('a')], recorded: [row('a', 1)] },
    { a: 'create/missing' },
  ],
  [
    'A1: recorded, not listed, live by GET',
    {
      declared: [declare('a')],
      recorded: [row('a', 1)],
      live: [],
      probes: { 1: { kind: 'live', instance: owned(1, 'a'), token: null } },
    },
    { a: 'no-op/as_declared #1' },
  ],
  [
    'A1: recorded and not to be told',
    {
      declared: [declare('a')],
      recorded: [row('a', 1)],
      probes: { 1: { kind: 'unknown', why: '500', requestId: null } },
    },
    { a: 'conflict/unreadable' },
  ],
  [
    'B2: recorded, of another element',
    { declared: [declare('a')], recorded: [row('a', 1)], live: [owned(1, 'a', { element: 'zendesk' })] },
    { a: 'replace/element #1' },
  ],
  [
    'B2: recorded, tagged by another project',
    { declared: [declare('a')], recorded: [row('a', 1)], live: [foreign(1, 'a')] },
    { a: 'conflict/foreign #1' },
  ],
  [
    'B2: recorded, tagged for another address',
    { declared: [declare('a')], recorded: [row('a', 1)], live: [owned(1, 'b', { name: 'a' })] },
    { a: 'conflict/other_address #1' },
  ],
  [
    'a record that was moved by hand keeps its old tag',
    {
      declared: [declare('b')],
      recorded: [row('b', 1, { tag: 'instate:crm:a' })],
      live: [owned(1, 'a', { name: 'b' })],
    },
    { b: 'no-op/as_declared #1' },
  ],
  [
    'B3: a recorded id wins over a copy',
    { declared: [declare('a')], recorded: [row('a', 1)], live: [owned(1, 'a'), owned(2, 'a')] },
    { a: 'no-op/as_declared #1' },
  ],
  [
    'recorded and gone, a tagged one lives',
    { declared: [declare('a')], recorded: [row('a', 1)], live: [owned(2, 'a')] },
    { a: 'adopt/tagged #2' },
  ],
  // rule 3: tags
  ['rule 3: one tagged', { declared: [declare('a')], live: [owned(1, 'a')] }, { a: 'adopt/tagged #1' }],
  [
    'rule 3: one tagged, of another element',
    { declared: [declare('a')], live: [owned(1, 'a', { element: 'zendesk' })] },
    { a: 'replace/element #1' },
  ],
  [
    'rule 3: two tagged',
    { declared: [declare('a')], live: [owned(1, 'a'), owned(2, 'a')] },
    { a: 'conflict/duplicate' },
  ],
  [
    'rule 3: tagged for the name before the move',
    { declared: [declare('b')], moved: { a: 'b' }, live: [owned(1, 'a', { name: 'b' })] },
    { b: 'adopt/tagged #1' },
  ],
  [
    'B1: one instance tagged for two addresses',
    { declared: [declare('a'), declare('b')], live: [live(1, { tags: ['instate:crm:a', 'instate:crm:b'] })] },
    { a: 'conflict/claimed_twice #1', b: 'conflict/claimed_twice #1' },
  ],
  [
    'B1: tagged for one address, recorded for another',
    { declared: [declare('a'), declare('b')], recorded: [row('b', 1)], live: [owned(1, 'a')] },
    { a: 'conflict/claimed_twice #1', b: 'conflict/other_address #1' },
  ],
  [
    'A4: a tagged instance of another user is no candidate',
    { declared: [declare('a')], user: 7, live: [owned(1, 'a', { user: 8 })] },
    { a: 'create/missing' },
  ],
  [
    'A4: an absent user is not another user',
    { declared: [declare('a')], user: 7, live: [owned(1, 'a', { user: null })] },
    { a: 'adopt/tagged #1' },
  ],
  // rule 4: look-alikes
  [
    'rule 4: one look-alike',
    { declared: [declare('a')], live: [live(1, { name: 'a' })] },
    { a: 'adopt/alike #1' },
  ],
  [
    'rule 4: two look-alikes',
    { declared: [declare('a')], live: [live(1, { name: 'a' }), live(2, { name: 'a' })] },
    { a: 'conflict/ambiguous' },
  ],
  [
    'B2: a look-alike of another element is none',
    { declared: [declare('a')], live: [live(1, { name: 'a', element: 'zendesk' })] },
    { a: 'create/missing' },
  ],
  [
    'A4: a look-alike of another user is none',
    { declared: [declare('a')], user: 7, live: [live(1, { name: 'a', user: 8 })] },
    { a: 'create/missing' },
  ],
  [
    'a look-alike recorded for a declared address is ignored',
    {
      declared: [declare('a', { name: 'n' }), declare('b', { name: 'n' })],
      recorded: [row('a', 1, { name: 'n' })],
      live: [owned(1, 'a', { name: 'n' })],
    },
    { a: 'no-op/as_declared #1', b: 'create/missing' },
  ],
  [
    'a look-alike tagged for a declared address is ignored',
    {
      declared: [declare('a', { name: 'n' }), declare('b', { name: 'n' })],
      live: [owned(1, 'a', { name: 'n' })],
    },
    { a: 'adopt/tagged #1', b: 'create/missing' },
  ],
  [
    'a look-alike recorded for an undeclared address',
    {
      declared: [declare('b', { name: 'n' })],
      recorded: [row('a', 1, { name: 'n', tag: null })],
      live: [live(1, { name: 'n' })],
    },
    { b: 'conflict/renamed #1', a: 'delete/orphan #1' },
  ],
  [
    'a look-alike tagged for an undeclared address',
    { declared: [declare('b', { name: 'n' })], live: [owned(1, 'a', { name: 'n' })] },
    { b: 'conflict/renamed #1' },
  ],
  [
    'a look-alike of another project',
    { declared: [declare('a')], live: [foreign(1, 'a')] },
    { a: 'conflict/foreign #1' },
  ],
  [
    'a look-alike whose tags nobody can read',
    { declared: [declare('a')], live: [live(1, { name: 'a', tags: null })] },
    { a: 'conflict/unreadable #1' },
  ],
  [
    'B1: two addresses want one look-alike',
    { declared: [declare('a', { name: 'n' }), declare('b', { name: 'n' })], live: [live(1, { name: 'n' })] },
    { a: 'conflict/claimed_twice #1', b: 'conflict/claimed_twice #1' },
  ],
  [
    'B1: a pinned look-alike is no candidate for another',
    {
      declared: [declare('a', { name: 'n', id: 1 }), declare('b', { name: 'n' })],
      live: [live(1, { name: 'n' })],
    },
    { a: 'adopt/pinned #1', b: 'create/missing' },
  ],
  // claims by pin against records
  [
    'B1: a pin on what another address has recorded',
    { declared: [declare('a', { id: 1 }), declare('b')], recorded: [row('b', 1)], live: [owned(1, 'b')] },
    { a: 'conflict/claimed_twice #1', b: 'conflict/claimed_twice #1' },
  ],
  [
    'B1: a pin on what an orphan has recorded',
    { declared: [declare('a', { id: 1 })], recorded: [row('b', 1)], live: [live(1)] },
    { a: 'conflict/claimed_twice #1', b: 'conflict/claimed_twice #1' },
  ],
  // moves and orphans
  [
    'moved: the record follows',
    {
      declared: [declare('b', { name: 'n' })],
      moved: { a: 'b' },
      recorded: [row('a', 1, { name: 'n' })],
      live: [owned(1, 'a', { name: 'n' })],
    },
    { b: 'no-op/as_declared #1' },
  ],
  [
    'renamed without moved:',
    {
      declared: [declare('b', { name: 'n' })],
      recorded: [row('a', 1, { name: 'n' })],
      live: [owned(1, 'a', { name: 'n' })],
    },
    { b: 'conflict/renamed #1', a: 'delete/orphan #1' },
  ],
  ['an orphan that lives', { recorded: [row('a', 1)], live: [owned(1, 'a')] }, { a: 'delete/orphan #1' }],
  ['an orphan that is gone', { recorded: [row('a', 1)] }, { a: 'forget/gone #1' }],
  [
    'A1: an orphan nobody can read is not forgotten',
    { recorded: [row('a', 1)], probes: { 1: { kind: 'unknown', why: '401', requestId: null } } },
    { a: 'conflict/unreadable #1' },
  ],
  // open intents
  [
    'C: an intent whose instance is there',
    { declared: [declare('a')], state: { intents: [intent('a')] }, live: [owned(5, 'a')] },
    { a: 'adopt/recovered #5' },
  ],
  [
    'C: an intent with two instances',
    { declared: [declare('a')], state: { intents: [intent('a')] }, live: [owned(5, 'a'), owned(6, 'a')] },
    { a: 'conflict/duplicate' },
  ],
  [
    'C2: an intent before its time',
    { declared: [declare('a')], state: { intents: [intent('a')] } },
    { a: 'conflict/unconfirmed' },
  ],
  [
    'C2: an intent after its time, in an older listing',
    { declared: [declare('a')], state: { intents: [intent('a')] }, listing: { startedAt: 100_000 } },
    { a: 'conflict/unconfirmed' },
  ],
  [
    'C2: an intent after its time',
    { declared: [declare('a')], state: { intents: [intent('a')] }, listing: { startedAt: 100_001 } },
    { a: 'create/missing' },
  ],
  [
    'C2: a whole period waited here counts too',
    { declared: [declare('a')], state: { intents: [intent('a')] }, waitedFor: ['intent-a'] },
    { a: 'create/missing' },
  ],
  [
    'C: an intent that another run has in hand',
    {
      declared: [declare('a')],
      state: {
        intents: [intent('a')],
        heldBy: holder,
      },
    },
    { a: 'create/in_flight' },
  ],
  [
    'C: an intent that was left open before the holder of the lock came',
    { declared: [declare('a')], state: { intents: [intent('a')], heldBy: { ...holder, since: later } } },
    { a: 'conflict/unconfirmed' },
  ],
  [
    'B3: no look-alike is adopted before the intent is decided',
    { declared: [declare('a')], state: { intents: [intent('a')] }, live: [live(3, { name: 'a' })] },
    { a: 'conflict/unconfirmed' },
  ],
  [
    'B3: afterwards it is',
    {
      declared: [declare('a')],
      state: { intents: [intent('a')] },
      live: [live(3, { name: 'a' })],
      listing: { startedAt: 100_001 },
    },
    { a: 'adopt/alike #3' },
  ],
  [
    'B4: without a tag, a likeness never settles an intent',
    {
      declared: [declare('a')],
      ownership: 'none',
      state: { intents: [intent('a', { tag: null })] },
      live: [live(3, { name: 'a' })],
      listing: { startedAt: 100_001 },
    },
    { a: 'conflict/unconfirmed #3' },
  ],
  [
    'C3: after three presumed absences a person decides',
    {
      declared: [declare('a')],
      state: { intents: [intent('a')], absences: new Map([['a', 3]]) },
      listing: { startedAt: 100_001 },
    },
    { a: 'conflict/unconfirmed' },
  ],
  [
    'C4: a vendor failure is no presumed absence',
    {
      declared: [declare('a')],
      state: { intents: [intent('a', { vendorFailed: true })], absences: new Map([['a', 3]]) },
      listing: { startedAt: 100_001 },
    },
    { a: 'create/missing' },
  ],
  [
    'C3: nor is one made once the last intent is closed',
    { declared: [declare('a')], state: { absences: new Map([['a', 4]]) } },
    { a: 'conflict/unconfirmed' },
  ],
  [
    'C3: three lost ones may be followed by another',
    { declared: [declare('a')], state: { absences: new Map([['a', 3]]) } },
    { a: 'create/missing' },
  ],
  [
    'C3: a move is no way round it',
    { declared: [declare('b')], moved: { a: 'b' }, state: { absences: new Map([['a', 4]]) } },
    { b: 'conflict/unconfirmed' },
  ],
  [
    'C: two intents of a moved address: one may still arrive',
    {
      declared: [declare('b')],
      moved: { a: 'b' },
      state: { intents: [intent('a', { resolveAfter: 300_000 }), intent('b')] },
      listing: { startedAt: 200_000 },
    },
    { b: 'conflict/unconfirmed' },
  ],
  [
    'C: two intents of a moved address: both are absent',
    {
      declared: [declare('b')],
      moved: { a: 'b' },
      state: { intents: [intent('a'), intent('b')] },
      listing: { startedAt: 200_000 },
    },
    { b: 'create/missing' },
  ],
  [
    'C: two intents of a moved address: both are there',
    {
      declared: [declare('b')],
      moved: { a: 'b' },
      state: { intents: [intent('a'), intent('b')] },
      live: [owned(5, 'a'), owned(6, 'b')],
    },
    { b: 'conflict/duplicate' },
  ],
  [
    'C: two intents of a moved address: one is there, one absent',
    {
      declared: [declare('b')],
      moved: { a: 'b' },
      state: { intents: [intent('a'), intent('b')] },
      live: [owned(5, 'a')],
      listing: { startedAt: 200_000 },
    },
    { b: 'adopt/recovered #5' },
  ],
  [
    'B3: a recorded instance wins over what an intent made',
    {
      declared: [declare('a')],
      recorded: [row('a', 1)],
      state: { intents: [intent('a')] },
      live: [owned(1, 'a'), owned(5, 'a')],
    },
    { a: 'no-op/as_declared #1' },
  ],
  [
    'C: an orphan whose new instance was made by a run that was cut off',
    { recorded: [row('a', 1)], state: { intents: [intent('a')] }, live: [owned(5, 'a')] },
    { a: 'adopt/recovered #5' },
  ],
  [
    'C: an orphan whose new instance may still arrive is not forgotten',
    { recorded: [row('a', 1)], state: { intents: [intent('a')] } },
    { a: 'conflict/unconfirmed #1' },
  ],
  [
    'A1: a list that lacks what lives proves no absence',
    {
      declared: [declare('a'), declare('b')],
      recorded: [row('a', 1)],
      live: [live(9)],
      probes: { 1: { kind: 'live', instance: owned(1, 'a'), token: null } },
    },
    { a: 'no-op/as_declared #1', b: 'conflict/unlisted #1' },
  ],
  [
    'A1: nor does it settle an intent',
    {
      declared: [declare('a'), declare('b')],
      recorded: [row('a', 1)],
      state: { intents: [intent('b')] },
      live: [live(9)],
      listing: { startedAt: 200_000 },
      probes: { 1: { kind: 'live', instance: owned(1, 'a'), token: null } },
    },
    { a: 'no-op/as_declared #1', b: 'conflict/unlisted #1' },
  ],
  [
    "A3: tags that nobody can read may be anyone's",
    { declared: [declare('a')], live: [live(4, { name: 'other', tags: null })] },
    { a: 'conflict/unreadable #4' },
  ],
  [
    'A3: unless the instance is recorded',
    {
      declared: [declare('a'), declare('b')],
      recorded: [row('b', 4, { name: 'b' })],
      live: [live(4, { name: 'b', tags: null })],
    },
    { a: 'create/missing', b: 'no-op/as_declared #4' },
  ],
  [
    'a move onto a name that has a record of its own',
    {
      declared: [declare('b')],
      moved: { a: 'b' },
      recorded: [row('a', 1), row('b', 2)],
      live: [owned(1, 'a'), owned(2, 'b')],
    },
    { b: 'conflict/moved_onto', a: 'delete/orphan #1' },
  ],
  [
    'A1: what this run has just made may be missing from the list',
    {
      declared: [declare('a'), declare('b')],
      recorded: [row('a', 1)],
      live: [live(9)],
      fresh: [1],
      probes: { 1: { kind: 'live', instance: owned(1, 'a'), token: null } },
    },
    { a: 'no-op/as_declared #1', b: 'create/missing' },
  ],
  [
    'C: the intent of a moved address',
    { declared: [declare('b')], moved: { a: 'b' }, state: { intents: [intent('a')] }, live: [owned(5, 'a')] },
    { b: 'adopt/recovered #5' },
  ],
];

describe('matching (product.md §2, safety.md A1, A4, B1, B2, B3)', () => {
  it.each(table)('%s', (_name, world, expected) => {
    expect(decide(world)).toEqual(expected);
  });

  it('offline, what is recorded is taken to live, and the rest is shown as missing', () => {
    const world = { declared: [declare('a'), declare('b')], recorded: [row('a', 1)], live: null };
    expect(decide(world)).toEqual({ a: 'no-op/as_declared #1', b: 'create/missing' });
    const { plan } = makePlan(observed(world));
    expect(plan).toMatchObject({ live: false, applyable: false, unmanaged: null });
  });

  it('every conflict says what to do', () => {
    for (const [, world] of table) {
      for (const { change } of makePlan(observed(world)).decisions.values()) {
        if (change.action === 'conflict')
          expect(change.reason.text).toMatch(/id:|moved:|try again|wait|account|name/);
      }
    }
  });

  it('a renamed address gets the moved: line to paste', () => {
    const { plan } = makePlan(
      observed({
        declared: [declare('b', { name: 'n' })],
        recorded: [row('a', 1, { name: 'n' })],
        live: [owned(1, 'a', { name: 'n' })],
      }),
    );
    expect(plan.changes.find((change) => change.address === 'b')?.reason.text).toContain(
      'moved:  with  a: b',
    );
  });

  it('two look-alikes: both ids and the remedy are named', () => {
    const { plan } = makePlan(
      observed({ declared: [declare('a')], live: [live(11, { name: 'a' }), live(12, { name: 'a' })] }),
    );
    expect(plan.changes[0]?.reason.text).toBe(
      '2 live instances have this element and name: #11 (2026-01-02), #12 (2026-01-02); pin the right one:  id: 12',
    );
  });
});
