import { describe, expect, it } from 'vitest';
import { closeio, declarations, openBench, type Bench } from '../support/bench.ts';

/** Short enough that a test may wait through it: a create is decided about a second after it was opened. */
const limits = '--timeout 0.4 --grace 0.3';
const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));
const post = 'POST /instances';
/** No list can be read after the one that the plan was made from: what an unclear create made is not found in that run. */
const blind = { on: 'GET /instances', nth: 3, times: 99, do: 'status', code: 403 };

/** A run whose one create ended as the fault says, and was not settled. */
async function cutOff(fault: object, options = limits, more = ''): Promise<Bench> {
  const bench = await openBench();
  bench.write('instate.yaml', declarations(closeio('a'), more));
  await bench.fault({ on: post, ...fault }, blind);
  expect((await bench.run(`apply --yes ${options}`)).code).toBe(1);
  await bench.clearFaults();
  return bench;
}

const recover = async (bench: Bench, more = '') => {
  const { code, json } = await bench.run(`recover --json ${more}`);
  return { code, ...json() };
};
const idOf = async (bench: Bench): Promise<number> => (await bench.call('GET', '/instances')).body[0].id;
const byHand = {
  name: 'a',
  element: { key: 'closeio' },
  tags: [],
  configuration: { username: 'x', password: 'y' },
};

describe('instate recover', () => {
  it('C: records what a cut-off create made, with its token, and sends no POST', async () => {
    const bench = await cutOff({ do: 'commit-then-drop' });
    const id = await idOf(bench);
    expect(await recover(bench)).toMatchObject({
      code: 0,
      settled: [{ address: 'a', instanceId: id }],
      open: [],
    });
    const outputs = (await bench.run('output --reveal --json')).json().outputs;
    const live = (await bench.call('GET', `/instances/${String(id)}`)).body;
    expect(outputs).toMatchObject([{ address: 'a', instanceId: id, token: live.token }]);
    expect((await bench.run('plan')).out).toContain('No changes.');
    expect(await bench.posts()).toBe(1);
    expect((await bench.run('recover')).out).toBe('Nothing was left behind.\n');
  });

  it('C2: what may still arrive stays open, with the time; --list writes nothing', async () => {
    const bench = await cutOff({ do: 'drop' }, '--timeout 0.4 --grace 600');
    const before = bench.snapshot();
    const seen = await recover(bench, '--list');
    expect(seen).toMatchObject({
      code: 1,
      settled: [],
      open: [{ address: 'a', state: 'waiting', instanceIds: [] }],
    });
    // SQLite's side files may come and go; what is recorded stays (D1).
    expect(bench.snapshot()).toMatchObject(before);
    const text = await bench.run('recover');
    expect(text.code).toBe(1);
    expect(text.out).toMatch(/may still arrive, until \d{4}-.*instate recover --wait {2}waits for it/);
    expect(text.out).toMatch(/^Recover: 0 settled, 1 open, /m);
    const absent = await bench.run('recover a --absent');
    expect(absent.err).toMatch(/may still arrive, until .* \[conflict\]/);
  });

  it('C2, C3: --wait settles it as absent, and keeps watch for it', async () => {
    const bench = await cutOff({ do: 'late-commit', ms: 2_500 });
    expect(await recover(bench, '--wait')).toMatchObject({
      code: 0,
      settled: [{ address: 'a', instanceId: null }],
      lost: [{ address: 'a', arrivedIds: [] }],
    });
    expect((await bench.run(`apply --yes ${limits} --json`)).json().summary.created).toBe(1);
    await wait(2_500);
    const late = await recover(bench);
    expect(late).toMatchObject({
      code: 1,
      open: [],
      lost: [{ address: 'a', arrivedIds: [expect.any(Number)] }],
    });
    expect((await bench.run('recover')).out).toContain('has taken its place');
  });

  it('B4: without ownership tags a person says which instance it made', async () => {
    const bench = await cutOff({ do: 'commit-then-drop' }, limits, 'ownership: none\n');
    const id = await idOf(bench);
    await wait(1_100);
    const other = (await bench.call('POST', '/instances', { ...byHand, element: { key: 'insightly' } })).body
      .id;
    expect(await recover(bench)).toMatchObject({
      code: 1,
      open: [{ state: 'undecidable', instanceIds: [id] }],
    });
    expect((await bench.run(`recover a --found ${String(other)}`)).err).toMatch(
      /its element is insightly \[conflict\]/,
    );
    expect((await bench.run('recover a --found 1')).err).toMatch(/not in the list of instances \[conflict\]/);
    expect(await recover(bench, `a --found ${String(id)}`)).toMatchObject({
      code: 0,
      settled: [{ address: 'a', instanceId: id }],
    });
    expect((await bench.run('plan')).out).toContain('No changes.');
  });

  it('C5: an instance that lived before, or is another address, is not what a create made', async () => {
    const bench = await openBench();
    const before = (await bench.call('POST', '/instances', { ...byHand, name: 'other' })).body.id;
    bench.write('instate.yaml', declarations(closeio('b')));
    await bench.run('apply --yes');
    const [b] = (await bench.run('state list --json')).json().instances;
    bench.write('instate.yaml', declarations([closeio('a'), closeio('b')].join('\n')));
    await bench.fault({ on: post, do: 'drop' }, { ...blind, nth: 2 });
    await bench.run(`apply --yes ${limits}`);
    await bench.clearFaults();
    const say = async (id: number) => (await bench.run(`recover a --found ${String(id)}`)).err;
    expect(await say(before)).toMatch(/it lived before \[conflict\]/);
    expect(await say(b.instanceId)).toMatch(/it lived before \[conflict\]/);
    expect((await bench.run('state list --json')).json().instances).toHaveLength(1);
  });

  it('C: --absent is refused where its tag lives', async () => {
    const bench = await cutOff({ do: 'commit-then-drop' });
    const refused = await bench.run('recover a --absent');
    expect(refused.err).toMatch(/made #\d+, which carries its tag \[conflict\]/);
    expect(refused.err).toMatch(/instate recover a --found \d+/);
    expect((await bench.run(`recover a --found ${String(await idOf(bench))}`)).code).toBe(0);
  });

  it('C3: after lost creates in a row a person lets it be made again', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations(closeio('a')));
    await bench.fault({ on: post, do: 'drop', times: 9 });
    for (let times = 0; times < 4; times++) {
      await bench.run(`apply --yes ${limits}`);
      await bench.run('recover --wait');
    }
    expect((await bench.run(`apply --yes ${limits}`)).code).toBe(1);
    const posts = await bench.posts();
    await bench.clearFaults();
    expect((await bench.run(`apply --yes ${limits}`)).code).toBe(1);
    expect(await bench.posts()).toBe(posts);
    const seen = await bench.run('recover');
    expect(seen.out).toMatch(/a {2}\d times {2}look in the account, then {2}instate recover a --absent/);
    expect((await bench.run('recover a --absent')).code).toBe(0);
    expect((await bench.run(`apply --yes ${limits} --json`)).json().summary.created).toBe(1);
  }, 30_000);

  it('shows a stray, which is no reason to fail', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations(closeio('a')));
    await bench.run('apply --yes');
    await bench.call('POST', '/instances', { ...byHand, name: 'z', tags: ['instate:crm:gone'] });
    expect(await recover(bench)).toMatchObject({ code: 0, strays: [{ address: 'gone' }] });
  });

  it('makes no state where there is none', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations(closeio('a')));
    expect((await bench.run('recover')).out).toBe('Nothing was left behind.\n');
    expect(bench.exists('.instate')).toBe(false);
  });

  it.each([
    ['recover --absent', 'wants an address'],
    ['recover --found 12', 'wants an address'],
    ['recover a', 'must be said once'],
    ['recover a --absent --found 12', 'must be said once'],
    ['recover a --wait', 'take no address'],
    ['recover --list --wait', 'looks once'],
    ['recover a --found x', 'whole number'],
    ['recover nobody --absent', 'no create of nobody is open'],
  ])('%s is refused', async (line, message) => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations(closeio('a')));
    await bench.run('apply --yes');
    const { code, err } = await bench.run(line);
    expect(code).toBe(1);
    expect(err).toContain(message);
  });
});
