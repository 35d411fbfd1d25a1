import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { listen } from '../api/support.ts';

/** Runs a few lines as a module that may import the scripts; what they print is JSON. */
async function runLines(lines: string): Promise<unknown> {
  const folder = new URL('../../ci/', import.meta.url).href;
  const script = lines.replaceAll("'./", `'${folder}`);
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
  return JSON.parse(stdout);
}

/** What a GET and a POST come to, each given up after so many ms. */
const askBoth = (base: string, timeoutMs: number) =>
  runLines(`
    import { createApi } from './http.mjs';
    const api = createApi({ name: 'GitHub', base: '${base}', headers: {}, timeoutMs: ${String(timeoutMs)} });
    const tell = (method) => api(method, '/x', { body: method === 'POST' ? {} : undefined }).catch(({ message }) => message);
    console.log(JSON.stringify([await tell('GET'), await tell('POST')]));
  `);

it.each([
  ['a fault of the service', /^GitHub answered 503 to (GET|POST) \/x$/],
  ['no answer', /^GitHub did not answer (GET|POST) \/x \(\w+\)$/],
])('what reads is tried three times, what writes is sent once: %s', async (what, words) => {
  const calls: string[] = [];
  const server = createServer((request, response) => {
    calls.push(request.method ?? '');
    if (what === 'no answer') request.socket.destroy();
    else response.writeHead(503).end();
  });
  const base = `http://127.0.0.1:${String((await listen(server)).port)}`;
  const told = await askBoth(base, 20_000);
  expect(told).toEqual([expect.stringMatching(words), expect.stringMatching(words)]);
  expect(calls).toEqual(['GET', 'GET', 'GET', 'POST']);
});

it('a request that is never answered, or whose answer never ends, is given up; what writes is not sent again', async () => {
  let posts = 0;
  const server = createServer((request, response) => {
    if (request.method !== 'POST') return;
    posts += 1;
    response.writeHead(200).write('{');
  });
  const base = `http://127.0.0.1:${String((await listen(server)).port)}`;
  const told = await askBoth(base, 100);
  expect(told).toEqual(['GitHub did not answer GET /x (timeout)', 'GitHub did not answer POST /x (timeout)']);
  // On a busy machine its time may be over before it arrives.
  expect(posts).toBeLessThanOrEqual(1);
});

it('a list that does not end proves nothing', async () => {
  const server = createServer((_, response) => {
    response.writeHead(200, { link: '<x>; rel="next"' }).end('[]');
  });
  const base = `http://127.0.0.1:${String((await listen(server)).port)}`;
  const told = await runLines(`
    import { createApi, listAll } from './http.mjs';
    const api = createApi({ name: 'GitHub', base: '${base}', headers: {} });
    const isLast = ({ headers }) => !headers.get('link');
    console.log(JSON.stringify(await listAll(api, '/x', { isLast }).catch(({ message }) => message)));
  `);
  expect(told).toBe('GET /x has more than 100 pages');
});

it('a report that is too long for a comment is left to the run; marker and digest stay', async () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const told = await runLines(`
    import { bearsMarker, composeComment, makeMarker, readDigest } from './comment.mjs';
    const marker = makeMarker('plan', '0123');
    const parts = { marker, command: 'plan', digest: '${digest}', label: null, code: 0, runUrl: null };
    const bodies = ['x'.repeat(64_000), 'x'.repeat(70_000)].map((markdown) => composeComment({ ...parts, markdown }));
    console.log(JSON.stringify(bodies.map((body) => [body.length < 65_536, body.includes('too long'), bearsMarker(body, marker), readDigest(body)])));
  `);
  expect(told).toEqual([
    [true, false, true, digest],
    [true, true, true, digest],
  ]);
});

it('marker and digest count on their own lines alone, also after a round trip that changes line ends', async () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const told = await runLines(`
    import { bearsMarker, readDigest } from './comment.mjs';
    const marker = '<!-- instate-action: plan 0123 -->';
    const line = '<!-- instate-action-digest: ${digest} -->';
    const bodies = [marker + '\\r\\n' + line + '\\r\\n', ' ' + marker + '\\n' + line, marker + ' x\\n' + line, marker + '\\n' + line + ' x', line + '\\n' + marker, null];
    console.log(JSON.stringify(bodies.map((body) => [bearsMarker(body, marker), body === null ? null : readDigest(body)])));
  `);
  expect(told).toEqual([
    [true, digest],
    [false, digest],
    [false, digest],
    [true, null],
    [false, null],
    [false, null],
  ]);
});
