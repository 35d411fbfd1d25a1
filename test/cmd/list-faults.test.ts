import { rmSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { closeio, declarations, openBench, type Bench } from '../support/bench.ts';

const files = (...addresses: readonly string[]) =>
  declarations(addresses.map((one) => closeio(one)).join('\n'));
const list = 'GET /instances';
/** So late that no list may lag behind what was recorded. */
const muchLater = { now: () => Date.now() + 3_600_000 };

/**
 * A bench on which a, b and c are applied. With `seed: 200` others fill the first page of a listing, so that a is the
 * first instance of the second page: the one that a drifting page passes over.
 */
async function applied(seed = 0, addresses = ['a', 'b', 'c']): Promise<Bench> {
  const bench = await openBench({ seed });
  bench.write('instate.yaml', files(...addresses));
  expect((await bench.run('apply --yes')).code).toBe(0);
  return bench;
}

/** The same with the state lost: only the tags on the live instances tell whose they are. */
async function forgotten(seed = 0, addresses = ['a', 'b', 'c']): Promise<Bench> {
  const bench = await applied(seed, addresses);
  rmSync(bench.at('.instate'), { recursive: true });
  return bench;
}

const plan = async (bench: Bench) => (await bench.run('plan --json')).json();
const actions = async (bench: Bench): Promise<Record<string, string>> =>
  Object.fromEntries(
    (await plan(bench)).changes.map((one: { address: string; action: string; reason: { code: string } }) => [
      one.address,
      `${one.action} ${one.reason.code}`,
    ]),
  );

describe('drift-pages: one deleted and one added between two pages, the total unchanged', () => {
  it('A1: a recorded instance that the list passes over is read by id, and nothing is created for it', async () => {
    const bench = await applied(200);
    await bench.fault({ on: list, do: 'drift-pages' });
    const apply = await bench.run('apply --yes');
    expect(apply).toMatchObject({ code: 0 });
    expect(apply.out).toContain('No changes. 3 instances are as declared.');
    expect(await bench.posts()).toBe(3);
  });

  it('A1: as long as the lists pass over it, nothing at all is created', async () => {
    const bench = await applied(200);
    bench.write('instate.yaml', files('a', 'b', 'c', 'd'));
    const [{ id }] = (await bench.call('GET', '/instances?pageSize=1')).body;
    await bench.fault({ on: list, do: 'drift-pages', id, times: 99 });
    const apply = (await bench.run('apply --yes --json', muchLater)).json();
    expect(apply.results).toMatchObject([{ address: 'd', status: 'not-attempted' }]);
    expect(await bench.posts()).toBe(3);
    await bench.clearFaults();
    expect((await bench.run('apply --yes --json')).json().summary.created).toBe(1);
  });

  it('C6: with the state lost too, a double is found by the closing list and reported', async () => {
    const bench = await forgotten(200);
    await bench.fault({ on: list, do: 'drift-pages' });
    const apply = await bench.run('apply --yes');
    expect(apply.code).toBe(1);
    expect(apply.err).toMatch(/2 live instances stand for a.*\[duplicate\]$/m);
    expect(await bench.posts()).toBe(4);
    expect((await bench.run('apply --yes')).code).toBe(1);
    expect(await bench.posts()).toBe(4);
  });
});

describe('repeat-page: a page comes twice, in the place of another', () => {
  it('A3: once: the list is asked for again', async () => {
    const bench = await forgotten(200);
    await bench.fault({ on: list, nth: 2, do: 'repeat-page' });
    expect(await actions(bench)).toEqual({ a: 'adopt tagged', b: 'adopt tagged', c: 'adopt tagged' });
  });

  it('A3: always: no plan, and no POST', async () => {
    const bench = await forgotten(200);
    await bench.fault({ on: list, nth: 2, do: 'repeat-page', times: 99 });
    const apply = await bench.run('apply --yes');
    expect(apply).toMatchObject({ code: 1 });
    expect(apply.err).toContain('[incomplete_list]');
    expect(await bench.posts()).toBe(3);
  });
});

describe('hide-from-list: an instance is missing from lists, and can be read by id', () => {
  it('A1: one that was settled long ago is as declared', async () => {
    const bench = await applied();
    const [{ id }] = (await bench.call('GET', '/instances?tags[]=instate:crm:b')).body;
    await bench.fault({ on: list, do: 'hide-from-list', id, ms: 60_000 });
    const apply = await bench.run('apply --yes', muchLater);
    expect(apply.out).toContain('No changes. 3 instances are as declared.');
    expect((await bench.run('drift --json')).json().items).toEqual([]);
    expect(await bench.posts()).toBe(3);
  });

  it('A1: all of them, settled long ago: refused as a list that is not complete', async () => {
    const bench = await applied();
    const ids = (await bench.call('GET', list.slice(4))).body.map((one: { id: number }) => one.id);
    await bench.fault(
      ...ids.map((id: number) => ({ on: list, nth: 1, do: 'hide-from-list', id, ms: 60_000 })),
    );
    const apply = await bench.run('apply --yes', muchLater);
    expect(apply).toMatchObject({ code: 1 });
    expect(apply.err).toContain('[incomplete_list]');
    expect(await bench.posts()).toBe(3);
  });

  it('C5: a new one that lags is recorded from the answer to its POST', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', files('a', 'b'));
    await bench.fault({ on: 'POST /instances', do: 'hide-from-list', ms: 60_000, times: 2 });
    const apply = await bench.run('apply --yes --json');
    expect(apply.json().summary).toMatchObject({ created: 2, uncertain: 0 });
    expect(apply.code).toBe(0);
    expect(await bench.posts()).toBe(2);
  });

  it('C: one whose answer is lost and that lags is waited for, not made again', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', files('a'));
    await bench.fault(
      { on: 'POST /instances', do: 'hide-from-list', ms: 900 },
      { on: 'POST /instances', do: 'commit-then-drop' },
    );
    await bench.run('apply --yes --timeout 0.4 --grace 2');
    const apply = (await bench.run('apply --yes --timeout 0.4 --grace 2 --json')).json();
    expect(apply.summary).toMatchObject({ created: 0, failed: 0 });
    expect(await bench.posts()).toBe(1);
  });
});

describe('empty-404: the list answers as if the account were empty', () => {
  it('A1: while recorded instances live, it is not believed', async () => {
    const bench = await applied();
    await bench.fault({ on: list, do: 'empty-404', times: 99 });
    expect((await bench.run('apply --yes', muchLater)).err).toContain('[incomplete_list]');
    expect(await bench.posts()).toBe(3);
  });

  it('A5: with the state lost it is asked twice', async () => {
    const bench = await forgotten();
    await bench.fault({ on: list, do: 'empty-404' });
    expect((await bench.run('apply --yes --json')).json().summary).toMatchObject({ adopted: 3, created: 0 });
    expect(await bench.posts()).toBe(3);
  });

  it('C6: with the state lost, an outage that lasts makes doubles, which are reported and never repeated', async () => {
    const bench = await forgotten();
    await bench.fault({ on: list, do: 'empty-404', times: 2 });
    const apply = await bench.run('apply --yes');
    expect(apply).toMatchObject({ code: 1 });
    expect(apply.err.match(/2 live instances stand for/g)).toHaveLength(3);
    expect((await bench.run('apply --yes')).code).toBe(1);
    expect(await bench.posts()).toBe(6);
  });
});

describe('strip-tags and truncate-tags: the ownership tag does not come back', () => {
  it.each([
    ['strip-tags', {}],
    ['truncate-tags', { length: 10 }],
  ])('B4: %s of a create stops the run after one', async (kind, more) => {
    const bench = await openBench();
    bench.write('instate.yaml', files('a', 'b', 'c'));
    await bench.fault({ on: 'POST /instances', do: kind, times: 9, ...more });
    const apply = await bench.run('apply --yes');
    expect(apply).toMatchObject({ code: 1 });
    expect(apply.out).toContain('[tag_not_kept]');
    expect(await bench.posts()).toBe(1);
  });

  it('B3: strip-tags of a list: what is recorded stays bound, and is told as untagged', async () => {
    const bench = await applied();
    await bench.fault({ on: list, do: 'strip-tags', times: 9 });
    expect(await actions(bench)).toEqual({});
    const kinds = (await bench.run('drift --json')).json().items.map((one: { kind: string }) => one.kind);
    expect(new Set(kinds)).toEqual(new Set(['untagged']));
  });

  it('strip-tags of a list, with the state lost: found by element and name, nothing is created', async () => {
    const bench = await forgotten();
    await bench.fault({ on: list, do: 'strip-tags', times: 9 });
    expect(await actions(bench)).toEqual({ a: 'adopt alike', b: 'adopt alike', c: 'adopt alike' });
  });

  it.each([applied, forgotten])(
    'B2: truncate-tags of a list names other addresses: conflicts, nothing is created (%#)',
    async (begin) => {
      const bench = await begin(0, ['a1', 'b1', 'c1']);
      await bench.fault({ on: list, do: 'truncate-tags', length: 'instate:crm:a'.length, times: 9 });
      const kinds = Object.values(await actions(bench)).map((one) => one.split(' ')[0]);
      expect(kinds).toEqual(['conflict', 'conflict', 'conflict']);
      expect(await bench.run('apply --yes')).toMatchObject({ code: 1 });
      expect(await bench.posts()).toBe(3);
    },
  );
});

describe('clone: somebody copied an instance, tags and all', () => {
  it('B3, C6: a recorded id wins; plan warns of the copy, apply exits 1 and makes nothing', async () => {
    const bench = await applied();
    await bench.fault({ on: list, do: 'clone' });
    const first = await bench.run('plan');
    expect(first).toMatchObject({ code: 0 });
    expect(first.out + first.err).toMatch(/2 live instances stand for c/);
    expect(await bench.run('apply --yes')).toMatchObject({ code: 1 });
    expect(await bench.posts()).toBe(3);
  });

  it('B3: with the state lost, two with one tag are a conflict for that address alone', async () => {
    const bench = await forgotten();
    await bench.fault({ on: list, do: 'clone' });
    expect(await actions(bench)).toEqual({ a: 'adopt tagged', b: 'adopt tagged', c: 'conflict duplicate' });
    expect(await bench.run('apply --yes')).toMatchObject({ code: 1 });
    expect(await bench.posts()).toBe(3);
  });
});
