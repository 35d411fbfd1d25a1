import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  readMessage,
  REQUEST_ID,
  SECRETS,
  startBench,
  type Answered,
  type Bench,
  type Seen,
} from './client.ts';

let bench: Bench;
let instance: Seen;
beforeAll(async () => {
  bench = await startBench({ quirksOff: ['create-logs-in'] });
});
afterAll(() => bench.close());
beforeEach(async () => {
  await bench.control('POST', '/reset');
  instance = await bench.create();
});

const bearer = ({ token }: Seen = instance): string => `User user-secret, Element ${token}`;
const ask = (method: string, path: string, body?: unknown, authorization = bearer()): Promise<Answered> =>
  bench.call(method, path, body, authorization);
const named = ({ headers }: Answered): string | null => headers.get('elements-element-instance-id');

describe('reaching the vendor', () => {
  const paths = ['/ping', '/hubs/anything/ping', '/contacts', '/hubs/anything/contacts', '/contacts/1001'];

  test.each(paths)('GET %s names the instance, and takes User and Element alone', async (path) => {
    for (const authorization of [bearer(), `${SECRETS}, Element ${instance.token}`]) {
      const answer = await ask('GET', path, undefined, authorization);
      expect(answer.status).toBe(200);
      expect(named(answer)).toBe(`${instance.id}`);
    }
  });

  test.each(paths)('GET %s of a disabled instance is a 403 that names it', async (path) => {
    await bench.call('DELETE', `/instances/${instance.id}/enabled`);
    const answer = await ask('GET', path);
    expect(answer.status).toBe(403);
    expect(named(answer)).toBe(`${instance.id}`);
    expect(answer.body).toEqual({
      requestId: expect.stringMatching(REQUEST_ID),
      message: 'Element instance is disabled',
    });
  });

  test.each(paths)('GET %s with credentials that the vendor refuses is a 403 in its words', async (path) => {
    const created = await bench.create({ configuration: { username: 'u', password: 'wrong' } });
    const answer = await ask('GET', path, undefined, bearer(created));
    expect(answer.status).toBe(403);
    expect(named(answer)).toBe(`${created.id}`);
    expect(answer.body).toMatchObject({ providerMessage: expect.any(String) });
  });

  test('one entry of the configuration that is set to wrong is enough', async () => {
    const entries = (await bench.call('GET', `/instances/${instance.id}/configuration`)).body;
    const entry = (entries as readonly { id: number; key: string }[]).find(({ key }) => key === 'password');
    await bench.call('PATCH', `/instances/${instance.id}/configuration/${entry?.id}`, {
      propertyValue: 'wrong',
    });
    expect((await ask('GET', '/ping')).status).toBe(403);
    expect((await ask('POST', '/contacts', { name: 'x' })).status).toBe(403);
  });

  test.each(paths)('GET %s with the token of a deleted instance is a 401', async (path) => {
    await bench.call('DELETE', `/instances/${instance.id}`);
    const answer = await ask('GET', path);
    expect(answer.status).toBe(401);
    expect(answer.body).not.toHaveProperty('providerMessage');
  });

  test('without an Element part a bare resource is an unknown path, below a hub a 401', async () => {
    for (const path of ['/contacts', '/contacts/1001', '/hubs/crm/contacts', '/hubs/crm/contacts/1001']) {
      const isBare = !path.startsWith('/hubs');
      const answer = await bench.call('GET', path);
      expect(answer.status).toBe(isBare ? 404 : 401);
      if (isBare) expect(readMessage(answer)).toBe(`Resource not found: ${path}`);
    }
  });

  test.each(['Element void', 'Element invalid', 'Element'])(
    '"%s" on a bare resource is a 401',
    async (part) => {
      expect((await ask('GET', '/contacts', undefined, `${SECRETS}, ${part}`)).status).toBe(401);
      expect((await ask('GET', '/contacts', undefined, `${part}, User user-secret`)).status).toBe(401);
    },
  );

  test('what the platform has words for is no resource', async () => {
    expect((await ask('GET', '/instances/nothing')).status).toBe(404);
    expect((await ask('PUT', '/contacts', {})).status).toBe(405);
    expect((await ask('POST', '/contacts/1001', {})).status).toBe(405);
  });

  test('GET /ping is an unknown path with the quirk off', async () => {
    const other = await startBench({ quirksOff: ['bare-ping'] });
    const authorization = bearer(await other.create());
    const answer = await other.call('GET', '/ping', undefined, authorization);
    expect(answer.status).toBe(404);
    expect(readMessage(answer)).toBe('Resource not found: /ping');
    expect((await other.call('GET', '/hubs/crm/ping', undefined, authorization)).status).toBe(200);
    await other.close();
  });
});

test('a secret of another organization is a 401 on calls to the vendor, too', async () => {
  const { token } = await bench.create();
  const ask = async (organization: string) =>
    (await bench.call('GET', '/contacts', undefined, `User user-secret, ${organization}Element ${token}`))
      .status;
  expect(await ask('')).toBe(200);
  expect(await ask('Organization organization-secret, ')).toBe(200);
  expect(await ask('Organization other, ')).toBe(401);
  expect(await ask('Organization invalid, ')).toBe(401);
});

test.each(['', 'User u', 'Organization o'])(
  'a bare resource with "%s" alone is a 401',
  async (authorization) => {
    expect((await bench.call('GET', '/contacts', undefined, authorization)).status).toBe(401);
  },
);
