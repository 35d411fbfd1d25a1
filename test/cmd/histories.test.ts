import { describe, expect, it } from 'vitest';
import { closeio, declarations, impatient, openBench, type Bench } from '../support/bench.ts';

/** Short enough that a test may wait through it: a create is decided about a second after it was opened. */
const limits = '--timeout 0.4 --grace 0.3';
const apply = (bench: Bench, more = '') => bench.run(`apply --yes --json ${limits} ${more}`);
const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));
const ids = async (bench: Bench): Promise<number[]> => {
  const { body, status } = await bench.call('GET', '/instances');
  return status === 404 ? [] : body.map((one: { id: number }) => one.id);
};
const recorded = async (bench: Bench): Promise<Record<string, number>> =>
  Object.fromEntries(
    (await bench.run('state list --json'))
      .json()
      .instances.map((one: { address: string; instanceId: number }) => [one.address, one.instanceId]),
  );
/** An instance that somebody else made. */
const byHand = async (bench: Bench): Promise<{ readonly id: number }> =>
  (
    await bench.call('POST', '/instances', {
      name: 'by hand',
      element: { key: 'closeio' },
      tags: [],
      configuration: { username: 'x', password: 'y' },
    })
  ).body as { readonly id: number };
/** The closing list of an apply is refused: what an unclear create made is not found in the same run. */
const blindClose = (nth: number) => ({ on: 'GET /instances', nth, times: 9, do: 'status', code: 403 });

describe('histories that would lose, double or mis-bind an instance', () => {
  it('C2, A1: an intent is not settled absent by a list that is empty while instances live', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations([closeio('b'), closeio('c')].join('\n')));
    await apply(bench);
    bench.write('instate.yaml', declarations(['a', 'b', 'c'].map((one) => closeio(one)).join('\n')));
    await bench.fault({ on: 'POST /instances', do: 'commit-then-drop' }, blindClose(2));
    expect((await apply(bench)).json().summary.uncertain).toBe(1);
    await wait(1_000);
    await bench.clearFaults();
    await bench.fault({ on: 'GET /instances', times: 9, do: 'empty-404' });
    expect((await apply(bench)).json().error.code).toBe('incomplete_list');
    await bench.clearFaults();
    expect((await apply(bench)).json().summary).toMatchObject({ adopted: 1, created: 0 });
    expect(await ids(bench)).toHaveLength(3);
  });

  it('A1: an orphan is not forgotten with the instance that recovery has just recorded', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations([closeio('a'), closeio('b')].join('\n')));
    await apply(bench);
    await bench.call('DELETE', `/instances/${String((await recorded(bench))['a'])}`);
    await bench.fault({ on: 'POST /instances', do: 'commit-then-drop' }, blindClose(2));
    await apply(bench);
    await bench.clearFaults();
    bench.write('instate.yaml', declarations(closeio('b')));
    const result = (await apply(bench)).json();
    expect(result.summary).toMatchObject({ adopted: 1, forgotten: 0 });
    expect(await ids(bench)).toContain((await recorded(bench))['a']);
    expect((await bench.run('drift --json')).json().items).toEqual([]);
  });

  it('C2: a clock that was put forward since does not make an open create lost', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations(closeio('a')));
    await bench.fault({ on: 'POST /instances', do: 'late-commit', ms: 2_500 });
    await bench.run('apply --yes --timeout 0.4 --grace 3', impatient);
    const fast = { now: () => Date.now() + 3_600_000 };
    const plan = (await bench.run('plan --json', fast)).json();
    expect(plan.changes).toMatchObject([{ action: 'conflict', reason: { code: 'unconfirmed' } }]);
    const apply = await bench.run('apply --yes --timeout 0.4 --grace 3', fast);
    expect(apply.err).toMatch(/waiting [0-3]\.\d s for a/);
    expect(apply.out).toMatch(/Apply complete: 0 created, 1 adopted, 0 forgotten\.\n$/);
    expect(await ids(bench)).toHaveLength(1);
  });

  it('A1, C2: an empty list after the wait proves nothing, though all that is recorded is new', async () => {
    const bench = await openBench();
    await byHand(bench);
    bench.write('instate.yaml', declarations(closeio('a')));
    const on = 'POST /instances';
    await bench.fault({ on, do: 'commit-then-drop' }, { on, do: 'hide-from-list', ms: 600 });
    await bench.run(`apply --yes ${limits}`, impatient);
    bench.write('instate.yaml', declarations([closeio('a'), closeio('b')].join('\n')));
    await bench.fault({ on: 'GET /instances', nth: 2, do: 'empty-404' });
    const again = await apply(bench);
    expect(again.json().summary).toMatchObject({ created: 1, adopted: 1 });
    expect(await ids(bench)).toHaveLength(3);
  });

  it('A1, C2: an empty list proves nothing while lives what lived before the create', async () => {
    const bench = await openBench();
    await byHand(bench);
    bench.write('instate.yaml', declarations(closeio('a')));
    const on = 'POST /instances';
    await bench.fault({ on, do: 'commit-then-drop' }, { on, do: 'hide-from-list', ms: 600 });
    await bench.run(`apply --yes ${limits}`, impatient);
    await wait(1_000);
    await bench.fault({ on: 'GET /instances', times: 2, do: 'empty-404' });
    const again = await apply(bench);
    expect(again.json().summary).toMatchObject({ created: 0, adopted: 1 });
    expect(await ids(bench)).toHaveLength(2);
  });

  it('B3: what arrives late for a pinned address is reported, and does not take its place', async () => {
    const bench = await openBench();
    const other = await byHand(bench);
    bench.write('instate.yaml', declarations(closeio('a')));
    await bench.fault({ on: 'POST /instances', do: 'late-commit', ms: 900 });
    await bench.run('apply --yes --timeout 0.4 --grace 20', impatient);
    bench.write('instate.yaml', declarations(closeio('a', `id: ${String(other.id)}`)));
    await apply(bench);
    await wait(900);
    const late = await apply(bench);
    expect(await recorded(bench)).toEqual({ a: other.id });
    expect(late.code).toBe(1);
    expect(late.json().diagnostics).toMatchObject([{ code: 'duplicate', address: 'a' }]);
    expect((await bench.run('plan')).err).toContain('late duplicate');
    expect((await apply(bench)).code).toBe(1);
    expect(await recorded(bench)).toEqual({ a: other.id });
  });

  it("A4: what went into another user's account is named, and not made a second time", async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations(closeio('a'), 'account:\n  user: 999999\n'));
    expect((await apply(bench)).code).toBe(1);
    await wait(1_100);
    const again = await apply(bench);
    expect(again.json().error.code).toBe('wrong_account');
    expect(await ids(bench)).toHaveLength(1);
  });

  it('C: two open intents that moved: brings together are both waited for', async () => {
    const bench = await openBench();
    bench.write(
      'instate.yaml',
      declarations([closeio('a', 'name: One'), closeio('b', 'name: One')].join('\n')),
    );
    // The first create goes out alone, so that the order of the two is known.
    await bench.fault(
      { on: 'POST /instances', nth: 1, do: 'late-commit', ms: 1_500 },
      { on: 'POST /instances', nth: 2, do: 'drop' },
    );
    await bench.run('apply --yes --timeout 0.4 --grace 2', impatient);
    bench.write('instate.yaml', declarations(closeio('b', 'name: One'), 'moved:\n  a: b\n'));
    const result = await bench.run('apply --yes --timeout 0.4 --grace 2 --json');
    expect(result.json().summary).toMatchObject({ created: 0, adopted: 1 });
    expect(await ids(bench)).toHaveLength(1);
    expect((await bench.run('plan')).out).toContain('No changes.');
    await apply(bench);
    expect(Object.keys(await recorded(bench))).toEqual(['b']);
  }, 20_000);

  it('a rename is followed in the run that finds what a cut-off create made, so that moved: may go', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations(closeio('a')));
    await bench.fault({ on: 'POST /instances', do: 'commit-then-drop' }, blindClose(3));
    await apply(bench);
    await bench.clearFaults();
    bench.write('instate.yaml', declarations(closeio('b'), 'moved:\n  a: b\n'));
    expect((await apply(bench)).json().summary).toMatchObject({ adopted: 1 });
    bench.write('instate.yaml', declarations(closeio('b')));
    expect((await apply(bench)).json().summary).toMatchObject({ created: 0 });
    expect(await ids(bench)).toHaveLength(1);
  });

  it('names that are given on by moved: are no duplicates', async () => {
    const bench = await openBench();
    const [one, two] = ['name: One', 'name: Two'];
    bench.write('instate.yaml', declarations([closeio('a', one), closeio('c', two)].join('\n')));
    await apply(bench);
    bench.write(
      'instate.yaml',
      declarations([closeio('b', one), closeio('c', two)].join('\n'), 'moved:\n  a: b\n'),
    );
    expect((await apply(bench)).code).toBe(0);
    bench.write(
      'instate.yaml',
      declarations([closeio('b', one), closeio('a', two)].join('\n'), 'moved:\n  c: a\n'),
    );
    expect((await apply(bench)).code).toBe(0);
    expect((await bench.run('drift')).code).toBe(0);
  });

  it('C3: after three creates in the place of lost ones a person decides, in every further run', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations(closeio('a')));
    await bench.fault({ on: 'POST /instances', times: 99, do: 'drop' });
    const posts: number[] = [];
    for (let run = 0; run < 7; run++) {
      await bench.run('apply --yes --timeout 0.1 --grace 0');
      posts.push(await bench.posts());
    }
    expect(posts).toEqual([1, 2, 3, 4, 4, 4, 4]);
    expect((await bench.run('plan')).out).toContain('instate recover a --absent');
    expect((await bench.run('recover a --absent')).code).toBe(0);
    await bench.run('apply --yes --timeout 0.1 --grace 0');
    expect(await bench.posts()).toBe(5);
  }, 20_000);

  it('a move whose target was made meanwhile: nothing breaks, and the second instance is reported', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations(closeio('a')));
    await apply(bench);
    bench.write('instate.yaml', declarations(closeio('b')));
    await bench.fault({ on: 'POST /instances', do: 'commit-then-drop' }, blindClose(2));
    await apply(bench);
    await bench.clearFaults();
    bench.write('instate.yaml', declarations(closeio('b'), 'moved:\n  a: b\n'));
    const result = await apply(bench);
    expect(result.json().diagnostics).toMatchObject([{ code: 'duplicate', address: 'b' }]);
    expect(Object.keys(await recorded(bench))).toEqual(['b']);
  });

  it('A5: a guard that appears in the look after a wait stops what was waited for', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations([closeio('b'), closeio('c')].join('\n')));
    await apply(bench);
    bench.write('instate.yaml', declarations(['a', 'b', 'c'].map((one) => closeio(one)).join('\n')));
    await bench.fault({ on: 'POST /instances', do: 'drop' });
    await apply(bench);
    const posts = await bench.posts();
    const gets = await bench.gets();
    const running = apply(bench);
    // The first look is over once its list was answered; then the run waits, and everything vanishes.
    while ((await bench.gets()) === gets) await wait(5);
    await wait(100);
    for (const id of await ids(bench)) await bench.call('DELETE', `/instances/${String(id)}`);
    const result = (await running).json();
    expect(result.results).toMatchObject([
      { address: 'a', status: 'not-attempted', error: { code: 'mass_missing' } },
    ]);
    expect(await bench.posts()).toBe(posts);
  });

  it('C6: a closing list that cannot be read leaves the run incomplete', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations(closeio('a')));
    await bench.fault(blindClose(3));
    const result = await apply(bench);
    expect(result.code).toBe(1);
    expect(result.json()).toMatchObject({ outcome: 'incomplete', summary: { created: 1 } });
    expect(result.json().diagnostics.at(-1)).toMatchObject({ code: 'incomplete_list', severity: 'error' });
  });

  it('--fail-fast: the slot of the create that failed goes to nobody, and duplicates are still looked for', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations(closeio('a')));
    await apply(bench);
    await bench.call('DELETE', `/instances/${String((await recorded(bench))['a'])}`);
    bench.write('instate.yaml', declarations(['a', 'b', 'c', 'd'].map((one) => closeio(one)).join('\n')));
    await bench.fault({
      on: 'POST /instances',
      nth: 2,
      do: 'status',
      code: 400,
      body: { message: 'no', requestId: '5b0437c6e4b07731ae39b533' },
    });
    const result = await apply(bench, '--fail-fast --parallelism 1');
    expect(result.json().summary).toMatchObject({ created: 1, failed: 1, notAttempted: 2 });
    expect(await bench.posts()).toBe(3);
    expect(result.json().diagnostics).toEqual([]);
  });
});
