import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runAttached } from '../../cmd/child-process.ts';
import { closeio, declarations, openBench, type Bench } from '../support/bench.ts';

const formats = ['dotenv', 'header', 'curl', 'postman', 'github'];

async function applied(...addresses: readonly string[]): Promise<Bench> {
  const bench = await openBench();
  const names = addresses.length === 0 ? ['insightly-sales'] : addresses;
  bench.write('instate.yaml', declarations(names.map((one) => closeio(one)).join('\n')));
  expect((await bench.run('apply --yes')).code).toBe(0);
  return bench;
}

const tokenOf = async (bench: Bench, address: string): Promise<string> =>
  String((await bench.run(`output ${address} --reveal --json`)).json().outputs[0].token);
/** What a program that `output --exec` starts sees: it writes its environment to a file. */
const seen = (bench: Bench): Record<string, string> =>
  JSON.parse(readFileSync(bench.at('seen'), 'utf8')) as Record<string, string>;
const look = [process.execPath, '-e', "require('fs').writeFileSync('seen', JSON.stringify(process.env))"];

describe('output hands tokens over', () => {
  it.each(formats)('F4: --format %s is refused without --reveal, before anything is read', async (format) => {
    const bench = await applied();
    bench.env['INSTATE_REVEAL'] = '1';
    const { requests } = await bench.stats();
    const output = await bench.run(`output insightly-sales --format ${format}`);
    expect(output.code).toBe(1);
    expect(output.out).toBe('');
    expect(output.err).toMatch(/--format \w+ shows secrets \[usage\]\n {2}say so with --reveal/);
    expect((await bench.stats()).requests).toEqual(requests);
  });

  it('dotenv: lines that a shell and --env-file read alike', async () => {
    const bench = await applied('insightly-sales', '2nd.one');
    const { out } = await bench.run('output --reveal --format dotenv');
    const token = await tokenOf(bench, 'insightly-sales');
    expect(out).toMatch(
      /^_2ND_ONE_ID=\d+\n_2ND_ONE_TOKEN=.+\nINSIGHTLY_SALES_ID=\d+\nINSIGHTLY_SALES_TOKEN=.+\n$/,
    );
    expect(out).toContain(`INSIGHTLY_SALES_TOKEN=${token}\n`);
    writeFileSync(bench.at('tokens.env'), out);
    const read = execFileSync('sh', ['-c', '. ./tokens.env && printf %s "$INSIGHTLY_SALES_TOKEN"'], {
      cwd: bench.folder,
    });
    expect(read.toString()).toBe(token);
  });

  it('curl: a here-document that pings, run by a shell: 200, and nothing of it in a list of processes', async () => {
    const bench = await applied('a', 'b');
    bench.env['CE_USER_SECRET'] = 'with"quotes\\and$signs`';
    await bench.run('apply --yes --state other.db');
    const { out } = await bench.run('output --reveal --format curl --state other.db');
    expect(out.match(/^curl --config - <<'END_\S{36}'$/gm)).toHaveLength(2);
    writeFileSync(bench.at('curl.sh'), out);
    // In a process of its own that does not wait for us: the sandbox answers from this one.
    const { code, text } = await shell(bench, 'sh curl.sh > answers 2>&1', 'answers');
    expect([code, text]).toEqual([
      0,
      expect.stringMatching(/"endpoint":"closeio"}\n200\n[^]*"endpoint":"closeio"}\n200\n$/),
    ]);
  });

  it('postman: an environment file, with what opens something marked as a secret', async () => {
    const bench = await applied();
    const file = JSON.parse((await bench.run('output --reveal --full --format postman')).out) as {
      name: string;
      values: { key: string; value: string; type: string }[];
      _postman_variable_scope: string;
    };
    expect(file).toMatchObject({ name: 'instate crm', _postman_variable_scope: 'environment' });
    const by = Object.fromEntries(file.values.map(({ key, value, type }) => [key, [type, value]]));
    expect(by).toMatchObject({
      baseUrl: ['default', bench.sandbox.url],
      userSecret: ['secret', 'user-secret-1'],
      organizationSecret: ['secret', 'organization-secret-1'],
      INSIGHTLY_SALES_TOKEN: ['secret', await tokenOf(bench, 'insightly-sales')],
    });
    const short = (await bench.run('output --reveal --format postman')).out;
    expect(short).not.toContain('organization-secret-1');
  });

  it('E7: github: masks on stdout first, then its two files, each entry closed by a random word', async () => {
    const bench = await applied('a', 'b');
    for (const name of ['GITHUB_OUTPUT', 'GITHUB_ENV']) {
      bench.env[name] = bench.at(name);
      writeFileSync(bench.at(name), 'before=1\n');
    }
    const { out, code } = await bench.run('output --reveal --format github');
    const tokens = [await tokenOf(bench, 'a'), await tokenOf(bench, 'b')];
    expect(out).toBe(tokens.map((token) => `::add-mask::${token}\n`).join(''));
    expect(code).toBe(0);
    const words = ['GITHUB_OUTPUT', 'GITHUB_ENV'].map((name) => {
      const text = readFileSync(bench.at(name), 'utf8');
      const [, word = ''] = /^before=1\nA_ID<<(instate_\S{36})\n/.exec(text) ?? [];
      expect(text).toContain(`A_TOKEN<<${word}\n${tokens[0] ?? ''}\n${word}\n`);
      expect(text).toContain(`B_TOKEN<<${word}\n${tokens[1] ?? ''}\n${word}\n`);
      return word;
    });
    expect(new Set(words).size).toBe(2);
  });

  it('github --full: a header is masked, and each part of it', async () => {
    const bench = await applied('a');
    bench.env['GITHUB_ENV'] = bench.at('env');
    const { out } = await bench.run('output --reveal --full --format github');
    const token = await tokenOf(bench, 'a');
    const masked = ['user-secret-1', 'organization-secret-1', token].map((value) => `::add-mask::${value}\n`);
    for (const line of masked) expect(out).toContain(line);
    expect(readFileSync(bench.at('env'), 'utf8')).toContain('A_AUTHORIZATION<<');
  });

  it('--exec-env hands on what is named, but not the key of the state', async () => {
    const bench = await applied('a');
    bench.env['CE_USER_SECRET'] = 'user-secret-1';
    await bench.run(['output', '--exec', '--exec-env', 'CE_USER_SECRET', '--', ...look]);
    expect(seen(bench)['CE_USER_SECRET']).toBe('user-secret-1');
    expect((await bench.run('output --exec --exec-env INSTATE_STATE_KEY -- true')).err).toContain('[usage]');
    expect((await bench.run('output --exec-env X')).err).toContain('goes with --exec');
  });

  it('github: outside of a job it is a usage error, before any mask', async () => {
    const bench = await applied();
    const { out, err } = await bench.run('output --reveal --format github');
    expect([out, err.includes('[usage]')]).toEqual(['', true]);
  });

  it('E6: --exec: the program alone gets ids and tokens, and of our environment what is harmless', async () => {
    const bench = await applied('a', 'b');
    bench.env['SOMETHING_ELSE'] = 'of-mine';
    bench.env['PATH'] = process.env['PATH'];
    const { code, out } = await bench.run(['output', '--exec', '--', ...look]);
    expect([code, out]).toEqual([0, '']);
    const env = seen(bench);
    expect([env['A_TOKEN'], env['B_TOKEN']]).toEqual([await tokenOf(bench, 'a'), await tokenOf(bench, 'b')]);
    expect(Object.keys(env).sort()).toEqual(['A_ID', 'A_TOKEN', 'B_ID', 'B_TOKEN', 'PATH']);
  });

  it('--exec --full: a whole Authorization for each instance', async () => {
    const bench = await applied('a');
    await bench.run(['output', '--exec', '--full', '--', ...look]);
    expect(seen(bench)['A_AUTHORIZATION']).toBe(
      `User user-secret-1, Organization organization-secret-1, Element ${await tokenOf(bench, 'a')}`,
    );
  });

  it("--exec: the program's exit code and signal are ours; words after -- are its own", async () => {
    const bench = await applied('a');
    const run = (text: string) =>
      bench.run(['output', 'a', '--exec', '--', process.execPath, '-e', text, 'x', '--json']);
    expect((await run("process.exit(process.argv.includes('--json') ? 7 : 1)")).code).toBe(7);
    expect((await run("process.kill(process.pid, 'SIGTERM')")).code).toBe(143);
    expect((await bench.run('output --exec -- no-such-program')).err).toMatch(/was not found \[usage\]/);
  });

  it.each([
    ['output --exec', '--exec names no program'],
    ['output --exec --json -- true', 'contradict each other'],
    ['output --exec --format curl -- true', 'contradict each other'],
    ['output -- true', 'unknown argument after --: true'],
    ['plan -- true', 'unknown argument after --: true'],
    ['output --full', '--full goes with'],
    ['output --reveal --format header', 'takes one address'],
    ['output --reveal --format dotenv --report text:copy', 'no copy of tokens'],
  ])('`%s` is a usage error', async (line, words) => {
    const bench = await applied('a', 'b');
    const { code, err, out } = await bench.run(line);
    expect([code, err.includes(`${words}`) || out.includes(words)]).toEqual([1, true]);
    expect(existsSync(bench.at('copy'))).toBe(false);
  });

  it('two addresses of one name are refused by the formats that name variables', async () => {
    const bench = await applied('a-b', 'a.b');
    expect((await bench.run('output --reveal --format dotenv')).err).toContain(
      'a-b and a.b would have the same',
    );
    expect((await bench.run('output a-b --reveal --format dotenv')).code).toBe(0);
  });

  it('a report that holds tokens is for its owner alone, also where a file was before', async () => {
    const bench = await applied('a');
    writeFileSync(bench.at('copy.json'), '', { mode: 0o644 });
    await bench.run('output --reveal --report json:copy.json --report text:copy.txt');
    expect(readFileSync(bench.at('copy.json'), 'utf8')).toContain(await tokenOf(bench, 'a'));
    for (const name of ['copy.json', 'copy.txt']) expect(statSync(bench.at(name)).mode & 0o777).toBe(0o600);
  });

  it('after a rekey every format works; with the old key alone the error explains itself', async () => {
    const bench = await applied();
    bench.env['INSTATE_STATE_KEY'] = 'passphrase:the key of the first week';
    expect((await bench.run('state rekey')).code).toBe(0);
    const token = await tokenOf(bench, 'insightly-sales');
    for (const format of ['dotenv', 'header', 'curl', 'postman']) {
      expect((await bench.run(`output --reveal --format ${format}`)).out).toContain(token);
    }
    bench.env['INSTATE_STATE_KEY'] = undefined;
    const old = await bench.run('output --reveal --format header');
    expect(old.code).toBe(1);
    expect(old.err).toMatch(/the key that the state was written under is not here\. \[wrong_state_key\]/);
    expect(old.err).toMatch(/INSTATE_STATE_KEY/);
    expect((await bench.run('output --reveal --refresh --format header')).out).toContain(token);
  });
});

describe('a replaced credential', () => {
  it('turns the plan into 1 held and --detailed-exitcode into 2, and says which and since when', async () => {
    const bench = await applied();
    bench.env['PASSWORD'] = 'a-new-one';
    const plan = await bench.run('plan --detailed-exitcode');
    const today = new Date().toISOString().slice(0, 10);
    expect(plan.out).toContain(`credential password changed since ${today}`);
    expect(plan.out).toMatch(/Plan: 0 to create, 0 to adopt, 0 to forget, 1 held, 0 conflicts\.\n$/);
    expect(plan.code).toBe(2);
    bench.env['USERNAME'] = 'somebody@example.com';
    expect((await bench.run('plan')).out).toContain(`credential password, username changed since ${today}`);
    expect((await bench.run('plan')).out).not.toMatch(/a-new-one|somebody@/);
    // What the service shows in clear has to be set there; what it masks may be accepted.
    bench.env['USERNAME'] = 'someone@example.com';
    expect((await bench.run('state accept insightly-sales')).code).toBe(0);
    expect((await bench.run('plan --detailed-exitcode')).code).toBe(0);
  });

  it('that cannot be compared is counted once, and is no drift', async () => {
    const bench = await applied('a', 'b');
    bench.env['PASSWORD'] = undefined;
    const plan = await bench.run('plan');
    expect(plan.out.match(/not verified/g)).toHaveLength(1);
    expect(plan.out).toContain('2 values not verified');
    expect(plan.out).toMatch(/No changes\. 2 instances are as declared\.\n$/);
    expect((await bench.run('drift --json')).json()).toMatchObject({ drifted: false, items: [] });
  });
});

/** A shell in a process of its own, while this one goes on serving the sandbox. */
async function shell(bench: Bench, line: string, file: string): Promise<{ code: unknown; text: string }> {
  const ended = await runAttached(
    { words: ['sh', '-c', line], cwd: bench.folder, env: { PATH: process.env['PATH'] } },
    () => () => undefined,
  );
  return { code: 'code' in ended ? ended.code : ended.failed, text: readFileSync(bench.at(file), 'utf8') };
}

// curl is what the format is for; a machine without it cannot run the test.
if (spawnSync('curl', ['--version']).status !== 0) throw new Error('curl is missing');
