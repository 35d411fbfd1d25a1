import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { openBench, type Bench } from '../support/bench.ts';
import { makeCheckout, type Checkout } from './checkout.ts';
import { startGithub, type Github } from './github-server.ts';
import { stagePackage, type StagedPackage } from './package.ts';

export const token = 'ghs_ForTheForgeAlone0123456789abcdef';

/** A repository at GitHub, its account, and runners that keep their state on one disk. */
export interface Stage {
  readonly bench: Bench;
  readonly github: Github;
  readonly checkout: Checkout;
  readonly pkg: StagedPackage;
  /** Runs one job in the checkout as it is now. */
  readonly job: (inputs: Readonly<Record<string, string>>, event: Event, env?: Environment) => Promise<Job>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What starts a job: see `pullRequest`, `push`, `night`. */
export interface Event {
  readonly name: string;
  readonly payload: object;
  readonly ref: string;
}

export interface Job {
  readonly code: number | null;
  /** The log: stdout and stderr. */
  readonly log: string;
  /** The step's outputs; the last value of each. */
  readonly outputs: Readonly<Record<string, string>>;
  /** What stands on the page of the run. */
  readonly page: string;
}

const repository = { full_name: 'acme/connectors', default_branch: 'main' };

/** A pull request from a branch of the repository, or from `from`. */
export function pullRequest(
  number: number,
  { from = 'acme/connectors' as string | null, title = 'Add', branch = 'add' } = {},
): Event {
  const head = { ref: branch, repo: from === null ? null : { full_name: from } };
  const pull = { number, title, head, base: { ref: 'main', repo: { full_name: 'acme/connectors' } } };
  return {
    name: 'pull_request',
    ref: `refs/pull/${String(number)}/merge`,
    payload: { action: 'synchronize', number, pull_request: pull, repository },
  };
}

export const push: Event = { name: 'push', ref: 'refs/heads/main', payload: { repository } };
export const dispatch: Event = { name: 'workflow_dispatch', ref: 'refs/heads/main', payload: { repository } };
export const night: Event = {
  name: 'schedule',
  ref: 'refs/heads/main',
  payload: { schedule: '0 3 * * *', repository },
};

/** Everything of it real: git, HTTP, processes, the built command, a sandbox for the account. */
export async function openStage(): Promise<Stage> {
  const bench = await openBench();
  const github = await startGithub({ token });
  const checkout = makeCheckout(bench.at('work/connectors'));
  const pkg = stagePackage(bench.at('action'));
  for (const name of ['temp', 'state', 'files']) mkdirSync(bench.at(name));
  const stage = { bench, github, checkout, pkg };
  return { ...stage, job: (inputs, event, env = {}) => runJob(stage, inputs, event, env) };
}

/** The environment of a runner's step, with the account's secrets as the workflow gives them. */
export function environmentOf(
  { bench, github, checkout }: Omit<Stage, 'job'>,
  event: Event,
): Record<string, string> {
  const files = mkdtempSync(join(bench.at('files'), 'step-'));
  for (const name of ['output', 'summary', 'env', 'path']) writeFileSync(join(files, name), '');
  writeFileSync(join(files, 'event.json'), JSON.stringify(event.payload));
  const own = Object.entries(bench.env).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  return {
    ...(Object.fromEntries(own) as Record<string, string>),
    PATH: process.env['PATH'] ?? '',
    HOME: bench.folder,
    CI: 'true',
    INSTATE_STATE: bench.at('state/state.db'),
    INSTATE_STATE_KEY: `base64:${Buffer.alloc(32, 7).toString('base64')}`,
    RUNNER_TEMP: bench.at('temp'),
    GITHUB_ACTIONS: 'true',
    GITHUB_WORKSPACE: checkout.folder,
    GITHUB_REPOSITORY: 'acme/connectors',
    GITHUB_SHA: checkout.head(),
    GITHUB_REF: event.ref,
    GITHUB_EVENT_NAME: event.name,
    GITHUB_EVENT_PATH: join(files, 'event.json'),
    GITHUB_API_URL: github.url,
    GITHUB_SERVER_URL: 'https://github.example.com',
    GITHUB_RUN_ID: '4711',
    GITHUB_OUTPUT: join(files, 'output'),
    GITHUB_STEP_SUMMARY: join(files, 'summary'),
    GITHUB_ENV: join(files, 'env'),
    GITHUB_PATH: join(files, 'path'),
  };
}

async function runJob(
  stage: Omit<Stage, 'job'>,
  inputs: Readonly<Record<string, string>>,
  event: Event,
  more: Environment,
): Promise<Job> {
  const env: NodeJS.ProcessEnv = { ...environmentOf(stage, event), INSTATE_ACTION_GITHUB_TOKEN: token };
  for (const [name, value] of Object.entries(inputs))
    env[`INSTATE_ACTION_${name.toUpperCase().replaceAll('-', '_')}`] = value;
  for (const [name, value] of Object.entries(more)) env[name] = value;
  const child = spawn(process.execPath, [join(stage.pkg.folder, 'ci/github.mjs')], {
    ...{ cwd: stage.checkout.folder, env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => (log += chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  const outputs = readOutputs(env['GITHUB_OUTPUT'] ?? '');
  const page = readFileSync(env['GITHUB_STEP_SUMMARY'] ?? '', 'utf8');
  const starts = stage.pkg.starts();
  for (const place of [log, JSON.stringify(outputs), page, JSON.stringify(starts)])
    expect(place).not.toContain(token);
  for (const { words } of starts.filter((one) => one.words[0] === 'apply'))
    expect(words.join(' ')).toMatch(/ --(expect-digest=sha256:[0-9a-f]{64}|max-creates=\d+)( |$)/);
  return { code, log, outputs, page };
}

/** As the runner reads them: `name=value`, or a block between delimiters. */
export function readOutputs(path: string): Record<string, string> {
  const outputs: Record<string, string> = {};
  const lines = readFileSync(path, 'utf8').split('\n');
  for (let at = 0; at < lines.length; at += 1) {
    const [, name, end] = /^([^=]+?)<<(.+)$/.exec(lines[at] ?? '') ?? [];
    if (name !== undefined) {
      const from = at + 1;
      while (lines[++at] !== end && at < lines.length);
      outputs[name] = lines.slice(from, at).join('\n');
      continue;
    }
    const [, key, value] = /^([^=]+)=(.*)$/.exec(lines[at] ?? '') ?? [];
    if (key !== undefined) outputs[key] = value ?? '';
  }
  return outputs;
}
