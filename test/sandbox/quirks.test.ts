import { describe, expect, onTestFinished, test } from 'vitest';
import { quirks, type QuirkName } from '../../src/sandbox/quirks.ts';
import { closeio, readOne, readSeen, startBench, type Bench, type Seen } from './client.ts';

/** What is seen of a quirk, on and off: `probe` says in a word how the service behaves. */
interface Probe {
  readonly on: unknown;
  readonly off: unknown;
  readonly probe: (bench: Bench) => Promise<unknown>;
}

const MASK = '********';
const wrong = { username: 'u', password: 'wrong' };
const key = async (bench: Bench, one: Seen, name: string): Promise<string | null | undefined> =>
  readOne(await bench.call('GET', `/instances/${one.id}`)).configuration[name];
const bearer = (one: Seen): string => `User user-secret, Element ${one.token}`;
/** `filter.response.nulls` reads in clear, `password` as a mask: what a PUT keeps and what a mask does shows in entries. */
const entries = async (bench: Bench, one: Seen): Promise<Record<string, string | null>> => {
  const { body } = await bench.call('GET', `/instances/${one.id}/configuration`);
  return Object.fromEntries(
    (body as { key: string; propertyValue: string | null }[]).map((item) => [item.key, item.propertyValue]),
  );
};

const probes: Readonly<Record<QuirkName, Probe>> = {
  'account-per-user': {
    on: 404,
    off: 200,
    probe: async (bench) => {
      await bench.create();
      return (await bench.call('GET', '/instances', undefined, 'User b, Organization organization-secret'))
        .status;
    },
  },
  'bare-ping': {
    on: 200,
    off: 404,
    probe: async (bench) =>
      (await bench.call('GET', '/ping', undefined, bearer(await bench.create()))).status,
  },
  'clone-moves-only': {
    on: 400,
    off: 200,
    probe: async (bench) => {
      const { id } = await bench.create();
      return (await bench.call('PATCH', `/instances/${id}`, { element: { key: 'stripe' } })).status;
    },
  },
  'create-logs-in': {
    on: 400,
    off: 200,
    probe: async (bench) =>
      (await bench.call('POST', '/instances', { ...closeio, configuration: wrong })).status,
  },
  'disabled-readable': {
    on: 200,
    off: 403,
    probe: async (bench) => {
      const { id } = await bench.create();
      await bench.call('DELETE', `/instances/${id}/enabled`);
      return (await bench.call('GET', `/instances/${id}`)).status;
    },
  },
  'empty-account-404': {
    on: [404, 404],
    off: [200, 404],
    probe: async (bench) => [
      (await bench.call('GET', '/instances')).status,
      (await bench.call('GET', '/instances?tags[]=none')).status,
    ],
  },
  'empty-tags-kept': {
    on: [],
    off: ['Sales'],
    probe: async (bench) => (await bench.create({ tags: [] })).tags,
  },
  'hydrate-default-false': {
    on: [false, false, true],
    off: [true, false, true],
    probe: async (bench) => {
      await bench.create();
      const lists = ['', '?hydrate=false', '?hydrate=true'].map((query) =>
        bench.call('GET', `/instances${query}`),
      );
      return (await Promise.all(lists)).map((list) => readSeen(list)[0]?.configuration !== undefined);
    },
  },
  'mask-dropped': {
    on: [200, 200],
    off: [403, 403],
    // Only the vendor can tell: it takes the password that was, and refuses eight asterisks.
    probe: async (bench) => {
      const ping = async (one: Seen) =>
        (await bench.call('GET', '/hubs/crm/ping', undefined, bearer(one))).status;
      const [whole, entry] = [await bench.create(), await bench.create()];
      await bench.call('PATCH', `/instances/${whole.id}`, { configuration: { password: MASK } });
      const { body } = await bench.call('GET', `/instances/${entry.id}/configuration`);
      const id = (body as { id: number; key: string }[]).find((item) => item.key === 'password')?.id;
      const path = `/instances/${entry.id}/configuration/${String(id)}`;
      await bench.call('PATCH', path, { propertyValue: MASK });
      return [await ping(whole), await ping(entry)];
    },
  },
  'missing-keys-together': {
    on: 'Missing required configuration keys: username, password',
    off: 'Missing required configuration keys: username',
    probe: async (bench) =>
      (
        (await bench.call('POST', '/instances', { ...closeio, configuration: {} })).body as {
          message: string;
        }
      ).message,
  },
  'oversize-413': {
    on: 413,
    off: 429,
    probe: async (bench) =>
      (await bench.call('POST', '/instances', { ...closeio, name: 'x'.repeat(8 * 1024 * 1024) })).status,
  },
  'patch-logs-in': {
    on: [400, 400],
    off: [200, 200],
    probe: async (bench) => {
      const { id } = await bench.create();
      const change = { configuration: wrong };
      return [
        (await bench.call('PATCH', `/instances/${id}`, change)).status,
        (await bench.call('PUT', `/instances/${id}`, change)).status,
      ];
    },
  },
  'put-keeps': {
    on: [['a'], 'false'],
    off: [[], 'true'],
    probe: async (bench) => {
      const configuration = { ...closeio.configuration, 'filter.response.nulls': 'false' };
      const one = await bench.create({ tags: ['a'], configuration });
      const { tags } = readOne(await bench.call('PUT', `/instances/${one.id}`, { name: 'Other' }));
      return [tags, await key(bench, one, 'filter.response.nulls')];
    },
  },
  'request-id-same': {
    on: true,
    off: false,
    probe: async (bench) => {
      const { headers, body } = await bench.call('GET', '/instances/1');
      return headers.get('elements-request-id') === (body as { requestId: string }).requestId;
    },
  },
  'second-delete-404': {
    on: [200, 404],
    off: [200, 400],
    probe: async (bench) => {
      const { id } = await bench.create();
      const first = await bench.call('DELETE', `/instances/${id}`);
      return [first.status, (await bench.call('DELETE', `/instances/${id}`)).status];
    },
  },
  'single-reprovision': {
    on: [0],
    off: [0, 1, 2],
    probe: async (bench) => {
      const { id } = await bench.create();
      await bench.call('PUT', `/instances/${id}`, { providerData: { code: 'again' } });
      return (await bench.listAll()).map((one) => one - id);
    },
  },
  'tags-all': {
    on: 1,
    off: 3,
    probe: async (bench) => {
      for (const tags of [['a'], ['b'], ['a', 'b'], ['c']]) await bench.create({ tags });
      return (await bench.listAll('&tags[]=a&tags[]=b')).length;
    },
  },
  'void-token-ignored': {
    on: [200, 200],
    off: [401, 200],
    probe: async (bench) => {
      const { token } = await bench.create();
      const ask = (element: string) =>
        bench.call(
          'GET',
          '/instances',
          undefined,
          `User user-secret, Organization organization-secret, Element ${element}`,
        );
      return [(await ask('void')).status, (await ask(token)).status];
    },
  },
  'tags-need-hydrate': {
    on: [undefined, undefined],
    off: [['a'], undefined],
    probe: async (bench) => {
      await bench.create({ tags: ['a'] });
      const [one] = readSeen(await bench.call('GET', '/instances?hydrate=false'));
      return [one?.tags, one?.configuration];
    },
  },
};

describe.each(Object.keys(quirks) as QuirkName[])('quirk %s', (name) => {
  const { on, off, probe } = probes[name];
  test.each([
    ['on', on, []],
    ['off', off, [name]],
  ] as const)('%s', async (_state, expected, quirksOff) => {
    const bench = await startBench({ quirksOff });
    onTestFinished(() => bench.close());
    expect(await probe(bench)).toEqual(expected);
  });
});

test('with quirk create-logs-in off, the vendor behind the instance refuses its calls', async () => {
  const bench = await startBench({ quirksOff: ['create-logs-in'] });
  onTestFinished(() => bench.close());
  const one = await bench.create({ configuration: wrong });
  const ping = await bench.call('GET', '/hubs/crm/ping', undefined, bearer(one));
  expect(ping.status).toBe(403);
  expect(ping.body).toMatchObject({ providerMessage: expect.any(String) as string });
  expect((await entries(bench, one))['password']).toBe(MASK);
});
