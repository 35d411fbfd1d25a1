import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { closeio, declarations } from '../support/bench.ts';
import { standInForNpm } from './package.ts';
import {
  mergeRequest,
  night,
  openStage,
  push,
  runJob,
  type Environment,
  type Stage,
} from './gitlab-runner.ts';

interface Job {
  readonly extends?: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly before_script?: readonly string[];
  readonly script?: readonly string[];
  readonly artifacts?: {
    readonly reports?: Readonly<Record<string, string>>;
    readonly paths?: readonly string[];
  };
  readonly rules?: readonly { readonly if: string }[];
}

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const template = load(read('ci/gitlab/instate.gitlab-ci.yml')) as Record<string, Job>;
const base = template['.instate'] ?? {};

/** Runs a hidden job's lines as a runner does: in one shell that ends at the first one that fails. */
function runLines(stage: Stage, name: string, env: Environment, path: string) {
  const lines = [...(base.before_script ?? []), ...(template[name]?.script ?? [])];
  const script = stage.bench.at(`temp/${name}.sh`);
  writeFileSync(script, lines.join('\n'));
  return runJob(stage, ['bash', '-eo', 'pipefail', script], { ...base.variables, PATH: path, ...env });
}

describe('the template for GitLab', () => {
  it('installs the version that it came with', () => {
    const { version } = JSON.parse(read('package.json')) as { version: string };
    expect(base.variables).toEqual({ INSTATE_VERSION: version });
  });

  it('plans, applies and looks for drift by the lines of its jobs', async () => {
    const stage = await openStage();
    const { bench, checkout, gitlab, pkg } = stage;
    const npm = standInForNpm(bench.at('bin'), pkg);
    const { path } = npm;
    checkout.commit({
      'instate.yaml': declarations(closeio('first')),
      '.npmrc': 'registry=http://127.0.0.1:1\n',
      '.gitignore': 'instate-reports/\n',
    });
    const planned = await runLines(stage, '.instate-plan', mergeRequest(7), path);
    expect(planned).toMatchObject({ code: 0 });
    const [call] = npm.calls();
    expect(call?.words).toEqual(['install', '--no-audit', '--no-fund', '--save-exact', 'instate@0.1.0']);
    expect(call?.cwd.startsWith(bench.at('temp'))).toBe(true);
    expect(
      Object.keys(call?.env ?? {})
        .sort()
        .filter((name) => !['_', 'PWD', 'OLDPWD', 'SHLVL'].includes(name)),
    ).toEqual(['HOME', 'PATH']);
    expect(gitlab.notesOn(7)[0]?.body).toContain('Plan: 1 to create');
    gitlab.merge(7, checkout.head());
    expect(await runLines(stage, '.instate-apply', push, path)).toMatchObject({ code: 0 });
    expect(await bench.posts()).toBe(1);
    expect(await runLines(stage, '.instate-drift', night, path)).toMatchObject({ code: 0 });
    const [live] = (await bench.call('GET', '/instances')).body as { id: number }[];
    await bench.call('DELETE', `/instances/${String(live?.id)}`);
    expect(await runLines(stage, '.instate-drift', night, path)).toMatchObject({ code: 2 });
    expect(pkg.starts().map(({ words }) => words[0])).toEqual(['plan', 'apply', 'drift', 'drift']);
    // Every artifact that it names was there.
    for (const name of ['.instate-plan', '.instate-apply', '.instate-drift'])
      expect([name, template[name]?.extends]).toEqual([name, '.instate']);
    const last = Object.values(template['.instate-drift']?.artifacts?.reports ?? {});
    expect(last.map((file) => existsSync(join(checkout.folder, file)))).toEqual([true]);
    expect(base.artifacts?.paths).toEqual(['instate-reports/']);
  });

  it('names artifacts that the jobs leave', async () => {
    const stage = await openStage();
    stage.checkout.commit({ 'instate.yaml': declarations(closeio('first')) });
    await stage.job('plan', mergeRequest(7));
    const named = Object.values(template['.instate-plan']?.artifacts?.reports ?? {});
    expect(named).toHaveLength(2);
    expect(named.filter((file) => !existsSync(join(stage.checkout.folder, file)))).toEqual([]);
  });

  it('applies what is on the default branch alone', () => {
    for (const name of ['.instate-apply', '.instate-drift'])
      for (const rule of template[name]?.rules ?? [])
        expect(rule.if).toContain('$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH');
  });
});
