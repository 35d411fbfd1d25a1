import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { closeio, declarations, openBench } from './support/bench.ts';
import { binary, requireBinary, runBinary, start, until } from './support/binary.ts';

const many = (n: number) =>
  declarations(Array.from({ length: n }, (_, at) => closeio(`i${String(at).padStart(3, '0')}`)).join('\n'));

beforeAll(requireBinary);

describe('the installed binary', () => {
  it('--version and --help', async () => {
    const bench = await openBench();
    expect((await runBinary(bench, '--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/);
    const help = await runBinary(bench, '--help');
    expect(help.code).toBe(0);
    expect(help.out).toContain('instate apply');
  });

  it('plan, apply, plan, output', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', many(3));
    expect((await runBinary(bench, 'plan')).out).toMatch(
      /Plan: 3 to create, 0 to adopt, 0 to forget, 0 held, 0 conflicts\.\n$/,
    );
    const apply = await runBinary(bench, 'apply --auto-approve');
    expect(apply).toMatchObject({
      code: 0,
      out: expect.stringMatching(/Apply complete: 3 created, 0 adopted, 0 forgotten\.\n$/) as string,
    });
    expect((await runBinary(bench, 'plan')).out).toContain('No changes. 3 instances are as declared.');
    expect(JSON.parse((await runBinary(bench, 'output --reveal --json')).out).outputs).toHaveLength(3);
  });

  it('started as it is installed, --env-file is ours: node neither reads the file nor obeys what it says', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', many(1));
    bench.write('hook.cjs', 'require("node:fs").writeFileSync(__dirname + "/hooked", "")');
    bench.write('vars.env', `NODE_OPTIONS=--require=${bench.at('hook.cjs')}\nUSERNAME=x\n`);
    const installed = (line: string) => {
      const env = { ...bench.env, PATH: process.env['PATH'], HOME: bench.folder };
      return new Promise<{ code: number | null; out: string }>((done) => {
        const child = spawn(binary, line.split(' '), {
          cwd: bench.folder,
          env,
          stdio: ['ignore', 'pipe', 'ignore'],
        });
        let out = '';
        child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
        child.on('close', (code) => done({ code, out }));
      });
    };
    const missing = await installed('plan --env-file none.env --json');
    expect(missing.code).toBe(1);
    expect(JSON.parse(missing.out).error.code).toBe('file_unreadable');
    expect((await installed('plan --env-file vars.env')).code).toBe(0);
    expect(bench.exists('hooked')).toBe(false);
  });

  it('declarations come from stdin with -f -', async () => {
    const bench = await openBench();
    const { child, done } = start(bench, 'validate -f -', { stdin: 'pipe' });
    child.stdin?.end(many(2));
    expect(await done).toMatchObject({
      code: 0,
      out: expect.stringContaining('Valid: 2 instances') as string,
    });
  });

  it('a reader that goes away changes nothing of what is done, nor the exit code', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', many(3));
    await bench.fault({
      on: 'POST /instances',
      times: 9,
      do: 'status',
      code: 400,
      body: { message: 'no', requestId: '5b0437c6e4b07731ae39b533' },
    });
    const { child, done } = start(bench, 'apply --yes');
    child.stdout?.destroy();
    expect((await done).code).toBe(1);
    expect(await bench.posts()).toBe(3);
  });

  it('off a terminal, apply without approval exits 1 at once', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', many(1));
    const apply = await runBinary(bench, 'apply');
    expect(apply.code).toBe(1);
    expect(apply.err).toContain('[needs_approval]');
    expect((await bench.stats()).requests).toEqual({});
  });

  it('SIGINT: nothing new is sent, what is in flight is saved, exit 130, and the next run goes on', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', many(1));
    await runBinary(bench, 'apply --yes');
    bench.write('instate.yaml', many(40));
    await bench.fault({ on: 'POST /instances', times: 99, do: 'delay', ms: 100 });
    const { child, done } = start(bench, 'apply --yes --json');
    await until(async () => (await bench.posts()) >= 12);
    child.kill('SIGINT');
    const stopped = await done;
    expect(stopped.code).toBe(130);
    const { created, notAttempted } = JSON.parse(stopped.out).summary;
    expect(notAttempted).toBeGreaterThan(0);
    expect((await bench.stats()).instances).toBe(1 + Number(created));
    expect((await runBinary(bench, 'apply --yes')).code).toBe(0);
    expect((await bench.stats()).instances).toBe(40);
  });

  it('SIGINT: an answer that takes longer than 7 s is given up, and reported as uncertain', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', many(2));
    await bench.fault({ on: 'POST /instances', do: 'stall' });
    const { child, done } = start(bench, 'apply --yes');
    await until(async () => (await bench.posts()) >= 1);
    child.kill('SIGINT');
    const stopped = await done;
    expect(stopped.code).toBe(130);
    expect(stopped.out).toMatch(/1 uncertain, 1 not attempted\.\n$/);
    expect((await runBinary(bench, 'apply --yes')).code).toBe(0);
    expect((await bench.stats()).instances).toBe(2);
  });

  it('SIGKILL with creates in flight: the next run finds or makes each of them, none twice, and asks nobody', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', many(60));
    await bench.fault({ on: 'POST /instances', nth: 5, times: 99, do: 'delay', ms: 60 });
    const limits = '--timeout 1 --grace 0.5';
    const { child, done } = start(bench, `apply --yes ${limits}`);
    await until(async () => (await bench.posts()) >= 25);
    child.kill('SIGKILL');
    await done;
    const again = await runBinary(bench, `apply --yes ${limits}`);
    expect(again.code, again.err).toBe(0);
    expect((await bench.stats()).instances).toBe(60);
    const tags = [];
    for (const { tags: some } of (await bench.call('GET', '/instances?hydrate=true')).body as {
      tags: string[];
    }[])
      tags.push(...some);
    expect(new Set(tags).size).toBe(60);
    expect(JSON.parse((await runBinary(bench, 'plan --json')).out).summary).toMatchObject({ noop: 60 });
  });

  it('nothing below the folder holds a secret or a token in clear, whatever happened', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', many(5));
    await bench.fault(
      { on: 'POST /instances', nth: 2, do: 'commit-then-drop' },
      { on: 'POST /instances', nth: 3, do: 'status', code: 500 },
    );
    await runBinary(bench, 'apply --yes --verbose --report json:report.json --report text:report.txt');
    await runBinary(bench, 'plan --out plan.json');
    const { outputs } = JSON.parse((await runBinary(bench, 'output --reveal --json')).out) as {
      outputs: { token: string | null }[];
    };
    const secrets = [
      'pass-word-1',
      'someone@example.com',
      'user-secret-1',
      'organization-secret-1',
      ...outputs.flatMap((one) => one.token ?? []),
    ];
    expect(secrets.length).toBeGreaterThan(6);
    const files = readdirSync(bench.folder, { recursive: true, withFileTypes: true }).filter((entry) =>
      entry.isFile(),
    );
    expect(files.length).toBeGreaterThan(5);
    for (const file of files) {
      const bytes = readFileSync(join(file.parentPath, file.name));
      for (const secret of secrets) {
        for (const form of [
          secret,
          Buffer.from(secret).toString('base64'),
          Buffer.from(secret).toString('hex'),
        ]) {
          expect(bytes.includes(form), `${file.name} holds ${form.slice(0, 4)}…`).toBe(false);
        }
      }
    }
  });
});
