import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  closeio,
  pause,
  readMessage,
  readSeen,
  REQUEST_ID,
  startBench,
  waitFor,
  type Bench,
} from './client.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());
beforeEach(() => bench.control('POST', '/reset'));

const POST = 'POST /instances';
const LIST = 'GET /instances';
const tags = ['crm', 'instate:crm:insightly-sales'];
const create = (): ReturnType<Bench['call']> => bench.call('POST', '/instances', { ...closeio, tags });
/** For answers that a fault spoils. */
const createUnchecked = (): ReturnType<Bench['call']> =>
  bench.callUnchecked('POST', '/instances', { ...closeio, tags });
const countLive = async (): Promise<number> =>
  ((await bench.control('GET', '/stats')).body as { instances: number }).instances;

/** Sends a create that gives up after so many milliseconds, and says how it ended. */
async function createWithin(ms: number): Promise<string> {
  const headers = { authorization: 'User user-secret, Organization organization-secret' };
  const body = JSON.stringify({ ...closeio, tags });
  try {
    const answer = await fetch(`${bench.url}/instances`, {
      method: 'POST',
      headers,
      body,
      signal: AbortSignal.timeout(ms),
    });
    await answer.text();
    return `answered ${answer.status}`;
  } catch (error) {
    return error instanceof Error ? error.name : 'failed';
  }
}

describe('the request is not done', () => {
  test('status answers as told, with the body and headers of whoever is in between', async () => {
    const headers = { 'Retry-After': 1, 'content-type': 'text/plain' };
    await bench.script({ on: POST, do: 'status', code: 503, headers, body: 'busy' });
    const answer = await createUnchecked();
    expect([answer.status, answer.text]).toEqual([503, 'busy']);
    expect(answer.headers.get('retry-after')).toBe('1');
    expect(answer.headers.get('content-type')).toBe('text/plain');
    expect(answer.headers.has('elements-request-id')).toBe(false);
    expect(await countLive()).toBe(0);
  });

  test('status without a body is an error of the vendor', async () => {
    await bench.script({ on: LIST, do: 'status', code: 429, headers: { 'retry-after': '2' } });
    const answer = await bench.call('GET', '/instances');
    expect(answer.body).toEqual({
      requestId: expect.stringMatching(REQUEST_ID),
      message: 'Too Many Requests',
    });
    expect(answer.headers.get('elements-request-id')).toMatch(REQUEST_ID);
    expect(answer.headers.get('retry-after')).toBe('2');
  });

  test('status with a JSON body sends just that', async () => {
    const body = { message: 'No element instance found with ID 7' };
    await bench.script({ on: 'GET /instances/{id}', do: 'status', code: 404, body });
    const answer = await bench.callUnchecked('GET', '/instances/7');
    expect([answer.status, answer.body]).toEqual([404, body]);
  });

  test('drop closes the connection', async () => {
    await bench.script({ on: POST, do: 'drop' });
    await expect(create()).rejects.toThrow('fetch failed');
    expect(await countLive()).toBe(0);
  });

  test('empty-404 is the 404 of an empty list, while all are there', async () => {
    const made = await bench.create();
    const empty = await bench.call('GET', '/instances?tags[]=none');
    await bench.script({ on: LIST, do: 'empty-404' });
    const outage = await bench.call('GET', '/instances');
    expect([outage.status, readMessage(outage)]).toEqual([404, readMessage(empty)]);
    expect([...outage.headers.keys()].sort()).toEqual([...empty.headers.keys()].sort());
    expect(await bench.listAll()).toEqual([made.id]);
  });
});

describe('the request is done', () => {
  test('delay waits first', async () => {
    await bench.script({ on: POST, do: 'delay', ms: 60 });
    const started = performance.now();
    const answer = create();
    await waitFor(async () => (await bench.control('GET', '/stats')).text.includes(POST));
    expect(await countLive()).toBe(0);
    expect((await answer).status).toBe(200);
    expect(performance.now() - started).toBeGreaterThanOrEqual(59);
  });

  test('commit-then-drop creates and hangs up', async () => {
    await bench.script({ on: POST, nth: 2, do: 'commit-then-drop' });
    expect((await create()).status).toBe(200);
    await expect(create()).rejects.toThrow('fetch failed');
    expect(await bench.listAll()).toHaveLength(2);
  });

  test('commit-then-status creates and answers an error', async () => {
    await bench.script({ on: POST, do: 'commit-then-status', code: 502, body: '<html>Bad Gateway</html>' });
    const answer = await createUnchecked();
    expect([answer.status, answer.text]).toEqual([502, '<html>Bad Gateway</html>']);
    expect(answer.headers.get('content-type')).toContain('text/html');
    expect(await countLive()).toBe(1);
  });

  test('late-commit never answers; the instance appears later', async () => {
    await bench.script({ on: POST, do: 'late-commit', ms: 60 });
    expect(await createWithin(20)).toBe('TimeoutError');
    expect(await countLive()).toBe(0);
    await waitFor(async () => (await countLive()) === 1);
    expect(readSeen(await bench.call('GET', '/instances?hydrate=true'))).toMatchObject([
      { name: 'Sales', tags },
    ]);
  });

  test('truncate sends half of the body that it announced', async () => {
    await bench.script({ on: POST, do: 'truncate' }, { on: LIST, do: 'truncate' });
    await expect(create()).rejects.toThrow('terminated');
    expect(await countLive()).toBe(1);
    await expect(bench.call('GET', '/instances')).rejects.toThrow('terminated');
  });

  test('garbage is 200 and no JSON', async () => {
    await bench.script({ on: POST, do: 'garbage' });
    const answer = await createUnchecked();
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain('application/json');
    expect(() => JSON.parse(answer.text) as unknown).toThrow(SyntaxError);
    expect(await countLive()).toBe(1);
  });

  test('stall sends headers, then nothing', async () => {
    await bench.script({ on: POST, do: 'stall' });
    const headers = { authorization: 'User user-secret, Organization organization-secret' };
    const answer = await fetch(`${bench.url}/instances`, {
      method: 'POST',
      headers,
      body: JSON.stringify(closeio),
    });
    expect(answer.status).toBe(200);
    expect(Number(answer.headers.get('content-length'))).toBeGreaterThan(1000);
    const read = await Promise.race([answer.text().catch(() => 'cut'), pause(40).then(() => 'silence')]);
    expect(read).toBe('silence');
    expect(await countLive()).toBe(1);
  });

  test.each(['stall', 'truncate'])(
    '%s of an answer without a body: done, and nobody is told',
    async (kind) => {
      const { id } = await bench.create();
      await bench.script({ on: 'DELETE /instances/{id}', do: kind });
      const deleting = bench.callUnchecked('DELETE', `/instances/${id}`).then(
        () => 'told',
        () => 'cut',
      );
      const heard = kind === 'stall' ? pause(60).then(() => 'silence') : deleting;
      expect(await Promise.race([deleting, heard])).toBe(kind === 'stall' ? 'silence' : 'cut');
      expect(await countLive()).toBe(0);
    },
  );
});

describe('no fault ends the sandbox', () => {
  test.each(['trailer', 'Transfer-Encoding', 'content-length', 'connection'])(
    'a header %s is refused',
    async (name) => {
      const { status, text } = await bench.control('POST', '/faults', [
        { on: LIST, do: 'status', code: 500, headers: { [name]: 'x' } },
      ]);
      expect([status, text]).toEqual([400, expect.stringContaining('faults[0].headers')]);
    },
  );

  test('a delayed request is answered also after a reset', async () => {
    await bench.script({ on: LIST, do: 'delay', ms: 60 });
    const asking = bench.callUnchecked('GET', '/instances');
    await pause(20);
    await bench.control('POST', '/reset');
    expect((await asking).status).toBe(404);
  });
});

test.each([
  ['post /instances', 'did you mean POST /instances?'],
  ['GET /elements/api-v2/instances', 'did you mean GET /instances?'],
  ['GET /instances/500001', 'did you mean GET /instances/{id}?'],
  ['POST /instances/nothing', 'for example GET /instances'],
  ['POST /instnces', 'GET /__sandbox/operations lists all'],
])('a fault on %s: %s', async (on, says) => {
  const { status, text } = await bench.control('POST', '/faults', [{ on, do: 'drop' }]);
  expect(status).toBe(400);
  expect(text).toContain(says);
  expect(text.length).toBeLessThan(500);
});
