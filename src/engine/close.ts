import { indexLive } from '../core/live-index.ts';
import { listOwners } from '../core/ownership.ts';
import { nameInstances } from '../core/reasons.ts';
import type { Address, LiveInstance } from '../core/model.ts';
import type { Observation } from '../core/observation.ts';
import { makePlan, type Planning } from '../core/plan.ts';
import type { Diagnostic } from '../diagnostics.ts';
import { InstateError } from '../errors.ts';
import type { ApplyRun } from './run.ts';
import { observe } from './observe.ts';
import { settleRecoveries } from './record.ts';
import { bindLive } from './resolve.ts';
import type { Result } from '../core/result.ts';
import { describeError } from './results.ts';

/**
 * C6: apply ends with a fresh listing. What an unclear create made is found and recorded, a refused one is checked, and
 * an address with more than one tagged instance is reported. Where nothing was sent, the first listing serves.
 */
export async function closeApply(
  planning: Planning,
  run: ApplyRun,
  results: Map<Address, Result>,
): Promise<readonly Diagnostic[]> {
  const sent = [...results.values()].some(
    (result) => result.action === 'create' && result.status !== 'not-attempted',
  );
  if (run.stop.aborted || (sent && hasBrokenState(results))) return [];
  try {
    const observation = sent ? await observeAgain(run) : planning.matching.observation;
    if (observation.listing?.complete === false)
      throw new InstateError('incomplete_list', observation.listing.note ?? 'its pages do not add up');
    if (sent) await settleLate(observation, run, results);
    return reportDuplicates(observation, results);
  } catch (error) {
    const { message } = describeError(error);
    const summary = 'the closing list could not be read, so duplicates were not looked for';
    return [{ severity: 'warning', code: 'closing_list', summary, detail: message }];
  }
}

async function observeAgain(run: ApplyRun): Promise<Observation> {
  return observe(run.declarations, await run.hands.lock.read(), run.eyes);
}

/** Finds what uncertain creates made, and what a refusal made all the same (safety.md C4, C6). */
async function settleLate(
  observation: Observation,
  run: ApplyRun,
  results: Map<Address, Result>,
): Promise<void> {
  const again = makePlan(observation, run.policy);
  const settled = await settleRecoveries(again, run.hands.lock, {
    includes: (address) => again.matching.recoveries.get(address)?.recovery.kind === 'found',
    filtered: true,
  });
  for (const { address, instanceId } of settled) {
    const action = results.get(address)?.action === 'create' ? 'create' : 'adopt';
    const result: Result = { address, action, status: 'done', instanceId, error: null };
    results.set(address, result);
    run.events.onResult(result);
  }
  for (const result of [...results.values()]) {
    const match = again.matches.get(result.address);
    if (
      result.status !== 'failed' ||
      result.instanceId !== null ||
      match?.kind !== 'found' ||
      match.by !== 'tag'
    )
      continue;
    const declaration = again.matching.addresses.declared.get(result.address) ?? null;
    const instance = bindLive(match.instance, declaration);
    const token = observation.listing?.tokens.get(match.instance.id) ?? null;
    const expected = again.matching.addresses.rows.get(result.address)?.version ?? null;
    await run.hands.lock.record([{ kind: 'adopt', address: result.address, expected, instance, token }]);
    results.set(result.address, {
      ...result,
      action: 'adopt',
      status: 'done',
      instanceId: match.instance.id,
      error: null,
    });
  }
}

/** Every address with more than one live instance that carries its tag: both are named, and the run fails. */
function reportDuplicates(observation: Observation, results: Map<Address, Result>): readonly Diagnostic[] {
  const { project } = observation.declarations;
  const tagged = new Map<Address, LiveInstance[]>();
  for (const instance of indexLive(observation).all) {
    for (const owner of listOwners(instance)) {
      if (owner.project === project)
        tagged.set(owner.address, [...(tagged.get(owner.address) ?? []), instance]);
    }
  }
  return [...tagged].flatMap(([address, instances]) => {
    if (instances.length < 2) return [];
    const message = `${String(instances.length)} live instances carry the ownership tag of ${address}: ${nameInstances(instances)}`;
    const hint = 'delete the one too many in the account, or take its tag off';
    const result = results.get(address);
    if (result?.status === 'done')
      results.set(address, {
        ...result,
        status: 'failed',
        error: { code: 'duplicate', message, hint, requestId: null },
      });
    return [{ severity: 'error' as const, code: 'duplicate', summary: message, detail: hint, address }];
  });
}

/** The state could not be written: nothing found now could be kept. */
function hasBrokenState(results: ReadonlyMap<Address, Result>): boolean {
  return [...results.values()].some(
    (result) => result.error?.code === 'state_unwritable' || result.error?.code === 'state_locked',
  );
}
