import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { closeio, declarations, openBench, type Bench } from '../support/bench.ts';
import { binary, runBinary } from '../support/binary.ts';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const parse = (name: string): any => load(read(`examples/ci/${name}`)); // eslint-disable-line @typescript-eslint/no-explicit-any
const pages = ['docs/ci.md', 'docs/gitops.md'];
const files = readdirSync(new URL('../../examples/ci/', import.meta.url)).map(
  (name) => `examples/ci/${name}`,
);

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly script?: string;
  readonly condition?: string;
}

describe('examples/ci/github-actions.yml', () => {
  const workflow = parse('github-actions.yml');
  const jobs = Object.entries(workflow.jobs as Record<string, { steps: Step[]; permissions: object }>);
  const steps = jobs.flatMap(([, job]) => job.steps);

  it("uses nobody else's actions, gives no right that is not named, and pastes nothing into scripts", () => {
    expect(workflow.permissions).toEqual({});
    expect(Object.keys(workflow.on as object)).not.toContain('pull_request_target');
    for (const { uses, run } of steps) {
      if (uses !== undefined && uses !== './node_modules/instate')
        expect(uses).toMatch(/^actions\/[a-z/-]+@v\d+$/);
      if (run !== undefined) expect(run).not.toContain('${{');
    }
    for (const [name, { permissions }] of jobs)
      expect([name, permissions]).toEqual([
        name,
        { contents: 'read', [name === 'drift' ? 'issues' : 'pull-requests']: 'write' },
      ]);
    expect(workflow.jobs.apply).toMatchObject({
      environment: 'production',
      concurrency: { group: 'instate-production', 'cancel-in-progress': false },
    });
  });

  it('names inputs that the action has, the same ones for a plan and its apply', () => {
    const known = Object.keys((load(read('action.yml')) as { inputs: object }).inputs);
    const ours = steps.filter(({ uses }) => uses === './node_modules/instate').map((step) => step.with ?? {});
    expect(ours.map(({ command }) => command)).toEqual(['plan', 'apply', 'drift']);
    for (const inputs of ours) expect(known).toEqual(expect.arrayContaining(Object.keys(inputs)));
    const shaping = ['files', 'working-directory', 'target', 'exclude', 'select-tag', 'label'];
    expect(shaping.map((name) => ours[0]?.[name])).toEqual(shaping.map((name) => ours[1]?.[name]));
  });
});

it('examples/ci/gitlab-ci.yml extends jobs that the template has', () => {
  const template = load(read('ci/gitlab/instate.gitlab-ci.yml')) as object;
  const { include, stages, ...jobs } = parse('gitlab-ci.yml');
  expect(include).toEqual([{ local: '.gitlab/instate.gitlab-ci.yml' }]);
  for (const job of Object.values(jobs as Record<string, { extends: string; stage: string }>)) {
    expect(Object.keys(template)).toContain(job.extends);
    expect(stages).toContain(job.stage);
  }
});

it('examples and pages give flags that the commands have', async () => {
  const bench = await openBench();
  const helps = new Map<string, string>();
  let seen = 0;
  for (const path of [...files, ...pages]) {
    for (const [, command = '', rest = ''] of read(path).matchAll(
      /\binstate"? (plan|apply|drift|validate|output|recover|state [a-z]+)((?: [^\n`|;&]+)?)/g,
    )) {
      if (!helps.has(command)) helps.set(command, (await runBinary(bench, `${command} --help`)).out);
      for (const [flag] of rest.matchAll(/(?<= )--[a-z-]+/g)) {
        seen += 1;
        expect([path, command, flag, helps.get(command)?.includes(`${flag} `) ?? false]).toEqual([
          path,
          command,
          flag,
          true,
        ]);
      }
    }
  }
  expect(seen).toBeGreaterThan(20);
});

/** A folder with declarations and the installed command, where scripts of a pipeline run. */
async function openPipeline(): Promise<{
  bench: Bench;
  run: (script: string, env?: object) => Promise<{ code: number | null; out: string }>;
}> {
  const bench = await openBench();
  bench.write('package.json', '{"private": true}');
  bench.write('instate.yaml', declarations(closeio('first')));
  mkdirSync(bench.at('node_modules/.bin'), { recursive: true });
  symlinkSync(binary, bench.at('node_modules/.bin/instate'));
  mkdirSync(bench.at('bin'));
  // What is to be installed is there.
  writeFileSync(bench.at('bin/npm'), '#!/bin/sh\n[ "$*" = ci ]\n', { mode: 0o755 });
  const run = async (script: string, more: object = {}) => {
    const env = {
      ...bench.env,
      PATH: `${bench.at('bin')}:${process.env['PATH'] ?? ''}`,
      HOME: bench.folder,
      CI: 'true',
      ...more,
    };
    const child = spawn('bash', ['-e', '-c', script], {
      cwd: bench.folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => (out += chunk));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, out };
  };
  return { bench, run };
}

describe('examples/ci/azure-pipelines.yml', () => {
  it('plans, hands the digest to the apply, and finds drift, by its own scripts', async () => {
    const { bench, run } = await openPipeline();
    const [plan, apply, drift] = parse('azure-pipelines.yml').stages;
    const scripts = (steps: readonly Step[]) => steps.flatMap(({ script }) => script ?? []);
    const [install = '', fork = '', own = '', planned = '', summary = ''] = scripts(
      plan.jobs[0].steps as Step[],
    );
    expect(await run(install)).toMatchObject({ code: 0 });
    expect(await run(fork, { CE_USER_SECRET: '', PASSWORD: '' })).toMatchObject({ code: 0 });
    expect(await run(own)).toMatchObject({ code: 0 });
    const [, digest = ''] =
      /^##vso\[task\.setvariable variable=digest;isOutput=true\](.+)$/m.exec((await run(planned)).out) ?? [];
    expect(digest).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect((await run(summary)).out).toBe(`##vso[task.uploadsummary]${bench.folder}/reports/plan.md\n`);
    const [again = '', applied = ''] = scripts(apply.jobs[0].strategy.runOnce.deploy.steps as Step[]);
    expect(await run(again)).toMatchObject({ code: 0 });
    expect(await run(applied, { DIGEST: `sha256:${'0'.repeat(64)}` })).toMatchObject({ code: 1 });
    expect(await run(applied, { DIGEST: digest })).toMatchObject({ code: 0 });
    expect(await bench.posts()).toBe(1);
    const [, look = ''] = scripts(drift.jobs[0].steps as Step[]);
    expect(await run(look)).toMatchObject({ code: 0 });
    const [live] = (await bench.call('GET', '/instances')).body as { id: number }[];
    await bench.call('DELETE', `/instances/${String(live?.id)}/enabled`);
    expect(await run(look)).toMatchObject({ code: 2 });
    expect(readdirSync(bench.at('reports')).sort()).toEqual(['apply.xml', 'drift.md', 'drift.xml']);
  });
});

describe('examples/ci/Jenkinsfile', () => {
  it('plans, applies the saved plan, and finds drift, by its own scripts', async () => {
    const { bench, run } = await openPipeline();
    const env = { INSTATE_STATE: bench.at('srv/state.db') };
    mkdirSync(bench.at('srv'));
    const [install, fork, plan, save, apply, drift, ...rest] = [
      ...read('examples/ci/Jenkinsfile').matchAll(/\bsh '([^']+)'/g),
    ].map(([, script = '']) => script);
    expect(rest).toEqual([]);
    for (const script of [install, fork, plan, save, apply])
      expect(await run(script ?? '', env)).toMatchObject({ code: 0 });
    expect(await bench.posts()).toBe(1);
    expect(await run(apply ?? '', env)).toMatchObject({
      code: 1,
      out: expect.stringContaining('[stale_plan]') as string,
    });
    const [live] = (await bench.call('GET', '/instances')).body as { id: number }[];
    await bench.call('DELETE', `/instances/${String(live?.id)}`);
    expect(await run(drift ?? '', env)).toMatchObject({ code: 2 });
    expect(readdirSync(join(bench.folder, 'reports')).length).toBe(6);
  });
});
