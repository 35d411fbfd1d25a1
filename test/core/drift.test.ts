import { describe, expect, it } from 'vitest';
import { driftKinds, type DriftKind } from '../../src/core/drift-kinds.ts';
import { makeDrift } from '../../src/core/drift.ts';
import { everything, makePlan } from '../../src/core/plan.ts';
import type { CredentialReading } from '../../src/core/observation.ts';
import { Sensitive } from '../../src/core/sensitive.ts';
import { declare, holder, intent, live, observed, plain, row, secret, type World } from './world.ts';

const drift = (world: World, failOn: readonly DriftKind[] = driftKinds) =>
  makeDrift(makePlan(observed(world), everything), failOn);
const kinds = (world: World) =>
  drift(world).items.map(
    (item) =>
      `${item.address ?? '-'} ${item.kind}${item.instanceId === null ? '' : ` #${String(item.instanceId)}`}`,
  );
const owned = (id: number, address: string, given = {}) =>
  live(id, { name: address, tags: [`instate:crm:${address}`], ...given });
const unknown = { kind: 'unknown' as const, why: '500', requestId: null };

const table: readonly (readonly [string, World, readonly string[], boolean])[] = [
  ['as declared', { declared: [declare('a')], recorded: [row('a', 1)], live: [owned(1, 'a')] }, [], false],
  [
    'a field changed',
    { declared: [declare('a', { name: 'x' })], recorded: [row('a', 1)], live: [owned(1, 'a')] },
    ['a changed #1'],
    true,
  ],
  [
    'another element',
    { declared: [declare('a')], recorded: [row('a', 1)], live: [owned(1, 'a', { element: 'z' })] },
    ['a changed #1'],
    true,
  ],
  ['recorded and gone', { declared: [declare('a')], recorded: [row('a', 1)] }, ['a missing #1'], true],
  ['declared and never made', { declared: [declare('a')] }, ['a missing'], true],
  ['an orphan that is gone', { recorded: [row('a', 1)] }, ['a missing #1'], true],
  ['an orphan that lives', { recorded: [row('a', 1)], live: [owned(1, 'a')] }, [], false],
  [
    'adoptable, and it differs',
    { declared: [declare('a', { tags: ['t'] })], live: [live(1, { name: 'a' })] },
    ['a changed #1'],
    true,
  ],
  [
    'a copy of a bound one',
    { declared: [declare('a')], recorded: [row('a', 1)], live: [owned(1, 'a'), owned(2, 'a')] },
    ['a duplicate #2'],
    true,
  ],
  [
    'two with our tag',
    { declared: [declare('a')], live: [owned(1, 'a'), owned(2, 'a')] },
    ['a duplicate'],
    true,
  ],
  [
    'two look-alikes',
    { declared: [declare('a')], live: [live(1, { name: 'a' }), live(2, { name: 'a' })] },
    ['a duplicate', '- unmanaged #1', '- unmanaged #2'],
    true,
  ],
  [
    'taken over by another project',
    {
      declared: [declare('a')],
      recorded: [row('a', 1)],
      live: [live(1, { name: 'a', tags: ['instate:other:x'] })],
    },
    ['a foreign #1'],
    true,
  ],
  [
    'C3: a late duplicate',
    {
      declared: [declare('a')],
      recorded: [row('a', 2)],
      live: [owned(2, 'a'), owned(3, 'a')],
      state: {
        tombstones: [
          {
            intentId: 'i',
            address: 'a',
            element: 'insightly',
            name: 'a',
            tag: 'instate:crm:a',
            knownIds: { ids: [1] },
            resolveAfter: 1,
            absentAt: 2,
          },
          {
            intentId: 'j',
            address: 'a',
            element: 'insightly',
            name: 'a',
            tag: null,
            knownIds: { ids: [] },
            resolveAfter: 1,
            absentAt: 2,
          },
        ],
      },
    },
    ['a duplicate #3'],
    true,
  ],
  [
    'disabled and invalid are health',
    {
      declared: [declare('a')],
      recorded: [row('a', 1)],
      live: [owned(1, 'a', { disabled: true, valid: false })],
    },
    ['a disabled #1', 'a invalid #1'],
    false,
  ],
  [
    'its tag is gone',
    { declared: [declare('a')], recorded: [row('a', 1)], live: [live(1, { name: 'a' })] },
    ['a untagged #1'],
    false,
  ],
  [
    'pending: declared',
    { declared: [declare('a')], state: { intents: [intent('a')] } },
    ['a pending'],
    false,
  ],
  ['pending: not declared any more', { state: { intents: [intent('z')] } }, ['z pending'], false],
  ['a stray', { live: [owned(4, 'q')] }, ['q stray #4'], false],
  ['a stray that apply adopts', { declared: [declare('a')], live: [owned(4, 'a')] }, ['a stray #4'], false],
  ['unmanaged', { live: [live(4)] }, ['- unmanaged #4'], false],
  ['another project lives here too', { live: [live(4, { tags: ['instate:other:x'] })] }, [], false],
  [
    'nobody can tell',
    { declared: [declare('a')], recorded: [row('a', 1)], probes: { 1: unknown } },
    ['a unknown #1'],
    false,
  ],
];

describe('drift', () => {
  it.each(table)('%s', (_name, world, expected, drifted) => {
    expect(kinds(world)).toEqual(expected);
    expect(drift(world).drifted).toBe(drifted);
  });

  it('a credential that changed is a kind of its own', () => {
    const world = {
      declared: [declare('a', { name: 'x', configuration: { password: secret('P'), k: plain('v') } })],
      recorded: [row('a', 1, { credentials: { 'configuration.password': '2026-11-02T00:00:00.000Z' } })],
      live: [owned(1, 'a', { configuration: { password: '********', k: 'v' } })],
      credentials: { a: { password: { applied: 'changed' as const } } },
    };
    expect(kinds(world)).toEqual(['a changed #1', 'a credential #1']);
  });

  it('a secret that the service shows in clear and somebody changed there is no changed credential', () => {
    const world = (applied: CredentialReading['applied']) => ({
      declared: [declare('a', { configuration: { user: secret('U') } })],
      recorded: [row('a', 1, { credentials: { 'configuration.user': '2026-11-02T00:00:00.000Z' } })],
      live: [owned(1, 'a', { configuration: { user: new Sensitive('theirs') } })],
      credentials: { a: { user: { value: new Sensitive('ours'), applied } } },
    });
    expect(kinds(world('same'))).toEqual(['a changed #1']);
    expect(kinds(world('changed'))).toEqual(['a credential #1']);
    // No key, or nothing stored: that it is another one than was applied is what nobody knows (E4).
    expect(kinds(world('unverified'))).toEqual(['a changed #1']);
    const { plan } = drift(world('unverified'));
    expect(plan.changes[0]?.reason).toMatchObject({
      code: 'changed',
      text: expect.not.stringMatching(/credential|accept/) as string,
    });
    expect(drift(world('same')).items[0]?.fields).toMatchObject([
      { declared: '(sensitive)', live: '(sensitive)' },
    ]);
  });

  it('a copy under the name before a move, or beside an untagged record, is a duplicate too', () => {
    expect(
      kinds({
        declared: [declare('b')],
        moved: { a: 'b' },
        recorded: [row('b', 1)],
        live: [owned(1, 'b'), owned(2, 'a')],
      }),
    ).toEqual(['b duplicate #2']);
    expect(
      kinds({
        declared: [declare('a')],
        recorded: [row('a', 1, { tag: null })],
        live: [live(1, { name: 'a' }), owned(2, 'a')],
      }),
    ).toEqual(['a duplicate #2']);
    expect(kinds({ live: [owned(4, 'q'), owned(5, 'q')] })).toEqual(['q duplicate #4', 'q duplicate #5']);
  });

  it.each([
    ['still declared', [declare('b')]],
    ['dropped, with the line that moved it', []],
  ])('C6: a copy under the name before a move, once `moved:` is gone: %s', (_, declared) => {
    const world = {
      ...{ declared, recorded: [row('b', 1, { tag: 'instate:crm:a' })] },
      live: [owned(1, 'a', { name: 'b' }), owned(2, 'a', { name: 'b' })],
    };
    expect(kinds(world)).toEqual(['b duplicate #2']);
  });

  it('what is recorded for another address bears an old name, and is no copy', () => {
    const renamed = {
      declared: [declare('a'), declare('b')],
      recorded: [row('a', 2, { tag: 'instate:crm:c' }), row('b', 1, { tag: 'instate:crm:a' })],
      live: [owned(1, 'a', { name: 'b' }), owned(2, 'c', { name: 'a' })],
    };
    expect(kinds(renamed)).toEqual([]);
  });

  it("A4: another user's copy is no duplicate of ours", () => {
    expect(
      kinds({
        user: 7,
        declared: [declare('a')],
        recorded: [row('a', 1)],
        live: [owned(1, 'a'), owned(2, 'a', { user: 8 })],
      }),
    ).toEqual(['a stray #2']);
  });

  it('what another run has just made and is about to record is pending, and no stray', () => {
    const world = {
      declared: [declare('a')],
      state: { intents: [intent('a')], heldBy: holder },
      live: [owned(1, 'a'), owned(2, 'z')],
    };
    expect(kinds(world)).toEqual(['a pending', 'z stray #2']);
  });

  it('a thousand of one name do not each name the other 999', () => {
    const many = Array.from({ length: 1_000 }, (_, at) => live(at + 1, { name: 'default' }));
    const { items } = drift({ live: many });
    expect(items).toHaveLength(1_000);
    expect(items[0]?.text).toBe(
      'neither declared nor recorded; same element and name as #2, #3, #4, #5, #6 and 994 more',
    );
  });

  it('--fail-on chooses what counts', () => {
    expect(drift({ live: [live(4)] }, ['unmanaged']).drifted).toBe(true);
    expect(drift({ declared: [declare('a')] }, ['unmanaged']).drifted).toBe(false);
  });

  it('what is only worth knowing is an error where --fail-on names it; drift always is one', () => {
    const world = { declared: [declare('a')], recorded: [row('b', 1)], live: [owned(1, 'b'), live(4)] };
    const sick = {
      ...world,
      declared: [declare('a'), declare('b')],
      live: [owned(1, 'b', { disabled: true })],
    };
    const severities = (given: World, failOn: readonly DriftKind[]) =>
      drift(given, failOn).items.map(({ kind, severity }) => `${kind} ${severity}`);
    expect(severities(world, driftKinds)).toEqual(['missing error', 'unmanaged info']);
    expect(severities(world, ['unmanaged'])).toEqual(['missing error', 'unmanaged error']);
    expect(severities(sick, driftKinds)).toEqual(['missing error', 'disabled info']);
    expect(severities(sick, ['disabled'])).toEqual(['missing error', 'disabled error']);
  });

  it('coverage counts live instances', () => {
    const world = {
      declared: [declare('a')],
      recorded: [row('a', 1)],
      live: [owned(1, 'a'), live(2), live(3, { tags: ['instate:other:x'] })],
    };
    expect(drift(world).coverage).toEqual({ managed: 1, unmanaged: 1, foreign: 1, percent: 33.3 });
    expect(drift({ recorded: [row('a', 1)] }).coverage.percent).toBe(0);
    expect(drift({}).coverage).toEqual({ managed: 0, unmanaged: 0, foreign: 0, percent: 100 });
  });

  it('a filter leaves out what belongs to no address', () => {
    const planning = makePlan(observed({ declared: [declare('a'), declare('b')], live: [live(4)] }), {
      includes: (one) => one === 'a',
      filtered: true,
    });
    expect(makeDrift(planning, driftKinds).items.map((item) => item.address)).toEqual(['a']);
  });
});
