import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { declarations, openBench, signals, terminal, type Bench } from '../support/bench.ts';

/** A program of node's that runs this text. */
const program = (text: string, more: readonly string[] = []) =>
  JSON.stringify([process.execPath, '-e', text, ...more]);
const instance = (address: string, password: string) =>
  [
    `${address}:`,
    '  element: closeio',
    '  configuration:',
    '    username: "${env:USERNAME}"',
    `    password: "${password}"`,
  ].join('\n');
const withCommand = (command: string, password = '${exec:key}', top = '') =>
  declarations(instance('a', password), `secretCommands:\n  key: ${command}\n${top}`);
/** Writes a line to `runs` each time, then says the secret. */
const counting = program(
  "require('fs').appendFileSync('runs', 'x'); process.stdout.write(['from', 'a', 'command'].join('-') + '\\n\\n')",
);
const runs = (bench: Bench): number =>
  existsSync(bench.at('runs')) ? readFileSync(bench.at('runs'), 'utf8').length : 0;
const sentPassword = async (bench: Bench): Promise<unknown> =>
  (
    (await bench.requests()).find(({ method }) => method === 'POST')?.body as {
      configuration: { password: string };
    }
  ).configuration.password;

describe('${exec:NAME}', () => {
  it('apply --allow-exec runs the command once, however often it is referred to, and sends what it wrote', async () => {
    const bench = await openBench();
    const two = `${instance('a', '${exec:key}')}\n${instance('b', 'x-${exec:key}')}`;
    bench.write('instate.yaml', declarations(two, `secretCommands:\n  key: ${counting}\n`));
    const apply = await bench.run('apply --yes --allow-exec --parallelism 1');
    expect(apply.err + apply.out).not.toContain('from-a-command');
    expect(apply.code).toBe(0);
    expect(runs(bench)).toBe(1);
    expect(await sentPassword(bench)).toBe('from-a-command');
    const again = await bench.run('drift --allow-exec --json');
    expect(again.json().items).toEqual([]);
    expect(runs(bench)).toBe(2);
  });

  it('plan and validate run nothing, have no flag for it, and say what apply will need', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', withCommand(counting));
    expect((await bench.run('validate')).code).toBe(0);
    const plan = await bench.run('plan --json');
    expect(plan.json().changes).toMatchObject([{ action: 'create', needs: ['exec:key'] }]);
    expect((await bench.run('plan')).out).toContain('needs exec:key: run by  instate apply --allow-exec');
    for (const line of ['plan --allow-exec', 'validate --allow-exec']) {
      expect((await bench.run(line)).err).toContain('unknown flag: --allow-exec [usage]');
    }
    expect(runs(bench)).toBe(0);
  });

  it('F4: without --allow-exec nothing is run, whatever the environment says', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', withCommand(counting));
    bench.env['INSTATE_ALLOW_EXEC'] = '1';
    const apply = await bench.run('apply --yes');
    expect(apply.code).toBe(1);
    expect(apply.err).toMatch(/exec:key[^]*--allow-exec[^]*nothing was created|\[missing_reference\]/);
    expect(apply.err).toContain('--allow-exec');
    expect([runs(bench), await bench.posts()]).toEqual([0, 0]);
  });

  it('E8: what a command gave is cut out of what the service says later, to a GET too', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', withCommand(counting));
    const body = { message: 'no list with from-a-command', requestId: '5b0437c6e4b07731ae39b533' };
    await bench.fault(
      { on: 'GET /instances', do: 'status', code: 503, body },
      { on: 'GET /instances', nth: 4, times: 9, do: 'status', code: 400, body },
    );
    const apply = await bench.run('apply --yes --allow-exec');
    expect(apply.code).toBe(1);
    expect(apply.err).toContain('no list with (sensitive)');
    expect(apply.err + apply.out).not.toContain('from-a-command');
  });

  it('the digest of a plan that ran nothing lets the apply through that does', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', withCommand(counting));
    await bench.run('plan --out plan.json');
    expect((await bench.run('apply plan.json --allow-exec')).code).toBe(0);
    expect((await bench.run('plan')).out).toMatch(/No changes/);
  });

  it('nothing is run before somebody has approved: not for a "no", another digest, or a plan file of other words', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', withCommand(counting));
    await bench.run('apply --allow-exec', terminal('no'));
    expect((await bench.run(`apply --yes --allow-exec --expect-digest sha256:${'0'.repeat(64)}`)).code).toBe(
      1,
    );
    await bench.run('plan --out plan.json');
    bench.write(
      'instate.yaml',
      withCommand(program("require('fs').appendFileSync('runs', 'x'); console.log('other-words')")),
    );
    expect((await bench.run('apply plan.json --allow-exec')).err).toContain('[stale_plan]');
    expect([runs(bench), await bench.posts()]).toEqual([0, 0]);
  });

  it('F2: the plan shows what would be run, and apply runs only what its creates need', async () => {
    const bench = await openBench();
    const two = `${instance('a', '${exec:key}')}\n${instance('b', '${exec:other}')}`;
    const other = program("require('fs').writeFileSync('other', ''); console.log('another-one')");
    bench.write(
      'instate.yaml',
      declarations(two, `secretCommands:\n  key: ${counting}\n  other: ${other}\n`),
    );
    expect((await bench.run('plan')).out).toMatch(/exec:other is what this prints: .*node -e require/);
    expect((await bench.run('apply --yes --allow-exec --target a')).code).toBe(0);
    expect([runs(bench), bench.exists('other')]).toEqual([1, false]);
  });

  it("the account's secrets may come from commands, for all but plan", async () => {
    const bench = await openBench();
    const account = 'account: { userSecret: "${exec:user}" }\n';
    const commands = `secretCommands: { user: ${program("console.log('user-secret-9')")} }\n`;
    bench.write('instate.yaml', declarations(instance('a', '${env:PASSWORD}'), account + commands));
    expect((await bench.run('apply --yes --allow-exec')).code).toBe(0);
    const [post] = (await bench.requests()).filter(({ method }) => method === 'POST');
    expect(post?.headers['authorization']).toMatch(/^User user-secret-9, /);
    const plan = await bench.run('plan');
    expect(plan.err).toMatch(/need exec:user.*\[missing_reference\]\n.*plan runs none/);
    expect((await bench.run('output --reveal --format header --allow-exec')).out).toContain('user-secret-9');
  });

  it.each([
    ['a program that fails', program("process.stderr.write('a-secret'); process.exit(3)"), 'exit code 3'],
    ['one that is not there', '["no-such-program"]', 'its program was not found'],
    ['one that writes nothing', program('0'), 'it wrote nothing'],
    ['one that writes no text', program('process.stdout.write(Buffer.from([255, 254]))'), 'no UTF-8'],
    ['one that writes too much', program("process.stdout.write('y'.repeat(70000))"), 'more than 64 KiB'],
    [
      'one that takes too long',
      `{ command: ${program('setTimeout(() => 0, 60000)')}, timeout: 0.3 }`,
      'longer than 0.3 s',
    ],
    ['one that a signal ends', program("process.kill(process.pid, 'SIGKILL')"), 'SIGKILL ended it'],
  ])('%s: a warning with the cause, none of its words, and nothing is created', async (_, command, cause) => {
    const bench = await openBench();
    bench.write('instate.yaml', withCommand(command));
    const apply = await bench.run('apply --yes --allow-exec');
    expect(apply.code).toBe(1);
    expect(apply.err).toMatch(new RegExp(`the secret command key gave nothing: .*${cause}`));
    expect(apply.err).toMatch(/instate\.yaml:4:3/);
    expect(apply.err).not.toMatch(/a-secret|yyyy/);
    expect(await bench.posts()).toBe(0);
  });

  it('what a command leaves behind neither holds the run up nor outlives it', async () => {
    const bench = await openBench();
    bench.env['PATH'] = process.env['PATH'];
    // One that stays in the group, and one that has left it and holds the pipe open.
    const stray =
      "setsid sh -c 'echo $$ > stray; exec sleep 60' & while [ ! -s stray ]; do sleep 0.05; done;";
    const words = JSON.stringify(['sh', '-c', `(sleep 60 & echo $! > left); ${stray} echo said-at-once`]);
    bench.write('instate.yaml', withCommand(words));
    expect((await bench.run('apply --yes --allow-exec')).code).toBe(0);
    expect(await sentPassword(bench)).toBe('said-at-once');
    const outside = Number(readFileSync(bench.at('stray'), 'utf8'));
    expect(existsSync(`/proc/${String(outside)}`)).toBe(true);
    process.kill(outside, 'SIGKILL');
    const left = readFileSync(bench.at('left'), 'utf8').trim();
    while (existsSync(`/proc/${left}`) && !/\) Z /.test(readFileSync(`/proc/${left}/stat`, 'utf8')))
      await new Promise((done) => setTimeout(done, 10));
  });

  it.each([
    ['a word with a NUL', '["node", "a\\0b"]'],
    ['a path through a file', '["/etc/passwd/x"]'],
  ])('%s: a warning like any other', async (_, words) => {
    const bench = await openBench();
    bench.write('instate.yaml', withCommand(words));
    const apply = await bench.run('apply --yes --allow-exec');
    expect([apply.code, apply.err.includes('[internal]')]).toEqual([1, false]);
    expect(apply.out + apply.err).toMatch(/gave nothing|control characters/);
  });

  it('no shell reads the words; they may hold ${var:}, and it runs beside the file that declares it', async () => {
    const bench = await openBench();
    bench.env['VAULT_PATH'] = 'kv/crm';
    const words = program(
      "require('fs').writeFileSync('argv', process.argv.slice(1).join('|')); console.log('s3cret-1')",
      ['$(touch pwned); ${var:VAULT_PATH}'],
    );
    bench.write('sub/instate.yaml', withCommand(words));
    expect((await bench.run('apply --yes --allow-exec -f sub/instate.yaml')).code).toBe(0);
    expect(readFileSync(bench.at('sub/argv'), 'utf8')).toBe('$(touch pwned); kv/crm');
    expect(bench.exists('pwned') || bench.exists('sub/pwned')).toBe(false);
  });

  it('E6: it gets what is harmless and what env: names, and no other variable', async () => {
    const bench = await openBench();
    bench.env['VAULT_TOKEN'] = 'token-of-the-vault';
    bench.env['PATH'] = process.env['PATH'];
    const text = program(
      "require('fs').writeFileSync('env', JSON.stringify(process.env)); console.log('s3cret-1')",
    );
    bench.write('instate.yaml', withCommand(`{ command: ${text}, env: [VAULT_TOKEN, NOT_SET] }`));
    expect((await bench.run('apply --yes --allow-exec')).code).toBe(0);
    const seen = JSON.parse(readFileSync(bench.at('env'), 'utf8')) as Record<string, string>;
    expect(seen['VAULT_TOKEN']).toBe('token-of-the-vault');
    expect(Object.keys(seen).filter((name) => /SECRET|PASSWORD|USERNAME|INSTATE|NOT_SET/.test(name))).toEqual(
      [],
    );
  });

  it('F2: INSTATE_ENV_ALLOW holds for what a command gets, too', async () => {
    const bench = await openBench();
    bench.env['VAULT_TOKEN'] = 'x';
    bench.env['INSTATE_ENV_ALLOW'] = 'USERNAME,PASSWORD,CE_*';
    bench.write('instate.yaml', withCommand(`{ command: ${counting}, env: [VAULT_TOKEN] }`));
    const validate = await bench.run('validate');
    expect(validate.err).toMatch(/VAULT_TOKEN may not be given to a command: INSTATE_ENV_ALLOW/);
  });

  it('F2: ${var:} whose value holds what a command gave is refused, and not shown', async () => {
    const bench = await openBench();
    bench.env['NAME_OF_IT'] = 'Sales from-a-command';
    const block = `${instance('a', '${exec:key}')}\n  name: "\${var:NAME_OF_IT}"`;
    bench.write('instate.yaml', declarations(block, `secretCommands:\n  key: ${counting}\n`));
    const apply = await bench.run('apply --yes --allow-exec');
    expect(apply.err).toMatch(/\$\{var:NAME_OF_IT\} is refused.*\[invalid_declarations\]/);
    expect(apply.err).not.toContain('from-a-command');
    expect(await bench.posts()).toBe(0);
  });

  it('a signal ends the command and what it has started', async () => {
    const bench = await openBench();
    const child =
      "require('child_process').spawn(process.execPath, ['-e', 'setTimeout(() => 0, 60000)'], { stdio: 'ignore' })";
    const text = program(
      `const c = ${child}; require('fs').writeFileSync('pid', String(c.pid)); setTimeout(() => 0, 60000)`,
    );
    bench.write('instate.yaml', withCommand(text));
    const { overrides, send } = signals();
    const running = bench.run('apply --yes --allow-exec', overrides);
    while (!bench.exists('pid') || readFileSync(bench.at('pid'), 'utf8') === '')
      await new Promise((done) => setTimeout(done, 10));
    send('SIGTERM');
    expect((await running).code).toBe(143);
    const pid = Number(readFileSync(bench.at('pid'), 'utf8'));
    const isGone = () => {
      try {
        return (
          readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
            .split(') ')[1]
            ?.startsWith('Z') === true
        );
      } catch {
        return true;
      }
    };
    while (!isGone()) await new Promise((done) => setTimeout(done, 10));
  });
});
