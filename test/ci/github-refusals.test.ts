import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { closeio, declarations } from '../support/bench.ts';
import { dispatch, night, openStage, pullRequest, push } from './github-runner.ts';

const text = declarations(closeio('first'));
const plan = { command: 'plan' };

describe('what is refused before anything runs', () => {
  it('events that hand secrets to what a stranger proposes', async () => {
    const { checkout, job, pkg, github } = await openStage();
    checkout.commit({ 'instate.yaml': text });
    for (const command of ['plan', 'apply', 'drift']) {
      const run = await job(
        { command, 'max-creates': '1' },
        { ...pullRequest(7), name: 'pull_request_target' },
      );
      expect(run.code).toBe(1);
      expect(run.log).toContain(
        '::error title=instate::pull_request_target is refused: it runs with the secrets of this',
      );
      expect(run.log).toContain('use  on: pull_request');
    }
    const after = (from: string) => ({
      ...push,
      name: 'workflow_run',
      payload: { ...push.payload, workflow_run: { head_repository: { full_name: from } } },
    });
    const fork = await job(plan, after('stranger/connectors'));
    expect(fork.code).toBe(1);
    expect(fork.log).toContain('workflow_run after a run of a fork is refused');
    for (const name of ['issue_comment', 'pull_request_review', '', 'x::y'])
      expect(await job(plan, { ...pullRequest(7), name })).toMatchObject({ code: 1 });
    expect(await job({ command: 'drift' }, pullRequest(7))).toMatchObject({ code: 1 });
    expect(await job({ command: 'apply', 'max-creates': '1' }, night)).toMatchObject({ code: 1 });
    expect(pkg.starts()).toEqual([]);
    expect(github.seen).toEqual([]);
    expect(await job(plan, after('acme/connectors'))).toMatchObject({ code: 0 });
  });

  it('inputs that cannot be understood, and folders outside of their place', async () => {
    const { bench, checkout, job, pkg } = await openStage();
    checkout.commit({ 'instate.yaml': text });
    mkdirSync(bench.at('elsewhere'));
    symlinkSync(bench.at('elsewhere'), join(checkout.folder, 'link'));
    symlinkSync(checkout.folder, join(bench.at('temp'), 'link'));
    const wrong: readonly Record<string, string>[] = [
      { command: '' },
      { command: 'output' },
      { command: 'apply', 'max-creates': '-1' },
      { command: 'apply', 'max-creates': '1 --allow-exec' },
      { command: 'apply', 'expect-digest': 'sha256:12' },
      { command: 'drift', 'fail-on': '--allow-exec' },
      { ...plan, comment: 'yes' },
      { ...plan, label: '-->' },
      { ...plan, files: 'a\u0007' },
      { ...plan, 'working-directory': '..' },
      { ...plan, 'working-directory': '/' },
      { ...plan, 'working-directory': 'link' },
      { ...plan, 'working-directory': 'nowhere' },
      { ...plan, 'report-dir': '..' },
      { ...plan, 'report-dir': checkout.folder },
      { ...plan, 'report-dir': 'link' },
      { ...plan, 'github-token': 'two\nlines' },
    ];
    for (const inputs of wrong) {
      const run = await job(inputs, inputs['command'] === 'plan' ? pullRequest(7) : dispatch);
      expect([inputs, run.code]).toEqual([inputs, 1]);
      expect(run.log).toMatch(/^::error title=instate::/m);
      expect(run.log).not.toContain('unexpected');
    }
    expect(pkg.starts()).toEqual([]);
    expect(await job({ ...plan, 'github-token': '' }, pullRequest(7), { RUNNER_TEMP: '' })).toMatchObject({
      code: 1,
    });
    expect(await job(plan, pullRequest(7), { GITHUB_EVENT_PATH: bench.at('none') })).toMatchObject({
      code: 1,
    });
  });
});

it('names of branches, titles, folders, files and targets never reach a shell, nor become flags', async () => {
  const { bench, checkout, job, pkg } = await openStage();
  const folder = 'a; touch pwned-1 `touch pwned-2`';
  const file = '$(touch pwned-3) --offline.yaml';
  checkout.commit({ 'README.md': '' });
  checkout.branch('$(touch${IFS}pwned-4)');
  checkout.commit({
    [`${folder}/${file}`]: text,
    [`${folder}/--offline`]: text.replaceAll('first', 'second'),
  });
  const run = await job(
    {
      ...plan,
      'working-directory': folder,
      files: `${file}\n  --offline  \n\n`,
      target: '--untrusted\nfirst\n$(touch pwned-5)*',
    },
    pullRequest(7, { title: '"; touch pwned-6; "\n::error::x', branch: '$(touch${IFS}pwned-4)' }),
    { GITHUB_HEAD_REF: '$(touch${IFS}pwned-7)' },
  );
  // The second file is read as one, and is no folder or YAML file by name: whatever comes of that, nothing else happened.
  expect(run.log).not.toContain('unexpected');
  expect(pkg.starts()[0]?.words.filter((word) => !word.startsWith('--report'))).toEqual([
    ...['plan', `--file=${file}`, '--file=--offline'],
    ...['--target=--untrusted', '--target=first', '--target=$(touch pwned-5)*'],
  ]);
  const names = readdirSync(bench.folder, { recursive: true }).map(String);
  expect(names.filter((name) => /(^|\/)pwned/.test(name))).toEqual([]);
  expect(existsSync('pwned-1')).toBe(false);
});

it('reports lie below the temporary folder of the job, and the checkout stays as it was', async () => {
  const { bench, checkout, job } = await openStage();
  checkout.commit({ 'instate.yaml': text });
  const { outputs } = await job({ ...plan, 'report-dir': 'mine/reports' }, pullRequest(7));
  expect(outputs['report-dir']).toBe(bench.at('temp/mine/reports'));
  expect(readdirSync(outputs['report-dir'] ?? '').sort()).toEqual([
    ...['instate-plan.github.txt', 'instate-plan.html', 'instate-plan.json'],
    ...['instate-plan.md', 'instate-plan.sarif'],
  ]);
  expect(readdirSync(checkout.folder).sort()).toEqual(['.git', 'instate.yaml']);
});
