import { describe, expect, it } from 'vitest';
import { judgeAnswer } from '../../src/core/answer.ts';
import { makePlan } from '../../src/core/plan.ts';
import { countResults } from '../../src/core/result.ts';
import { Sensitive } from '../../src/core/sensitive.ts';
import { describeAddress } from '../../src/core/side-by-side.ts';
import { declare, live, observed, plain, row, secret } from './world.ts';

describe('one address in its three readings', () => {
  const planning = makePlan(
    observed({
      declared: [
        declare('a', {
          tags: ['t'],
          id: 1,
          protect: true,
          ignore: ['name'],
          externalAuthentication: 'initial',
          configuration: { k: plain('v'), password: secret('P') },
        }),
        declare('b'),
        declare('c', { name: 'twin' }),
      ],
      recorded: [
        row('a', 1, {
          tags: ['t'],
          configuration: { k: 'v' },
          credentials: { 'configuration.password': '2026-01-01' },
        }),
        row('z', 9),
      ],
      live: [
        live(1, {
          name: 'a',
          tags: ['t', 'instate:crm:a'],
          configuration: { k: 'v', password: new Sensitive('clear'), undeclared: 'x' },
        }),
        live(9, { tags: null, configuration: null }),
        live(3, { name: 'twin' }),
        live(4, { name: 'twin' }),
      ],
    }),
  );

  it('E3: shows declared keys only, and no secret', () => {
    const shown = describeAddress(planning, 'a');
    expect(shown).toMatchObject({
      action: 'no-op',
      declared: {
        id: 1,
        protect: true,
        ignore: ['name'],
        externalAuthentication: 'initial',
        configuration: { k: 'v', password: '(sensitive)' },
      },
      recorded: { instanceId: 1, credentials: { 'configuration.password': '(sensitive) since 2026-01-01' } },
      live: { id: 1, tags: ['t'], owners: ['crm:a'], configuration: { k: 'v', password: '(sensitive)' } },
    });
    expect(JSON.stringify(shown)).not.toMatch(/clear|undeclared/);
  });

  it('missing readings are null', () => {
    expect(describeAddress(planning, 'b')).toMatchObject({ action: 'create', recorded: null, live: null });
    expect(describeAddress(planning, 'c')).toMatchObject({ action: 'conflict', live: null });
    expect(describeAddress(planning, 'z')).toMatchObject({
      action: 'delete',
      declared: null,
      live: { id: 9 },
    });
    expect(describeAddress(planning, 'nobody')).toBeNull();
  });
});

describe('C5: an answer counts only if it matches', () => {
  const asked = { element: 'insightly', name: 'n', tag: 'instate:crm:a', isKnown: (id: number) => id < 10 };
  const cases: readonly (readonly [string, object, string])[] = [
    ['all of it', { name: 'n', tags: ['instate:crm:a'] }, 'ours'],
    ['another element', { name: 'n', element: 'zendesk', tags: ['instate:crm:a'] }, 'other'],
    ['another name', { name: 'm', tags: ['instate:crm:a'] }, 'other'],
    ['a known id', { name: 'n', id: 9, tags: ['instate:crm:a'] }, 'other'],
    ['no tag', { name: 'n', tags: [] }, 'untagged'],
    ['a cut tag', { name: 'n', tags: ['instate:crm:'] }, 'untagged'],
    ['no tags at all', { name: 'n', tags: null }, 'untagged'],
  ];
  it.each(cases)('%s', (_name, given, verdict) => {
    expect(judgeAnswer(live(11, given), asked)).toBe(verdict);
  });
  it('ownership: none asks for no tag', () => {
    expect(judgeAnswer(live(11, { name: 'n' }), { ...asked, tag: null })).toBe('ours');
  });
});

it('the ledger counts results', () => {
  const one = (
    action: 'create' | 'adopt' | 'forget' | 'conflict',
    status: 'done' | 'failed' | 'uncertain' | 'not-attempted',
  ) => ({ address: 'a', action, status, instanceId: null, error: null });
  const results = [
    one('create', 'done'),
    one('adopt', 'done'),
    one('adopt', 'done'),
    one('forget', 'done'),
    one('create', 'failed'),
    one('create', 'uncertain'),
    one('conflict', 'not-attempted'),
  ];
  expect(countResults(results)).toEqual({
    created: 1,
    adopted: 2,
    forgotten: 1,
    failed: 1,
    uncertain: 1,
    notAttempted: 1,
  });
});
