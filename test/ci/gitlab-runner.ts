import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { openBench, type Bench } from '../support/bench.ts';
import { makeCheckout, type Checkout } from './checkout.ts';
import { startGitlab, type Gitlab } from './gitlab-server.ts';
import { stagePackage, type StagedPackage } from './package.ts';

export const token = 'glpat-ForTheForgeAlone0123456789';

export type Environment = Readonly<Record<string, string | undefined>>;

/** A project at GitLab, its account, and runners that keep their state on one disk. */
export interface Stage {
  readonly bench: Bench;
  readonly gitlab: Gitlab;
  readonly checkout: Checkout;
  readonly pkg: StagedPackage;
  readonly job: (command: string, env: Environment) => Promise<Job>;
}

export interface Job {
  readonly code: number | null;
  readonly log: string;
}

/** Variables of a pipeline for a merge request, from the project itself or from another one. */
export function mergeRequest(iid: number, source = '77'): Environment {
  return {
    CI_PIPELINE_SOURCE: 'merge_request_event',
    CI_MERGE_REQUEST_IID: String(iid),
    CI_MERGE_REQUEST_PROJECT_ID: '77',
    CI_MERGE_REQUEST_SOURCE_PROJECT_ID: source,
    CI_COMMIT_BRANCH: undefined,
  };
}

export const push: Environment = { CI_PIPELINE_SOURCE: 'push', CI_COMMIT_BRANCH: 'main' };
export const night: Environment = { CI_PIPELINE_SOURCE: 'schedule', CI_COMMIT_BRANCH: 'main' };

/** Everything of it real: git, HTTP, processes, the built command, a sandbox for the account. */
export async function openStage(): Promise<Stage> {
  const bench = await openBench();
  const gitlab = await startGitlab({ token });
  const checkout = makeCheckout(bench.at('builds/connectors'));
  const pkg = stagePackage(bench.at('package'));
  for (const name of ['temp', 'state']) mkdirSync(bench.at(name));
  const stage = { bench, gitlab, checkout, pkg };
  const script = join(pkg.folder, 'ci/gitlab.mjs');
  return {
    ...stage,
    job: (command, more) => runJob(stage, [process.execPath, script, ...command.split(' ')], more),
  };
}

/** The environment of a job, with the project's variables. */
export function environmentOf(
  { bench, gitlab, checkout }: Omit<Stage, 'job'>,
  more: Environment,
): NodeJS.ProcessEnv {
  return {
    ...bench.env,
    PATH: process.env['PATH'],
    HOME: bench.folder,
    TMPDIR: bench.at('temp'),
    CI: 'true',
    GITLAB_CI: 'true',
    INSTATE_STATE: bench.at('state/state.db'),
    INSTATE_STATE_KEY: `base64:${Buffer.alloc(32, 7).toString('base64')}`,
    INSTATE_GITLAB_TOKEN: token,
    CI_JOB_TOKEN: 'job-token-of-this-job',
    CI_API_V4_URL: gitlab.url,
    CI_JOB_URL: 'https://gitlab.example.com/acme/connectors/-/jobs/4711',
    CI_PROJECT_DIR: checkout.folder,
    CI_PROJECT_ID: '77',
    CI_DEFAULT_BRANCH: 'main',
    CI_COMMIT_SHA: checkout.head(),
    ...more,
  };
}

/** Runs words of a job in the checkout; the log is what both streams say. */
export async function runJob(
  stage: Omit<Stage, 'job'>,
  [program = '', ...words]: readonly string[],
  more: Environment,
): Promise<Job> {
  const child = spawn(program, words, {
    ...{ cwd: stage.checkout.folder, env: environmentOf(stage, more) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => (log += chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  const starts = stage.pkg.starts();
  for (const place of [log, JSON.stringify(starts)]) {
    expect(place).not.toContain(token);
    expect(place).not.toContain('job-token-of-this-job');
  }
  for (const start of starts.filter((one) => one.words[0] === 'apply'))
    expect(start.words.join(' ')).toMatch(/ --(expect-digest=sha256:[0-9a-f]{64}|max-creates=\d+)( |$)/);
  return { code, log };
}
