import { describe, expect, it } from 'vitest';
import { closeio, declarations, impatient, openBench, type Bench } from '../support/bench.ts';

async function applied(...addresses: readonly string[]): Promise<Bench> {
  const bench = await openBench();
  bench.write('instate.yaml', declarations(addresses.map((one) => closeio(one, 'tags: [x]')).join('\n')));
  expect((await bench.run('apply --yes')).code).toBe(0);
  return bench;
}

const idOf = async (bench: Bench, address: string): Promise<number> =>
  (await bench.run('state list --json'))
    .json()
    .instances.find((one: { address: string }) => one.address === address).instanceId;
const kindsOf = async (bench: Bench, line = 'drift') => {
  const { code, json } = await bench.run(`${line} --json`);
  const { items } = json();
  return {
    code,
    kinds: items.map((one: any) => `${String(one.address)} ${String(one.kind)}`), // eslint-disable-line @typescript-eslint/no-explicit-any
    body: json(),
  };
};
const retire = (bench: Bench, key: string) =>
  fetch(bench.sandbox.url.replace('/elements/api-v2', '/__sandbox/elements'), {
    method: 'POST',
    body: JSON.stringify({ key, active: false }),
  });

describe('drift', () => {
  it('a night in which a tag, an instance, a switch and a stranger came', async () => {
    const bench = await applied('a', 'b', 'c');
    const [a, b, c] = [await idOf(bench, 'a'), await idOf(bench, 'b'), await idOf(bench, 'c')];
    await bench.call('PATCH', `/instances/${String(a)}`, { tags: ['y', 'instate:crm:a'] });
    await bench.call('DELETE', `/instances/${String(b)}`);
    await bench.call('DELETE', `/instances/${String(c)}/enabled`);
    await bench.call('POST', '/instances', {
      element: { key: 'closeio' },
      name: 'by hand',
      configuration: { username: 'u', password: 'p' },
    });
    const all = await kindsOf(bench, 'drift --fail-on drift,health');
    expect(all.code).toBe(2);
    expect(all.kinds).toEqual(['a changed', 'b missing', 'c disabled', 'null unmanaged']);
    expect(all.body.coverage).toEqual({ managed: 2, unmanaged: 1, foreign: 0, percent: 66.7 });
    expect(all.body.lastApply.ageSeconds).toBeGreaterThanOrEqual(0);
    expect(all.body.items[0]).toMatchObject({
      element: 'closeio',
      source: { file: 'instate.yaml', line: 4 },
    });
  });

  it.each([
    ['disabled', 2],
    ['health', 2],
    ['all', 2],
    ['drift', 0],
    ['missing,unmanaged', 0],
  ])('--fail-on %s: a disabled one exits %i', async (words, code) => {
    const bench = await applied('a');
    await bench.call('DELETE', `/instances/${String(await idOf(bench, 'a'))}/enabled`);
    expect((await bench.run(`drift --fail-on ${words}`)).code).toBe(code);
  });

  it('--fail-on of a misspelt kind names the nearest', async () => {
    const bench = await applied('a');
    const { code, err } = await bench.run('drift --fail-on helth');
    expect([code, err]).toEqual([
      1,
      expect.stringMatching(/knows no kind helth[^]*[Dd]id you mean `health`/),
    ]);
  });

  it('an element that is retired is health, in plan too', async () => {
    const bench = await applied('a');
    expect((await retire(bench, 'closeio')).status).toBe(200);
    expect((await kindsOf(bench)).kinds).toEqual(['a retired']);
    expect((await bench.run('drift --fail-on health')).code).toBe(2);
    expect((await bench.run('plan')).out).toContain('a is of a retired element (health, not drift).');
    expect((await retire(bench, 'nothing')).status).toBe(400);
  });

  it('names that several instances bear are told, managed or not, and are no drift', async () => {
    const bench = await applied('a');
    const twin = { element: { key: 'closeio' }, name: 'a', configuration: { username: 'u', password: 'p' } };
    const { body } = await bench.call('POST', '/instances', twin);
    const { code, out } = await bench.run('drift');
    expect(code).toBe(0);
    expect(out).toMatch(/2 instances are closeio "a": #\d+, #\d+\./);
    const id = await idOf(bench, 'a');
    expect((await kindsOf(bench)).body.alike).toEqual([
      { element: 'closeio', name: 'a', instanceIds: [id, body.id].sort((x: number, y: number) => x - y) },
    ]);
    expect(out).toContain(`neither declared nor recorded; same element and name as #${String(id)}`);
  });

  it('a recorded one that is gone is missing, also where a look-alike could take its place', async () => {
    const bench = await applied('a');
    const gone = await idOf(bench, 'a');
    await bench.call('DELETE', `/instances/${String(gone)}`);
    const twin = {
      element: { key: 'closeio' },
      name: 'a',
      tags: ['x'],
      configuration: { username: 'u', password: 'p' },
    };
    const { body: other } = await bench.call('POST', '/instances', twin);
    const { code, kinds, body } = await kindsOf(bench);
    expect([code, kinds]).toEqual([2, ['a missing']]);
    expect(body.items[0]).toMatchObject({
      instanceId: gone,
      text: `recorded as #${String(gone)}, gone from the account; apply would adopt #${String(other.id)} in its place`,
    });
    expect((await bench.run('plan')).out).toContain(`#${String(gone)}, recorded before, is gone`);
  });

  it('says what to do, once for each kind', async () => {
    const bench = await applied('a');
    await bench.call('DELETE', `/instances/${String(await idOf(bench, 'a'))}`);
    expect((await bench.run('drift')).out).toMatch(/What to do:\n {2}missing {2}instate apply creates/);
    expect((await bench.run('drift --quiet')).out).toBe('Drift: 1 finding (1 missing).\n');
  });

  it('a filter leaves out what belongs to no address', async () => {
    const bench = await applied('a', 'b');
    await bench.call('DELETE', `/instances/${String(await idOf(bench, 'b'))}`);
    expect((await kindsOf(bench, 'drift --target a')).kinds).toEqual([]);
    expect((await kindsOf(bench, 'drift --target b')).kinds).toEqual(['b missing']);
  });
});

describe('drift --since-state', () => {
  it('compares what is recorded, without a file', async () => {
    const bench = await applied('a', 'b');
    const [id, gone] = [await idOf(bench, 'a'), await idOf(bench, 'b')];
    bench.write('instate.yaml', 'this: is no declaration');
    await bench.call('PATCH', `/instances/${String(id)}`, { name: 'another' });
    await bench.call('DELETE', `/instances/${String(gone)}`);
    const { code, kinds, body } = await kindsOf(bench, 'drift --since-state');
    expect([code, kinds]).toEqual([2, ['a changed', 'b missing']]);
    expect(body.project).toBe('crm');
    expect(body.items[0]).toMatchObject({
      text: 'recorded fields differ from live',
      fields: [{ path: 'name', declared: 'a', live: 'another' }],
      source: null,
    });
    // Nothing is credential drift: a state holds no credential to compare with.
    bench.env['PASSWORD'] = 'another';
    expect((await kindsOf(bench, 'drift --since-state')).kinds).toEqual(kinds);
  });

  it('nothing has changed: exit 0, and nothing is written', async () => {
    const bench = await applied('a');
    const before = bench.snapshot()['.instate/state.db'];
    expect((await bench.run('drift --since-state')).out).toMatch(/No drift\.\n$/);
    expect(bench.snapshot()['.instate/state.db']).toBe(before);
  });

  it('wants a state, and no files', async () => {
    const bench = await openBench();
    expect((await bench.run('drift --since-state')).err).toContain('[state_missing]');
    expect((await bench.run('drift --since-state -f x.yaml')).err).toContain('[usage]');
    const other = await applied('a');
    expect((await other.run('drift --since-state --project billing')).err).toContain('[wrong_state]');
    delete other.env['CE_USER_SECRET'];
    const { code, err } = await other.run('drift --since-state');
    expect([code, err]).toEqual([1, expect.stringContaining('not set, or empty: CE_USER_SECRET')]);
  });

  it('F1: the account that a state names gets no secret unless its host is trusted', async () => {
    const bench = await applied('a');
    delete bench.env['INSTATE_BASE_URL'];
    bench.env['INSTATE_ALLOW_HOSTS'] = '';
    expect((await bench.run('drift --since-state')).code).toBe(0);
    expect(
      (await bench.run('drift --since-state --base-url https://evil.example/elements/api-v2')).err,
    ).toMatch(/\[wrong_state\]|\[wrong_account\]|\[network\]/);
  });
});

describe('drift --ping', () => {
  const ping = 'GET /hubs/{hub}/ping';

  it('asks the vendor of each managed instance, and reports who answers', async () => {
    const bench = await applied('a', 'b');
    await bench.call('POST', '/instances', {
      element: { key: 'closeio' },
      name: 'by hand',
      configuration: { username: 'u', password: 'p' },
    });
    const { code, out } = await bench.run('drift --ping', impatient);
    expect(code).toBe(0);
    expect(out).toContain('Reached: 2 of 2 vendor connections.');
    expect((await bench.stats()).requests[ping]).toBe(2);
  });

  it('one that does not answer is health; the words of its vendor are told, no token in them', async () => {
    const bench = await applied('a');
    const token = (await bench.run('output --reveal --json')).json().outputs[0].token;
    const body = {
      message: 'Request failed',
      providerMessage: `bad key ${String(token)}`,
      requestId: '5b0437c6e4b07731ae39b533',
    };
    await bench.fault({ on: ping, do: 'status', code: 502, body });
    const { code, kinds, body: answer } = await kindsOf(bench, 'drift --ping --fail-on health');
    expect([code, kinds]).toEqual([2, ['a unreachable']]);
    expect(answer.reach).toEqual({ reachable: 0, unreachable: 1, notAsked: 0 });
    expect(answer.items[0].text).toMatch(/the ping of instance \d+: Request failed \(vendor: bad key /);
    expect(JSON.stringify(answer)).not.toContain(token);
  });

  it.each([
    ['no answer', { do: 'drop' }],
    ['a rate limit', { do: 'status', code: 429, body: { message: 'slow down' } }],
    ["a proxy's page", { do: 'status', code: 503, body: '<html>' }],
    ['garbage', { do: 'garbage' }],
    ['a redirect', { do: 'status', code: 302, body: { message: 'elsewhere' } }],
  ])('%s says nothing of the vendor: told, and no finding', async (_, fault) => {
    const bench = await applied('a');
    await bench.fault({ on: ping, ...fault });
    const { code, kinds, body } = await kindsOf(bench, 'drift --ping');
    expect([code, kinds]).toEqual([0, []]);
    // Who asks for news of the vendors, and gets none, must not take it for good news.
    await bench.fault({ on: ping, ...fault });
    expect((await bench.run('drift --ping --fail-on health')).code).toBe(1);
    expect(body.reach.notAsked).toBe(1);
    expect(body.diagnostics.map((one: { code: string }) => one.code)).toContain('not_asked');
  });

  it('ten a second at most', async () => {
    const bench = await applied('a', 'b', 'c');
    const waits: number[] = [];
    let now = 0;
    await bench.run('drift --ping', {
      monotonic: () => now,
      wait: (ms) => {
        waits.push(ms);
        now += ms;
        return Promise.resolve();
      },
    });
    expect(waits).toEqual([100, 100]);
  });

  it('without it nobody is asked', async () => {
    const bench = await applied('a');
    await bench.run('drift');
    expect((await bench.stats()).requests[ping]).toBeUndefined();
  });
});
