import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readMessage, SECRETS, sendRaw, startBench, type Answered, type Bench, type Seen } from './client.ts';

let bench: Bench;
let instance: Seen;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());
beforeEach(async () => {
  await bench.control('POST', '/reset');
  instance = await bench.create();
});

const bearer = (): string => `User user-secret, Element ${instance.token}`;
const ask = (path: string, authorization = bearer()): Promise<Answered> =>
  bench.call('GET', path, undefined, authorization);

describe.each([
  ['bare', ''],
  ['below a hub', '/hubs/anything'],
])('objects, %s', (_, root) => {
  test('are names, which serve records, also while the instance is disabled', async () => {
    const answer = await ask(`${root}/objects`);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual(['accounts', 'contacts', 'leads', 'opportunities']);
    for (const name of answer.body as string[]) expect((await ask(`/hubs/crm/${name}`)).status).toBe(200);
    await bench.call('DELETE', `/instances/${instance.id}/enabled`);
    const disabled = await ask(`${root}/objects`);
    expect([disabled.status, disabled.body]).toEqual([200, answer.body]);
    for (const { headers } of [answer, disabled]) {
      expect(headers.get('elements-element-instance-id')).toBe(`${instance.id}`);
    }
  });

  test('Elements-Version: Helium asks for the long form', async () => {
    const read = async (version: string): Promise<unknown> => {
      const headers = { authorization: bearer(), 'elements-version': version };
      return JSON.parse((await sendRaw(`${bench.url}${root}/objects`, { method: 'GET', headers })).text);
    };
    const long = (await read('Helium')) as readonly { name: string }[];
    expect(long.map(({ name }) => name)).toEqual((await ask(`${root}/objects`)).body);
    expect(await read('Hydrogen')).toEqual((await ask(`${root}/objects`)).body);
  });

  test('their metadata describes every field of a record, also while the instance is disabled', async () => {
    const changed = { configuration: { 'filter.response.nulls': 'false' } };
    await bench.call('PATCH', `/instances/${instance.id}`, changed);
    const record = (await ask('/contacts/1001')).body as Readonly<Record<string, unknown>>;
    await bench.call('DELETE', `/instances/${instance.id}/enabled`);
    const answer = await ask(`${root}/objects/contacts/metadata`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('elements-element-instance-id')).toBe(`${instance.id}`);
    const { fields } = answer.body as { fields: readonly Readonly<Record<string, string>>[] };
    expect(fields.map(({ path }) => path).sort()).toEqual(Object.keys(record).sort());
    for (const field of fields) {
      expect(field).toEqual({
        path: expect.any(String),
        type: expect.any(String),
        vendorPath: expect.any(String),
      });
    }
  });

  test('no token, or that of a deleted instance, is a 401', async () => {
    await bench.call('DELETE', `/instances/${instance.id}`);
    for (const path of [`${root}/objects`, `${root}/objects/contacts/metadata`]) {
      expect((await ask(path)).status).toBe(401);
      expect((await ask(path, SECRETS)).status).toBe(401);
    }
  });
});

interface Document {
  readonly swagger: string;
  readonly basePath: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly operationId: string }>>>>;
  readonly definitions: Readonly<Record<string, unknown>>;
}

describe.each(['by id', 'by token'])('docs, %s', (form) => {
  const read = (rest: string): Promise<Answered> =>
    form === 'by id'
      ? ask(`/instances/${instance.id}/docs${rest}`, SECRETS)
      : ask(`/instances/docs${rest}`, `${SECRETS}, Element ${instance.token}`);
  const operations = ({ body }: Answered): readonly string[] =>
    Object.values((body as Document).paths).flatMap((path) =>
      Object.values(path).map(({ operationId }) => operationId),
    );

  test('are a Swagger 2.0 document whose parts refer to each other', async () => {
    const answer = await read('?version=-1');
    expect(answer.status).toBe(200);
    const document = answer.body as Document;
    expect(document).toMatchObject({
      swagger: '2.0',
      basePath: '/elements/api-v2',
      info: { title: expect.any(String), version: expect.any(String) },
    });
    const names = Object.keys(document.definitions);
    expect(names).toEqual((await ask('/objects')).body);
    const references = [...answer.text.matchAll(/"\$ref":"#\/definitions\/([^"]+)"/g)].map(
      ([, name]) => name,
    );
    expect(new Set(references)).toEqual(new Set(names));
    expect(new Set(operations(answer)).size).toBe(2 * names.length);
    for (const [path, methods] of Object.entries(document.paths)) {
      expect(Object.keys(methods)).toEqual(['get', 'post']);
      for (const operation of Object.values(methods)) {
        expect(operation).toMatchObject({ responses: { 200: { description: expect.any(String) } } });
      }
      expect((await ask(path)).status).toBe(200);
    }
  });

  test('of one operation, by query and by path, and what it needs', async () => {
    const [operationId = ''] = operations(await read(''));
    const one = await read(`/${operationId}`);
    expect(one.status).toBe(200);
    expect(operations(one)).toEqual([operationId]);
    expect((await read(`?operationId=${operationId}`)).body).toEqual(one.body);
    const definitions = await read(`/${operationId}/definitions`);
    expect([definitions.status, definitions.body]).toEqual([200, (one.body as Document).definitions]);
  });

  test.each(['/nothing', '/nothing/definitions', '?operationId=nothing', '/__proto__'])(
    '%s is a 404',
    async (rest) => {
      const answer = await read(rest);
      expect(answer.status).toBe(404);
      expect(readMessage(answer)).toContain('operation');
    },
  );

  test('still read while the instance is disabled, and not once it is deleted', async () => {
    await bench.call('DELETE', `/instances/${instance.id}/enabled`);
    expect((await read('')).status).toBe(200);
    await bench.call('DELETE', `/instances/${instance.id}`);
    expect((await read('')).status).toBe(form === 'by id' ? 404 : 401);
  });
});

describe('authentication types', () => {
  const types = async (element: string): Promise<readonly string[]> =>
    (
      (await ask(`/elements/${element}/authentication-types`, SECRETS)).body as readonly { type: string }[]
    ).map(({ type }) => type);
  const keys = async (element: string, type: string): Promise<readonly string[]> => {
    const { body } = await ask(`/elements/${element}/authentication-types/${type}/configurations`, SECRETS);
    return (body as readonly { key: string; required: boolean }[]).map(({ key, required }) => {
      expect(required).toBe(true);
      return key;
    });
  };

  test('of an element with one way in', async () => {
    expect(await types('closeio')).toEqual(['basic']);
    expect(await types('146')).toEqual(['basic']);
    expect(await keys('closeio', 'basic')).toEqual(['username', 'password']);
  });

  test('of an element with two, each with its keys', async () => {
    expect(await types('hubspot')).toEqual(['oauth2', 'apiKey']);
    expect(await keys('hubspot', 'oauth2')).toEqual([
      'oauth.api.key',
      'oauth.api.secret',
      'oauth.callback.url',
    ]);
    expect(await keys('hubspot', 'apiKey')).toEqual(['hubspot.authorization.apikey']);
  });

  test.each([
    ['/elements/nothing/authentication-types'],
    ['/elements/nothing/authentication-types/basic/configurations'],
    ['/elements/closeio/authentication-types/oauth2/configurations'],
  ])('GET %s is a 404', async (path) => {
    expect((await ask(path, SECRETS)).status).toBe(404);
  });

  test('every element of the catalogue has a type, and none fails', async () => {
    const all = (await ask('/elements/keys', SECRETS)).body as readonly string[];
    for (const element of all) {
      const own = await types(element);
      expect(own.length).toBeGreaterThan(0);
      for (const type of own) {
        const path = `/elements/${element}/authentication-types/${type}/configurations`;
        expect([200, 404]).toContain((await ask(path, SECRETS)).status);
      }
    }
  });
});
