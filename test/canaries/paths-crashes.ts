import { existsSync, readdirSync } from 'node:fs';
import { declare, flags, furnish, looking, manyOf, writeScript } from './project.ts';
import { until, type Path, type Stage } from './stage.ts';

const slow = { on: 'POST /instances', times: 99, do: 'delay', ms: 1_000 };
const limits = '--timeout 2 --grace 0.3 --parallelism 2';

/** An apply with creates in flight, looked at from outside: its files, its words. */
async function startApply(stage: Stage, path: Partial<Path>) {
  const before = await stage.posts();
  const running = stage.start({ line: `apply --yes ${limits} --verbose`, ...path });
  await until(async () => (await stage.posts()) > before || running.child.exitCode !== null);
  stage.look(`in the middle of ${path.with ?? 'an apply'}`, running);
  return running;
}

/** Applies that end in the middle. */
export async function playSignals(stage: Stage): Promise<void> {
  furnish(stage);
  stage.write('project/instate.yaml', declare(manyOf(12)));
  await stage.fault(slow);
  const term = await startApply(stage, { with: 'SIGTERM', code: 143, says: 'stopping' });
  term.child.kill('SIGTERM');
  await term.done;
  const twice = await startApply(stage, {
    line: `apply --yes ${limits} --json`,
    with: 'SIGTERM twice',
    code: 143,
    says: '"interrupted"',
  });
  twice.child.kill('SIGTERM');
  await until(() => twice.said().includes('once more') || twice.child.exitCode !== null);
  stage.look('after the first SIGTERM', twice);
  twice.child.kill('SIGTERM');
  await twice.done;
  for (const nth of ['once', 'again']) {
    const killed = await startApply(stage, { with: `SIGKILL, ${nth}`, code: null });
    killed.child.kill('SIGKILL');
    await killed.done;
    // What is open is a conflict, exit 1; what is not is none: it depends on the instant.
    await stage.run({ line: 'plan --json', with: `after a SIGKILL, ${nth}`, code: 'any', says: '"plan"' });
    await stage.run({ line: 'recover --list --verbose', with: `after a SIGKILL, ${nth}`, code: 'any' });
  }
  await stage.fault();
  await stage.run({ line: 'recover --wait', with: 'after all of those' });
  await stage.run({ line: `apply --yes ${limits}`, with: 'after all of those', says: 'Apply complete' });
}

/** A state that somebody else holds. */
export async function playLocks(stage: Stage): Promise<void> {
  furnish(stage);
  stage.write('project/instate.yaml', declare(manyOf(12)));
  await stage.fault({ ...slow, ms: 1_500 });
  const job = { CI_JOB_URL: 'https://ci.example.com/jobs/7' };
  const holder = await startApply(stage, { with: 'holding the lock', env: job, code: null });
  const waiting = stage.start({
    line: 'apply --yes --lock-timeout 60 --verbose',
    with: 'waiting for the lock',
    env: job,
    code: 143,
    says: 'waiting for the state lock',
  });
  await until(() => waiting.said().includes('waiting for the state lock') || waiting.child.exitCode !== null);
  stage.look('in the middle of waiting for the lock', waiting);
  const paths: readonly Path[] = [
    { line: 'apply --yes', code: 1, says: '[state_locked]' },
    { line: 'state rm i0 --json', code: 1, says: /state_locked|unknown_address/ },
    { line: 'state unlock', code: 1, says: 'locked by' },
    { line: 'plan --verbose', code: 'any', says: 'Plan:' },
  ];
  for (const path of paths) await stage.run({ ...path, with: 'while another one holds the lock' });
  waiting.child.kill('SIGTERM');
  await waiting.done;
  holder.child.kill('SIGKILL');
  await holder.done;
}

/** What Node itself writes when it is asked to: reports, traces, debugging. */
export async function playNode(stage: Stage): Promise<void> {
  furnish(stage);
  await stage.run({
    line: `apply --yes ${flags} --verbose`,
    with: 'NODE_DEBUG=*',
    env: { NODE_DEBUG: '*' },
    through: 'entry',
    says: '4 created',
  });
  await stage.run({
    line: `plan ${looking} --json`,
    with: 'NODE_DEBUG=*',
    env: { NODE_DEBUG: '*' },
    through: 'entry',
  });
  stage.write('project/instate.yaml', declare(manyOf(4)));
  await stage.fault(slow);
  const folder = stage.at('temp');
  const reports = {
    NODE_OPTIONS: `--report-on-signal --report-directory=${folder}`,
    INSTATE_STATE: 'other.db',
  };
  const running = await startApply(stage, { with: 'a diagnostic report', env: reports, says: '4 created' });
  running.child.kill('SIGUSR2');
  await until(
    () => readdirSync(folder).some((name) => name.startsWith('report.')) || running.child.exitCode !== null,
  );
  await running.done;
  if (!readdirSync(folder).some((name) => name.startsWith('report.')))
    stage.problems.push('no report was written');
  await stage.fault();
  const categories = 'node.environment,node.fs.sync,node.http,node.net.native,node.async_hooks';
  const traces = {
    NODE_OPTIONS: `--trace-event-categories=${categories} --trace-event-file-pattern=${folder}/trace.json`,
  };
  await stage.run({ line: 'plan', with: 'trace events', env: traces });
  if (!existsSync(`${folder}/trace.json`)) stage.problems.push('no trace was written');
}

/** While a secret command runs, and after it: nobody reads a secret in the list of processes. */
export async function playListings(stage: Stage): Promise<void> {
  furnish(stage);
  stage.plant('project/vault.sh', writeScript({ after: 'sleep 1' }));
  const running = stage.start({
    line: `apply --yes ${flags}`,
    with: 'a slow secret command',
    says: '4 created',
  });
  await until(() => existsSync(stage.at('project/given-to-command')) || running.child.exitCode !== null);
  const words = stage.look('in the middle of a secret command', running);
  if (!words.includes('vault.sh')) stage.problems.push(`the secret command is not in the list: ${words}`);
  await running.done;
}
