import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readMessage, readSeen, REQUEST_ID, startBench, type Bench } from './client.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());
beforeEach(() => bench.control('POST', '/reset'));

describe('an empty result', () => {
  test.each(['/instances', '/instances?hydrate=true&pageSize=200', '/instances?searchText=nothing'])(
    '%s is 404, not a list',
    async (path) => {
      const answer = await bench.call('GET', path);
      expect(answer.status).toBe(404);
      expect(answer.body).toEqual({
        requestId: answer.headers.get('elements-request-id'),
        message: 'No element instances found',
      });
      expect(answer.headers.get('elements-request-id')).toMatch(REQUEST_ID);
    },
  );

  test('a filter that matches nothing is the same 404', async () => {
    await bench.create();
    expect((await bench.call('GET', '/instances?tags[]=other')).status).toBe(404);
  });
});

describe('paging', () => {
  test('goes by id in pages of pageSize, with a token only while more remains', async () => {
    const made: number[] = [];
    for (let index = 0; index < 5; index += 1) made.push((await bench.create()).id);
    const first = await bench.call('GET', '/instances?pageSize=2');
    expect(first.headers.get('elements-total-count')).toBe('5');
    expect(first.headers.get('elements-returned-count')).toBe('2');
    expect(first.headers.get('elements-next-page-token')).toMatch(/^[\w-]+$/);
    expect(await bench.listAll('&pageSize=2')).toEqual(made);
    const whole = await bench.call('GET', '/instances?pageSize=5');
    expect(whole.headers.has('elements-next-page-token')).toBe(false);
  });

  test('a cursor holds while others come and go', async () => {
    const made: number[] = [];
    for (let index = 0; index < 4; index += 1) made.push((await bench.create()).id);
    const first = await bench.call('GET', '/instances?pageSize=2');
    await bench.call('DELETE', `/instances/${made[0]}`);
    await bench.call('DELETE', `/instances/${made[1]}`);
    const added = await bench.create();
    const token = first.headers.get('elements-next-page-token') ?? '';
    const second = await bench.call('GET', `/instances?pageSize=2&nextPage=${token}`);
    expect(readSeen(second).map(({ id }) => id)).toEqual([made[2], made[3]]);
    expect(await bench.listAll('&pageSize=2')).toEqual([made[2], made[3], added.id]);
  });

  test('a page whose rest was deleted is an empty list, since some still match', async () => {
    const [kept, gone] = [await bench.create(), await bench.create()];
    const token =
      (await bench.call('GET', '/instances?pageSize=1')).headers.get('elements-next-page-token') ?? '';
    await bench.call('DELETE', `/instances/${gone.id}`);
    const answer = await bench.call('GET', `/instances?pageSize=1&nextPage=${token}`);
    expect([answer.status, answer.body]).toEqual([200, []]);
    expect(await bench.listAll()).toEqual([kept.id]);
  });

  test.each(['0', '-1', '201', '1.5', 'many', ''])('pageSize=%s is refused', async (size) => {
    await bench.create();
    const answer = await bench.call('GET', `/instances?pageSize=${size}`);
    expect(answer.status).toBe(400);
    expect(readMessage(answer)).toContain('pageSize');
  });

  test('a token that is none is refused', async () => {
    const answer = await bench.call('GET', '/instances?nextPage=Zm9v');
    expect([answer.status, readMessage(answer)]).toEqual([400, 'Invalid nextPage token']);
  });
});

describe('filters', () => {
  test.each(['tags[]=crm&tags[]=emea', 'tags%5B%5D=crm&tags%5B%5D=emea', 'tags%5b%5d=emea&tags[]=crm'])(
    '%s finds what has both tags',
    async (query) => {
      await bench.create({ tags: ['crm'] });
      const both = await bench.create({ tags: ['x', 'emea', 'crm'] });
      const answer = await bench.call('GET', `/instances?${query}`);
      expect(readSeen(answer).map(({ id }) => id)).toEqual([both.id]);
      expect(answer.headers.get('elements-total-count')).toBe('1');
    },
  );

  test('a tag is matched whole and by case, with its colons', async () => {
    const owned = await bench.create({ tags: ['instate:crm:insightly-sales'] });
    await bench.create({ tags: ['instate:crm:insightly'] });
    const query = `tags[]=${encodeURIComponent('instate:crm:insightly-sales')}`;
    expect(await bench.listAll(`&${query}`)).toEqual([owned.id]);
  });

  test.each([
    ['SALES', 'by name, whatever the case'],
    ['closeI', 'by element key'],
  ])('searchText=%s finds %s', async (text) => {
    const made = await bench.create({ name: 'EMEA Sales' });
    await bench.create({ name: 'Other', element: { key: 'servicenow' } });
    expect(await bench.listAll(`&searchText=${text}`)).toEqual([made.id]);
  });
});

describe('hydrate', () => {
  test.each(['/instances', '/instances?hydrate=false'])(
    '%s leaves out configuration and tags',
    async (path) => {
      const made = await bench.create();
      const [item] = readSeen(await bench.call('GET', path));
      expect(item).not.toHaveProperty('configuration');
      expect(item).not.toHaveProperty('tags');
      expect(item).toMatchObject({ id: made.id, token: made.token, element: { key: 'closeio', id: 146 } });
    },
  );

  test('true shows each as a GET by id does', async () => {
    const made = await bench.create();
    expect((await bench.call('GET', '/instances?hydrate=true')).body).toEqual([made]);
  });
});

test('a seeded account has the same instances each time, spread over elements, dated in the past', async () => {
  const now = Date.UTC(2025, 5, 1);
  const runs = await Promise.all([1, 2].map(() => startBench({ seed: 250, now: () => now })));
  const lists = await Promise.all(runs.map((run) => run.call('GET', '/instances?hydrate=true')));
  await Promise.all(runs.map((run) => run.close()));
  const [one, two] = lists.map(readSeen);
  expect(one).toEqual(two);
  expect(lists[0]?.headers.get('elements-total-count')).toBe('250');
  expect(new Set(one?.map(({ element }) => element.key)).size).toBeGreaterThan(3);
  expect(new Set(one?.map(({ name }) => name)).size).toBe(200);
  expect(one?.every(({ createdDate, tags }) => Date.parse(createdDate) < now && tags.includes('seed'))).toBe(
    true,
  );
});
