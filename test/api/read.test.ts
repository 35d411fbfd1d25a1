import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Probe, Projection } from '../../src/core/model.ts';
import { Sensitive } from '../../src/core/sensitive.ts';
import { answer, freePort, item, listen, open, reading, serve } from './support.ts';

const notFound = { requestId: '5b0437c6e4b07731ae39b533', message: 'No element instance found with ID 12' };
const page = '<html><body>nothing here</body></html>';

function gist(probe: Probe): string {
  return probe.kind === 'live' ? `live ${String(probe.instance.id)}` : probe.kind;
}

describe('A1: a GET by id', () => {
  const rows: readonly [string, number, unknown, Record<string, string>, string][] = [
    ['200', 200, item(12), {}, 'live 12'],
    ['200 for another id', 200, item(13), {}, 'unknown'],
    ['200 with a list', 200, [item(12)], {}, 'unknown'],
    ['200 with HTML', 200, page, { 'content-type': 'text/html' }, 'unknown'],
    ['200 with half a JSON', 200, '{"id":12,', {}, 'unknown'],
    ['200 without an element', 200, { id: 12, name: 'n' }, {}, 'unknown'],
    ['204', 204, '', {}, 'unknown'],
    ['302', 302, '', { location: '/login' }, 'unknown'],
    ["the vendor's 404", 404, notFound, {}, 'missing'],
    ['a 404 with the request id in its header alone', 404, { message: 'x' }, {}, 'missing'],
    ['a 404 without any request id', 404, { message: 'x' }, { 'elements-request-id': '' }, 'unknown'],
    ['a 404 whose message is no string', 404, { requestId: 'r', message: { a: 1 } }, {}, 'unknown'],
    ['a 404 without a message', 404, { requestId: 'r' }, {}, 'unknown'],
    ['a 404 with a list', 404, [notFound], {}, 'unknown'],
    ['a 404 with HTML', 404, page, { 'content-type': 'text/html' }, 'unknown'],
    ['a 404 with HTML in the guise of JSON', 404, page, {}, 'unknown'],
    ['a 404 without a body', 404, '', {}, 'unknown'],
    ['a 410', 410, notFound, {}, 'unknown'],
    ['401', 401, notFound, {}, 'unknown'],
    ['403', 403, notFound, {}, 'unknown'],
    ['429', 429, notFound, {}, 'unknown'],
    ['500', 500, notFound, {}, 'unknown'],
    ['503 with HTML', 503, page, { 'content-type': 'text/html' }, 'unknown'],
  ];

  it.each(rows)('A1: %s', async (_, status, body, headers, expected) => {
    const local = await serve((_request, response) => answer(response, status, body, headers));
    const probe = await open(local.url).read.get(12, reading);
    expect(gist(probe)).toBe(expected);
    expect(local.seen[0]?.url).toBe('/elements/api-v2/instances/12');
    if (probe.kind === 'unknown') expect(probe.why).toMatch(/the read of instance 12/);
  });

  it('A1: names why, with the request id', async () => {
    const local = await serve((_, response) =>
      answer(response, 403, { requestId: 'abc', message: 'Forbidden thing' }),
    );
    expect(await open(local.url).read.get(12, reading)).toEqual({
      kind: 'unknown',
      why: 'the service forbade the read of instance 12: Forbidden thing',
      requestId: 'abc',
    });
  });

  it('A1: a dead host, a timeout and a 404 that is cut off are unknown', async () => {
    const dead = open(`http://127.0.0.1:${String(await freePort())}`);
    expect(gist(await dead.read.get(12, reading))).toBe('unknown');
    const silent = await serve(() => undefined);
    const waits: string[] = [];
    const timing = {
      timeouts: { getMs: 100, postMs: 100 },
      onRetry: ({ why }: { why: string }) => void waits.push(why),
    };
    expect(gist(await open(silent.url, timing).read.get(12, reading))).toBe('unknown');
    expect(waits).toEqual(['no answer in time', 'no answer in time', 'no answer in time']);
    const cut = await serve((_, response) => {
      response.writeHead(404, { 'content-length': '500', 'elements-request-id': 'r' });
      response.write(JSON.stringify(notFound), () => response.destroy());
    });
    expect(gist(await open(cut.url).read.get(12, reading))).toBe('unknown');
  });

  it('A1: asks nothing for what is no id', async () => {
    const local = await serve((_, response) => answer(response, 404, notFound));
    for (const id of [0, -1, 1.5, Number.NaN, 2 ** 53]) {
      expect(gist(await open(local.url).read.get(id, reading))).toBe('unknown');
    }
    expect(local.seen).toHaveLength(0);
  });
});

it('gives each read its whole time, however many wait for a socket', async () => {
  const local = await serve((_, response, count) => {
    setTimeout(() => answer(response, 200, item(count)), 300);
  });
  const api = open(local.url, { parallelism: 1, timeouts: { getMs: 1_000, postMs: 1_000 } });
  const probes = await Promise.all([1, 2, 3, 4, 5].map((id) => api.read.get(id, reading)));
  expect(probes.map(gist)).toEqual(['live 1', 'live 2', 'live 3', 'live 4', 'live 5']);
  expect(api.stats()).toEqual({ requests: { GET: 5, POST: 0 }, retries: 0 });
});

describe('E3: what is kept of an instance', () => {
  const projection: Projection = new Map([
    [
      'insightly',
      new Map([
        ['username', 'sensitive'],
        ['password', 'sensitive'],
        ['base.url', 'plain'],
        ['event', 'plain'],
        ['absent', 'plain'],
        ['nothing', 'sensitive'],
        ['__proto__', 'plain'],
      ] as const),
    ],
  ]);

  it('E3: declared keys alone, sensitive ones wrapped, masks as they are, and no token unless asked for', async () => {
    const configuration =
      '{"username":"canary","password":"********","base.url":"https://x","event":{"a":1},"nothing":null,"__proto__":"p","other":"canary"}';
    const text = JSON.stringify(item(12)).replace(
      /"configuration":\{[^}]*\}/,
      `"configuration":${configuration}`,
    );
    const local = await serve((_, response) => answer(response, 200, text));
    const api = open(local.url);
    const probe = await api.read.get(12, { projection, tokens: false });
    const kept = probe.kind === 'live' ? probe.instance.configuration : null;
    expect(Object.keys(kept ?? {})).toEqual([
      'username',
      'password',
      'base.url',
      'event',
      'nothing',
      '__proto__',
    ]);
    expect(kept?.['username']).toBeInstanceOf(Sensitive);
    expect(kept?.['password']).toBe('********');
    expect(kept?.['event']).toBe('{"a":1}');
    expect(kept?.['nothing']).toBeNull();
    expect(Object.getOwnPropertyDescriptor(kept, '__proto__')?.value).toBe('p');
    expect(JSON.stringify(probe)).not.toContain('canary');
    expect(JSON.stringify(probe)).not.toContain('token12');
    expect(probe.kind === 'live' && probe.token).toBeNull();
    const recorded = await api.read.get(12, { projection, tokens: true });
    expect(recorded.kind === 'live' && recorded.token?.equals('token12=')).toBe(true);
  });

  const tokens: readonly [unknown, boolean][] = [
    ['abc+/=._~-', true],
    ['a'.repeat(1024), true],
    ['a'.repeat(1025), false],
    ['', false],
    ['a b', false],
    ['a\nb', false],
    ['$(id)', false],
    [12, false],
    [null, false],
  ];
  it.each(tokens)('E7: token %j', async (token, kept) => {
    const local = await serve((_, response) => answer(response, 200, item(12, { token })));
    const probe = await open(local.url).read.get(12, { projection, tokens: true });
    expect(probe.kind === 'live' && probe.token !== null).toBe(kept);
  });

  it('A4: reads an answer without user, or with user.id alone, and tags in both forms', async () => {
    const bodies = [
      item(12, { user: undefined, tags: [{ id: 3, name: 'a' }, 'b'] }),
      item(12, { user: { id: 5 }, tags: ['a', 7] }),
      item(12, {
        user: null,
        tags: undefined,
        configuration: undefined,
        createdDate: 'yesterday\u001b[31m',
        valid: undefined,
      }),
    ];
    const local = await serve((_, response, count) => answer(response, 200, bodies[count - 1]));
    const api = open(local.url);
    const found = [];
    while (found.length < bodies.length) {
      const probe = await api.read.get(12, { projection, tokens: false });
      found.push(probe.kind === 'live' ? probe.instance : null);
    }
    expect(found[0]).toMatchObject({ user: null, tags: ['a', 'b'] });
    expect(found[1]).toMatchObject({ user: 5, tags: null });
    expect(found[2]).toMatchObject({
      user: null,
      tags: null,
      configuration: null,
      createdDate: null,
      valid: true,
    });
  });
});

describe('retries of GET', () => {
  const base = Date.parse('2026-03-01T12:00:00Z');

  /** What each retry waited for, and what came of the read. */
  async function retry(
    status: number,
    headers: Record<string, string>,
    good = 9,
  ): Promise<{ waits: number[]; probe: Probe; sent: number; retries: number }> {
    const local = await serve((_, response, count) =>
      count >= good
        ? answer(response, 200, item(12))
        : answer(response, status, { message: 'later' }, headers),
    );
    const waits: number[] = [];
    const api = open(local.url, { now: () => base, delay: (ms) => Promise.resolve(void waits.push(ms)) });
    const probe = await api.read.get(12, reading);
    const { requests, retries } = api.stats();
    return { waits, probe, sent: requests.GET, retries };
  }

  it('tries four times in all, with growing waits', async () => {
    const { waits, probe, sent, retries } = await retry(503, {});
    expect(waits).toEqual([188, 375, 750]);
    expect({ sent, retries }).toEqual({ sent: 4, retries: 3 });
    expect(probe.kind === 'unknown' && probe.why).toBe(
      'the service failed at the read of instance 12: later (4 attempts)',
    );
  });

  it.each([408, 429, 500, 502, 504])('goes on after a %d', async (status) => {
    const { probe, sent } = await retry(status, {}, 2);
    expect({ kind: probe.kind, sent }).toEqual({ kind: 'live', sent: 2 });
  });

  it.each([400, 401, 403, 404, 409, 301])('does not try again after a %d', async (status) => {
    expect((await retry(status, {})).sent).toBe(1);
  });

  const asked: readonly [string, number][] = [
    ['7', 7_000],
    ['60', 60_000],
    ['Sun, 01 Mar 2026 12:00:09 GMT', 9_000],
    ['Sunday, 01-Mar-26 12:00:09 GMT', 9_000],
    ['Sun, 01 Mar 2026 11:00:00 GMT', 188],
    ['0', 188],
    ['soon', 188],
    ['-3', 188],
  ];
  it.each(asked)('waits as Retry-After says: %s', async (value, waited) => {
    const { waits, probe } = await retry(429, { 'retry-after': value }, 2);
    expect(waits).toEqual([waited]);
    expect(probe.kind).toBe('live');
  });

  it.each(['61', '3600', 'Sun, 01 Mar 2026 13:00:00 GMT'])(
    'does not wait longer than a minute: %s',
    async (value) => {
      const { waits, probe, sent } = await retry(503, { 'retry-after': value }, 2);
      expect({ waits, sent }).toEqual({ waits: [], sent: 1 });
      expect(probe.kind === 'unknown' && probe.why).toMatch(/asks to wait (61|3600) s$/);
    },
  );

  it('lists again after a reset, and counts it', async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections += 1;
      if (connections === 1) socket.once('data', () => socket.resetAndDestroy());
      else socket.end('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n[]');
    });
    const { port } = await listen(server);
    const api = open(`http://127.0.0.1:${String(port)}`);
    expect(await api.read.list(reading)).toMatchObject({ complete: true, instances: [] });
    expect(api.stats()).toEqual({ requests: { GET: 2, POST: 0 }, retries: 1 });
  });

  it('stops waiting when it is aborted', async () => {
    const local = await serve((_, response) => answer(response, 503, { message: 'later' }));
    const api = open(local.url, {
      delay: (_, signal) =>
        new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true }),
        ),
      onRetry: () => setImmediate(() => api.abort()),
    });
    await expect(api.read.list(reading)).rejects.toMatchObject({ code: 'interrupted' });
    expect(local.seen).toHaveLength(1);
  });
});
