import { expect, it } from 'vitest';
import { closeio, declarations } from '../support/bench.ts';
import { dispatch, night, openStage, pullRequest, push } from './github-runner.ts';

const file = 'connections/instate.yaml';
const plan = { command: 'plan', 'working-directory': 'connections' };
const apply = { command: 'apply', 'working-directory': 'connections' };
const drift = { command: 'drift', 'working-directory': 'connections', 'fail-on': 'drift,health' };
const names = (...addresses: readonly string[]) =>
  declarations(addresses.map((one) => closeio(one, 'tags: [crm]')).join('\n'));

it('a pull request is planned, mended, reviewed, merged and applied; what changed after the review is not', async () => {
  const { bench, github, checkout, job, pkg } = await openStage();
  checkout.commit({ [file]: names('first') });
  expect(await job({ ...apply, 'expect-digest': 'none', 'max-creates': '1' }, dispatch)).toMatchObject({
    code: 0,
  });
  expect(await bench.posts()).toBe(1);

  // A pull request adds two instances, and a mistake.
  checkout.branch('add');
  const text = names('first', 'second', 'third');
  checkout.commit({ [file]: text.replace(/(second:\n.*\n)/, '$1    nme: Second\n') });
  const line = text.split('\n').findIndex((one) => one.includes('second:')) + 3;
  const wrong = await job(plan, pullRequest(7));
  expect(wrong.code).toBe(1);
  expect(wrong.log).toMatch(
    new RegExp(`^::error file=connections/instate.yaml,line=${String(line)},col=5,`, 'm'),
  );
  expect(wrong.outputs).toMatchObject({ 'exit-code': '1', digest: '', ok: 'false' });
  expect(wrong.page).toContain('does not exist here');
  expect(github.commentsOn(7)).toHaveLength(1);
  expect(github.commentsOn(7)[0]?.body).toMatch(/^<!-- instate-action: plan [0-9a-f]{16} -->\n/);
  expect(github.commentsOn(7)[0]?.body).toContain('instances.second.nme: the key `nme` does not exist here');
  expect(github.commentsOn(7)[0]?.body).not.toContain('digest');

  // It is mended: the same comment shows the plan and bears its digest. The state was not written to.
  checkout.commit({ [file]: text });
  const right = await job(plan, pullRequest(7));
  expect(right).toMatchObject({ code: 0, outputs: { 'exit-code': '0', create: '2' } });
  expect(right.outputs['summary']).toContain('Plan: 2 to create');
  expect(right.outputs['digest']).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(right.log).toContain('::notice file=connections/instate.yaml');
  const [comment, ...others] = github.commentsOn(7);
  expect(others).toEqual([]);
  expect(comment?.body.split('\n')[1]).toBe(
    `<!-- instate-action-digest: ${right.outputs['digest'] ?? ''} -->`,
  );
  expect(comment?.body).toContain('**`second`**');
  expect(comment?.body).toContain('https://github.example.com/acme/connectors/actions/runs/4711');
  expect(await bench.posts()).toBe(1);

  // Merged, it is applied exactly as reviewed.
  github.merge(7, checkout.merge('add'));
  const applied = await job(apply, push);
  expect(applied).toMatchObject({ code: 0, outputs: { created: '2' } });
  expect(await bench.posts()).toBe(3);
  expect(pkg.starts().at(-1)?.words).toContain(`--expect-digest=${right.outputs['digest'] ?? ''}`);
  expect(github.commentsOn(7)).toHaveLength(2);
  expect(github.commentsOn(7)[1]?.body).toMatch(/^<!-- instate-action: apply [0-9a-f]{16} -->\n/);
  expect(github.commentsOn(7)[1]?.body).toContain('Apply complete: 2 created');

  // The next one is reviewed, and something else slips into main before it is merged.
  checkout.branch('fourth');
  checkout.commit({ [file]: names('first', 'second', 'third', 'fourth') });
  expect(await job(plan, pullRequest(8))).toMatchObject({ code: 0 });
  checkout.merge('fourth');
  const sha = checkout.commit({ [file]: names('first', 'second', 'third', 'fourth', 'fifth') });
  github.merge(8, sha);
  const stale = await job(apply, push);
  expect(stale.code).toBe(1);
  expect(stale.log).toContain('[stale_plan]');
  expect(github.commentsOn(8)[1]?.body).toContain('what would be done is not what was expected');
  expect(await bench.posts()).toBe(3);
});

it('at night drift opens one issue, keeps it up to date, and closes it once all is well', async () => {
  const { bench, github, checkout, job } = await openStage();
  checkout.commit({ [file]: names('changed', 'gone', 'off', 'well') });
  await job({ ...apply, 'expect-digest': 'none', 'max-creates': '4' }, dispatch);
  const live = (await bench.call('GET', '/instances')).body as { id: number; name: string }[];
  const find = (address: string) => live.find((one) => one.name === address);
  const idOf = (address: string) => String(find(address)?.id);
  github.open('somebody', 'Not ours', 'hello');
  github.open('github-actions[bot]', 'A pull request', 'x', { pull_request: {} });
  expect(await job(drift, night)).toMatchObject({ code: 0 });
  expect(github.issues).toHaveLength(2);

  await bench.call('PATCH', `/instances/${idOf('changed')}`, { tags: ['other', 'instate:crm:changed'] });
  await bench.call('DELETE', `/instances/${idOf('gone')}`);
  await bench.call('DELETE', `/instances/${idOf('off')}/enabled`);
  await bench.call('POST', '/instances', {
    ...{ element: { key: 'closeio' }, name: 'By hand' },
    configuration: { username: 'u', password: 'p' },
  });
  const found = await job({ ...drift, 'issue-label': 'instate-drift' }, night);
  expect(found).toMatchObject({ code: 2, outputs: { 'exit-code': '2', drifted: 'true' } });
  expect(github.issues).toHaveLength(3);
  const issue = github.issues[2];
  expect(issue).toMatchObject({ title: 'instate drift: crm', state: 'open', labels: ['instate-drift'] });
  expect(issue?.body).toMatch(/^<!-- instate-action: drift [0-9a-f]{16} -->\n/);
  for (const kind of ['changed', 'missing', 'disabled', 'unmanaged'])
    expect(issue?.body).toContain(`#### ${kind} (1)`);

  // An error proves nothing: the issue stays as it is.
  const before = issue?.body;
  const broken = await job(drift, night, { CE_USER_SECRET: 'invalid' });
  expect(broken.code).toBe(1);
  expect(github.issues[2]).toMatchObject({ state: 'open', body: before });

  await bench.call('PUT', `/instances/${idOf('off')}/enabled`);
  expect(await job(drift, night)).toMatchObject({ code: 2 });
  expect(github.issues).toHaveLength(3);
  expect(issue?.body).not.toContain('disabled');

  await bench.call('PATCH', `/instances/${idOf('changed')}`, { tags: ['crm', 'instate:crm:changed'] });
  expect(await job({ ...apply, 'expect-digest': 'none', 'max-creates': '1' }, dispatch)).toMatchObject({
    code: 0,
  });
  expect(await job(drift, night)).toMatchObject({ code: 0 });
  expect(github.issues[2]).toMatchObject({ state: 'closed', state_reason: 'completed' });
  expect(issue?.body).toContain('Nothing has drifted any more.');
  expect(github.issues.filter((one) => one.state === 'open')).toHaveLength(2);
});

it('without a state that is kept, plan and apply still agree, and nothing is made twice', async () => {
  const { bench, github, checkout, job } = await openStage();
  let runs = 0;
  const fresh = () => ({
    INSTATE_STATE: bench.at(`state/${String(++runs)}.db`),
    INSTATE_STATE_KEY: undefined,
  });
  checkout.commit({ [file]: names('first', 'second') });
  const byHand = { ...apply, 'expect-digest': 'none', 'max-creates': '2' };
  expect(await job(byHand, dispatch, fresh())).toMatchObject({ code: 0 });
  checkout.branch('add');
  checkout.commit({ [file]: names('first', 'second', 'third') });
  const planned = await job(plan, pullRequest(7), fresh());
  expect(planned.outputs['summary']).toContain('Plan: 1 to create, 2 to adopt');
  github.merge(7, checkout.merge('add'));
  // An apply that knows what the plan did not know is another plan.
  const kept = fresh();
  expect(await job({ ...byHand, target: 'first' }, dispatch, kept)).toMatchObject({ code: 0 });
  expect(await job(apply, push, kept)).toMatchObject({ code: 1, outputs: { error: 'stale_plan' } });
  expect(await job(apply, push, fresh())).toMatchObject({ code: 0, outputs: { created: '1', adopted: '2' } });
  expect(await bench.posts()).toBe(3);
  expect(await job(drift, night, fresh())).toMatchObject({ code: 0 });
});
