import { describe, expect, it } from 'vitest';
import { closeio, declarations, impatient, openBench, type Bench } from '../support/bench.ts';

const files = (...addresses: readonly string[]) =>
  declarations(addresses.map((one) => closeio(one)).join('\n'));
const post = 'POST /instances';
const apply = (bench: Bench, limits: string) => bench.run(`apply --yes --json ${limits}`);
const live = async (bench: Bench): Promise<{ id: number; tags: string[] }[]> =>
  (await bench.call('GET', '/instances?hydrate=true')).body;

describe('a list that lags longer than a few looks, but not longer than the grace period', () => {
  it.each([
    ['a crash before', ['a', 'b'], 1],
    ['no crash at all', ['a', 'b'], 0],
    ['an account that is empty otherwise, all of it hidden', ['a'], 0],
  ])(
    'C2, A1: %s: the next run waits for it, announces that, and makes the rest once',
    async (_, first, lost) => {
      const bench = await openBench();
      bench.write('instate.yaml', files(...first));
      await bench.fault(
        { on: post, do: 'hide-from-list', ms: 2_600, times: first.length },
        ...(lost === 0 ? [] : [{ on: post, nth: 2, do: 'commit-then-drop' }]),
      );
      const limits = '--timeout 0.4 --grace 5';
      await bench.run(`apply --yes --parallelism 1 ${limits}`, impatient);
      bench.write('instate.yaml', files(...first, 'z'));
      const again = await bench.run(`apply --yes ${limits}`);
      expect(again.err).toMatch(/waiting up to \d\.\d s: the list of instances does not show a/);
      expect(again.out).toMatch(
        new RegExp(`Apply complete: 1 created, ${String(lost)} adopted, 0 forgotten\\.\\n$`),
      );
      expect(again.code).toBe(0);
      expect(await bench.posts()).toBe(first.length + 1);
      expect(await live(bench)).toHaveLength(first.length + 1);
    },
  );

  it('A1: where nothing is to be created, nobody waits', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', files('a', 'b'));
    await bench.fault({ on: post, do: 'hide-from-list', ms: 60_000 });
    await bench.run('apply --yes');
    const again = await bench.run('apply --yes');
    expect(again.err).not.toContain('waiting');
    expect(again.out).toContain('No changes. 2 instances are as declared.');
  });

  it('A1: what says nothing of the record is not advised: without it, the instance would be made twice', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', files('a', 'b'));
    await bench.fault({ on: post, nth: 1, do: 'hide-from-list', ms: 60_000 });
    await bench.run('apply --yes');
    bench.write('instate.yaml', files('a', 'b', 'c'));
    const late = { now: () => Date.now() + 3_600_000 };
    const again = await bench.run('apply --yes', late);
    expect(again.code).toBe(1);
    expect(again.out + again.err).toMatch(/the list of instances lacks #\d+/);
    expect(again.out + again.err).not.toContain('state rm');
  });
});

describe('a wall clock that is set while a run goes on', () => {
  const limits = '--timeout 0.4 --grace 1.2';
  /** A create of a whose answer is lost, and which lists hide for a while; then a run whose clock jumps after its first look. */
  async function jumping(ms: number): Promise<{ readonly bench: Bench; readonly err: string }> {
    const bench = await openBench();
    await bench.call('POST', '/instances', {
      ...{ name: 'by hand', element: { key: 'closeio' }, tags: [] },
      configuration: { username: 'x', password: 'y' },
    });
    bench.write('instate.yaml', files('a'));
    await bench.fault({ on: post, do: 'commit-then-drop' }, { on: post, do: 'hide-from-list', ms: 1_500 });
    await bench.run(`apply --yes ${limits}`, impatient);
    bench.write('instate.yaml', files('a', 'b'));
    let offset = 0;
    await bench.fault({ on: post, do: 'delay', ms: 50 });
    const again = await bench.run(`apply --yes ${limits}`, {
      now: () => Date.now() + offset,
      stdout: { write: () => (offset = ms), isTTY: false, columns: 0 },
    });
    return { bench, err: again.err };
  }

  it.each([3_600_000, -3_600_000])(
    'C2: by %d ms: the wait is as long as it was, and nothing is made twice',
    async (ms) => {
      const { bench, err } = await jumping(ms);
      expect(err).toMatch(/waiting [01]\.\d s for a/);
      const tagged = (await live(bench)).filter(({ tags }) => tags.includes('instate:crm:a'));
      expect(tagged).toHaveLength(1);
      expect(await bench.posts()).toBe(3);
    },
  );
});

describe('a list that takes long', () => {
  it('C2: the time that the looks took is no part of the wait', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', files('a'));
    const limits = '--timeout 1 --grace 1';
    await bench.fault({ on: post, do: 'late-commit', ms: 1_900 });
    await bench.run(`apply --yes --timeout 0.2 --grace 1.8`, impatient);
    // The account answers twice that it is empty, slowly at first: the second answer is the one that counts.
    await bench.fault({ on: 'GET /instances', do: 'delay', ms: 800 });
    const again = await bench.run(`apply --yes ${limits}`);
    expect(again.out).toMatch(/Apply complete: 0 created, 1 adopted, 0 forgotten\.\n$/);
    expect(await live(bench)).toHaveLength(1);
  });
});

describe('an answer for another instance', () => {
  const body = (id: number, tags: readonly string[]) => ({
    ...{ id, name: 'a', element: { key: 'closeio' }, token: 'abc', tags },
    ...{ configuration: {}, disabled: false, valid: true },
  });

  it('C5: one that does not live: the create stays open, and is found by its tag', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', files('a'));
    await bench.fault(
      { on: post, do: 'commit-then-status', code: 200, body: body(999, []) },
      { on: post, do: 'hide-from-list', ms: 400 },
    );
    const first = (await apply(bench, '--timeout 1 --grace 2')).json();
    expect(first.results).toMatchObject([{ address: 'a', status: 'done' }]);
    expect(await live(bench)).toHaveLength(1);
    const [{ id } = { id: 0 }] = await live(bench);
    expect((await bench.run('state list --json')).json().instances).toMatchObject([{ instanceId: id }]);
    expect(await bench.posts()).toBe(1);
  });

  it("C5: another project's: it is not taken for ours, which is found", async () => {
    const bench = await openBench();
    bench.write('instate.yaml', files('a'));
    await bench.fault({
      ...{ on: post, do: 'commit-then-status', code: 200 },
      body: body(599_999, ['instate:other:a']),
    });
    const first = (await apply(bench, '--timeout 1 --grace 2')).json();
    const ours = (await live(bench)).find(({ tags }) => tags.includes('instate:crm:a'));
    expect(first.results).toMatchObject([{ address: 'a', status: 'done', instanceId: ours?.id }]);
    expect((await apply(bench, '')).json().outcome).toBe('nothing-to-do');
  });

  it('B4: a GET that fails says nothing of the tag: no verdict, and the create is found', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', files('a', 'b'));
    await bench.fault(
      { on: post, do: 'commit-then-status', code: 200, body: body(500_001, []) },
      { on: 'GET /instances/{id}', times: 9, do: 'status', code: 503 },
    );
    const first = (await apply(bench, '--timeout 1 --grace 2 --parallelism 1')).json();
    expect(JSON.stringify(first)).not.toContain('tag_not_kept');
    await bench.clearFaults();
    expect((await apply(bench, '--timeout 1 --grace 2')).json().outcome).not.toBe('incomplete');
    expect(await live(bench)).toHaveLength(2);
  });
});

describe("another tenant's secrets", () => {
  it('A4: with one instance recorded, no more than one create goes into the wrong account', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', files('a'));
    await bench.run('apply --yes');
    bench.write('instate.yaml', files('a', ...Array.from({ length: 20 }, (_, n) => `b${String(n)}`)));
    bench.env['CE_USER_SECRET'] = 'the-secret-of-another-tenant';
    const wrong = await bench.run('apply --yes --json');
    expect(wrong.code).toBe(1);
    expect(await bench.posts()).toBe(2);
    expect(JSON.stringify(wrong.json())).toContain('wrong_account');
    expect(wrong.err).not.toContain('looking for');
  });
});

describe('a late arrival of what is not declared any more', () => {
  it('C3: plan and apply name it, and recover says that nothing took its place', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', files('a', 'b'));
    await bench.fault({ on: post, nth: 2, do: 'late-commit', ms: 3_000 });
    const limits = '--timeout 0.3 --grace 0.3 --parallelism 1';
    await bench.run(`apply --yes ${limits}`, impatient);
    bench.write('instate.yaml', files('a'));
    await new Promise((done) => setTimeout(done, 900));
    await bench.run(`apply --yes ${limits}`);
    await new Promise((done) => setTimeout(done, 2_300));
    for (const line of ['plan', `apply --yes ${limits}`]) {
      expect((await bench.run(line)).err).toMatch(/#\d+ is a late arrival: a create of b/);
    }
    expect((await bench.run('recover --list')).out).toMatch(/nothing has taken its place/);
  });

  it('C3: what an open create has made is no late arrival of the one before', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', files('a'));
    const limits = '--timeout 0.3 --grace 0.3';
    await bench.fault({ on: post, do: 'drop' });
    await bench.run(`apply --yes ${limits}`, impatient);
    await new Promise((done) => setTimeout(done, 900));
    await bench.fault(
      { on: post, do: 'commit-then-drop' },
      { on: 'GET /instances', nth: 3, times: 9, do: 'status', code: 403 },
    );
    await bench.run(`apply --yes ${limits}`, impatient);
    await bench.clearFaults();
    const left = (await bench.run('recover --list --json')).json();
    expect(left.open).toHaveLength(1);
    expect(left.lost.flatMap((one: { arrivedIds: number[] }) => one.arrivedIds)).toEqual([]);
  });
});
