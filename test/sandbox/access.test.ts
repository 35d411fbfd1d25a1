import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SandboxError } from '../../src/sandbox/errors.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import { closeio, readMessage, REQUEST_ID, SECRETS, sendRaw, startBench, type Bench } from './client.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());
beforeEach(() => bench.control('POST', '/reset'));

const userOf = async (authorization: string): Promise<number> => {
  const answer = await bench.call('POST', '/instances', closeio, authorization);
  return (answer.body as { user: { id: number } }).user.id;
};

describe('secrets', () => {
  test.each([
    '',
    'User u',
    'Organization o',
    'User , Organization o',
    'User u, Organization',
    'User invalid, Organization o',
    'User u, Organization invalid',
    'Bearer u',
  ])('"%s" is 401 in the vendor\'s words', async (authorization) => {
    for (const [method, path] of [
      ['GET', '/instances'],
      ['POST', '/instances'],
      ['GET', '/elements'],
    ] as const) {
      const answer = await bench.call(method, path, method === 'POST' ? closeio : undefined, authorization);
      expect(answer.status).toBe(401);
      expect(answer.body).toEqual({
        requestId: expect.stringMatching(REQUEST_ID),
        message: 'Invalid Organization or User secret, or invalid Element token provided.',
      });
    }
  });

  test.each([
    'Organization organization-secret, User user-secret',
    `${SECRETS}, Element void`,
    'User user-secret,Organization organization-secret',
  ])('"%s" is the same account', async (authorization) => {
    const { id } = await bench.create();
    expect((await bench.call('GET', `/instances/${id}`, undefined, authorization)).status).toBe(200);
  });

  test('each pair is an account and a user of its own', async () => {
    const ids = [await userOf('User a, Organization o'), await userOf('User b, Organization o')];
    ids.push(await userOf('User a, Organization rotated'));
    expect(new Set(ids).size).toBe(3);
    expect(await userOf('Organization o, User a')).toBe(ids[0]);
    const list = await bench.call('GET', '/instances', undefined, 'User b, Organization o');
    expect(list.headers.get('elements-total-count')).toBe('1');
  });

  test('a user id outlives a reset, and no instance id is given twice', async () => {
    const before = await bench.create();
    await bench.control('POST', '/reset');
    const after = await bench.create();
    expect(after.user).toEqual(before.user);
    expect(after.id).toBeGreaterThan(before.id);
  });
});

describe('what clients send', () => {
  const headers = { authorization: SECRETS };

  test('JSON bodies on GET and DELETE, no Content-Type, extra headers', async () => {
    const { id } = await bench.create();
    const raw = (method: string, path: string): ReturnType<typeof sendRaw> =>
      sendRaw(`${bench.url}${path}`, {
        method,
        headers: { ...headers, 'elements-session': 'true', 'content-length': '2' },
        body: '{}',
      });
    expect((await raw('GET', '/instances')).status).toBe(200);
    expect((await raw('GET', `/instances/${id}`)).status).toBe(200);
    expect((await raw('DELETE', `/instances/${id}`)).status).toBe(200);
    const created = await sendRaw(`${bench.url}/instances`, {
      method: 'POST',
      headers,
      body: JSON.stringify(closeio),
    });
    expect(created.status).toBe(200);
  });

  test('more than 8 MB is 413, after which the connection still works', async () => {
    const answer = await bench.call('POST', '/instances', { ...closeio, name: 'x'.repeat(8 * 1024 * 1024) });
    expect(answer.status).toBe(413);
    expect(answer.body).toMatchObject({
      requestId: expect.stringMatching(REQUEST_ID),
      message: expect.any(String),
    });
    const large = await bench.call('POST', '/instances', { ...closeio, name: 'x'.repeat(7 * 1024 * 1024) });
    expect(large.status).toBe(200);
  });
});

describe('paths and methods', () => {
  test.each(['/nothing', '/instances/abc', '/instances/1/nothing', '', '/elements/%E0%A4%A'])(
    'GET %s is 404',
    async (path) => {
      const answer = await bench.call('GET', path);
      expect(answer.status).toBe(404);
      expect(answer.body).toEqual({
        requestId: expect.stringMatching(REQUEST_ID),
        message: expect.any(String),
      });
      expect(readMessage(answer)).not.toMatch(/^No .* found$/);
    },
  );

  test('a whole address is as good as a path (RFC 9112: absolute-form)', async () => {
    const answer = await sendRaw(bench.url, {
      method: 'GET',
      path: `http://api.cloud-elements.com/elements/api-v2/elements/closeio`,
      headers: { authorization: SECRETS },
    });
    expect(answer.status).toBe(200);
  });

  test('a path outside the API is 404 as well', async () => {
    const response = await fetch(`http://127.0.0.1:${bench.port}/instances`, {
      headers: { authorization: SECRETS },
    });
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ message: expect.stringContaining('/elements/api-v2') });
  });

  test.each([
    ['PUT', '/instances/count', 'GET'],
    ['POST', '/instances/1', 'GET, PUT, PATCH, DELETE'],
    ['POST', '/elements', 'GET'],
  ])('%s %s is 405', async (method, path, allow) => {
    const answer = await bench.call(method, path, {});
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe(allow);
    expect(answer.body).toMatchObject({ requestId: answer.headers.get('elements-request-id') });
  });

  test('a slash at the end changes nothing', async () => {
    await bench.create();
    expect((await bench.call('GET', '/instances/')).status).toBe(200);
  });
});

describe('starting', () => {
  test.each([
    [{ port: -1 }, 'port'],
    [{ seed: 100_001 }, 'seed'],
    [{ latency: 0.5 }, 'latency'],
    [{ faults: [{ on: 'GET /instances', do: 'nothing' }] }, 'faults[0].do'],
  ])('%j is refused', async (options, word) => {
    const start = startSandbox({ now: () => Date.now(), ...options });
    await expect(start).rejects.toBeInstanceOf(SandboxError);
    await expect(start).rejects.toThrow(word);
  });

  test('a port that is taken is named', async () => {
    await expect(startBench({ port: bench.port })).rejects.toThrow(`port ${bench.port} is taken`);
  });

  test('it listens on 127.0.0.1 alone', async () => {
    const outside = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter(({ internal, scopeid }) => !internal && scopeid === undefined)
      .map(({ address }) => address);
    for (const host of ['::1', ...outside]) expect(await canConnect(host, bench.port)).toBe(false);
    expect(await canConnect('127.0.0.1', bench.port)).toBe(true);
  });

  test('latency holds back the answers of the API, not those of the control calls', async () => {
    const slow = await startBench({ latency: 60 });
    const started = performance.now();
    const api = slow.call('GET', '/instances').then(() => 'api');
    const control = slow.control('GET', '/stats').then(() => 'control');
    expect(await Promise.race([api, control])).toBe('control');
    await api;
    expect(performance.now() - started).toBeGreaterThanOrEqual(59);
    await slow.close();
  });

  test('close cuts requests that are still waiting', async () => {
    const stalling = await startBench({ faults: [{ on: 'GET /instances', do: 'late-commit', ms: 60_000 }] });
    const waiting = stalling.call('GET', '/instances').then(
      () => 'answered',
      () => 'cut',
    );
    while (!(await stalling.control('GET', '/stats')).text.includes('GET /instances'));
    await stalling.close();
    expect(await waiting).toBe('cut');
  });
});

function canConnect(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1000 });
    const settle = (isOpen: boolean): void => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.on('connect', () => settle(true));
    socket.on('error', () => settle(false));
    socket.on('timeout', () => settle(false));
  });
}
