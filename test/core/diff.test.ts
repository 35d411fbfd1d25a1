import { describe, expect, it } from 'vitest';
import { compareInstance } from '../../src/core/diff.ts';
import type { Declaration, LiveInstance, RecordedInstance } from '../../src/core/model.ts';
import type { CredentialReading } from '../../src/core/observation.ts';
import { Sensitive } from '../../src/core/sensitive.ts';
import { declare, live, plain, row, secret } from './world.ts';

interface Case {
  readonly declared: Partial<Declaration>;
  readonly live: Partial<LiveInstance>;
  readonly row?: Partial<RecordedInstance> | null;
  readonly readings?: Readonly<Record<string, Partial<CredentialReading>>>;
}

function compare({ declared, live: shown, row: recorded, readings }: Case) {
  const known = Object.entries(readings ?? {}).map(([key, reading]): [string, CredentialReading] => [
    key,
    { value: new Sensitive('s3cret'), missing: [], applied: 'unverified', ...reading },
  ]);
  const compared = compareInstance(
    declare('a', { name: 'n', ...declared }),
    live(1, { name: 'n', ...shown }),
    recorded === null || recorded === undefined ? null : row('a', 1, recorded),
    new Map(known),
  );
  return { fields: compared.fields.map((field) => field.path), notVerified: compared.notVerified };
}
const same = { fields: [], notVerified: [] };
const changed = (...fields: string[]) => ({ fields, notVerified: [] });
const unknown = (...notVerified: string[]) => ({ fields: [], notVerified });
const key = 'configuration.k';

const table: readonly (readonly [string, Case, object])[] = [
  ['the name', { declared: { name: 'x' }, live: { name: 'y' } }, changed('name')],
  ['tags are a set', { declared: { tags: ['a', 'b'] }, live: { tags: ['b', 'a', 'a'] } }, same],
  ['a tag too many', { declared: { tags: ['a'] }, live: { tags: ['a', 'b'] } }, changed('tags')],
  ['no tags declared: not compared', { declared: { tags: null }, live: { tags: ['b'] } }, same],
  ['[] declared: compared as empty', { declared: { tags: [] }, live: { tags: ['b'] } }, changed('tags')],
  ['the ownership tag is left out', { declared: { tags: [] }, live: { tags: ['instate:crm:a'] } }, same],
  ['unknown tags are not compared', { declared: { tags: ['a'] }, live: { tags: null } }, unknown('tags')],
  [
    'a number is a string there',
    { declared: { configuration: { k: plain(15) } }, live: { configuration: { k: '15' } } },
    same,
  ],
  [
    'a boolean is a string there',
    { declared: { configuration: { k: plain(true) } }, live: { configuration: { k: 'true' } } },
    same,
  ],
  [
    'null is null',
    { declared: { configuration: { k: plain(null) } }, live: { configuration: { k: null } } },
    same,
  ],
  [
    'null is absent too',
    { declared: { configuration: { k: plain(null) } }, live: { configuration: {} } },
    same,
  ],
  [
    'a value that is absent',
    { declared: { configuration: { k: plain('v') } }, live: { configuration: {} } },
    changed(key),
  ],
  [
    'an object is JSON text there',
    {
      declared: { configuration: { k: plain({ a: 1, b: [true] }) } },
      live: { configuration: { k: '{ "b": [true], "a": 1 }' } },
    },
    same,
  ],
  [
    'an object that differs',
    { declared: { configuration: { k: plain({ a: 1 }) } }, live: { configuration: { k: '{"a":2}' } } },
    changed(key),
  ],
  [
    'an object against text that is no JSON',
    { declared: { configuration: { k: plain({ a: 1 }) } }, live: { configuration: { k: 'x' } } },
    changed(key),
  ],
  [
    'an object against nothing',
    { declared: { configuration: { k: plain({ a: 1 }) } }, live: { configuration: {} } },
    changed(key),
  ],
  [
    'a key named like a member of every object',
    { declared: { configuration: { valueOf: plain('v') } }, live: { configuration: {} } },
    changed('configuration.valueOf'),
  ],
  ['keys that nobody declared do not count', { declared: {}, live: { configuration: { k: 'v' } } }, same],
  [
    'what the service changes by itself does not count',
    {
      declared: { configuration: { 'oauth.user.token': plain('x'), 'token.refresh_time': plain('1') } },
      live: { configuration: {} },
    },
    same,
  ],
  [
    'a plain value that is masked, as recorded',
    {
      declared: { configuration: { k: plain('v') } },
      live: { configuration: { k: '********' } },
      row: { configuration: { k: 'v' } },
    },
    same,
  ],
  [
    'a plain value that is masked, not as recorded',
    {
      declared: { configuration: { k: plain('v') } },
      live: { configuration: { k: '********' } },
      row: { configuration: { k: 'w' } },
    },
    changed(key),
  ],
  [
    'a plain value that is masked, not recorded',
    { declared: { configuration: { k: plain('v') } }, live: { configuration: { k: '********' } }, row: {} },
    unknown(key),
  ],
  [
    'a plain value that another declaration made sensitive',
    { declared: { configuration: { k: plain('v') } }, live: { configuration: { k: new Sensitive('v') } } },
    same,
  ],
  [
    'the same, and it differs',
    { declared: { configuration: { k: plain('v') } }, live: { configuration: { k: new Sensitive('w') } } },
    changed(key),
  ],
  [
    'null against a sensitive live value',
    { declared: { configuration: { k: plain(null) } }, live: { configuration: { k: new Sensitive('w') } } },
    changed(key),
  ],
  [
    'no configuration in the answer',
    { declared: { configuration: { k: plain('v') } }, live: { configuration: null } },
    unknown(key),
  ],
  [
    'a secret that is masked, as applied',
    {
      declared: { configuration: { k: secret('K') } },
      live: { configuration: { k: '********' } },
      readings: { k: { applied: 'same' } },
    },
    same,
  ],
  [
    'a secret that is masked, not as applied',
    {
      declared: { configuration: { k: secret('K') } },
      live: { configuration: { k: '********' } },
      readings: { k: { applied: 'changed' } },
    },
    changed(key),
  ],
  [
    'a secret that nobody can compare',
    {
      declared: { configuration: { k: secret('K') } },
      live: { configuration: { k: '********' } },
      readings: { k: {} },
    },
    unknown(key),
  ],
  [
    'a secret that is unset is not verified, never a change',
    {
      declared: { configuration: { k: secret('K') } },
      live: { configuration: { k: 'x' } },
      readings: { k: { value: null, missing: ['K'], applied: 'changed' } },
    },
    unknown(key),
  ],
  [
    'a secret without a reading',
    { declared: { configuration: { k: secret('K') } }, live: { configuration: { k: 'x' } } },
    unknown(key),
  ],
  [
    'a secret that is shown in clear, the same',
    {
      declared: { configuration: { k: secret('K') } },
      live: { configuration: { k: new Sensitive('s3cret') } },
      readings: { k: { applied: 'changed' } },
    },
    same,
  ],
  [
    'a secret that is shown in clear, another',
    {
      declared: { configuration: { k: secret('K') } },
      live: { configuration: { k: new Sensitive('other') } },
      readings: { k: { applied: 'same' } },
    },
    changed(key),
  ],
  ['ignore: name', { declared: { name: 'x', ignore: ['name'] }, live: { name: 'y' } }, same],
  ['ignore: tags', { declared: { tags: [], ignore: ['tags'] }, live: { tags: ['b'] } }, same],
  [
    'ignore: one key',
    { declared: { configuration: { k: plain(1), l: plain(1) }, ignore: [key] }, live: {} },
    changed('configuration.l'),
  ],
  [
    'ignore: all configuration',
    { declared: { configuration: { k: plain(1) }, ignore: ['configuration'] }, live: {} },
    same,
  ],
];

describe('comparing declared with live', () => {
  it.each(table)('%s', (_name, given, expected) => {
    expect(compare(given)).toEqual(expected);
  });

  it('E3: a sensitive field shows no value, but since when the applied one stands', () => {
    const declaration = declare('a', { configuration: { k: secret('K') } });
    const recorded = row('a', 1, { credentials: { [key]: '2026-11-02T00:00:00.000Z' } });
    const reading = { value: new Sensitive('s3cret'), missing: [], applied: 'changed' as const };
    const shown = live(1, { name: 'a', configuration: { k: new Sensitive('clear-text') } });
    const [field] = compareInstance(declaration, shown, recorded, new Map([['k', reading]])).fields;
    expect(field).toEqual({
      path: key,
      declared: '(sensitive)',
      recorded: '(sensitive)',
      live: '(sensitive)',
      references: ['env:K'],
      since: '2026-11-02T00:00:00.000Z',
    });
  });
});
