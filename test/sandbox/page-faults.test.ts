import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startBench, type Bench } from './client.ts';

let bench: Bench;
let made: readonly number[];
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());
beforeEach(async () => {
  await bench.control('POST', '/reset');
  const ids: number[] = [];
  for (let index = 0; index < 6; index += 1) ids.push((await bench.create({ tags: ['mine'] })).id);
  made = ids;
});

const LIST = 'GET /instances';
const pick = (...places: readonly number[]): readonly (number | undefined)[] =>
  places.map((place) => made[place]);
const totals = async (): Promise<readonly (string | null)[]> => {
  const first = await bench.call('GET', '/instances?pageSize=2');
  const token = first.headers.get('elements-next-page-token') ?? '';
  const second = await bench.call('GET', `/instances?pageSize=2&nextPage=${token}`);
  return [first, second].map(({ headers }) => headers.get('elements-total-count'));
};

describe('repeat-page', () => {
  test.each([1, 2])(
    'nth %i: the second page is the first one again, and the third comes as it should',
    async (nth) => {
      await bench.script({ on: LIST, do: 'repeat-page', nth });
      expect(await bench.listAll('&pageSize=2')).toEqual(pick(0, 1, 0, 1, 4, 5));
      expect(await bench.listAll('&pageSize=2')).toEqual(made);
    },
  );

  test('nth 3: the third page is the second one again', async () => {
    await bench.script({ on: LIST, do: 'repeat-page', nth: 3 });
    expect(await bench.listAll('&pageSize=2')).toEqual(pick(0, 1, 2, 3, 2, 3));
  });

  test('the total stays, and one page alone cannot be repeated', async () => {
    await bench.script({ on: LIST, do: 'repeat-page', times: 2 });
    expect(await totals()).toEqual(['6', '6']);
    await bench.script({ on: LIST, do: 'repeat-page' });
    expect(await bench.listAll()).toEqual(made);
  });
});

describe('drift-pages', () => {
  test.each([1, 2])('nth %i: one seen is deleted, one is added, one unseen is passed over', async (nth) => {
    await bench.script({ on: LIST, do: 'drift-pages', nth });
    const seen = await bench.listAll('&pageSize=2');
    expect(seen.slice(0, 5)).toEqual(pick(0, 1, 3, 4, 5));
    expect(seen).toHaveLength(6);
    expect(new Set(seen).size).toBe(6);
    expect(made).not.toContain(seen[5]);
    expect((await bench.call('GET', `/instances/${made[1]}`)).status).toBe(404);
    expect((await bench.call('GET', `/instances/${made[2]}`)).status).toBe(200);
    expect(await bench.listAll('&pageSize=2')).toEqual([...pick(0, 2, 3, 4, 5), seen[5]]);
  });

  test('the total stays the same', async () => {
    await bench.script({ on: LIST, do: 'drift-pages' });
    expect(await totals()).toEqual(['6', '6']);
  });

  test('the one to delete can be named; the one added carries no tags', async () => {
    await bench.script({ on: LIST, nth: 2, do: 'drift-pages', id: made[0] });
    await bench.listAll('&pageSize=2');
    expect((await bench.call('GET', `/instances/${made[0]}`)).status).toBe(404);
    expect(await bench.listAll('&tags[]=mine')).toEqual(made.slice(1));
  });

  test('a listing of one page has nothing in between', async () => {
    await bench.script({ on: LIST, do: 'drift-pages' });
    expect(await bench.listAll()).toEqual(made);
    expect(await bench.listAll()).toEqual(made);
  });
});
