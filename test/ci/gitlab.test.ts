import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { closeio, declarations } from '../support/bench.ts';
import { mergeRequest, night, openStage, push } from './gitlab-runner.ts';

const names = (...addresses: readonly string[]) =>
  declarations(addresses.map((one) => closeio(one, 'tags: [crm]')).join('\n'));
const byNumber = { INSTATE_EXPECT_DIGEST: 'none', INSTATE_MAX_CREATES: '3' };

it('a merge request is planned, mended, merged and applied as reviewed; what changed after is not', async () => {
  const { bench, gitlab, checkout, job, pkg } = await openStage();
  checkout.commit({ 'README.md': 'x' });
  checkout.branch('add');
  const text = names('first', 'second');
  checkout.commit({ 'instate.yaml': text.replace('element', 'elment') });
  const wrong = await job('plan', mergeRequest(7));
  expect(wrong.code).toBe(1);
  expect(gitlab.notesOn(7)).toHaveLength(1);
  expect(gitlab.notesOn(7)[0]?.body).toContain('did you mean `element`?');
  const reports = join(checkout.folder, 'instate-reports');
  const quality = JSON.parse(readFileSync(join(reports, 'instate-plan.gitlab.json'), 'utf8')) as object[];
  expect(quality).toContainEqual(
    expect.objectContaining({
      description: expect.stringContaining('`elment`') as string,
      severity: 'critical',
      location: { path: 'instate.yaml', lines: { begin: 5 } },
    }),
  );
  expect(readFileSync(join(reports, 'instate-plan.junit.xml'), 'utf8')).toContain('<testsuite');

  checkout.commit({ 'instate.yaml': text, '.gitignore': 'instate-reports/\n' });
  // Others chat, and one of them would like another digest.
  const [marker = ''] = gitlab.notesOn(7)[0]?.body.split('\n') ?? [];
  for (let at = 0; at < 120; at += 1) gitlab.say(7, 43, 'chat', at % 2 === 0);
  gitlab.say(7, 43, `${marker}\n<!-- instate-action-digest: sha256:${'0'.repeat(64)} -->\n`);
  expect(await job('plan', mergeRequest(7))).toMatchObject({ code: 0 });
  expect(gitlab.notesOn(7).filter(({ author }) => author.id === gitlab.self)).toHaveLength(1);
  const [note] = gitlab.notesOn(7);
  const digest = /^<!-- instate-action-digest: (sha256:[0-9a-f]{64}) -->$/m.exec(note?.body ?? '')?.[1];
  expect(note?.body).toContain('Plan: 2 to create');
  expect(note?.body).toContain('https://gitlab.example.com/acme/connectors/-/jobs/4711');

  gitlab.merge(7, checkout.merge('add'));
  expect(await job('apply', push)).toMatchObject({ code: 0 });
  expect(pkg.starts().at(-1)?.words).toContain(`--expect-digest=${digest ?? ''}`);
  expect(await bench.posts()).toBe(2);
  expect(gitlab.notesOn(7).at(-1)?.body).toContain('Apply complete: 2 created');

  checkout.branch('third');
  checkout.commit({ 'instate.yaml': names('first', 'second', 'third') });
  expect(await job('plan', mergeRequest(8))).toMatchObject({ code: 0 });
  checkout.merge('third');
  const sha = checkout.commit({ 'instate.yaml': names('first', 'second', 'third', 'fourth') });
  // The branch was moved forward, without a merge commit.
  gitlab.merge(8, sha, { merge_commit_sha: null, sha });
  const stale = await job('apply', push);
  expect(stale.code).toBe(1);
  expect(stale.log).toContain('[stale_plan]');
  expect(await bench.posts()).toBe(2);
  expect(gitlab.strangers).toEqual([]);
});

describe('an apply', () => {
  it('needs the reviewed digest or a number, and says so', async () => {
    const { bench, gitlab, checkout, job, pkg } = await openStage();
    checkout.commit({ 'instate.yaml': names('first') });
    expect((await job('apply', push)).log).toContain('this commit is not the merge of a merge request');
    expect((await job('apply', { ...push, INSTATE_GITLAB_TOKEN: undefined })).log).toContain(
      'there is no token to look with',
    );
    expect((await job('apply', { ...push, INSTATE_EXPECT_DIGEST: 'none' })).log).toContain(
      'nothing binds this apply',
    );
    gitlab.merge(7, checkout.head(), { target_branch: 'other' });
    expect(await job('apply', push)).toMatchObject({ code: 1 });
    const wrong = await job('apply', { ...push, INSTATE_GITLAB_TOKEN: 'another', INSTATE_MAX_CREATES: '1' });
    expect(wrong).toMatchObject({ code: 1 });
    expect(wrong.log).toContain('GitLab answered 401 to GET /projects/77/repository/commits/');
    expect(pkg.starts()).toEqual([]);
    const alone = await job('apply', { ...push, INSTATE_GITLAB_TOKEN: undefined, INSTATE_MAX_CREATES: '1' });
    expect(alone).toMatchObject({ code: 0 });
    expect(await bench.posts()).toBe(1);
  });

  it('runs on the default branch alone, and runs secret commands for a flag alone', async () => {
    const { checkout, job, pkg } = await openStage();
    checkout.commit({ 'instate.yaml': names('first') });
    for (const env of [
      mergeRequest(7),
      { ...push, CI_COMMIT_BRANCH: 'feature' },
      { ...push, CI_DEFAULT_BRANCH: '' },
    ])
      expect(await job('apply', { ...env, ...byNumber })).toMatchObject({ code: 1 });
    expect(await job('drift', mergeRequest(7))).toMatchObject({ code: 1 });
    expect(await job('output', push)).toMatchObject({ code: 1 });
    expect(pkg.starts()).toEqual([]);
    await job('apply', { ...push, ...byNumber, INSTATE_ALLOW_EXEC: 'true' });
    await job('apply --allow-exec', { ...push, ...byNumber });
    expect(pkg.starts().map(({ words }) => words.includes('--allow-exec'))).toEqual([false, true]);
    await job('apply', { ...push, ...byNumber, CI_COMMIT_BRANCH: 'live', INSTATE_BRANCH: 'live' });
    expect(pkg.starts()).toHaveLength(3);
  });
});

describe('a merge request from another project', () => {
  it('is planned offline, without a secret, wherever its pipeline runs', async () => {
    const { bench, gitlab, checkout, job, pkg } = await openStage();
    checkout.commit({ 'instate.yaml': names('first') });
    // In this project, by a maintainer; in the fork itself; and where nobody knows.
    expect(await job('plan', mergeRequest(7, '78'))).toMatchObject({ code: 0 });
    await job('plan', { ...mergeRequest(7, '78'), CI_PROJECT_ID: '78', INSTATE_GITLAB_TOKEN: undefined });
    await job('plan', { ...mergeRequest(7), CI_MERGE_REQUEST_SOURCE_PROJECT_ID: undefined });
    await job('plan', { ...mergeRequest(7), INSTATE_UNTRUSTED: 'true' });
    expect(pkg.starts()).toHaveLength(4);
    for (const { words, env } of pkg.starts()) {
      expect(words).toContain('--untrusted');
      const values = Object.values(env).join('\n');
      for (const secret of ['user-secret-1', 'pass-word-1', 'base64:']) expect(values).not.toContain(secret);
    }
    expect(gitlab.notesOn(7)[0]?.body).not.toContain('instate-action-digest');
    expect(await bench.gets()).toBe(0);
  });
});

it('without a token there are artifacts, in a folder that no link of the checkout leads away', async () => {
  const { bench, gitlab, checkout, job } = await openStage();
  checkout.commit({ 'instate.yaml': names('first') });
  mkdirSync(bench.at('elsewhere'));
  symlinkSync(bench.at('elsewhere'), join(checkout.folder, 'instate-reports'));
  const run = await job('plan', { ...mergeRequest(7), INSTATE_GITLAB_TOKEN: undefined });
  expect(run).toMatchObject({ code: 0 });
  expect(run.log).toContain('no comment is written: there is no token for it');
  expect(readdirSync(bench.at('elsewhere'))).toEqual([]);
  expect(readdirSync(join(checkout.folder, 'instate-reports')).sort()).toEqual([
    ...['instate-plan.gitlab.json', 'instate-plan.html', 'instate-plan.json'],
    ...['instate-plan.junit.xml', 'instate-plan.md'],
  ]);
  expect(readdirSync(bench.at('temp'))).toEqual([]);
  expect(gitlab.seen).toEqual([]);
  expect(existsSync(join(checkout.folder, '.instate'))).toBe(false);
});

it('at night drift opens one issue, keeps it up to date, and closes it', async () => {
  const { bench, gitlab, checkout, job } = await openStage();
  checkout.commit({ 'instate.yaml': names('first', 'second') });
  await job('apply', { ...push, ...byNumber });
  const live = (await bench.call('GET', '/instances')).body as { id: number; name: string }[];
  const id = String(live.find(({ name }) => name === 'first')?.id);
  gitlab.open(gitlab.self, 'Another', 'x');
  await bench.call('PATCH', `/instances/${id}`, { tags: ['other', 'instate:crm:first'] });
  const drift = { ...night, INSTATE_FAIL_ON: 'drift,health', INSTATE_LABEL: 'production' };
  expect(await job('drift', drift)).toMatchObject({ code: 2 });
  await bench.call('DELETE', `/instances/${id}/enabled`);
  expect(await job('drift', drift)).toMatchObject({ code: 2 });
  expect(gitlab.issues).toHaveLength(2);
  expect(gitlab.issues[1]).toMatchObject({ title: 'instate drift: crm: production', state: 'opened' });
  expect(gitlab.issues[1]?.description).toContain('disabled');
  expect(await job('drift', { ...drift, CE_USER_SECRET: 'invalid' })).toMatchObject({ code: 1 });
  expect(gitlab.issues[1]).toMatchObject({ state: 'opened' });
  await bench.call('PUT', `/instances/${id}/enabled`);
  await bench.call('PATCH', `/instances/${id}`, { tags: ['crm', 'instate:crm:first'] });
  expect(await job('drift', drift)).toMatchObject({ code: 0 });
  expect(gitlab.issues.map(({ state }) => state)).toEqual(['opened', 'closed']);
});
