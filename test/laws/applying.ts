import { countMassMissing, currentAddress, findOwner, listOf, type Identity, type Model } from './model.ts';
import {
  checkComplete,
  checkDuplicates,
  checkPosts,
  findCreated,
  readLeft,
  readRows,
  require,
} from './laws.ts';
import { listVisible, lookAround } from './outside.ts';
import type { Run, Stage } from './stage.ts';
import { grace, isSilent, scriptFaults, type Apply } from './steps.ts';
import type { Now, Telling } from './telling.ts';

/** An apply as a step says, and the laws that hold for each. */
export async function playApply({ stage, say }: Telling, { model, rows }: Now, step: Apply): Promise<Model> {
  const visible = await listVisible(stage);
  const recorded = rows.map(({ instanceId }) => instanceId);
  const missing = countMassMissing(model, recorded);
  const isGuarded = missing !== null && !step.release;
  await stage.fault(scriptFaults(step));
  const run = await stage.run(
    writeApply(step.parallelism, isSilent(step.lost), step.release ? missing : null),
    step.cut,
  );
  await stage.fault([]);
  const created = findCreated(model, run);
  say(
    `    ${run.cut ? 'cut off' : `exit ${String(run.code)}`}, POST for: ${created.map(currentAddress).join(', ') || '-'}`,
  );
  checkPosts(model, created);
  require(!isGuarded || created.length === 0, 'A5: nothing is created while so many are missing');
  if (!isGuarded && !run.cut && !step.blind) checkDuplicates(model, visible, run);
  const after = await lookAround(stage, noteCreated(model, run, step), false);
  if (run.cut) await checkIntents(stage, created, step);
  if (!isGuarded && isCalm(model, step, recorded, visible)) checkComplete(after, await readRows(stage), run);
  return after;
}

/** The command line of an apply. `missing`: how many a person says are really gone. */
export function writeApply(parallelism: number, isSilent: boolean, missing: number | null): string {
  // Real time: this is how long a client waits for an answer that never comes.
  const timeout = isSilent ? 0.15 : 20;
  const release = missing === null ? '' : ` --expect-missing ${String(missing)}`;
  return `apply --yes --json --timeout ${String(timeout)} --grace ${String(grace)} --parallelism ${String(parallelism)}${release}`;
}

/** What the service will do later, and how often nothing came of a create. */
function noteCreated(model: Model, run: Run, { lost }: Apply): Model {
  const counts = new Map(model.lost);
  const pending = [...model.pending];
  for (const post of run.posts) {
    const name = findOwner(model, post.body?.tags ?? [])?.name ?? '';
    counts.set(name, (counts.get(name) ?? 0) + 1);
    if (lost !== null && post.faults.includes('late-commit'))
      pending.push({ name, at: Date.parse(post.at) + lost.late * 1_000 });
  }
  return { ...model, pending, lost: counts };
}

/** C1: what left had an intent that outlives the power; unless it was refused, which closes it. */
async function checkIntents(stage: Stage, created: readonly Identity[], { lost }: Apply): Promise<void> {
  if (lost?.how.endsWith('status 400') === true || created.length === 0) return;
  const left = await readLeft(stage);
  if (left === null) return;
  const known = [...left.open, ...(await readRows(stage))].map(({ address }) => address);
  for (const { addresses, name } of created) {
    const isKnown = addresses.some((one) => known.includes(one));
    require(isKnown, `C1: after the power cut nothing is known of the create of ${name} that had left`);
  }
}

/** Nothing hinders this apply: what it cannot do now it never could. */
function isCalm(
  model: Model,
  step: Apply,
  recorded: readonly number[],
  visible: ReadonlySet<number>,
): boolean {
  return (
    step.lost === null &&
    !step.blind &&
    step.cut === null &&
    model.identities.every((one) => listOf(model, one).length < 2) &&
    recorded.every((id) => visible.has(id) || !model.live.has(id)) &&
    ![...model.lost.values()].some(isBlocked)
  );
}

/** C3: so many lost creates in a row want a person. */
export function isBlocked(count: number): boolean {
  return count >= 4;
}
