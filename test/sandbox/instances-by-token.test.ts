import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { readMessage, readOne, SECRETS, startBench, type Answered, type Bench, type Seen } from './client.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());
beforeEach(() => bench.control('POST', '/reset'));

const UNAUTHORIZED = 'Invalid Organization or User secret, or invalid Element token provided.';
const withToken = (token: string): string => `${SECRETS}, Element ${token}`;
const byToken = (method: string, rest: string, token: string, body?: unknown): Promise<Answered> =>
  bench.call(method, `/instances${rest}`, body, withToken(token));
const read = async (id: number): Promise<Seen & { readonly traceLoggingEnabled: boolean }> =>
  readOne(await bench.call('GET', `/instances/${id}`)) as Awaited<ReturnType<typeof read>>;

/** Two instances, of which only the first may change. */
const makeTwo = async (): Promise<readonly [Seen, Seen]> => [
  await bench.create({ name: 'Named', tags: ['a'] }),
  await bench.create({ name: 'Other', tags: ['b'] }),
];

/** Every form that an Element token alone directs. */
const forms: readonly (readonly [string, string, unknown])[] = [
  ['PUT', '', { name: 'N' }],
  ['PATCH', '', { name: 'N' }],
  ['DELETE', '', undefined],
  ['GET', '/configuration', undefined],
  ['GET', '/configuration/1', undefined],
  ['PATCH', '/configuration/1', { propertyValue: 'x' }],
  ['PUT', '/enabled', undefined],
  ['DELETE', '/enabled', undefined],
  ['PUT', '/trace-logging', undefined],
  ['DELETE', '/trace-logging', undefined],
];

describe.each(['PUT', 'PATCH'])('%s /instances', (method) => {
  test('changes the instance of the token and no other, and answers as by id', async () => {
    const [one, other] = await makeTwo();
    const answer = await byToken(method, '', one.token, {
      name: 'New',
      configuration: { 'pagination.max': 7 },
    });
    expect(answer.body).toEqual({
      ...one,
      name: 'New',
      configuration: { ...one.configuration, 'pagination.max': '7' },
    });
    expect(await read(one.id)).toEqual(answer.body);
    expect(await read(other.id)).toEqual(other);
  });

  test('refuses a body as it does by id', async () => {
    const [one] = await makeTwo();
    expect((await byToken(method, '', one.token, { tags: [1] })).status).toBe(400);
    expect((await byToken(method, '', one.token, '{')).status).toBe(400);
    expect(await read(one.id)).toEqual(one);
  });
});

test('DELETE /instances deletes that instance alone, and its token is void from then on', async () => {
  const [one, other] = await makeTwo();
  const answer = await byToken('DELETE', '', one.token);
  expect([answer.status, answer.text]).toEqual([200, '']);
  expect(await bench.listAll()).toEqual([other.id]);
  const second = await byToken('DELETE', '', one.token);
  expect([second.status, readMessage(second)]).toEqual([401, UNAUTHORIZED]);
});

describe('/instances/configuration', () => {
  type Entry = Readonly<Record<'id' | 'key' | 'propertyValue', unknown>>;
  const findEntry = (entries: readonly Entry[], key: string): Entry | undefined =>
    entries.find((entry) => entry.key === key);

  test('lists and reads the entries as the form with an id does', async () => {
    const [one] = await makeTwo();
    const list = await byToken('GET', '/configuration', one.token);
    expect(list.body).toEqual((await bench.call('GET', `/instances/${one.id}/configuration`)).body);
    const entry = findEntry(list.body as readonly Entry[], 'password');
    const single = await byToken('GET', `/configuration/${String(entry?.id)}`, one.token);
    expect(single.body).toEqual(entry);
    expect(single.body).toMatchObject({ propertyValue: '********' });
  });

  test.each([
    ['a string', 'contacts', 'contacts'],
    ['a number, which comes back as a string', 7, '7'],
    ['null', null, null],
  ])('PATCH sets one value: %s', async (_what, sent, stored) => {
    const [one, other] = await makeTwo();
    const entries = (await byToken('GET', '/configuration', one.token)).body as readonly Entry[];
    const entry = findEntry(entries, 'event.objects');
    const path = `/configuration/${String(entry?.id)}`;
    const body = { propertyValue: sent };
    const answer = await bench.callLoosely('PATCH', `/instances${path}`, body, withToken(one.token));
    expect(answer.body).toEqual({ ...entry, propertyValue: stored });
    expect(await read(one.id)).toEqual({
      ...one,
      configuration: { ...one.configuration, 'event.objects': stored },
    });
    expect(await read(other.id)).toEqual(other);
  });

  test('PATCH takes a whole entry back, by id as well, and what it says besides its value changes nothing', async () => {
    const [one] = await makeTwo();
    const entries = (await byToken('GET', '/configuration', one.token)).body as readonly Entry[];
    const entry = findEntry(entries, 'username');
    const path = `/instances/${one.id}/configuration/${String(entry?.id)}`;
    const answer = await bench.call('PATCH', path, { ...entry, key: 'password', propertyValue: 'new' });
    expect(answer.body).toEqual({ ...entry, propertyValue: 'new' });
    expect((await read(one.id)).configuration).toEqual({ ...one.configuration, username: 'new' });
  });

  test('PATCH without a value is 400; an entry of another instance is 404', async () => {
    const [one, other] = await makeTwo();
    const entries = (await byToken('GET', '/configuration', other.token)).body as readonly Entry[];
    const id = String(entries[0]?.id);
    expect((await byToken('PATCH', `/configuration/${id}`, other.token, {})).status).toBe(400);
    for (const method of ['GET', 'PATCH']) {
      const body = method === 'PATCH' ? { propertyValue: 'x' } : undefined;
      const answer = await byToken(method, `/configuration/${id}`, one.token, body);
      expect([answer.status, readMessage(answer)]).toEqual([
        404,
        `No element instance configuration found with ID ${id}`,
      ]);
    }
  });
});

test('/instances/enabled turns that instance off and on', async () => {
  const [one, other] = await makeTwo();
  const off = await byToken('DELETE', '/enabled', one.token);
  expect([off.status, off.text]).toEqual([200, '']);
  expect([(await read(one.id)).disabled, (await read(other.id)).disabled]).toEqual([true, false]);
  expect((await byToken('PUT', '/enabled', one.token)).status).toBe(200);
  expect((await read(one.id)).disabled).toBe(false);
});

describe('/instances/trace-logging', () => {
  const isTraced = async (id: number): Promise<boolean> => (await read(id)).traceLoggingEnabled;

  test.each([undefined, {}, { duration: 1 }])('is turned on with %j and off again', async (body) => {
    const [one, other] = await makeTwo();
    expect((await byToken('PUT', '/trace-logging', one.token, body)).status).toBe(200);
    expect([await isTraced(one.id), await isTraced(other.id)]).toEqual([true, false]);
    expect((await byToken('DELETE', '/trace-logging', one.token)).status).toBe(200);
    expect(await isTraced(one.id)).toBe(false);
  });

  test.each([0, 1.5, -1, '5', null, 1e9])('refuses a duration of %j', async (duration) => {
    const [one] = await makeTwo();
    expect((await byToken('PUT', '/trace-logging', one.token, { duration })).status).toBe(400);
    expect(await isTraced(one.id)).toBe(false);
  });

  test('a change of the instance leaves it on', async () => {
    const [one] = await makeTwo();
    await byToken('PUT', '/trace-logging', one.token);
    await byToken('PATCH', '', one.token, { name: 'New' });
    expect(await isTraced(one.id)).toBe(true);
  });

  test('after 30 minutes unless told otherwise', async () => {
    const [one] = await makeTwo();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    try {
      await byToken('PUT', '/trace-logging', one.token);
      vi.advanceTimersByTime(30 * 60_000 - 1000);
      expect(await isTraced(one.id)).toBe(true);
      vi.advanceTimersByTime(2000);
      expect(await isTraced(one.id)).toBe(false);
    } finally {
      vi.useRealTimers();
    }
  });

  test('turns itself off, and a second start outlives the time of the first', async () => {
    const [one] = await makeTwo();
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
    try {
      await byToken('PUT', '/trace-logging', one.token, { duration: 1 });
      vi.advanceTimersByTime(59_000);
      expect(await isTraced(one.id)).toBe(true);
      await byToken('PUT', '/trace-logging', one.token, { duration: 1 });
      vi.advanceTimersByTime(2000);
      expect(await isTraced(one.id)).toBe(true);
      vi.advanceTimersByTime(58_000);
      expect(await isTraced(one.id)).toBe(false);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe.each(forms)('%s /instances%s', (method, rest, body) => {
  test.each([
    ['no token', () => SECRETS],
    ['a void token', () => withToken('void')],
    ['no organization', (token: string) => `User user-secret, Element ${token}`],
    ['another organization', (token: string) => `User user-secret, Organization another, Element ${token}`],
    ['another user', (token: string) => `User another, Organization organization-secret, Element ${token}`],
    ['no user', (token: string) => `Organization organization-secret, Element ${token}`],
  ])("is 401 in the vendor's words with %s", async (_what, authorize) => {
    const made = await bench.create();
    const answer = await bench.call(method, `/instances${rest}`, body, authorize(made.token));
    expect([answer.status, readMessage(answer)]).toEqual([401, UNAUTHORIZED]);
    expect(await read(made.id)).toEqual(made);
  });
});

test('GET /instances/count counts in all and by element key', async () => {
  const count = async (): Promise<unknown> => (await bench.call('GET', '/instances/count')).body;
  expect(await count()).toEqual({ totalInstances: 0, elementInstances: {} });
  const { id } = await bench.create();
  await bench.create();
  await bench.create({ element: { key: 'insightly' } });
  expect(await count()).toEqual({ totalInstances: 3, elementInstances: { closeio: 2, insightly: 1 } });
  await bench.call('DELETE', `/instances/${id}`);
  expect(await count()).toEqual({ totalInstances: 2, elementInstances: { closeio: 1, insightly: 1 } });
  const other = await bench.call('GET', '/instances/count', undefined, 'User b, Organization o');
  expect(other.body).toMatchObject({ totalInstances: 0 });
});
