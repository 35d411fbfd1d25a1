import { isBlocked, writeApply } from './applying.ts';
import { checkComplete, checkEnd, checkPosts, checkWorld, findCreated, readLeft, require } from './laws.ts';
import { countMassMissing, currentAddress, findIdentity, listOf, type Model } from './model.ts';
import { changeOutside, lookAround } from './outside.ts';
import { settleDown, type Now, type Telling } from './telling.ts';

/** Faults are over, and a person does what only persons can: then all is well within three runs. */
export async function endStory(telling: Telling, now: Now): Promise<void> {
  const { stage, say } = telling;
  stage.clock.pass(60 * 60_000);
  let { model, rows } = await settleDown(telling, await deleteCopies(telling, now));
  for (let tries = 1; ; tries++) {
    for (const { address } of (await readLeft(stage))?.blocked ?? []) {
      const name = findIdentity(model, address)?.name ?? '';
      require(isBlocked(model.lost.get(name) ?? 0), `C3: ${name} wants a person, for nothing`);
      await stage.run(`recover ${address} --absent`);
    }
    const missing = countMassMissing(
      model,
      rows.map(({ instanceId }) => instanceId),
    );
    const run = await stage.run(writeApply(4, false, missing));
    const created = findCreated(model, run);
    say(`    exit ${String(run.code)}, POST for: ${created.map(currentAddress).join(', ') || '-'}`);
    checkPosts(model, created);
    ({ model, rows } = await settleDown(telling, model));
    await checkWorld(stage, model, rows);
    if (run.code !== 0 && tries < 3) continue;
    checkComplete(model, rows, run);
    break;
  }
  await checkEnd(stage, model, rows);
}

/** Of two that live for one identity the recorded one stays. */
async function deleteCopies({ stage }: Telling, { model, rows }: Now): Promise<Model> {
  let rest = await lookAround(stage, model, false);
  for (const identity of rest.identities) {
    const all = listOf(rest, identity);
    const kept = all.find(({ id }) => rows.some((row) => row.instanceId === id)) ?? all[0];
    for (const one of all) if (one !== kept) rest = await changeOutside(stage, rest, 'delete', one);
  }
  return rest;
}
