import { createServer } from 'node:net';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Api } from '../../src/api/instances.ts';
import { Sensitive } from '../../src/core/sensitive.ts';
import { InstateError } from '../../src/errors.ts';
import type { Resolved } from '../../src/ports.ts';
import {
  answer,
  freePort,
  item,
  listen,
  makeCertificate,
  open,
  reading,
  resolved,
  serve,
  terms,
} from './support.ts';
import { createServer as createHttps } from 'node:https';

const account = ['USER-canary-2', 'ORG-canary-3'];
const credentials = ['PASSWORD-canary-1', 'KEY/canary+4 "\\ü', 'INNER-canary-5'];
const instance: Resolved = {
  ...resolved,
  configuration: {
    ...resolved.configuration,
    'api.key': new Sensitive('KEY/canary+4 "\\ü'),
    'json.credentials': new Sensitive('{"private":{"key":"INNER-canary-5"}}'),
  },
};

/** Every form in which a server could give a secret back. */
function echo(texts: readonly string[]): readonly string[] {
  return texts.flatMap((text) => {
    const bytes = Buffer.from(text);
    const json = JSON.stringify(text).slice(1, -1);
    const coded = (['base64', 'base64url', 'hex'] as const).map((encoding) => bytes.toString(encoding));
    return [text, json, encodeURIComponent(text), text.replaceAll('"', '&quot;'), ...coded];
  });
}

const echoes = echo([...account, ...credentials, 'TOKEN-canary-6']);
const authorization = `User ${account.join(', Organization ')}`;

/** Whether any secret, in any form, stands in a text. `canary` alone would be a sign already. */
function leaks(text: string): readonly string[] {
  return [...echoes, 'canary'].filter((form) => text.toLowerCase().includes(form.toLowerCase()));
}

function check(what: string, value: unknown): void {
  const texts = [
    JSON.stringify(value),
    inspect(value, { depth: 10, showHidden: true, getters: true }),
    String(value),
  ];
  if (value instanceof Error) {
    texts.push(value.stack ?? '', value.message);
    expect(value, what).toBeInstanceOf(InstateError);
    expect('cause' in value, what).toBe(false);
    expect(Object.getPrototypeOf(value), what).toBe(InstateError.prototype);
  }
  for (const text of texts) expect(leaks(text ?? ''), what).toEqual([]);
}

/** Everything that an API can be asked for, and all that comes back. */
async function askAll(api: Api): Promise<void> {
  const tokens = { ...reading, tokens: true };
  check('create', await api.create.create(instance, terms));
  check('get', await api.read.get(12, tokens));
  await api.read.list(tokens).then(
    (listing) => check('list', listing),
    (error: unknown) => check('list error', error),
  );
}

describe('E1, E2, E8: no secret in what comes back', () => {
  const statuses = [200, 201, 302, 400, 401, 403, 404, 407, 408, 413, 421, 429, 500, 502, 503];
  /** By what the server was sent; a read sends the account's secrets alone. */
  const bodies: readonly [string, (said: string) => unknown, string][] = [
    [
      "the vendor's error",
      (said) => ({ message: said, providerMessage: said, requestId: account[1] }),
      'application/json',
    ],
    ['HTML', (said) => `<html><body>${said}</body></html>`, 'text/html'],
    ['half a JSON', () => `{"message":"${authorization}`, 'application/json'],
    [
      'an instance that is none',
      (said) => ({ id: said, element: { key: said }, name: said }),
      'application/json',
    ],
    ['a list of what is none', (said) => [item(1, { element: { key: said }, name: 5 })], 'application/json'],
  ];
  it.each(bodies)('E1: answers that echo: %s', async (_, body, type) => {
    for (const status of statuses) {
      const local = await serve((request, response) => {
        const said = [
          authorization,
          ...echo(request.method === 'POST' ? [...account, ...credentials] : account),
        ];
        response.writeHead(status, authorization.slice(0, 20), {
          'content-type': type,
          location: `https://${account[0] ?? ''}.example/${encodeURIComponent(authorization)}`,
          'elements-request-id': account[1] ?? '',
          'retry-after': '1',
          'x-echo': authorization,
        });
        const answered = body(said.join(' | '));
        response.end(typeof answered === 'string' ? answered : JSON.stringify(answered));
      });
      await askAll(open(local.url));
    }
  });

  it("E1: each echo, at each place of the vendor's error", async () => {
    let said = '';
    const local = await serve((_, response) =>
      answer(response, 400, { message: `wrong: ${said}.`, providerMessage: `wrong: ${said}!` }),
    );
    const api = open(local.url);
    for (said of echo([...account, ...credentials])) {
      const outcome = await api.create.create(instance, terms);
      check(said, outcome);
      const message = outcome.kind === 'refused' ? outcome.failure.message : '';
      expect(message).toBe(
        'the service refused the create: wrong: (sensitive). (vendor: wrong: (sensitive)!)',
      );
    }
  });

  it('E1: a token, and clear text of a sensitive key, stay wrapped in a success', async () => {
    const full = item(12, {
      token: 'TOKEN-canary-6',
      configuration: { password: 'PASSWORD-canary-1', 'api.key': 'canary' },
    });
    const local = await serve((request, response) =>
      answer(response, 200, request.url.includes('?') ? [full] : full),
    );
    const projection = new Map([['insightly', new Map([['password', 'sensitive' as const]])]]);
    const api = open(local.url);
    check('create', await api.create.create(instance, { ...terms, projection }));
    check('get', await api.read.get(12, { projection, tokens: true }));
    check('list', await api.read.list({ projection, tokens: true }));
  });

  it('E1: failures of the network', async () => {
    const cut = createServer((socket) => socket.once('data', () => socket.resetAndDestroy()));
    const garbage = createServer((socket) =>
      socket.once('data', (data) => socket.end(`SSH ${data.toString()}`)),
    );
    const echoHeader = createServer((socket) =>
      socket.once('data', (data) =>
        socket.end(`HTTP/1.1 200 OK\r\n${data.toString().split('\r\n')[1] ?? ''}\u0001\r\n\r\n`),
      ),
    );
    const gzip = createServer((socket) =>
      socket.once('data', () =>
        socket.end(`HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 5\r\n\r\n${authorization}`),
      ),
    );
    const ports = [await freePort()];
    for (const server of [cut, garbage, echoHeader, gzip]) ports.push((await listen(server)).port);
    for (const port of ports) await askAll(open(`http://127.0.0.1:${String(port)}`));
    await askAll(open('http://no-such-host.invalid'));
    await askAll(open('http://127.0.0.1:6000'));
    const tls = await listen(createHttps(makeCertificate('127.0.0.1')));
    await askAll(open(`https://127.0.0.1:${String(tls.port)}`));
    const silent = await serve(() => undefined);
    await askAll(open(silent.url, { timeouts: { getMs: 50, postMs: 50 } }));
    const aborted = open(silent.url);
    setTimeout(() => aborted.abort(), 20);
    await askAll(aborted);
  });

  it('E1: nothing is left behind as an unhandled rejection', async () => {
    const caught: unknown[] = [];
    const onUnhandled = (reason: unknown): void => void caught.push(reason);
    process.on('unhandledRejection', onUnhandled);
    const silent = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('[');
    });
    await askAll(open(silent.url, { timeouts: { getMs: 30, postMs: 30 } }));
    // A header that ky refuses as it builds its request.
    await askAll(open(silent.url, { userAgent: 'a\nb' }));
    await new Promise((resolve) => setTimeout(resolve, 50));
    process.off('unhandledRejection', onUnhandled);
    expect(caught).toEqual([]);
  });

  it('E1: secrets that no header can carry', () => {
    for (const bad of ['canary\r\nX: y', 'canary\u0000', 'canary ü']) {
      for (const which of ['userSecret', 'organizationSecret']) {
        let thrown: unknown = null;
        try {
          open('http://127.0.0.1:1', { [which]: new Sensitive(bad) });
        } catch (error) {
          thrown = error;
        }
        expect(thrown).toMatchObject({ code: 'unauthorized' });
        check(which, thrown);
      }
    }
  });
});
