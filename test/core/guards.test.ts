import { describe, expect, it } from 'vitest';
import { findRefusal } from '../../src/core/guards.ts';
import { makePlan } from '../../src/core/plan.ts';
import { declare, intent, live, observed, row, type World } from './world.ts';

const rows = (n: number) =>
  Array.from({ length: n }, (_, at) => row(`a${String(at).padStart(3, '0')}`, at + 1));
const lives = (from: number, to: number) =>
  rows(to)
    .slice(from)
    .map((one) => live(one.instanceId, { name: one.address, tags: [one.tag ?? ''] }));

describe('what leaves no plan', () => {
  const refused: readonly (readonly [string, World, string])[] = [
    [
      'A3: a listing that is not complete',
      { listing: { complete: false, note: '201 of 400 came' } },
      'incomplete_list',
    ],
    [
      'A3: a listing that is not complete, without a word why',
      { listing: { complete: false } },
      'incomplete_list',
    ],
    [
      'A4: another base URL than the state has seen',
      { state: { account: { baseUrl: 'https://staging.cloud-elements.com/elements/api-v2', user: null } } },
      'wrong_account',
    ],
    [
      'A4: account.user against the user that the state has seen',
      { user: 7, state: { account: { baseUrl: 'https://api.cloud-elements.com/elements/api-v2', user: 8 } } },
      'wrong_account',
    ],
    [
      'A4: a recorded instance of another user',
      { user: 8, recorded: [row('a', 1)], live: [live(1)] },
      'wrong_account',
    ],
    [
      'A4: a pinned instance of another user',
      { user: 8, declared: [declare('a', { id: 1 })], live: [live(1)] },
      'wrong_account',
    ],
    [
      'A4: a recorded instance of another user, found by GET',
      { user: 8, recorded: [row('a', 1)], probes: { 1: { kind: 'live', instance: live(1), token: null } } },
      'wrong_account',
    ],
    [
      'A1: an empty list, while what is recorded lives',
      { recorded: [row('a', 1)], live: [], probes: { 1: { kind: 'live', instance: live(1), token: null } } },
      'incomplete_list',
    ],
    [
      'A4: what our own create made in another account',
      { user: 8, state: { intents: [intent('a')] }, live: [live(5, { user: 7, tags: ['instate:crm:a'] })] },
      'wrong_account',
    ],
    ['another project', { state: { project: 'erp' } }, 'wrong_state'],
  ];
  it.each(refused)('%s', (_name, world, code) => {
    const refusal = findRefusal(observed(world));
    expect(refusal?.code).toBe(code);
    expect(refusal?.hint).not.toBe('');
  });

  const allowed: readonly (readonly [string, World])[] = [
    ['nothing at all', {}],
    ['offline', { live: null }],
    ['A4: an unbound instance of another user', { user: 8, live: [live(1)] }],
    [
      'A4: a copy of an old create by another user, where ours is recorded',
      {
        user: 7,
        recorded: [row('a', 1)],
        live: [live(1), live(5, { user: 8, tags: ['instate:crm:a'] })],
        state: {
          tombstones: [
            {
              intentId: 'i',
              address: 'a',
              element: 'insightly',
              name: 'a',
              tag: 'instate:crm:a',
              knownIds: { ids: [] },
              resolveAfter: 1,
              absentAt: 2,
            },
          ],
        },
      },
    ],
    ['A4: an answer without a user', { user: 8, recorded: [row('a', 1)], live: [live(1, { user: null })] }],
    [
      'A4: the user that the state has seen',
      {
        recorded: [row('a', 1)],
        live: [live(1)],
        state: { account: { baseUrl: 'https://api.cloud-elements.com/elements/api-v2', user: 7 } },
      },
    ],
    ['a state that is not bound to a project yet', { state: { project: null } }],
  ];
  it.each(allowed)('allowed: %s', (_name, world) => {
    expect(findRefusal(observed(world))).toBeNull();
  });
});

describe('A5: mass missing', () => {
  const cases: readonly (readonly [string, World, number | null])[] = [
    ['none of two', { recorded: rows(2) }, 2],
    ['one of one is a fact', { recorded: rows(1) }, null],
    ['one of two', { recorded: rows(2), live: lives(1, 2) }, null],
    ['5 of 6: the floor', { recorded: rows(6), live: lives(5, 6) }, null],
    ['6 of 7: above the floor', { recorded: rows(7), live: lives(6, 7) }, 6],
    ['20 of 100: at the share', { recorded: rows(100), live: lives(20, 100) }, null],
    ['21 of 100: above the share', { recorded: rows(100), live: lives(21, 100) }, 21],
    [
      'unknown is not missing',
      { recorded: rows(2), probes: { 1: { kind: 'unknown', why: '', requestId: null } } },
      null,
    ],
    [
      'one of one, where only other users live',
      { user: 9, recorded: rows(1), live: [live(50, { user: 8 })] },
      1,
    ],
    ['offline nothing is missing', { recorded: rows(3), live: null }, null],
  ];
  it.each(cases)('%s', (_name, world, missing) => {
    const { plan } = makePlan(observed(world));
    expect(plan.guards.map((guard) => guard.missing)).toEqual(missing === null ? [] : [missing]);
    for (const guard of plan.guards) expect(guard.text).not.toBe('');
  });
});
