import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { Sensitive } from '../../src/core/sensitive.ts';
import type { CreateOutcome } from '../../src/ports.ts';
import { answer, defer, freePort, item, listen, open, permit, resolved, serve, terms } from './support.ts';

/** What decides: everything but the words. */
function gist(outcome: CreateOutcome): string {
  if (outcome.kind === 'created') return `created ${String(outcome.instance.id)}`;
  const vendorFailed = outcome.kind === 'uncertain' && outcome.vendorFailed ? ' vendorFailed' : '';
  return `${outcome.kind} ${outcome.failure.code}${vendorFailed}`;
}

const vendorError = {
  requestId: '58b46b1be4b0e5a9b7d19c49',
  message: 'Invalid credentials',
  providerMessage: 'nope',
};

describe('what is sent', () => {
  it("sends the vendor's documented body byte for byte, with its length and both secrets in order", async () => {
    const local = await serve((_, response) => answer(response, 200, item(7)));
    const outcome = await open(local.url).create.create(resolved, terms);
    expect(gist(outcome)).toBe('created 7');
    expect(local.seen).toHaveLength(1);
    const sent = local.seen[0];
    expect(sent?.method).toBe('POST');
    expect(sent?.url).toBe('/elements/api-v2/instances');
    expect(sent?.body).toBe(
      '{"element":{"key":"insightly"},"configuration":{"username":"me@example.com","password":"PASSWORD-canary-1"},' +
        '"tags":["Docs","instate:crm:insightly-sales"],"name":"API Instance"}',
    );
    expect(sent?.headers.authorization).toBe('User USER-canary-2, Organization ORG-canary-3');
    expect(sent?.headers['content-length']).toBe(String(Buffer.byteLength(sent?.body ?? '')));
    expect(sent?.headers['transfer-encoding']).toBeUndefined();
    expect(sent?.headers['content-type']).toBe('application/json');
    expect(sent?.headers.accept).toBe('application/json');
    expect(sent?.headers['user-agent']).toBe('instate/0.1.0');
    expect(sent?.rawHeaders.filter((name) => name.toLowerCase() === 'content-length')).toHaveLength(1);
  });

  it('sends values as declared, text beyond ASCII, an empty list of tags, and externalAuthentication last', async () => {
    const local = await serve((_, response) => answer(response, 200, item(7)));
    const configuration = {
      'filter.response.nulls': true,
      'pagination.max': 15,
      'event.poller.configuration': { contacts: { url: '/x', ids: [1, null] } },
      'oauth.user.refresh_token': new Sensitive('geheim-ü-\u{1F511}-"\\'),
      nothing: null,
    };
    const instance = {
      ...resolved,
      name: 'Ü',
      tags: [],
      configuration,
      externalAuthentication: 'initial' as const,
    };
    await open(local.url).create.create(instance, terms);
    expect(local.seen[0]?.body).toBe(
      '{"element":{"key":"insightly"},"configuration":{"filter.response.nulls":true,"pagination.max":15,' +
        '"event.poller.configuration":{"contacts":{"url":"/x","ids":[1,null]}},' +
        '"oauth.user.refresh_token":"geheim-ü-\u{1F511}-\\"\\\\","nothing":null},' +
        '"tags":[],"name":"Ü","externalAuthentication":"initial"}',
    );
  });

  it('opens no more sockets than its parallelism, whoever asks', async () => {
    const local = await serve((_, response, count) => {
      setImmediate(() => answer(response, 200, item(count)));
    });
    const api = open(local.url, { parallelism: 4 });
    const outcomes = await Promise.all(Array.from({ length: 40 }, () => api.create.create(resolved, terms)));
    expect(outcomes.every((outcome) => outcome.kind === 'created')).toBe(true);
    expect(local.seen).toHaveLength(40);
    expect(local.most()).toBeLessThanOrEqual(4);
    expect(api.stats()).toEqual({ requests: { GET: 0, POST: 40 }, retries: 0 });
  });

  it('releases the permit when the call is over, whatever came of it', async () => {
    const port = await freePort();
    let released = 0;
    const own = { ...terms, permit: { release: () => void (released += 1) } };
    await open(`http://127.0.0.1:${String(port)}`).create.create(resolved, own);
    expect(released).toBe(1);
  });
});

describe('what an answer proves', () => {
  const page = '<!DOCTYPE html><html><body>Bad gateway</body></html>';
  const html = { 'content-type': 'text/html' };
  const rows: readonly [string, number, unknown, Record<string, string>, string][] = [
    ['200 with an instance', 200, item(7), {}, 'created 7'],
    [
      '200 without tags, user, configuration',
      200,
      { id: 7, name: 'n', element: { key: 'k' } },
      {},
      'created 7',
    ],
    ['200 with a string as id', 200, item(7, { id: '7' }), {}, 'uncertain bad_answer'],
    [
      '200 with an id beyond what a double can hold',
      200,
      '{"id":9007199254740993,"name":"n","element":{"key":"k"}}',
      {},
      'uncertain bad_answer',
    ],
    ['200 without an element', 200, item(7, { element: null }), {}, 'uncertain bad_answer'],
    ['200 with a list', 200, [item(7)], {}, 'uncertain bad_answer'],
    ['200 with null', 200, 'null', {}, 'uncertain bad_answer'],
    ['200 with half a JSON', 200, '{"id":7,"na', {}, 'uncertain bad_answer'],
    ['200 without a body', 200, '', {}, 'uncertain bad_answer'],
    ['200 with HTML', 200, page, html, 'uncertain bad_answer'],
    ['201 with an instance', 201, item(7), {}, 'uncertain bad_answer'],
    ['202', 202, '', {}, 'uncertain bad_answer'],
    ['204', 204, '', {}, 'uncertain bad_answer'],
    ['301', 301, '', { location: 'https://evil.example/x' }, 'uncertain redirect'],
    ['307', 307, '', { location: 'https://evil.example/x' }, 'uncertain redirect'],
    ['304', 304, '', {}, 'uncertain redirect'],
    ["400 with the vendor's error", 400, vendorError, {}, 'refused refused'],
    ['400 without a body', 400, '', {}, 'refused refused'],
    ['401', 401, vendorError, {}, 'refused unauthorized'],
    ['403', 403, vendorError, {}, 'refused forbidden'],
    ['403 with HTML', 403, page, html, 'refused forbidden'],
    ['404', 404, vendorError, {}, 'refused bad_answer'],
    ['405', 405, vendorError, {}, 'refused refused'],
    ['407', 407, page, html, 'refused refused'],
    ['408', 408, vendorError, {}, 'uncertain timeout'],
    ['409', 409, vendorError, {}, 'refused refused'],
    ['413 with HTML', 413, page, html, 'refused refused'],
    ['415', 415, vendorError, {}, 'refused refused'],
    ['421', 421, vendorError, {}, 'refused refused'],
    ['429', 429, vendorError, { 'retry-after': '1' }, 'uncertain rate_limited'],
    ["500 with the vendor's error", 500, vendorError, {}, 'uncertain vendor_error vendorFailed'],
    ['500 with a message alone', 500, { message: 'Sorry' }, {}, 'uncertain vendor_error vendorFailed'],
    ['500 with another object', 500, { error: 'Sorry' }, {}, 'uncertain vendor_error'],
    ['500 without a body', 500, '', {}, 'uncertain vendor_error'],
    ['502 with HTML', 502, page, html, 'uncertain bad_answer'],
    [
      "503 with the vendor's error",
      503,
      vendorError,
      { 'retry-after': '1' },
      'uncertain vendor_error vendorFailed',
    ],
  ];

  it.each(rows)('C4: %s', async (_, status, body, headers, expected) => {
    const local = await serve((_request, response) => answer(response, status, body, headers));
    const outcome = await open(local.url).create.create(resolved, terms);
    expect(gist(outcome)).toBe(expected);
    // Never sent a second time, not even for a 421, which fetch would do of itself.
    expect(local.seen).toHaveLength(1);
    if (outcome.kind !== 'created') {
      expect(outcome.failure.status).toBe(status);
      expect(outcome.failure.message).toMatch(/the create/);
    }
  });

  it('C4: a 400 whose body never ends is a refusal all the same', async () => {
    const local = await serve((_, response) => {
      response.writeHead(400, { 'content-type': 'application/json', 'elements-request-id': 'r-9' });
      response.write('{"message":');
    });
    const outcome = await open(local.url, { timeouts: { getMs: 300, postMs: 300 } }).create.create(
      resolved,
      terms,
    );
    expect(gist(outcome)).toBe('refused refused');
    expect(outcome.kind === 'refused' && outcome.failure.requestId).toBe('r-9');
  });

  it('C4: a 200 that stalls after its headers is uncertain once the time is over', async () => {
    const local = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"id":7,');
    });
    const outcome = await open(local.url, { timeouts: { getMs: 300, postMs: 300 } }).create.create(
      resolved,
      terms,
    );
    expect(gist(outcome)).toBe('uncertain timeout');
  });

  it('C4: an answer larger than 8 MiB is uncertain', async () => {
    const local = await serve((_, response) =>
      answer(response, 200, item(7, { pad: 'x'.repeat(9 * 1024 * 1024) })),
    );
    const outcome = await open(local.url).create.create(resolved, terms);
    expect(gist(outcome)).toBe('uncertain bad_answer');
  });

  it('says who failed, why, and with which request id', async () => {
    const local = await serve((_, response) => answer(response, 400, vendorError));
    const outcome = await open(local.url).create.create(resolved, terms);
    expect(outcome).toMatchObject({
      kind: 'refused',
      failure: {
        code: 'refused',
        message: 'the service refused the create: Invalid credentials (vendor: nope)',
        status: 400,
        requestId: '58b46b1be4b0e5a9b7d19c49',
      },
    });
  });

  it('gives the instance as answered, with its token, and null for tags that the answer lacks', async () => {
    const projection = new Map([
      [
        'insightly',
        new Map([
          ['password', 'sensitive' as const],
          ['username', 'plain' as const],
        ]),
      ],
    ]);
    const local = await serve((_, response) => answer(response, 200, item(7, { tags: null })));
    const outcome = await open(local.url).create.create(resolved, { ...terms, projection });
    expect(outcome.kind === 'created' && outcome.instance).toEqual({
      id: 7,
      element: 'insightly',
      name: 'Instance 7',
      tags: null,
      configuration: { username: 'u', password: '********' },
      disabled: false,
      valid: true,
      retired: false,
      user: 8421,
      createdDate: '2026-01-02T03:04:05Z',
    });
    expect(outcome.kind === 'created' && outcome.token?.equals('token7=')).toBe(true);
    expect(outcome.kind === 'created' && outcome.requestId).toBe('req-1');
  });
});

describe('what no answer proves', () => {
  it('C4: a port that refuses: not sent', async () => {
    const api = open(`http://127.0.0.1:${String(await freePort())}`);
    expect(gist(await api.create.create(resolved, terms))).toBe('not-sent network');
    expect(api.stats().requests.POST).toBe(0);
  });

  it('C4: a host without a name: not sent', async () => {
    expect(gist(await open('http://no-such-host.invalid').create.create(resolved, terms))).toBe(
      'not-sent network',
    );
  });

  it('C4: a configuration that JSON cannot hold: not sent, and no exception', async () => {
    const local = await serve((_, response) => answer(response, 200, item(7)));
    const loop: Record<string, never> = {};
    Object.assign(loop, { loop });
    const outcome = await open(local.url).create.create({ ...resolved, configuration: { loop } }, terms);
    expect(gist(outcome)).toBe('not-sent internal');
    expect(local.seen).toHaveLength(0);
  });

  it('C4: a port that fetch bars: not sent', async () => {
    expect(gist(await open('http://127.0.0.1:6000').create.create(resolved, terms))).toBe('not-sent network');
  });

  const cuts: readonly [string, (socket: Socket) => void][] = [
    ['reset', (socket) => socket.resetAndDestroy()],
    ['closed', (socket) => socket.end()],
    ['answered with something else than HTTP', (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n')],
    ['cut within the headers', (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-le')],
    ['cut within the body', (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"id":7')],
    [
      'upgraded',
      (socket) => socket.end('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'),
    ],
  ];

  it.each(cuts)('C4: bytes received, then %s: uncertain', async (_, cut) => {
    let received = '';
    const server = createServer((socket) => {
      socket.on('data', (data) => {
        received += data.toString();
        if (received.includes('API Instance')) cut(socket);
      });
    });
    const { port } = await listen(server);
    const api = open(`http://127.0.0.1:${String(port)}`);
    const outcome = await api.create.create(resolved, terms);
    expect(outcome.kind).toBe('uncertain');
    expect(received.match(/POST /g)).toHaveLength(1);
    expect(api.stats().requests.POST).toBe(1);
  });

  it('C4: no answer within the timeout: uncertain', async () => {
    const local = await serve(() => undefined);
    const outcome = await open(local.url, { timeouts: { getMs: 200, postMs: 200 } }).create.create(
      resolved,
      terms,
    );
    expect(gist(outcome)).toBe('uncertain timeout');
    expect(outcome.kind === 'uncertain' && outcome.failure.message).toContain('within 0.2 s');
  });

  it('C4: an idle connection that the server closes as the POST leaves is uncertain or was never sent, and never repeated', async () => {
    let posts = 0;
    const server = createServer((socket) => {
      socket.on('data', (data) => {
        if (data.toString().startsWith('POST')) {
          posts += 1;
          socket.destroy();
          return;
        }
        const body = JSON.stringify(item(1));
        socket.write(
          `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${String(body.length)}\r\n\r\n${body}`,
        );
      });
    });
    const { port } = await listen(server);
    const api = open(`http://127.0.0.1:${String(port)}`, { parallelism: 1 });
    expect((await api.read.get(1, { projection: new Map(), tokens: false })).kind).toBe('live');
    expect((await api.create.create(resolved, terms)).kind).toBe('uncertain');
    expect(posts).toBe(1);
  });
});

describe('C1: the last check', () => {
  it('C1: past sendBy before anything is opened: not sent, no connection', async () => {
    const local = await serve((_, response) => answer(response, 200, item(7)));
    const outcome = await open(local.url).create.create(resolved, { ...terms, sendBy: Date.now() - 1 });
    expect(gist(outcome)).toBe('not-sent not_sent');
    expect(local.most()).toBe(0);
  });

  const clocks: readonly ['wall' | 'monotonic'][] = [['wall'], ['monotonic']];
  it.each(clocks)(
    'C1: the %s clock passes its limit while the connection is made: not a byte leaves',
    async (which) => {
      let bytes = 0;
      const server = createServer((socket) => socket.on('data', (data) => void (bytes += data.length)));
      const { port } = await listen(server);
      const connected = once(server, 'connection');
      let asked = 0;
      // Early when the call begins, late when it is asked again on the established connection.
      const clock = (): number => ((asked += 1) === 1 ? 1_000 : 2_000);
      const still = (): number => 1_000;
      const api = open(`http://127.0.0.1:${String(port)}`, {
        now: which === 'wall' ? clock : still,
        monotonic: which === 'monotonic' ? clock : still,
      });
      const outcome = await api.create.create(resolved, { ...terms, sendBy: 1_500, sendByMonotonic: 1_500 });
      expect(gist(outcome)).toBe('not-sent not_sent');
      await connected;
      await api.close();
      expect(bytes).toBe(0);
      expect(asked).toBe(2);
      expect(api.stats().requests.POST).toBe(0);
    },
  );

  it('C1: exactly at sendBy it still leaves', async () => {
    const local = await serve((_, response) => answer(response, 200, item(7)));
    const api = open(local.url, { now: () => 1_000, monotonic: () => 5 });
    expect(gist(await api.create.create(resolved, { ...terms, sendBy: 1_000, sendByMonotonic: 5 }))).toBe(
      'created 7',
    );
  });

  it('C1: a create that waits for a socket until its time is over is not sent, then or later', async () => {
    const held = defer();
    const local = await serve((request, response) => {
      if (request.method === 'POST') answer(response, 200, item(7));
      else void held.promise.then(() => answer(response, 200, item(1)));
    });
    let now = 1_000;
    const api = open(local.url, { parallelism: 1, now: () => now, monotonic: () => 0 });
    const reading = { projection: new Map(), tokens: false };
    const first = api.read.get(1, reading);
    await expect.poll(() => local.seen.length).toBe(1);
    const create = api.create.create(resolved, { ...terms, sendBy: 2_000 });
    now = 3_000;
    held.resolve();
    expect(gist(await create)).toBe('not-sent not_sent');
    expect((await first).kind).toBe('live');
    expect((await api.read.get(1, reading)).kind).toBe('live');
    expect(local.seen.map((request) => request.method)).toEqual(['GET', 'GET']);
  });

  it('C1: a create that timed out while it waited for a socket is not sent when one is free', async () => {
    const held = defer();
    const local = await serve((request, response) => {
      if (request.method === 'POST') answer(response, 200, item(7));
      else void held.promise.then(() => answer(response, 200, item(1)));
    });
    const api = open(local.url, { parallelism: 1, timeouts: { getMs: 20_000, postMs: 100 } });
    const reading = { projection: new Map(), tokens: false };
    const first = api.read.get(1, reading);
    await expect.poll(() => local.seen.length).toBe(1);
    expect(await api.create.create(resolved, terms)).toMatchObject({
      kind: 'not-sent',
      failure: { code: 'timeout', message: expect.stringContaining('was not sent') as string },
    });
    held.resolve();
    await first;
    await api.read.get(1, reading);
    expect(local.seen.map((request) => request.method)).toEqual(['GET', 'GET']);
  });
});

describe('abort', () => {
  it('makes a POST in flight uncertain, one that waits for a socket not-sent, and turns waiters away', async () => {
    const local = await serve(() => undefined);
    const api = open(local.url, { parallelism: 1 });
    const held = await api.gate.acquire();
    const waiter = expect(api.gate.acquire()).rejects.toMatchObject({ code: 'interrupted' });
    const sent = api.create.create(resolved, { ...terms, permit: held });
    await expect.poll(() => local.seen.length).toBe(1);
    const queued = api.create.create(resolved, { ...terms, permit });
    api.abort();
    expect(gist(await sent)).toBe('uncertain interrupted');
    expect(gist(await queued)).toBe('not-sent interrupted');
    await waiter;
    expect(gist(await api.create.create(resolved, terms))).toBe('not-sent interrupted');
    await api.close();
    expect(local.seen).toHaveLength(1);
  });

  it('ends a create whose connection is still being made, at once, as not-sent', async () => {
    // TLS to a server that accepts and then says nothing.
    const server = createServer();
    const { port } = await listen(server);
    const api = open(`https://127.0.0.1:${String(port)}`);
    const create = api.create.create(resolved, terms);
    await once(server, 'connection');
    api.abort();
    expect(gist(await create)).toBe('not-sent interrupted');
    await api.close();
  });

  it('close waits for what is in flight, and lets nothing in after it', async () => {
    const held = defer();
    const local = await serve((_, response) => void held.promise.then(() => answer(response, 200, item(7))));
    const api = open(local.url);
    const create = api.create.create(resolved, terms);
    await expect.poll(() => local.seen.length).toBe(1);
    const closed = api.close();
    expect(gist(await api.create.create(resolved, terms))).toBe('not-sent network');
    held.resolve();
    expect(gist(await create)).toBe('created 7');
    await closed;
    expect(local.seen).toHaveLength(1);
  });
});

describe('A6: redirects', () => {
  it.each([301, 302, 303, 307, 308])(
    'A6: a %d is not followed, and its target gets nothing',
    async (status) => {
      const target = await serve((_, response) => answer(response, 200, item(7)));
      const local = await serve((_, response) => {
        answer(response, status, '', { location: `${target.url}/instances?secret=USER-canary-2` });
      });
      const api = open(local.url);
      const outcome = await api.create.create(resolved, terms);
      expect(gist(outcome)).toBe('uncertain redirect');
      const message = outcome.kind === 'uncertain' ? outcome.failure.message : '';
      expect(message).toContain(`${String(status)}, a redirect to 127.0.0.1:${String(target.port)}`);
      expect(message).not.toContain('secret');
      await expect(api.read.list({ projection: new Map(), tokens: false })).rejects.toMatchObject({
        code: 'redirect',
      });
      expect(target.seen).toHaveLength(0);
      expect(local.seen).toHaveLength(2);
    },
  );
});

it('refuses secrets that no header can carry, before any request and without quoting them', () => {
  for (const bad of ['', 'two words', 'line\nbreak', 'tab\t', 'Schlüssel', 'nul\u0000']) {
    expect(() => open('http://127.0.0.1:9', { userSecret: new Sensitive(bad) })).toThrowError(
      expect.objectContaining({
        code: 'unauthorized',
        message: expect.not.stringContaining(bad || 'canary') as string,
      }),
    );
  }
});
