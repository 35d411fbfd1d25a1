import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { closeio, declarations } from '../support/bench.ts';
import { until } from '../support/binary.ts';
import { startGithub } from './github-server.ts';
import { dispatch, environmentOf, openStage, pullRequest, token } from './github-runner.ts';

const plan = { command: 'plan' };

async function openPlanned() {
  const stage = await openStage();
  stage.checkout.commit({ 'instate.yaml': declarations(closeio('first')) });
  return stage;
}

describe("GitHub's token", () => {
  it('goes to the API alone: not into the words or the environment of instate, under no name', async () => {
    const { github, job, pkg } = await openPlanned();
    const env = { GITHUB_TOKEN: token, GH_TOKEN: token, MY_HEADER: `Bearer ${token}`, OTHER: 'kept' };
    expect(await job(plan, pullRequest(7), env)).toMatchObject({ code: 0 });
    expect(pkg.starts()[0]?.env).toMatchObject({ OTHER: 'kept', CE_USER_SECRET: 'user-secret-1' });
    // runJob has looked for the token in the log, the outputs, the page, the words and the environment.
    expect(github.seen.map(({ authorization }) => authorization)).toEqual([
      `Bearer ${token}`,
      `Bearer ${token}`,
    ]);
    expect(JSON.stringify(github.commentsOn(7))).not.toContain(token);
    for (const name of ['GITHUB_ENV', 'GITHUB_PATH', 'INSTATE_ACTION_COMMAND'])
      expect(pkg.starts()[0]?.env).not.toHaveProperty(name);
  });

  it('follows no redirect', async () => {
    const { github, job } = await openPlanned();
    let calls = 0;
    const other = createServer((_, response) => {
      calls += 1;
      response.end('[]');
    });
    await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
    onTestFinished(() => void other.close());
    const location = `http://127.0.0.1:${String((other.address() as AddressInfo).port)}/`;
    github.trouble(/GET/, { status: 307, location });
    const run = await job(plan, pullRequest(7));
    expect(run).toMatchObject({ code: 0 });
    expect(run.log).toContain(
      '::warning title=instate::the comment could not be written: GitHub answered 307 to GET /repos/',
    );
    expect(calls).toBe(0);
  });

  it('goes to https alone', async () => {
    const { job, pkg } = await openPlanned();
    for (const GITHUB_API_URL of ['http://api.example.com', 'https://x:y@api.example.com', 'file:///x', 'x'])
      expect((await job(plan, pullRequest(7), { GITHUB_API_URL })).log).toContain('is not an https URL');
    expect(pkg.starts()).toEqual([]);
  });
});

describe('a request that fails', () => {
  it('is told by method, path and status, and changes no exit code', async () => {
    const { github, job } = await openPlanned();
    const wrong = await job(plan, pullRequest(7), { INSTATE_ACTION_GITHUB_TOKEN: 'another' });
    expect(wrong.code).toBe(0);
    expect(wrong.log).toContain('GitHub answered 401 to GET /repos/acme/connectors/issues/7/comments');
    github.trouble(/POST/, { status: 500 });
    const failed = await job(plan, pullRequest(7));
    expect(failed.code).toBe(0);
    expect(failed.log).toContain('GitHub answered 500 to POST /repos/acme/connectors/issues/7/comments');
    const silent = await job(plan, pullRequest(7), { GITHUB_API_URL: 'http://127.0.0.1:1' });
    expect(silent.log).toContain('GitHub did not answer GET /repos/acme/connectors/issues/7/comments');
    expect(silent.code).toBe(0);
  });

  it('is tried again if it reads, and never if it writes', async () => {
    const { github, job } = await openPlanned();
    github.trouble(/GET/, { status: 503 }, 2);
    github.trouble(/POST/, 'drop');
    expect(await job(plan, pullRequest(7))).toMatchObject({ code: 0 });
    expect(github.seen.map(({ method }) => method)).toEqual(['GET', 'GET', 'GET', 'POST']);
    expect(github.commentsOn(7)).toEqual([]);
    github.trouble(/GET/, 'drop', 3);
    expect((await job(plan, pullRequest(7))).log).toContain('GitHub did not answer GET');
    expect(github.seen).toHaveLength(7);
  });
});

it('a comment keeps below the limit of 65,536 characters', async () => {
  const { github, checkout, job } = await openStage();
  const many = Array.from({ length: 500 }, (_, at) => closeio(`instance-${String(at)}`)).join('\n');
  checkout.commit({ 'instate.yaml': declarations(many) });
  expect(await job(plan, pullRequest(7))).toMatchObject({ code: 0 });
  const [comment] = github.commentsOn(7);
  expect(comment?.body.length).toBeGreaterThan(40_000);
  expect(comment?.body.length).toBeLessThan(65_536);
  expect(comment?.body).toMatch(/^<!-- instate-action: plan .*\n<!-- instate-action-digest: sha256:/);
});

it('a usage error, which leaves no report, still gets its comment', async () => {
  const { github, job } = await openPlanned();
  expect(await job({ ...plan, files: 'nowhere.yaml' }, pullRequest(7))).toMatchObject({ code: 1 });
  expect(github.commentsOn(7)[0]?.body).toContain('nowhere.yaml');
  expect(
    await job({ ...plan, 'select-tag': '' }, pullRequest(7), { INSTATE_PARALLELISM: 'many' }),
  ).toMatchObject({ code: 1 });
  expect(github.commentsOn(7)[1]?.body).toContain('It ended with exit code 1 and left no report');
});

it.each([
  ['its process', 'SIGTERM', 143],
  ['its whole group', 'SIGINT', 130],
] as const)(
  'a job that is cancelled by a signal to %s lets instate settle, and ends with its code',
  async (to, signal, code) => {
    const stage = await openPlanned();
    await stage.bench.fault({ on: 'POST /instances', do: 'delay', ms: 1500 });
    const env = {
      ...environmentOf(stage, dispatch),
      ...{
        INSTATE_ACTION_COMMAND: 'apply',
        INSTATE_ACTION_MAX_CREATES: '1',
        INSTATE_ACTION_EXPECT_DIGEST: 'none',
      },
      INSTATE_ACTION_GITHUB_TOKEN: token,
    };
    const script = join(stage.pkg.folder, 'ci/github.mjs');
    const child = spawn(process.execPath, [script], { env, stdio: 'ignore', detached: true });
    onTestFinished(() => void child.kill('SIGKILL'));
    const ended = new Promise((done) => child.on('close', done));
    await until(async () => (await stage.bench.posts()) === 1);
    process.kill(to === 'its process' ? (child.pid ?? 0) : -(child.pid ?? 0), signal);
    expect(await ended).toBe(code);
    expect(await stage.bench.stats()).toMatchObject({ instances: 1 });
    // It was waited for and recorded: nothing is left to find.
    expect(
      readFileSync(
        join(stage.bench.at('temp'), readdirSync(stage.bench.at('temp'))[0] ?? '', 'instate-apply.md'),
        'utf8',
      ),
    ).toContain('created');
    expect(stage.github.seen.filter(({ method }) => method !== 'GET')).toEqual([]);
  },
);

it('a token of somebody else than the input says is told, before comments pile up', async () => {
  const { bench, checkout, job } = await openStage();
  checkout.commit({ 'instate.yaml': declarations(closeio('first')) });
  const own = await startGithub({ token, login: 'acme-bot[bot]' });
  const env = { GITHUB_API_URL: own.url };
  const told = await job(plan, pullRequest(7), env);
  expect(told.log).toContain(
    '::warning title=instate::this was written as acme-bot[bot]: no later run finds it again',
  );
  const named = { ...plan, 'comment-author': 'acme-bot[bot]' };
  expect((await job(named, pullRequest(7), env)).log).not.toContain('this was written as');
  expect(own.commentsOn(7)).toHaveLength(1);
  expect(await bench.posts()).toBe(0);
});
