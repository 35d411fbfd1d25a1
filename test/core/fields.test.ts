import { describe, expect, it } from 'vitest';
import { judgeAnswer } from '../../src/core/answer.ts';
import { listAwaited } from '../../src/core/awaited.ts';
import { isHostLike, isServiceOwned, normaliseConfiguration, normaliseValue } from '../../src/core/fields.ts';
import { describeHolder } from '../../src/core/holder.ts';
import type { ConflictCode } from '../../src/core/claims.ts';
import type { Declaration, LiveInstance } from '../../src/core/model.ts';
import { makePlan } from '../../src/core/plan.ts';
import { explainConflict, explainHeldUpdate } from '../../src/core/reasons.ts';
import { Sensitive } from '../../src/core/sensitive.ts';
import { declare, intent, observed } from './world.ts';

describe('fields', () => {
  it.each([
    ...[
      'base.url',
      'baseUrl',
      'oauth.callback.url',
      'event.poller.urls',
      'db.host',
      'host.ip',
      'sap.host.name',
    ],
    ...['zendesk.subdomain', 'shopify.site.address', 'siteAddress', 'store.url', 'company.name', 'subdomain'],
    ...[
      'docusign.environment',
      'dynamics.tenant',
      'quickbooks.realm.id',
      'helpdesk.servicecloud.endpointurl',
    ],
  ])('F2: %s says where credentials go', (key) => {
    expect(isHostLike(key)).toBe(true);
  });

  it.each([
    'username',
    'password',
    'filter.response.nulls',
    'pagination.max',
    'oauth.scope',
    'event.objects',
  ])('%s does not', (key) => {
    expect(isHostLike(key)).toBe(false);
  });

  it('what the service changes by itself, and how it gives values back', () => {
    expect(['oauth.user.token', 'x.refresh_time', 'base.url'].map(isServiceOwned)).toEqual([
      true,
      true,
      false,
    ]);
    expect([true, 15, null, 'x', { a: 1 }].map(normaliseValue)).toEqual(['true', '15', null, 'x', '{"a":1}']);
    const source = { file: 'x', line: 1, column: 1 };
    const secret = { kind: 'sensitive', template: '${env:A}', references: [], source } as const;
    expect(normaliseConfiguration({ a: { kind: 'plain', value: 1 }, b: secret })).toEqual({ a: '1' });
  });
});

describe('C5: what an answer to a create speaks of', () => {
  const live = (tags: readonly string[] | null, more: Partial<LiveInstance> = {}): LiveInstance => ({
    ...{
      id: 7,
      element: 'closeio',
      name: 'a',
      tags,
      configuration: {},
      disabled: false,
      valid: true,
      retired: false,
    },
    ...{ user: null, createdDate: null, ...more },
  });
  const asked = {
    element: 'closeio',
    name: 'a',
    tag: 'instate:crm:sales' as string | null,
    isKnown: (id: number) => id === 1,
  };

  it.each<readonly [string, LiveInstance, string]>([
    ['our tag', live(['x', 'instate:crm:sales']), 'ours'],
    ['no tag', live([]), 'untagged'],
    ['tags that the answer left out', live(null), 'untagged'],
    ['our tag, cut short', live(['instate:crm:sal']), 'untagged'],
    ["another address's tag", live(['instate:crm:other']), 'other'],
    ["another project's tag", live(['instate:ops:sales']), 'other'],
    ["ours and another's", live(['instate:crm:sales', 'instate:ops:sales']), 'other'],
    ['another element', live(['instate:crm:sales'], { element: 'stripe' }), 'other'],
    ['another name', live(['instate:crm:sales'], { name: 'b' }), 'other'],
    ['an id that was known', live(['instate:crm:sales'], { id: 1 }), 'other'],
  ])('%s', (_, instance, verdict) => {
    expect(judgeAnswer(instance, asked)).toBe(verdict);
  });

  it("without tags of our own, an answer that bears somebody's is not ours", () => {
    expect(judgeAnswer(live([]), { ...asked, tag: null })).toBe('ours');
    expect(judgeAnswer(live(['instate:crm:sales']), { ...asked, tag: null })).toBe('other');
  });
});

it('a secret knows whether a header can carry it, and does not tell more', () => {
  const texts = ['abc-123', '', 'a b', 'a\nb', 'ä', 'a"b\\'];
  expect(texts.map((text) => new Sensitive(text).isHeaderText())).toEqual([
    true,
    false,
    false,
    false,
    false,
    true,
  ]);
});

it('a holder is told with its job, where it has one', () => {
  const holder = { pid: 7, host: 'h', user: 'u', command: 'instate apply', since: '2026-01-02T03:04:05Z' };
  expect(describeHolder({ ...holder, ciUrl: null })).toContain('7');
  expect(describeHolder({ ...holder, ciUrl: 'https://ci.example/1' })).toContain('https://ci.example/1');
});

describe('why an update is held', () => {
  const credential = (path: string, since?: string) => ({
    ...{ path: `configuration.${path}`, declared: '(sensitive)', recorded: null, live: '(sensitive)' },
    ...{ references: ['env:X'], ...(since === undefined ? {} : { since }) },
  });

  it('names each credential, by the day since which the applied one is of', () => {
    const fields = [
      credential('username', '2026-11-02T01:00:00Z'),
      credential('password', '2026-11-02T09:00:00Z'),
      credential('api.key', '2026-11-05T00:00:00Z'),
    ];
    const { code, text } = explainHeldUpdate('a', fields);
    expect(code).toBe('credential');
    expect(text).toMatch(
      /^credential username, password changed since 2026-11-02; credential api\.key changed since 2026-11-05; instate cannot/,
    );
    expect(text).toContain('if they are in place there already: instate state accept a');
  });

  it('beside fields that can be seen, both are told', () => {
    const name = { path: 'name', declared: 'a', recorded: 'a', live: 'b' };
    const { code, text } = explainHeldUpdate('a', [name, credential('password', '2026-11-02T01:00:00Z')]);
    expect(code).toBe('changed');
    expect(text).toContain('declared fields differ from live; credential password changed since 2026-11-02');
    expect(explainHeldUpdate('a', [name]).text).not.toContain('accept');
  });
});

it('every conflict has words that say what to do', () => {
  const conflict = { kind: 'conflict', instances: [], other: 'b', until: null } as const;
  const declaration = { address: 'a', element: 'closeio', id: 7 } as Declaration;
  const say = (code: ConflictCode) => explainConflict({ ...conflict, code }, declaration).text;
  expect(say('unlisted')).toMatch(/nothing is created from it; try again/);
  expect(say('moved_onto')).toMatch(/state rm a/);
  expect(say('unconfirmed')).toMatch(/instate recover b --absent/);
  expect(say('unreadable')).toMatch(/try again/);
});

it('C2: what apply waits for is what is unconfirmed and may still arrive, and nothing else', () => {
  const declared = ['a', 'b', 'c'].map((address) => declare(address));
  const waiting = makePlan(observed({ declared, state: { intents: [intent('a'), intent('b')] } }));
  expect(listAwaited(waiting)).toEqual(['a', 'b']);
  const decided = { startedAt: 100_001 };
  expect(
    listAwaited(makePlan(observed({ declared, state: { intents: [intent('a')] }, listing: decided }))),
  ).toEqual([]);
});
