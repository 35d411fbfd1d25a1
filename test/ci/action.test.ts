import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { closeio, declarations } from '../support/bench.ts';
import { standInForNpm } from './package.ts';
import { environmentOf, openStage, pullRequest, readOutputs, token, type Stage } from './github-runner.ts';

interface Step {
  readonly id: string;
  readonly shell: string;
  readonly run: string;
  readonly env: Readonly<Record<string, string>>;
}

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default?: string; readonly required?: boolean }>>;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
}

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const action = load(read('action.yml')) as Action;
const sources = readdirSync(new URL('../../ci/', import.meta.url))
  .filter((name) => name.endsWith('.mjs'))
  .map((name) => read(`ci/${name}`));

describe('action.yml', () => {
  it('pastes no value into a script', () => {
    expect(action.runs.using).toBe('composite');
    for (const step of action.runs.steps) {
      expect(step.run).not.toContain('${{');
      expect(step.shell).toBe('bash');
      for (const value of Object.values(step.env))
        expect(value).toMatch(/^\$\{\{ (inputs\.[a-z-]+|steps\.install\.outputs\.bin) \}\}$/);
    }
    // Nowhere else in the file either, but for defaults, environments and outputs.
    for (const line of read('action.yml')
      .split('\n')
      .filter((one) => one.includes('${{')))
      expect(line).toMatch(
        /^ +(default: \$\{\{ github\.token \}\}|value: \$\{\{ steps\.run\.outputs\.[a-z-]+ \}\}|INSTATE_ACTION_[A-Z_]+: \$\{\{ [a-z.-]+ \}\})$/,
      );
  });

  it('hands on every input, under the name that the scripts read', () => {
    const handed = action.runs.steps.flatMap(({ env }) => Object.entries(env));
    const expected = Object.keys(action.inputs).map((name) => [
      `INSTATE_ACTION_${name.toUpperCase().replaceAll('-', '_')}`,
      `\${{ inputs.${name} }}`,
    ]);
    expect(handed.filter(([name]) => name !== 'INSTATE_ACTION_BIN').sort()).toEqual(expected.sort());
    const known = sources.join('\n');
    for (const [name] of handed) {
      const short = name.slice('INSTATE_ACTION_'.length);
      expect([name, known.includes(name) || known.includes(`'${short}'`)]).toEqual([name, true]);
    }
  });

  it('installs the version that it came with', () => {
    const { version } = JSON.parse(read('package.json')) as { version: string };
    expect(action.inputs['version']?.default).toBe(version);
  });

  it('runs nothing with a shell, and imports nothing but node and its own files', () => {
    const text = sources.join('\n');
    expect(text).not.toMatch(/\bexec(File|Sync|FileSync)?\(\s*['"`]|shell: true|eval\(/);
    const imported = [...text.matchAll(/^import .* from '([^']+)'|import\('([^']+)'\)/gm)].map(
      (found) => found[1] ?? found[2],
    );
    expect(imported.length).toBeGreaterThan(20);
    for (const name of imported) expect(name).toMatch(/^(node:|\.\/)/);
  });
});

/** Takes the steps of action.yml as a runner does: inputs and their defaults into environments, each script by bash. */
async function runAction(
  stage: Stage,
  {
    root,
    inputs,
    path,
    env: more = {},
  }: { root: string; inputs: Record<string, string>; path?: string; env?: Record<string, string> },
) {
  const outputs: Record<string, Record<string, string>> = {};
  let [log, code] = ['', 0 as number | null];
  const evaluate = (text: string): string =>
    text.replace(/^\$\{\{ (.+) \}\}$/, (_, expression: string) => {
      const [place = '', name = '', , output = ''] = expression.split('.');
      if (expression === 'github.token') return token;
      if (place === 'inputs') return inputs[name] ?? evaluate(action.inputs[name]?.default ?? '');
      return outputs[name]?.[output] ?? '';
    });
  for (const step of action.runs.steps) {
    const job = environmentOf(stage, pullRequest(7));
    const own = Object.fromEntries(Object.entries(step.env).map(([name, value]) => [name, evaluate(value)]));
    const env = {
      ...job,
      ...more,
      ...(path === undefined ? {} : { PATH: path }),
      GITHUB_ACTION_PATH: root,
      ...own,
    };
    const script = join(stage.bench.at('temp'), `${step.id}.sh`);
    writeFileSync(script, step.run);
    const words = ['--noprofile', '--norc', '-e', '-o', 'pipefail', script];
    const child = spawn('bash', words, {
      cwd: stage.checkout.folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => (log += chunk));
    [code] = (await once(child, 'close')) as [number | null];
    outputs[step.id] = readOutputs(job['GITHUB_OUTPUT'] ?? '');
    if (code !== 0) break;
  }
  return { code, log, outputs };
}

describe('the action as a runner takes it', () => {
  it('installs one version outside of the checkout, without secrets, and plans with it', async () => {
    const stage = await openStage();
    const { bench, checkout, github, pkg } = stage;
    checkout.commit({
      'instate.yaml': declarations(closeio('first')),
      '.npmrc': 'registry=http://127.0.0.1:1\n',
    });
    const npm = standInForNpm(stage.bench.at('bin'), stage.pkg);
    const evil = bench.at('evil.js');
    writeFileSync(evil, 'process.exit(7)');
    const run = await runAction(stage, {
      root: pkg.folder,
      inputs: { command: 'plan', version: '1.2.3-rc.1' },
      path: npm.path,
      // A variable of the job names no other program.
      env: { INSTATE_ACTION_BIN: evil, INSTATE_BIN: evil, NPM_CONFIG_REGISTRY: 'http://127.0.0.1:2' },
    });
    expect(run).toMatchObject({ code: 0, outputs: { run: { 'exit-code': '0', create: '1' } } });
    const [call, ...more] = npm.calls();
    expect(more).toEqual([]);
    expect(call).toMatchObject({
      words: expect.arrayContaining(['install', 'instate@1.2.3-rc.1']) as string[],
    });
    expect(call?.cwd).toMatch(new RegExp(`^${bench.at('temp')}/instate-install-`));
    expect(call?.env).toMatchObject({ NPM_CONFIG_REGISTRY: 'http://127.0.0.1:2' });
    const values = Object.values(call?.env ?? {}).join('\n');
    for (const secret of ['user-secret-1', 'pass-word-1', token, 'base64:'])
      expect(values).not.toContain(secret);
    expect(github.commentsOn(7)).toHaveLength(1);
    expect(execFileSync('git', ['status', '--porcelain'], { cwd: checkout.folder, encoding: 'utf8' })).toBe(
      '',
    );
    for (const [name, { value }] of Object.entries(action.outputs))
      expect([name, value]).toEqual([name, `\${{ steps.run.outputs.${name} }}`]);
    expect(Object.keys(run.outputs['run'] ?? {})).toEqual(
      expect.arrayContaining(Object.keys(action.outputs)),
    );
  });

  it('takes the package that it came in, where that is installed', async () => {
    const stage = await openStage();
    const modules = join(stage.checkout.folder, 'node_modules');
    stage.checkout.commit({ 'instate.yaml': declarations(closeio('first')), '.gitignore': 'node_modules\n' });
    cpSync(stage.pkg.folder, join(modules, 'instate'), { recursive: true });
    const sqlite = new URL('../../node_modules/better-sqlite3', import.meta.url).pathname;
    symlinkSync(sqlite, join(modules, 'better-sqlite3'));
    const npm = standInForNpm(stage.bench.at('bin'), stage.pkg);
    const run = await runAction(stage, {
      root: join(modules, 'instate'),
      inputs: { command: 'plan' },
      path: npm.path,
    });
    expect(run).toMatchObject({ code: 0, outputs: { run: { create: '1' } } });
    expect(npm.calls()).toEqual([]);
  });

  it('installs nothing but an exact version, and says when npm fails', async () => {
    const stage = await openStage();
    stage.checkout.commit({ 'instate.yaml': declarations(closeio('first')) });
    const npm = standInForNpm(stage.bench.at('bin'), stage.pkg);
    for (const version of ['latest', '^1.0.0', 'file:../x', '1.0.0 other', '../x', '']) {
      const run = await runAction(stage, {
        root: stage.pkg.folder,
        inputs: { command: 'plan', version },
        path: npm.path,
      });
      expect(run).toMatchObject({
        code: 1,
        log: expect.stringContaining('the input version is no exact version') as string,
      });
    }
    expect(npm.calls()).toEqual([]);
    writeFileSync(stage.bench.at('bin/npm'), '#!/bin/sh\nexit 1\n');
    const failed = await runAction(stage, {
      root: stage.pkg.folder,
      inputs: { command: 'plan' },
      path: npm.path,
    });
    expect(failed).toMatchObject({
      code: 1,
      log: expect.stringContaining('instate 0.1.0 could not be installed') as string,
    });
    expect(stage.pkg.starts()).toEqual([]);
  });
});
