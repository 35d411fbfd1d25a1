import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { closeio, pause, readOne, readSeen, startBench, waitFor, type Bench } from './client.ts';

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
const countLive = async (): Promise<number> =>
  ((await bench.control('GET', '/stats')).body as { instances: number }).instances;

describe('hide-from-list', () => {
  test('of a create keeps the new one out of lists for a while; a GET by id finds it', async () => {
    const before = await bench.create();
    await bench.script({ on: POST, do: 'hide-from-list', ms: 50 });
    const { id } = readOne(await create());
    expect(await bench.listAll()).toEqual([before.id]);
    expect((await bench.call('GET', `/instances/${id}`)).status).toBe(200);
    expect(await countLive()).toBe(2);
    await waitFor(async () => (await bench.listAll()).length === 2);
    expect(await bench.listAll()).toEqual([before.id, id]);
  });

  test('of a list hides the newest, or the one that is named, from that list on', async () => {
    const [one, two, three] = [await bench.create(), await bench.create(), await bench.create()];
    await bench.script({ on: LIST, do: 'hide-from-list', ms: 60_000 });
    expect(await bench.listAll()).toEqual([one.id, two.id]);
    await bench.script({ on: LIST, do: 'hide-from-list', ms: 40, id: one.id });
    expect(await bench.listAll()).toEqual([two.id]);
    await waitFor(async () => (await bench.listAll()).length === 2);
    expect(await bench.listAll()).toEqual([one.id, two.id]);
    expect((await bench.call('GET', `/instances/${three.id}`)).status).toBe(200);
  });

  test('one that is deleted meanwhile does not come back', async () => {
    await bench.script({ on: POST, do: 'hide-from-list', ms: 20 });
    const { id } = readOne(await create());
    const kept = await bench.create();
    await bench.call('DELETE', `/instances/${id}`);
    await pause(40);
    expect(await bench.listAll()).toEqual([kept.id]);
  });
});

describe('tags', () => {
  test('strip-tags stores a new instance without them', async () => {
    await bench.script({ on: POST, do: 'strip-tags' });
    const made = readOne(await create());
    expect(made.tags).toEqual([]);
    expect((await bench.call('GET', `/instances/${made.id}`)).body).toEqual(made);
    expect(readOne(await create()).tags).toEqual(tags);
  });

  test('strip-tags of a read changes the answer alone', async () => {
    const made = readOne(await create());
    await bench.script({ on: LIST, do: 'strip-tags' }, { on: 'GET /instances/{id}', do: 'strip-tags' });
    expect((await bench.call('GET', '/instances?hydrate=true')).body).toEqual([{ ...made, tags: [] }]);
    expect((await bench.call('GET', `/instances/${made.id}`)).body).toEqual({ ...made, tags: [] });
    expect((await bench.call('GET', '/instances?hydrate=true')).body).toEqual([made]);
  });

  test.each([
    [{}, ['crm', 'instate:cr']],
    [{ length: 7 }, ['crm', 'instate']],
  ])('truncate-tags %j stores %j', async (fields, stored) => {
    await bench.script({ on: POST, do: 'truncate-tags', ...fields });
    const made = readOne(await create());
    expect(made.tags).toEqual(stored);
    expect(readOne(await bench.call('GET', `/instances/${made.id}`)).tags).toEqual(stored);
  });
});

describe('clone', () => {
  test('of a create makes a copy with another id and token, tags and all', async () => {
    await bench.script({ on: POST, do: 'clone' });
    const made = readOne(await create());
    const [one, two, ...others] = readSeen(await bench.call('GET', '/instances?hydrate=true'));
    expect(others).toEqual([]);
    expect(one).toEqual(made);
    expect(two).toEqual({ ...made, id: two?.id, token: two?.token, createdDate: two?.createdDate });
    expect(two?.id).toBeGreaterThan(made.id);
    expect(two?.token).not.toBe(made.token);
  });

  test('of a list copies the newest, or the one that is named, before it answers', async () => {
    const [one, two] = [await bench.create({ name: 'One' }), await bench.create({ name: 'Two' })];
    await bench.script({ on: LIST, do: 'clone' }, { on: LIST, nth: 2, do: 'clone', id: one.id });
    const names = async (): Promise<readonly string[]> =>
      readSeen(await bench.call('GET', '/instances')).map(({ name }) => name);
    expect(await names()).toEqual(['One', 'Two', 'Two']);
    expect(await names()).toEqual(['One', 'Two', 'Two', 'One']);
    expect((await bench.listAll()).slice(0, 2)).toEqual([one.id, two.id]);
  });

  test('of a create that is refused makes nothing', async () => {
    await bench.script({ on: POST, do: 'clone' });
    expect((await bench.call('POST', '/instances', {})).status).toBe(400);
    expect(await countLive()).toBe(0);
  });
});

test('faults that meet the same request work together: the answer is lost and the list lags', async () => {
  await bench.script({ on: POST, do: 'hide-from-list', ms: 60_000 }, { on: POST, do: 'commit-then-drop' });
  await expect(create()).rejects.toThrow('fetch failed');
  expect(await countLive()).toBe(1);
  expect((await bench.call('GET', '/instances')).status).toBe(404);
});
