import { describe, expect, it } from 'vitest';
import { closeio, declarations, impatient, openBench, signals } from '../support/bench.ts';

const names = (n: number) => Array.from({ length: n }, (_, at) => `i${String(at).padStart(2, '0')}`);
const many = (n: number, more = '') =>
  declarations(
    names(n)
      .map((one) => closeio(one))
      .join('\n'),
    more,
  );

describe('creating', () => {
  it('C4: a refused create is closed, not tried again in this run, and the others are done', async () => {
    const bench = await openBench();
    bench.write(
      'instate.yaml',
      declarations([closeio('a'), closeio('b').replace('${env:PASSWORD}', '${env:WRONG}')].join('\n')),
    );
    bench.env['WRONG'] = 'wrong';
    const apply = await bench.run('apply --yes --json');
    expect(apply.code).toBe(1);
    const { results, summary, outcome } = apply.json();
    expect(outcome).toBe('incomplete');
    expect(summary).toMatchObject({ created: 1, failed: 1 });
    expect(results[1]).toMatchObject({
      address: 'b',
      status: 'failed',
      error: { code: 'refused', requestId: expect.stringMatching(/^[0-9a-f]{24}$/) as string },
    });
    expect(await bench.posts()).toBe(2);
    bench.env['WRONG'] = 'right';
    expect((await bench.run('apply --yes')).code).toBe(0);
  });

  it.each(['commit-then-drop', 'truncate', 'garbage'])(
    'C4: an unclear answer (%s): found by its tag in the closing listing, no second POST',
    async (fault) => {
      const bench = await openBench();
      bench.write('instate.yaml', many(3));
      await bench.fault({ on: 'POST /instances', nth: 2, do: fault });
      const apply = await bench.run('apply --yes --json');
      expect(apply.json().summary).toMatchObject({ created: 3, uncertain: 0, failed: 0 });
      expect(await bench.stats()).toMatchObject({ requests: { 'POST /instances': 3 }, instances: 3 });
      expect(
        (await bench.run('output --reveal --json'))
          .json()
          .outputs.filter((one: { token: string | null }) => one.token === null),
      ).toEqual([]);
    },
  );

  it('C5: an answer that speaks of another instance records nothing of it; the tag finds ours', async () => {
    const bench = await openBench();
    const other = (
      await bench.call('POST', '/instances', {
        name: 'i00',
        element: { key: 'closeio' },
        tags: ['instate:elsewhere:i00'],
        configuration: { username: 'x', password: 'y' },
      })
    ).body;
    bench.write('instate.yaml', declarations(closeio('a')));
    await bench.fault({
      on: 'POST /instances',
      do: 'commit-then-status',
      code: 200,
      body: { ...other, name: 'a', tags: ['instate:crm:a'] },
    });
    const { results } = (await bench.run('apply --yes --json')).json();
    expect(results).toMatchObject([{ address: 'a', status: 'done' }]);
    expect(results[0].instanceId).not.toBe(other.id);
    expect((await bench.run('plan')).out).toContain('No changes.');
  });

  it('C4: a lost request is uncertain; the next run waits until it cannot arrive any more, and then creates it once', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', many(2));
    await bench.fault({ on: 'POST /instances', nth: 2, do: 'drop' });
    const first = await bench.run('apply --yes --timeout 0.4 --grace 0.3 --json');
    expect(first.code).toBe(1);
    expect(first.json().results[1]).toMatchObject({ address: 'i01', status: 'uncertain' });
    const plan = await bench.run('plan --json');
    expect(plan.code).toBe(1);
    expect(plan.json().changes).toMatchObject([
      { address: 'i01', action: 'conflict', reason: { code: 'unconfirmed' } },
    ]);
    const second = await bench.run('apply --yes --timeout 0.4 --grace 0.3');
    expect(second.err).toMatch(/waiting 0\.\d s for i01/);
    expect(second.out).toMatch(/Apply complete: 1 created, 0 adopted, 0 forgotten\.\n$/);
    expect(await bench.stats()).toMatchObject({ requests: { 'POST /instances': 3 }, instances: 2 });
    expect((await bench.run('plan')).out).toContain('No changes.');
  });

  it('C2: if the look after the wait fails, the ledger of the rest is shown all the same', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', many(1));
    await bench.fault({ on: 'POST /instances', do: 'drop' });
    await bench.run('apply --yes --timeout 0.4 --grace 0.3');
    bench.write('instate.yaml', many(2));
    await bench.fault({ on: 'GET /instances', nth: 3, times: 9, do: 'status', code: 403 });
    const apply = (await bench.run('apply --yes --timeout 0.4 --grace 0.3 --json')).json();
    expect(apply.summary).toMatchObject({ created: 1, notAttempted: 1 });
    expect(apply.results[0]).toMatchObject({ address: 'i00', error: { code: 'forbidden' } });
  });

  it('C2: what arrives late is adopted, not made again', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', many(1));
    await bench.fault({ on: 'POST /instances', do: 'late-commit', ms: 500 });
    const first = await bench.run('apply --yes --timeout 0.4 --grace 1', impatient);
    expect(first.out).toMatch(/1 uncertain/);
    const second = await bench.run('apply --yes --timeout 0.4 --grace 1');
    expect(second.out).toMatch(/Apply complete: 0 created, 1 adopted, 0 forgotten\.\n$/);
    expect(await bench.stats()).toMatchObject({ requests: { 'POST /instances': 1 }, instances: 1 });
  });

  it("C4: a 5xx in the vendor's own words is uncertain, and refused once a complete listing lacks it", async () => {
    const bench = await openBench();
    bench.write('instate.yaml', many(1));
    await bench.fault({
      on: 'POST /instances',
      do: 'status',
      code: 500,
      body: { requestId: '5b0437c6e4b07731ae39b533', message: 'boom' },
    });
    expect((await bench.run('apply --yes --timeout 0.4 --grace 0.1')).out).toMatch(/boom.*1 uncertain/s);
    expect((await bench.run('apply --yes --timeout 0.4 --grace 0.1')).out).toMatch(
      /Apply complete: 1 created/,
    );
    expect((await bench.run('drift --json')).json().items).toEqual([]);
  });

  it('C4: 500 after it was done: recorded in the same run, exit 0, and the ledger says so', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', many(2));
    const body = { requestId: '5b0437c6e4b07731ae39b533', message: 'boom' };
    const fault = { on: 'POST /instances', nth: 2, do: 'commit-then-status', code: 500, body };
    await bench.fault(fault);
    const apply = await bench.run('apply --yes');
    expect(apply.code).toBe(0);
    expect(apply.out).toMatch(
      /\+ i01 {2}created {2}#\d+ {2}found by its ownership tag, although .*boom.*5b0437c6e4b07731ae39b533/,
    );
    expect(apply.out).toMatch(/Apply complete: 2 created, 0 adopted, 0 forgotten\.\n$/);
    bench.write('instate.yaml', many(3));
    await bench.fault({ ...fault, nth: 1 });
    const json = (await bench.run('apply --yes --json')).json();
    expect(json.diagnostics).toMatchObject([{ severity: 'info', code: 'found_by_tag', address: 'i02' }]);
    expect(await bench.stats()).toMatchObject({ requests: { 'POST /instances': 3 }, instances: 3 });
  });

  it.each(['commit-then-drop', 'garbage'])(
    'C4: %s, and a list that lags: looked for again in the same run, and found',
    async (fault) => {
      const bench = await openBench();
      bench.write('instate.yaml', many(2));
      const on = 'POST /instances';
      await bench.fault({ on, nth: 2, do: fault }, { on, nth: 2, do: 'hide-from-list', ms: 500 });
      const apply = await bench.run('apply --yes');
      expect(apply.err).toContain('looking for i01: no clear answer came, and the list may lag');
      expect(apply.out).toMatch(/Apply complete: 2 created, 0 adopted, 0 forgotten\.\n$/);
      expect(await bench.stats()).toMatchObject({ requests: { 'POST /instances': 2 }, instances: 2 });
    },
  );

  it('C4: the looks for what never came are few, and none comes after the grace period', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', many(1));
    const waits: number[] = [];
    const wait = async (ms: number) => void waits.push(ms);
    await bench.fault({ on: 'POST /instances', do: 'drop' });
    expect((await bench.run('apply --yes', { wait })).out).toContain('1 uncertain');
    expect(waits).toEqual([1_000, 2_000, 4_000]);
    const other = await openBench();
    other.write('instate.yaml', many(1));
    await other.fault({ on: 'POST /instances', do: 'drop' });
    waits.length = 0;
    await other.run('apply --yes --grace 1.5', { wait });
    expect(waits).toEqual([1_000, 500]);
    expect(await other.posts()).toBe(1);
  });

  it('C4: a wrong password that the service answers with 500, five nights in a row: nothing is made, and nobody is needed', async () => {
    let night = 0;
    const now = () => Date.now() + night * 86_400_000;
    const bench = await openBench({ now });
    bench.write('instate.yaml', many(1));
    const body = { requestId: '5b0437c6e4b07731ae39b533', message: 'An error occurred' };
    await bench.fault({ on: 'POST /instances', times: 5, do: 'status', code: 500, body });
    for (; night < 5; night++) {
      const apply = await bench.run('apply --yes', { ...impatient, now });
      expect(apply.code).toBe(1);
      expect(apply.out).toMatch(/The credentials may be wrong/);
      expect(await bench.stats()).toMatchObject({ instances: 0, requests: { 'POST /instances': night + 1 } });
    }
    const apply = await bench.run('apply --yes', { ...impatient, now });
    expect(apply.out).toMatch(/Apply complete: 1 created, 0 adopted, 0 forgotten\.\n$/);
    expect((await bench.run('recover --list --json')).json()).toMatchObject({ open: [], lost: [] });
  });

  it('B4: a tag that is not kept stops the run after one create, which is recorded', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', many(3));
    await bench.fault({ on: 'POST /instances', times: 9, do: 'strip-tags' });
    const apply = await bench.run('apply --yes --json');
    expect(apply.code).toBe(1);
    expect(
      apply
        .json()
        .results.map((one: { status: string; error: { code: string } }) => `${one.status} ${one.error.code}`),
    ).toEqual(['failed tag_not_kept', 'not-attempted not_sent', 'not-attempted not_sent']);
    expect(await bench.posts()).toBe(1);
    expect((await bench.run('state list --json')).json().instances).toHaveLength(1);
  });

  it('C6: a copy that appears meanwhile is a duplicate: exit 1, both ids', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', many(2));
    await bench.fault({ on: 'POST /instances', nth: 2, do: 'clone' });
    const apply = await bench.run('apply --yes');
    expect(apply.code).toBe(1);
    const ids = (await bench.call('GET', '/instances?tags[]=instate:crm:i01')).body.map(
      (one: { id: number }) => one.id,
    );
    for (const id of ids) expect(apply.err).toContain(`#${String(id)}`);
    expect(apply.err).toMatch(/2 live instances stand for i01.*\[duplicate\]$/m);
  });

  it('missing references refuse the whole apply, before any POST, and name all at once', async () => {
    const bench = await openBench();
    bench.write(
      'instate.yaml',
      declarations(
        [closeio('a'), closeio('b').replace('USERNAME', 'B_USER').replace('PASSWORD', 'B_PASS')].join('\n'),
      ),
    );
    const plan = (await bench.run('plan --json')).json();
    expect(plan.changes.map((change: { needs: string[] }) => change.needs)).toEqual([
      [],
      ['B_PASS', 'B_USER'],
    ]);
    const apply = await bench.run('apply --yes');
    expect(apply.err).toContain('not set, or empty: B_PASS, B_USER [missing_reference]');
    expect(apply.err).toMatch(/instate\.yaml:12:\d+/);
    expect(await bench.posts()).toBe(0);
  });

  it('--fail-fast stops at the first failure', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', many(5));
    await bench.fault({
      on: 'POST /instances',
      times: 9,
      do: 'status',
      code: 400,
      body: { requestId: '5b0437c6e4b07731ae39b533', message: 'no' },
    });
    const apply = (await bench.run('apply --yes --fail-fast --json')).json();
    expect(apply.summary).toMatchObject({ failed: 1, notAttempted: 4 });
    expect(await bench.posts()).toBe(1);
  });

  it('Ctrl-C: nothing new is sent, what is in flight settles, the ledger tells the rest, exit 130', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', many(1));
    await bench.run('apply --yes');
    bench.write('instate.yaml', many(30));
    await bench.fault({ on: 'POST /instances', times: 99, do: 'delay', ms: 150 });
    const { overrides, send } = signals();
    const running = bench.run('apply --yes --parallelism 4 --json', overrides);
    while ((await bench.posts()) < 6) await new Promise((done) => setTimeout(done, 5));
    send('SIGINT');
    const stopped = await bench.posts();
    const apply = await running;
    expect(apply.code).toBe(130);
    expect(await bench.posts()).toBeLessThanOrEqual(stopped + 1);
    const { created, notAttempted, uncertain } = apply.json().summary;
    expect(uncertain).toBe(0);
    expect(created + notAttempted).toBe(29);
    expect((await bench.run('state list --json')).json().instances).toHaveLength(created + 1);
    expect((await bench.run('apply --yes')).code).toBe(0);
    expect((await bench.stats()).instances).toBe(30);
  });

  it('SIGTERM exits 143; a second signal ends at once', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', many(1));
    await bench.fault({ on: 'GET /instances', do: 'stall' });
    const { overrides, send, exits } = signals();
    const running = bench.run('apply --yes', overrides);
    while ((await bench.gets()) < 1) await new Promise((done) => setTimeout(done, 5));
    send('SIGTERM');
    send('SIGTERM');
    const apply = await running;
    expect(apply.code).toBe(143);
    expect(apply.err).toContain('[interrupted]');
    expect(exits).toEqual([143]);
  });

  it('a second signal with --json: stdout is one document all the same', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', many(1));
    await bench.fault({ on: 'GET /instances', do: 'stall' });
    const { overrides, send } = signals();
    let [out, atExit] = ['', ''];
    const stdout = { write: (text: string) => void (out += text), isTTY: false, columns: 0 };
    const running = bench.run('apply --yes --json', {
      ...overrides,
      stdout,
      exit: () => void (atExit = out),
    });
    while ((await bench.gets()) < 1) await new Promise((done) => setTimeout(done, 5));
    send('SIGINT');
    send('SIGINT');
    expect(JSON.parse(atExit).error.code).toBe('interrupted');
    await running;
  });

  it('ownership: none sends no tag, and records all the same', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', many(2, 'ownership: none\n'));
    expect((await bench.run('apply --yes')).code).toBe(0);
    expect(
      (await bench.call('GET', '/instances?hydrate=true')).body.map((one: { tags: string[] }) => one.tags),
    ).toEqual([[], []]);
    expect((await bench.run('plan')).out).toContain('No changes.');
  });

  it('an OAuth element starts from a refresh token', async () => {
    const bench = await openBench();
    bench.write(
      'instate.yaml',
      declarations(
        'zendesk-emea:\n  element: zendesk\n  externalAuthentication: initial\n  configuration:\n    oauth.api.key: "${env:USERNAME}"\n    oauth.api.secret: "${env:PASSWORD}"\n    oauth.user.refresh_token: "${env:PASSWORD}"\n    oauth.callback.url: https://example.com/cb\n    zendesk.subdomain: emea',
      ),
    );
    const apply = await bench.run('apply --yes');
    expect(apply.out).toMatch(/Apply complete: 1 created/);
    expect((await bench.requests()).find((request) => request.method === 'POST')?.body).toMatchObject({
      externalAuthentication: 'initial',
    });
  });
});
