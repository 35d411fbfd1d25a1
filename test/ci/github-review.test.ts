import { describe, expect, it } from 'vitest';
import { closeio, declarations } from '../support/bench.ts';
import { dispatch, openStage, pullRequest, push, type Stage } from './github-runner.ts';

const apply = { command: 'apply' };
const zeros = `sha256:${'0'.repeat(64)}`;

/** A pull request with one instance, planned and merged. */
async function openReviewed(): Promise<Stage & { readonly digest: string }> {
  const stage = await openStage();
  stage.checkout.commit({ 'README.md': 'x' });
  stage.checkout.branch('add');
  stage.checkout.commit({ 'instate.yaml': declarations(closeio('first')) });
  const { outputs } = await stage.job({ command: 'plan' }, pullRequest(7));
  stage.github.merge(7, stage.checkout.merge('add'));
  return { ...stage, digest: outputs['digest'] ?? '' };
}

describe('the reviewed digest', () => {
  it('is taken from our own comment alone, whoever else bears its marker, on whatever page it stands', async () => {
    const { github, job, pkg, bench, digest } = await openReviewed();
    const marker = github.commentsOn(7)[0]?.body.split('\n')[0] ?? '';
    const forged = `${marker}\n<!-- instate-action-digest: ${zeros} -->\n`;
    for (let at = 0; at < 250; at += 1)
      github.say(7, at % 2 === 0 ? 'mallory' : 'github-actions[bot]', 'chat');
    github.say(7, 'mallory', forged);
    github.say(7, 'github-actions', forged);
    github.say(7, 'github-actions[bot]', `Welcome, ${forged}`);
    expect(await job(apply, push)).toMatchObject({ code: 0 });
    expect(pkg.starts().at(-1)?.words).toContain(`--expect-digest=${digest}`);
    expect(await bench.posts()).toBe(1);
  });

  it('is none where only a forged one stands, or one that is not on its line', async () => {
    const { github, checkout, job, pkg } = await openStage();
    checkout.commit({ 'instate.yaml': declarations(closeio('first')) });
    await job({ command: 'plan' }, pullRequest(6));
    const [marker = '', line = ''] = github.commentsOn(6)[0]?.body.split('\n') ?? [];
    github.merge(7, checkout.head());
    github.say(7, 'mallory', `${marker}\n${line}\n`);
    const forged = await job(apply, push);
    expect(forged).toMatchObject({ code: 1 });
    expect(forged.log).toContain(
      'pull request 7 has no comment with a plan of these files, targets and label',
    );
    github.say(7, 'github-actions[bot]', `${marker}\n\n${line}\n`);
    const moved = await job(apply, push);
    expect(moved.code).toBe(1);
    expect(moved.log).toContain('failed, was made offline or beside an apply, or met a guard');
    expect(pkg.starts()).toHaveLength(1);
  });

  it('also of a plan that had nothing to do', async () => {
    const { github, checkout, job, pkg } = await openReviewed();
    expect(await job(apply, push)).toMatchObject({ code: 0 });
    checkout.branch('words');
    checkout.commit({ 'README.md': 'y' });
    const planned = await job({ command: 'plan' }, pullRequest(8));
    expect(planned.outputs['summary']).toContain('No changes.');
    github.merge(8, checkout.merge('words'));
    expect(await job(apply, push)).toMatchObject({ code: 0 });
    expect(pkg.starts().at(-1)?.words).toContain(`--expect-digest=${planned.outputs['digest'] ?? ''}`);
  });

  it('is none of a plan that a guard stops: whether so many are gone is for a person to say', async () => {
    const { github, checkout, job, bench } = await openStage();
    checkout.commit({ 'README.md': 'x' });
    checkout.branch('two');
    checkout.commit({ 'instate.yaml': declarations([closeio('one'), closeio('two')].join('\n')) });
    await job({ command: 'plan' }, pullRequest(7));
    github.merge(7, checkout.merge('two'));
    expect(await job(apply, push)).toMatchObject({ code: 0 });
    for (const { id } of (await bench.call('GET', '/instances')).body as { id: number }[])
      await bench.call('DELETE', `/instances/${String(id)}`);
    checkout.branch('more');
    checkout.commit({ 'README.md': 'y' });
    const planned = await job({ command: 'plan' }, pullRequest(8));
    expect(planned.outputs['digest']).toBe('');
    github.merge(8, checkout.merge('more'));
    const posts = await bench.posts();
    const refused = await job(apply, push);
    expect([refused.code, await bench.posts()]).toEqual([1, posts]);
    expect(refused.log).toContain('met a guard');
  });

  it('is asked for on the pull request that this very commit merged into this branch', async () => {
    const { github, checkout, job, pkg } = await openStage();
    checkout.commit({ 'instate.yaml': declarations(closeio('first')) });
    const sha = checkout.head();
    github.merge(5, sha, { merged_at: null });
    github.merge(6, sha, { merge_commit_sha: 'f'.repeat(40) });
    github.merge(7, sha, { base: { ref: 'other' } });
    const run = await job(apply, push);
    expect(run.code).toBe(1);
    expect(run.log).toContain('this commit is not the merge of a pull request');
    expect(pkg.starts()).toEqual([]);
  });

  it('is not shared by plans of other files, targets, labels or accounts', async () => {
    const { github, checkout, job } = await openReviewed();
    const others: readonly Record<string, string>[] = [
      ...[{ files: 'instate.yaml' }, { target: 'f*' }, { exclude: 'x*' }, { 'select-tag': 'x' }],
      ...[{ label: 'staging' }, { 'working-directory': '.git/..' }],
    ];
    const codes: (number | null)[] = [];
    for (const inputs of others) {
      if (inputs['working-directory'] === undefined)
        codes.push((await job({ ...apply, ...inputs }, push)).code);
    }
    codes.push((await job(apply, push, { INSTATE_PROJECT: 'another' })).code);
    expect(codes).toEqual([1, 1, 1, 1, 1, 1]);
    expect(github.commentsOn(7)).toHaveLength(1);
    // The same folder by another way is the same plan.
    expect(await job({ ...apply, 'working-directory': '.git/..' }, push)).toMatchObject({ code: 0 });
    checkout.branch('label');
    await job({ command: 'plan', label: 'staging' }, pullRequest(9));
    await job({ command: 'plan', label: 'production' }, pullRequest(9));
    expect(github.commentsOn(9).map(({ body }) => /\*\*`(\w+)`\*\*/.exec(body)?.[1])).toEqual([
      'staging',
      'production',
    ]);
  });
});

describe('an apply', () => {
  it('is never begun without a digest or a largest number of creates', async () => {
    const { github, checkout, job, pkg } = await openStage();
    checkout.commit({ 'instate.yaml': declarations(closeio('first')) });
    const alone = [undefined, 'reviewed', 'none', ''];
    for (const digest of alone) {
      const run = await job({ ...apply, ...(digest === undefined ? {} : { 'expect-digest': digest }) }, push);
      expect(run.code).toBe(1);
      expect(run.log).toMatch(/::error title=instate::(no reviewed plan was found|nothing binds this apply)/);
      expect(run.log).toContain('give max-creates');
    }
    github.merge(7, checkout.head());
    for (const digest of ['reviewed', 'none', zeros.slice(0, 20)])
      expect(await job({ ...apply, 'expect-digest': digest }, push)).toMatchObject({ code: 1 });
    // Nor without a token to look for the review with.
    expect(await job(apply, push, { INSTATE_ACTION_GITHUB_TOKEN: '' })).toMatchObject({ code: 1 });
    expect(pkg.starts()).toEqual([]);
  });

  it('goes by a digest that is given, by the number, and by both', async () => {
    const { bench, checkout, job, pkg, digest } = await openReviewed();
    const given = { ...apply, 'expect-digest': digest };
    expect(await job({ ...given, 'max-creates': '0' }, dispatch)).toMatchObject({ code: 1 });
    expect(pkg.starts().at(-1)?.words).toEqual(
      expect.arrayContaining(['--auto-approve', `--expect-digest=${digest}`, '--max-creates=0']),
    );
    expect(await job({ ...apply, 'expect-digest': zeros }, dispatch)).toMatchObject({ code: 1 });
    expect(await bench.posts()).toBe(0);
    expect(await job(given, dispatch)).toMatchObject({ code: 0 });
    checkout.commit({
      'instate.yaml': declarations(`${closeio('first')}\n${closeio('second')}\n${closeio('third')}`),
    });
    const limited = await job({ ...apply, 'max-creates': '1' }, push);
    expect(limited.log).toContain('Not bound to a review (this commit is not the merge of a pull request)');
    expect(limited.log).toContain('[too_many_creates]');
    expect(await job({ ...apply, 'max-creates': '2' }, push)).toMatchObject({ code: 0 });
    expect(await bench.posts()).toBe(3);
  });

  it('runs on the default branch or the one that is named, and nowhere else', async () => {
    const { job, pkg } = await openReviewed();
    const feature = { ...dispatch, ref: 'refs/heads/feature' };
    const refused = await job({ ...apply, 'max-creates': '1' }, feature);
    expect(refused.log).toContain('runs on the default branch, or on the one that the input branch names');
    expect(await job({ command: 'drift' }, feature)).toMatchObject({ code: 1 });
    expect(await job({ ...apply, 'max-creates': '1' }, pullRequest(7))).toMatchObject({ code: 1 });
    expect(pkg.starts()).toHaveLength(1);
    expect(await job({ ...apply, 'max-creates': '1', branch: 'feature' }, feature)).toMatchObject({
      code: 0,
    });
  });

  it('does not go on by the number where the review could not be looked up', async () => {
    const { github, bench, job, pkg } = await openReviewed();
    github.trouble(/GET .*\/commits\//, { status: 502 }, 3);
    const failed = await job({ ...apply, 'max-creates': '5' }, push);
    expect(failed.code).toBe(1);
    expect(failed.log).toContain(
      'the reviewed plan could not be looked up: GitHub answered 502 to GET /repos/acme/connectors/commits/',
    );
    expect(pkg.starts()).toHaveLength(1);
    // Two bad answers are not the end of it.
    github.trouble(/GET .*\/commits\//, { status: 502 });
    github.trouble(/GET .*\/commits\//, 'drop');
    expect(await job({ ...apply, 'max-creates': '5' }, push)).toMatchObject({ code: 0 });
    expect(await bench.posts()).toBe(1);
  });
});
