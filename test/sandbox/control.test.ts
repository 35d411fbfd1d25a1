import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { closeio, readMessage, SECRETS, sendRaw, startBench, type Bench } from './client.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());
beforeEach(() => bench.control('POST', '/reset'));

describe('stats', () => {
  test('count requests by method and path template, refused ones and faults too, and living instances', async () => {
    const { id } = await bench.create();
    const other = await bench.call('POST', '/instances', closeio, 'User other, Organization other');
    expect(other.status).toBe(200);
    await bench.call('POST', '/instances', {});
    await bench.call('GET', `/instances/${id}?x=1`);
    await bench.call('GET', '/instances/1');
    await bench.call('GET', '/elements/closeio');
    await bench.call('GET', '/nothing');
    await bench.script({ on: 'GET /instances', do: 'drop' });
    await expect(bench.call('GET', '/instances')).rejects.toThrow();
    expect((await bench.control('GET', '/stats')).body).toEqual({
      requests: {
        'POST /instances': 3,
        'GET /instances/{id}': 2,
        'GET /elements/{keyOrId}': 1,
        'GET (unknown)': 1,
        'GET /instances': 1,
      },
      instances: 2,
    });
  });

  test('a reset forgets accounts, counts, requests and faults', async () => {
    await bench.create();
    await bench.script({ on: 'GET /instances', do: 'status', code: 500, times: 9 });
    expect((await bench.control('POST', '/reset')).status).toBe(200);
    expect((await bench.control('GET', '/stats')).body).toEqual({ requests: {}, instances: 0 });
    expect((await bench.control('GET', '/requests')).body).toEqual([]);
    expect((await bench.call('GET', '/instances')).status).toBe(404);
  });
});

describe('requests', () => {
  test('come with method, path, headers and exact body', async () => {
    await bench.create();
    await bench.call('GET', '/instances?tags[]=a&hydrate=true');
    await bench.call('POST', '/instances', '{"broken');
    const requests = (await bench.control('GET', '/requests')).body;
    const headers = expect.objectContaining({ authorization: SECRETS });
    const rest = { headers, faults: [], at: expect.stringMatching(/^\d{4}-.*Z$/) };
    expect(requests).toEqual([
      { ...rest, method: 'POST', path: '/instances', body: closeio, status: 200 },
      { ...rest, method: 'GET', path: '/instances?tags[]=a&hydrate=true', body: null, status: 404 },
      { ...rest, method: 'POST', path: '/instances', body: '{"broken', status: 400 },
    ]);
  });

  test('the last 1,000 are kept', async () => {
    for (let round = 0; round < 21; round += 1) {
      await Promise.all(Array.from({ length: 100 }, () => bench.call('GET', `/instances/${round + 1}`)));
    }
    const requests = (await bench.control('GET', '/requests')).body as readonly { path: string }[];
    expect(requests).toHaveLength(1000);
    expect([requests[0]?.path, requests.at(-1)?.path]).toEqual(['/instances/12', '/instances/21']);
  });
});

describe('faults', () => {
  test.each([
    ['an object', {}, 'faults: must be a list'],
    ['text in the list', ['drop'], 'faults[0]: must be an object'],
    [
      'an unknown operation',
      [{ on: 'GET /nothing', do: 'drop' }],
      'faults[0].on: there is no operation "GET /nothing"',
    ],
    ['no operation', [{ do: 'drop' }], 'faults[0].on'],
    ['an unknown kind', [{ on: 'GET /instances', do: 'explode' }], 'faults[0].do: must be one of delay'],
    ['a second one', [{ on: 'GET /instances', do: 'drop' }, { on: 'GET /instances' }], 'faults[1].do'],
    ['nth 0', [{ on: 'GET /instances', do: 'drop', nth: 0 }], 'faults[0].nth: must be a whole number from 1'],
    ['times as text', [{ on: 'GET /instances', do: 'drop', times: '2' }], 'faults[0].times'],
    ['no ms', [{ on: 'GET /instances', do: 'delay' }], 'faults[0].ms: is required by delay'],
    [
      'ms below 0',
      [{ on: 'GET /instances', do: 'delay', ms: -1 }],
      'faults[0].ms: must be a number of milliseconds',
    ],
    ['no code', [{ on: 'GET /instances', do: 'status' }], 'faults[0].code: is required by status'],
    ['code 99', [{ on: 'GET /instances', do: 'commit-then-status', code: 99 }], 'faults[0].code'],
    [
      'bad headers',
      [{ on: 'GET /instances', do: 'status', code: 500, headers: { 'a b': 'c' } }],
      'faults[0].headers',
    ],
    [
      'a field of another kind',
      [{ on: 'GET /instances', do: 'drop', ms: 5 }],
      'faults[0].ms: is not a field of drop',
    ],
    ['a misspelt field', [{ on: 'GET /instances', do: 'drop', time: 5 }], 'faults[0].time'],
    [
      'a field that every object has',
      '[{"on":"GET /instances","do":"drop","__proto__":1,"constructor":1}]',
      'faults[0].constructor',
    ],
    ['a bad id', [{ on: 'GET /instances', do: 'clone', id: 'x' }], 'faults[0].id'],
    ['a bad length', [{ on: 'GET /instances', do: 'truncate-tags', length: -1 }], 'faults[0].length'],
  ])('%s is refused, and nothing of it is scripted', async (_what, faults, message) => {
    const answer = await bench.control('POST', '/faults', faults);
    expect(answer.status).toBe(400);
    expect(readMessage(answer)).toContain(message);
    expect((await bench.call('GET', '/instances')).status).toBe(404);
  });

  test('broken JSON is refused without being quoted', async () => {
    const answer = await bench.control('POST', '/faults', '[{secret');
    expect([answer.status, readMessage(answer)]).toEqual([400, 'faults: not valid JSON']);
  });

  test('nth and times count matching requests since the call; [] clears', async () => {
    const statuses = async (count: number): Promise<readonly number[]> => {
      const seen: number[] = [];
      for (let index = 0; index < count; index += 1) {
        await bench.call('GET', '/elements/keys?pageSize=1');
        seen.push((await bench.call('GET', '/instances/1')).status);
      }
      return seen;
    };
    const fault = { on: 'GET /instances/{id}', do: 'status', code: 503 };
    await bench.script({ ...fault, nth: 2, times: 2 });
    expect(await statuses(5)).toEqual([404, 503, 503, 404, 404]);
    await bench.script(fault);
    expect(await statuses(2)).toEqual([503, 404]);
    expect((await bench.control('POST', '/faults', [{ ...fault, times: 9 }])).body).toEqual({ faults: 1 });
    expect((await bench.control('POST', '/faults', [])).body).toEqual({ faults: 0 });
    expect(await statuses(1)).toEqual([404]);
  });
});

test.each([
  ['GET', '/faults'],
  ['POST', '/stats'],
  ['GET', ''],
  ['GET', '/nothing'],
])('%s /__sandbox%s is 404 and not counted', async (method, path) => {
  const { status } = await sendRaw(`http://127.0.0.1:${bench.port}/__sandbox${path}`, {
    method,
    headers: {},
  });
  expect(status).toBe(404);
  expect((await bench.control('GET', '/stats')).body).toEqual({ requests: {}, instances: 0 });
});

test('operations lists what stats count and faults name', async () => {
  const { body } = await bench.control('GET', '/operations');
  expect(body).toEqual(expect.arrayContaining(['GET /instances', 'POST /instances', 'GET /instances/{id}']));
});

test('a body that is too long or too deep does not spoil the list of requests', async () => {
  await bench.call('POST', '/instances', { name: 'x'.repeat(100_000) });
  await bench.callUnchecked('POST', '/instances', `{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`);
  const { status, body } = await bench.control('GET', '/requests');
  expect(status).toBe(200);
  const kept = (body as { body: unknown }[]).map((one) => String(one.body).length);
  expect(kept).toEqual([64 * 1024, 40_006]);
});
