import { Ajv2020 } from 'ajv/dist/2020.js';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { entries } from '../../cmd/commands.ts';
import { closeio, declarations, openBench, signals, terminal } from '../support/bench.ts';

const two = declarations([closeio('a'), closeio('b')].join('\n'));

describe('asking', () => {
  it('off a terminal without --auto-approve: exit 1 at once, before any request or file', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', two);
    const apply = await bench.run('apply');
    expect(apply.code).toBe(1);
    expect(apply.err).toContain('[needs_approval]');
    expect((await bench.stats()).requests).toEqual({});
    expect(Object.keys(bench.snapshot())).toEqual(['instate.yaml']);
  });

  it.each(['y', 'YES', 'yess', ''])('only "yes" is a yes, not %j', async (answer) => {
    const bench = await openBench();
    bench.write('instate.yaml', two);
    const apply = await bench.run('apply', terminal(answer));
    expect(apply.code).toBe(1);
    expect(apply.out).toMatch(/Declined: nothing was done\.\n$/);
    expect(await bench.posts()).toBe(0);
  });

  it('the question names project and host, and "yes" does it', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', two);
    const person = terminal('yes');
    expect((await bench.run('apply', person)).code).toBe(0);
    expect(person.asked).toEqual([
      `Do this in crm on 127.0.0.1:${String(bench.sandbox.port)}? Only "yes" is accepted: `,
    ]);
    expect(person.shown()).toMatch(/creating {2}2\/2 .*\/s/);
  });

  it('with --json at a terminal the plan is shown on stderr, and stdout is one document', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', two);
    const person = terminal('no');
    const apply = await bench.run('apply --json', person);
    expect(apply.json()).toMatchObject({ outcome: 'declined', summary: { created: 0, notAttempted: 2 } });
    expect(person.shown()).toContain('Plan: 2 to create');
  });

  it('nothing to do asks nothing', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', two);
    await bench.run('apply --yes');
    const person = terminal();
    expect((await bench.run('apply', person)).code).toBe(0);
    expect(person.asked).toEqual([]);
  });

  it('INSTATE_AUTO_APPROVE approves', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', two);
    bench.env['INSTATE_AUTO_APPROVE'] = '1';
    expect((await bench.run('apply')).code).toBe(0);
  });
});

describe('saved plans and releases', () => {
  it('a saved plan is applied without a question, and holds no secrets', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', two);
    expect((await bench.run('plan --out plan.json')).code).toBe(0);
    const text = readFileSync(bench.at('plan.json'), 'utf8');
    expect(text).not.toMatch(/pass-word|user-secret|organization-secret|someone@/);
    expect(text).not.toContain(bench.folder);
    expect(statSync(bench.at('plan.json')).mode & 0o777).toBe(0o600);
    expect((await bench.run('apply plan.json')).out).toMatch(/Apply complete: 2 created/);
    const again = await bench.run('apply plan.json');
    expect(again.code).toBe(1);
    expect(again.err).toContain('[stale_plan]');
  });

  it('a plan file finds its files from another folder', async () => {
    const bench = await openBench();
    bench.write('sub/instate.yaml', two);
    await bench.run('plan -f sub/instate.yaml --out sub/plan.json');
    bench.write('elsewhere/x', '');
    const apply = await bench.run(['apply', '../sub/plan.json'], { cwd: bench.at('elsewhere') });
    expect(apply.out).toMatch(/Apply complete: 2 created/);
    expect(bench.exists('sub/.instate/state.db')).toBe(true);
  });

  it('F5: a file that changed since makes the plan stale', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', two);
    await bench.run('plan --out plan.json');
    bench.write('instate.yaml', two.replace('element: closeio', 'element: insightly'));
    expect((await bench.run('apply plan.json')).err).toContain('[stale_plan]');
    expect(await bench.posts()).toBe(0);
  });

  it.each([
    '-f instate.yaml',
    '--project x',
    '--base-url http://127.0.0.1:1/',
    '--state s.db',
    '--target a',
    '--exclude a',
  ])('%s beside a plan file is a usage error', async (flag) => {
    const bench = await openBench();
    bench.write('instate.yaml', two);
    await bench.run('plan --out plan.json');
    expect((await bench.run(`apply plan.json ${flag}`)).err).toContain('[usage]');
  });

  it('F1: a base URL in a plan file is not trusted for standing there', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', two);
    await bench.run('plan --out plan.json');
    const plan = JSON.parse(readFileSync(bench.at('plan.json'), 'utf8'));
    bench.write(
      'plan.json',
      JSON.stringify({
        ...plan,
        inputs: { ...plan.inputs, baseUrl: 'https://evil.example/elements/api-v2' },
      }),
    );
    expect((await bench.run('apply plan.json')).err).toContain('[untrusted_host]');
  });

  it('F5: --expect-digest lets the reviewed plan through, and no other', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', two);
    const { digest } = (await bench.run('plan --json')).json();
    expect((await bench.run(`apply --yes --expect-digest ${'sha256:'.padEnd(71, '0')}`)).err).toContain(
      '[stale_plan]',
    );
    expect((await bench.run(`apply --yes --expect-digest ${String(digest)}`)).code).toBe(0);
  });

  it('--max-creates', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', two);
    expect((await bench.run('apply --yes --max-creates 1')).err).toContain('[too_many_creates]');
    expect(await bench.posts()).toBe(0);
    expect((await bench.run('apply --yes --max-creates 2')).code).toBe(0);
  });

  it('--target and --exclude limit what is done', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations(['a1', 'a2', 'b1'].map((one) => closeio(one)).join('\n')));
    expect((await bench.run('apply --yes --target a* --exclude a2')).out).toMatch(
      /Apply complete: 1 created/,
    );
    expect(
      (await bench.run('state list --json')).json().instances.map((one: { address: string }) => one.address),
    ).toEqual(['a1']);
  });
});

describe('the state by hand', () => {
  it('list, show, mv, rm; the instance lives on and is found again by its tag', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', two);
    await bench.run('apply --yes');
    expect((await bench.run('state show a')).out).toMatch(/configuration\.password +\(sensitive\) since 20/);
    expect((await bench.run('state mv a z')).out).toMatch(/^Renamed a to z \(#\d+\)\.\n$/);
    expect((await bench.run('state mv z b')).err).toContain('b is recorded already');
    expect((await bench.run('state mv z Not!')).err).toContain('[usage]');
    expect((await bench.run('state mv z a')).code).toBe(0);
    expect((await bench.run('state rm a b')).out).toMatch(
      /^Forgot a \(#\d+\)\. If the instance lives, it lives on\.\nForgot b/,
    );
    expect((await bench.run('state list')).out).toBe('Nothing is recorded.\n');
    expect((await bench.run('plan --json')).json().summary).toMatchObject({ adopt: 2, create: 0 });
    expect(await bench.posts()).toBe(2);
  });

  it('an unknown address names the nearest, and all or nothing is forgotten', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations([closeio('insightly-sales'), closeio('other')].join('\n')));
    await bench.run('apply --yes');
    const rm = await bench.run('state rm other insightly-sale');
    expect(rm.err).toContain('did you mean `insightly-sales`?');
    expect((await bench.run('state list --json')).json().instances).toHaveLength(2);
  });

  it('accept wants the credentials at hand', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', two);
    await bench.run('apply --yes');
    delete bench.env['PASSWORD'];
    expect((await bench.run('state accept a')).err).toContain('PASSWORD');
    expect((await bench.run('state accept nobody')).err).toContain('[unknown_address]');
  });

  it('one writer: a second apply says who holds the lock, and plan works meanwhile', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', two);
    await bench.fault({ on: 'POST /instances', do: 'delay', ms: 5_000 });
    const first = bench.run('apply --yes');
    while ((await bench.posts()) < 1) await new Promise((done) => setTimeout(done, 5));
    const plan = await bench.run('plan --json');
    expect(plan.json().changes[0]).toMatchObject({
      address: 'a',
      action: 'create',
      reason: { code: 'in_flight' },
    });
    expect(plan.code).toBe(0);
    expect((await bench.run('plan --format markdown')).out).not.toMatch(/expect-digest|sha256/);
    const drift = await bench.run('drift --json --target a');
    expect([drift.code, drift.json().items]).toEqual([0, [expect.objectContaining({ kind: 'pending' })]]);
    const second = await bench.run('apply --yes');
    expect(second.err).toMatch(/instate apply.*\[state_locked\]/s);
    const waiting = await bench.run('apply --yes --lock-timeout 20');
    expect(waiting.code).toBe(0);
    expect((await first).code).toBe(0);
    expect(await bench.posts()).toBe(2);
  });
});

describe('output', () => {
  it('needs no variable and no credential to show ids', async () => {
    const bench = await openBench();
    bench.env['REGION'] = 'eu';
    bench.write('instate.yaml', declarations(closeio('a', 'name: "a ${var:REGION}"')));
    await bench.run('apply --yes');
    for (const name of ['REGION', 'CE_USER_SECRET', 'PASSWORD']) bench.env[name] = undefined;
    expect((await bench.run('output')).out).toMatch(/^a +closeio +#\d+\n$/);
    expect((await bench.run('plan')).err).toContain('REGION');
  });

  it('header: a line ready to send, with the organization only on request', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', two);
    await bench.run('apply --yes');
    const { token } = (await bench.run('output a --reveal --json')).json().outputs[0];
    expect((await bench.run('output a --reveal --format header')).out).toBe(
      `Authorization: User user-secret-1, Element ${String(token)}\n`,
    );
    expect((await bench.run('output a --reveal --format header --full')).out).toBe(
      `Authorization: User user-secret-1, Organization organization-secret-1, Element ${String(token)}\n`,
    );
    const ping = await fetch(`${bench.sandbox.url}/hubs/crm/ping`, {
      headers: { authorization: `User user-secret-1, Element ${String(token)}` },
    });
    expect(ping.status).toBe(200);
  });

  it('F4: without --reveal no token is shown; the other formats need it', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', two);
    await bench.run('apply --yes');
    bench.env['INSTATE_REVEAL'] = '1';
    expect((await bench.run('output --json')).out).toContain('"(sensitive)"');
    expect((await bench.run('output a --format header')).err).toContain('--reveal');
    expect((await bench.run('output --reveal --format header')).err).toContain('[usage]');
    expect((await bench.run('output a --full')).err).toContain('[usage]');
  });

  it('E5: in CI without a key no token is stored, which is said once, and output reads it live', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', two);
    bench.env['CI'] = 'true';
    const apply = await bench.run('apply --yes');
    expect(apply.err.match(/token/g)?.length).toBeGreaterThan(0);
    expect(bench.exists('.config')).toBe(false);
    const gets = (await bench.stats()).requests['GET /instances/{id}'] ?? 0;
    expect((await bench.run('output a --reveal --json')).json().outputs[0].token).toMatch(
      /^[A-Za-z0-9+/=]{44}$/,
    );
    expect((await bench.stats()).requests['GET /instances/{id}']).toBe(gets + 1);
  });

  it('E4: another key: apply works, and reveal explains itself; --refresh reads live', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', two);
    await bench.run('apply --yes');
    bench.env['INSTATE_STATE_KEY'] = 'passphrase:another key than before';
    expect((await bench.run('apply --yes')).code).toBe(0);
    expect((await bench.run('plan --json')).json().summary.update).toBe(0);
    expect((await bench.run('output a --reveal')).err).toContain('[wrong_state_key]');
    expect((await bench.run('output a --reveal --refresh --json')).json().outputs[0].token).toMatch(
      /^[A-Za-z0-9+/=]{44}$/,
    );
  });
});

it.each([
  ['lost', ''],
  ['another one', 'passphrase:another key than before'],
])('E4: the key is %s: plan, drift and apply say once that credentials are not compared', async (_, key) => {
  const bench = await openBench();
  bench.write('instate.yaml', two);
  bench.env['INSTATE_STATE_KEY'] = 'passphrase:the key of the state';
  await bench.run('apply --yes');
  bench.env['INSTATE_STATE_KEY'] = key;
  const said = /The key that the state was written under is not here/g;
  for (const line of ['plan', 'drift', 'apply --yes'])
    expect((await bench.run(line)).err.match(said), line).toHaveLength(1);
  bench.write('instate.yaml', declarations([closeio('a'), closeio('b'), closeio('c')].join('\n')));
  const person = terminal('no');
  expect((await bench.run('apply', person)).out).toContain('Declined');
  expect(person.shown().match(said)).toHaveLength(1);
  const { code, diagnostics } = await bench
    .run('apply --yes --json')
    .then(({ code, json }) => ({ code, ...json() }));
  expect([code, diagnostics.map(({ code }: { code: string }) => code)]).toEqual([0, ['tokens_not_stored']]);
});

describe('what was typed wrong, and what a reader must not believe', () => {
  it.each([
    ['--json plan', 'instate plan --json'],
    ['--quiet --json state list', 'instate state list --quiet --json'],
  ])('`%s`: flags stand after the command', async (line, hint) => {
    const bench = await openBench();
    const { code, err, out } = await bench.run(line);
    expect(code).toBe(1);
    expect(err + out).toContain('flags stand after the command');
    expect(err + out).toContain(hint);
  });

  it.each(['abc', '5m', '-1'])('--grace %s: the hint has a unit, and no dangerous figure', async (value) => {
    const bench = await openBench();
    bench.write('instate.yaml', two);
    const { err } = await bench.run(`apply --yes --grace=${value}`);
    expect(err).toMatch(/--grace takes a number of seconds .*\[usage\]\n {2}for example {2}--grace 60/);
  });

  it('show --offline shows nothing as live, since nothing was asked', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', two);
    await bench.run('apply --yes');
    const { instance } = (await bench.run('show a --offline --json')).json();
    expect([instance.live, instance.recorded.name]).toEqual([null, 'a']);
  });

  it('a report that cannot be written refuses an apply before its first POST', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', two);
    const { code, err } = await bench.run('apply --yes --report json:no/such/folder.json');
    expect([code, err.includes('[file_unwritable]')]).toEqual([1, true]);
    expect(await bench.posts()).toBe(0);
  });
});

describe('init, validate, schema, reports', () => {
  it.runIf(existsSync('/proc/self'))('init where no folder can be made ends', async () => {
    const bench = await openBench();
    const { code, err } = await bench.run('init /proc/instate/x');
    expect([code, err]).toEqual([1, expect.stringContaining('[file_unwritable]')]);
  });

  it('init makes a project that is valid, and never overwrites', async () => {
    const bench = await openBench();
    bench.write('.gitignore', 'node_modules/\n.env');
    delete bench.env['INSTATE_BASE_URL'];
    expect((await bench.run('init')).out).toMatch(/^Wrote instate\.yaml, \.env\.example, \.gitignore\./);
    expect(readFileSync(bench.at('.gitignore'), 'utf8')).toBe('node_modules/\n.env\n.instate/\n*.env\n');
    expect((await bench.run('validate')).out).toMatch(/Valid: 1 instance in instate\.yaml\.\n$/);
    expect((await bench.run('init')).err).toContain('[file_exists]');
    expect((await bench.run('init sub/folder')).code).toBe(0);
    expect(bench.exists('sub/folder/instate.yaml')).toBe(true);
  });

  it('validate needs no credential, and says which are unset', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', two);
    for (const name of Object.keys(bench.env)) bench.env[name] = undefined;
    const { valid, unset, instances } = (await bench.run('validate --json')).json();
    expect({ valid, unset, instances }).toEqual({
      valid: true,
      unset: ['CE_ORGANIZATION_SECRET', 'CE_USER_SECRET', 'PASSWORD', 'USERNAME'],
      instances: 2,
    });
  });

  it('a report is a copy beside what stdout shows', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', two);
    const plan = await bench.run('plan --report json:plan.json --report text:plan.txt');
    expect(readFileSync(bench.at('plan.txt'), 'utf8')).toBe(plan.out);
    expect(JSON.parse(readFileSync(bench.at('plan.json'), 'utf8')).summary.create).toBe(2);
  });

  it('--quiet leaves the last line', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', two);
    expect((await bench.run('plan --quiet')).out).toBe(
      'Plan: 2 to create, 0 to adopt, 0 to forget, 0 held, 0 conflicts.\n',
    );
    expect((await bench.run('apply --yes --quiet')).out).toBe(
      'Apply complete: 2 created, 0 adopted, 0 forgotten.\n',
    );
  });

  it('schemas of several answers can be loaded side by side, and each takes the failure that a run may come to instead', async () => {
    const bench = await openBench();
    const ajv = new Ajv2020({ strict: true, strictRequired: false, allowUnionTypes: true });
    const compile = async (of: string) => ajv.compile((await bench.run(`schema --of ${of}`)).json());
    const [isPlan, isApply] = [await compile('plan'), await compile('apply')];
    bench.write('instate.yaml', two);
    const plan = (await bench.run('plan --json')).json();
    expect([isPlan(plan), isApply(plan)]).toEqual([true, false]);
    expect(isPlan({ ...plan, live: undefined })).toBe(false);
    const failure = (await bench.run('plan --target nope --json')).json();
    expect([failure.error.code, isPlan(failure), isApply(failure)]).toEqual(['unknown_address', true, true]);
  });
});

describe('help', () => {
  it.each(entries.map((entry) => entry.name))(
    '%s has help with examples, and opens nothing',
    async (name) => {
      const bench = await openBench();
      const help = await bench.run(`${name} --help`);
      expect(help.code).toBe(0);
      expect(help.out).toContain('Examples:');
      expect(help.out).toMatch(new RegExp(`^instate ${name}`));
      expect(Object.keys(bench.snapshot())).toEqual([]);
    },
  );

  it('the overview lists every command', async () => {
    const bench = await openBench();
    const { out, code } = await bench.run('--help');
    expect(code).toBe(0);
    for (const { name } of entries) expect(out).toContain(name.split(' ')[0]);
    for (const { name } of entries.filter((entry) => entry.name.startsWith('state '))) {
      expect((await bench.run('state --help')).out).toContain(name);
    }
  });
});

it('a sandbox command serves until it is told to stop', async () => {
  const bench = await openBench();
  const { overrides, send } = signals();
  let ready: (url: string) => void = () => undefined;
  const listening = new Promise<string>((done) => (ready = done));
  const stdout = { write: (text: string) => ready(text), isTTY: false, columns: 0 };
  const running = bench.run('sandbox --port 0 --seed 3', { ...overrides, stdout });
  const line = await listening;
  expect(line).toMatch(/^Sandbox listening on http:\/\/127\.0\.0\.1:\d+\/elements\/api-v2\n$/);
  const url = line.trim().split(' ').at(-1) ?? '';
  const answer = await fetch(`${url}/instances`, { headers: { authorization: 'User a, Organization b' } });
  expect(await answer.json()).toHaveLength(3);
  send('SIGTERM');
  expect((await running).code).toBe(143);
});
