import { describe, expect, it } from 'vitest';
import { closeio, declarations } from '../support/bench.ts';
import { openStage, pullRequest, push } from './github-runner.ts';

const plan = { command: 'plan' };
const text = declarations(closeio('first'));

describe('a pull request from a fork', () => {
  it('is planned offline, without a secret, and needs no right to comment', async () => {
    const { bench, github, checkout, job, pkg } = await openStage();
    checkout.commit({ 'instate.yaml': text });
    github.rights.write = false;
    const run = await job(plan, pullRequest(7, { from: 'stranger/connectors' }), {
      AWS_SECRET_ACCESS_KEY: 'cloud-key',
    });
    expect(run).toMatchObject({ code: 0, outputs: { 'exit-code': '0', digest: '' } });
    expect(run.log).toContain(
      'this token may not (GitHub answered 403 to POST /repos/acme/connectors/issues/7/comments)',
    );
    expect(run.log).not.toContain('::warning title=instate::');
    expect(run.page).toContain('instate plan');
    expect(github.commentsOn(7)).toEqual([]);
    const [start] = pkg.starts();
    expect(start?.words).toContain('--untrusted');
    const values = Object.values(start?.env ?? {}).join('\n');
    for (const secret of [
      'user-secret-1',
      'organization-secret-1',
      'pass-word-1',
      'someone@',
      'cloud-key',
      'base64:',
    ])
      expect(values).not.toContain(secret);
    expect(Object.keys(start?.env ?? {})).not.toContain('INSTATE_STATE_KEY');
    expect(await bench.gets()).toBe(0);
  });

  it('also where the fork is gone, where the base is not this repository, and where a bot gets no secrets', async () => {
    const { checkout, job, pkg } = await openStage();
    checkout.commit({ 'instate.yaml': text });
    await job(plan, pullRequest(7, { from: null }));
    await job(plan, pullRequest(7), { GITHUB_REPOSITORY: 'acme/another' });
    await job(plan, pullRequest(7), { GITHUB_ACTOR: 'dependabot[bot]' });
    await job({ ...plan, untrusted: 'true' }, pullRequest(7));
    expect(pkg.starts().map(({ words }) => words.includes('--untrusted'))).toEqual([true, true, true, true]);
  });

  it('leaves no digest to apply, and says so', async () => {
    const { bench, github, checkout, job } = await openStage();
    checkout.commit({ 'instate.yaml': text });
    expect(await job(plan, pullRequest(7, { from: 'stranger/connectors' }))).toMatchObject({ code: 0 });
    expect(github.commentsOn(7)[0]?.body).toContain("Planned offline, as a stranger's files");
    expect(github.commentsOn(7)[0]?.body).not.toContain('instate-action-digest');
    github.merge(7, checkout.head());
    const run = await job({ command: 'apply' }, push);
    expect(run.code).toBe(1);
    expect(run.log).toContain(
      'the last plan on pull request 7 failed, was made offline or beside an apply, or met a guard',
    );
    expect(await bench.posts()).toBe(0);
    expect(await job({ command: 'apply', 'max-creates': '1' }, push)).toMatchObject({ code: 0 });
    expect(await bench.posts()).toBe(1);
  });
});
