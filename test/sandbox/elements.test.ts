import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readMessage, startBench, type Bench } from './client.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());

interface SeenKey {
  readonly key: string;
  readonly required: boolean;
  readonly type: string;
  readonly defaultValue: string | null;
  readonly displayOrder: number;
}

const readKeys = async (element: string): Promise<readonly SeenKey[]> =>
  (
    (await bench.call('GET', `/elements/${element}/configuration`)).body as {
      configuration: readonly SeenKey[];
    }
  ).configuration;

test('the catalogue lists 156 elements, whole and as keys, paged', async () => {
  const whole = await bench.call('GET', '/elements');
  expect(whole.headers.get('elements-total-count')).toBe('156');
  const keys = await bench.call('GET', '/elements/keys');
  expect(keys.body).toEqual((whole.body as readonly { key: string }[]).map(({ key }) => key));
  const first = await bench.call('GET', '/elements/keys?pageSize=100');
  const token = first.headers.get('elements-next-page-token') ?? '';
  const second = await bench.call('GET', `/elements/keys?pageSize=100&nextPage=${token}`);
  expect([...(first.body as string[]), ...(second.body as string[])]).toEqual(keys.body);
  expect(second.headers.has('elements-next-page-token')).toBe(false);
});

test('an element reads the same by key and by id, and has the fields of the description', async () => {
  const byKey = await bench.call('GET', '/elements/insightly');
  expect((await bench.call('GET', '/elements/5993')).body).toEqual(byKey.body);
  expect(byKey.body).toMatchObject({
    id: 5993,
    key: 'insightly',
    name: 'Insightly',
    hub: 'crm',
    authentication: { type: 'basic' },
    configuration: expect.arrayContaining([expect.objectContaining({ key: 'username', required: true })]),
  });
});

describe('the documented elements', () => {
  test.each([
    ['insightly', 'basic', ['username', 'password']],
    ['servicenow', 'basic', ['username', 'password']],
    ['freshdeskv2', 'basic', ['username']],
    ['bamboohr', 'basic', ['username']],
    ['jira', 'basic', ['username', 'password']],
    ['closeio', 'basic', ['username', 'password']],
    ['stripe', 'basic', []],
    ['sfdc', 'oauth2', ['oauth.api.key', 'oauth.api.secret', 'oauth.callback.url']],
    ['hubspot', 'oauth2', ['oauth.api.key', 'oauth.api.secret', 'oauth.callback.url']],
    ['zendesk', 'oauth2', ['oauth.api.key', 'oauth.api.secret', 'oauth.callback.url']],
    ['shopify', 'oauth2', ['oauth.api.key', 'oauth.api.secret', 'oauth.callback.url']],
    ['quickbooks', 'oauth2', ['oauth.api.key', 'oauth.api.secret', 'oauth.callback.url']],
    ['amazons3', 'custom', []],
    ['mysql', 'custom', []],
    ['netsuitecrm', 'custom', []],
  ])('%s is %s and requires %j', async (key, authentication, required) => {
    const { body } = await bench.call('GET', `/elements/${key}`);
    expect(body).toMatchObject({ key, authentication: { type: authentication } });
    expect((await readKeys(key)).filter((item) => item.required).map((item) => item.key)).toEqual(required);
  });

  test('keys have types, defaults and an order; the provider data names the code', async () => {
    const keys = await readKeys('hubspot');
    expect(keys.map(({ displayOrder }) => displayOrder)).toEqual(keys.map((_key, index) => index));
    expect(keys).toContainEqual(
      expect.objectContaining({ key: 'authentication.type', type: 'COMBO', defaultValue: 'oauth2' }),
    );
    expect(keys).toContainEqual(
      expect.objectContaining({ key: 'filter.response.nulls', type: 'BOOLEAN', defaultValue: 'true' }),
    );
    expect((await bench.call('GET', '/elements/hubspot/configuration')).body).toMatchObject({
      authentication: { type: 'oauth2' },
      providerData: [{ key: 'code' }],
    });
    expect((await bench.call('GET', '/elements/closeio/configuration')).body).toMatchObject({
      providerData: [],
    });
  });
});

test.each([
  ['/elements/nosuch', 'No element found with key nosuch'],
  ['/elements/999999', 'No element found with ID 999999'],
  ['/elements/nosuch/configuration', 'No element found with key nosuch'],
])('%s is 404', async (path, message) => {
  const answer = await bench.call('GET', path);
  expect([answer.status, readMessage(answer)]).toEqual([404, message]);
});

test.each([
  ["key='closeio'", ['closeio']],
  ["key in ('closeio','insightly') AND abridged='true'", ['closeio', 'insightly']],
  ["key = 'closeio' AND hub = 'none'", []],
  ["private='true' AND abridged='true'", []],
])("where=%s finds %j (docs: the vendor's asset tool, DOC)", async (where, keys) => {
  const answer = await bench.call('GET', `/elements?where=${encodeURIComponent(where)}`);
  expect(answer.status).toBe(keys.length === 0 ? 404 : 200);
  if (keys.length === 0) expect(readMessage(answer)).toBe('No elements found');
  else expect((answer.body as { key: string }[]).map(({ key }) => key)).toEqual(keys);
});

test('a clone is private; a where that nobody can read is a 400', async () => {
  await bench.call('POST', '/elements/closeio/clone', {});
  const answer = await bench.call('GET', `/elements?where=${encodeURIComponent("private='true'")}`);
  expect(answer.body).toMatchObject([{ key: 'closeio', private: true }]);
  expect((await bench.call('GET', '/elements?where=nonsense')).status).toBe(400);
});
