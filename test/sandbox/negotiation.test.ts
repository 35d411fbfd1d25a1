import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { closeio, REQUEST_ID, SECRETS, sendRaw, startBench, type Bench } from './client.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());
beforeEach(() => bench.control('POST', '/reset'));

const raw = async (
  method: string,
  path: string,
  headers: Record<string, string>,
  body?: string,
): Promise<number> => {
  const all = { authorization: SECRETS, ...headers };
  const sent = body === undefined ? {} : { body };
  return (await sendRaw(`${bench.url}${path}`, { method, headers: all, ...sent })).status;
};
const BODY = JSON.stringify(closeio);
const LENGTH = { 'content-length': String(BODY.length) };

describe('Content-Type', () => {
  test.each([
    'application/json',
    'application/json;charset=UTF-8',
    'Application/JSON',
    'application/vnd.api+json',
    'text/plain;charset=UTF-8',
    '',
  ])('"%s" is taken', async (type) => {
    expect(await raw('POST', '/instances', { 'content-type': type }, BODY)).toBe(200);
  });

  test.each(['text/plain', 'text/xml', 'application/x-www-form-urlencoded', 'application/jsonp', 'nonsense'])(
    '"%s" is 415, and nothing is done',
    async (type) => {
      const { id } = await bench.create();
      const headers = { 'content-type': type };
      expect(await raw('POST', '/instances', headers, BODY)).toBe(415);
      expect(await raw('PUT', `/instances/${id}`, headers, '{"name":"N"}')).toBe(415);
      expect(await raw('PATCH', `/instances/${id}`, headers, '{"name":"N"}')).toBe(415);
      expect(await raw('POST', '/authentication', headers, '{"username":"u","password":"p"}')).toBe(415);
      expect(await bench.listAll()).toEqual([id]);
      expect((await bench.call('GET', `/instances/${id}`)).body).toMatchObject({ name: closeio.name });
    },
  );

  test('is not looked at on GET and DELETE, nor where there is no body', async () => {
    const { id } = await bench.create();
    const headers = { 'content-type': 'text/xml' };
    expect(await raw('GET', '/instances', { ...headers, 'content-length': '2' }, '{}')).toBe(200);
    expect(await raw('PUT', `/instances/${id}/enabled`, headers)).toBe(200);
    expect(await raw('DELETE', `/instances/${id}`, { ...headers, 'content-length': '2' }, '{}')).toBe(200);
  });
});

describe('Accept', () => {
  test.each([
    '',
    '*/*',
    'application/json',
    'application/*',
    'Application/JSON; charset=utf-8',
    'text/html, */*;q=0.1',
    'application/vnd.api+json',
  ])('"%s" is answered', async (accept) => {
    expect(await raw('GET', '/elements/closeio', { accept })).toBe(200);
  });

  test.each(['text/html', 'application/xml', 'application/json;q=0', 'text/*'])(
    '"%s" is 406, and nothing is done',
    async (accept) => {
      expect(await raw('GET', '/elements/closeio', { accept })).toBe(406);
      expect(await raw('POST', '/instances', { accept, ...LENGTH }, BODY)).toBe(406);
      expect((await bench.call('GET', '/instances')).status).toBe(404);
    },
  );

  test('wrong secrets are told before either', async () => {
    const headers = { authorization: 'User u', accept: 'text/html', 'content-type': 'text/xml' };
    expect(await raw('POST', '/instances', headers, BODY)).toBe(401);
  });
});

describe('a body over 8 MB', () => {
  const large = 'x'.repeat(8 * 1024 * 1024 + 1);

  test('is 413 on any method, before anything else is looked at', async () => {
    expect((await bench.call('POST', '/instances', large)).status).toBe(413);
    expect((await bench.call('PUT', '/instances/1', large, '')).status).toBe(413);
    expect((await bench.call('POST', '/instances', large.slice(1))).status).toBe(400);
  });

  test('is 429 with the quirk off', async () => {
    const other = await startBench({ quirksOff: ['oversize-413'] });
    expect((await other.call('POST', '/instances', large)).status).toBe(429);
    await other.close();
  });
});

test('every answer exposes the headers of the service to browsers, and names its request', async () => {
  const answers = [
    await bench.call('GET', '/instances'),
    await bench.call('GET', '/elements?pageSize=1'),
    await bench.call('GET', '/nothing'),
    await bench.call('GET', '/instances', undefined, ''),
  ];
  expect(answers.map(({ status }) => status)).toEqual([404, 200, 404, 401]);
  for (const { headers } of answers) {
    const exposed = (headers.get('access-control-expose-headers') ?? '').toLowerCase();
    for (const name of [
      'returned-count',
      'total-count',
      'request-id',
      'next-page-token',
      'trace-id',
      'error',
    ]) {
      expect(exposed.split(', ')).toContain(`elements-${name}`);
    }
    expect(headers.get('elements-request-id')).toMatch(REQUEST_ID);
    expect(headers.get('elements-trace-id')).toMatch(REQUEST_ID);
  }
});
