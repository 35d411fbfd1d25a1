import { findRefusal } from '../core/guards.ts';
import type { Address } from '../core/model.ts';
import type { Observation } from '../core/observation.ts';
import { makePlan, type Planning, type Policy } from '../core/plan.ts';
import type { Diagnostic } from '../diagnostics.ts';
import { InstateError } from '../errors.ts';
import { closeApply } from './close.ts';
import { createAll } from './creates.ts';
import { observePatiently } from './lagging.ts';
import { observe } from './observe.ts';
import { recordWithoutCalls, settleRecoveries } from './record.ts';
import { describeError, isStateLost } from './results.ts';
import type { ApplyRun } from './run.ts';
import { describeConflict, type Result } from '../core/result.ts';
import { listApplyWaiting, listWaitedFor, measureWait } from './waiting.ts';

export interface ApplyReport {
  readonly outcome: 'complete' | 'incomplete' | 'nothing-to-do';
  /** By address. */
  readonly results: readonly Result[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Does what an approved planning says: settle what a crash left, record, create, wait for what is unconfirmed, list again. */
export async function applyPlan(planning: Planning, run: ApplyRun): Promise<ApplyReport> {
  const results = new Map<Address, Result>();
  await applyRound(planning, run, results, run.policy);
  const after = isHalted(results, run) ? null : await confirmLeftovers(planning, run, results);
  for (const change of planning.plan.changes) {
    if (change.action !== 'conflict' || results.has(change.address)) continue;
    const now = after?.decisions.get(change.address)?.change;
    results.set(change.address, describeConflict(now?.action === 'conflict' ? now : change));
  }
  const diagnostics = await closeApply(planning, run, results);
  const sorted = [...results.values()].sort((a, b) => (a.address < b.address ? -1 : 1));
  const complete =
    sorted.every((result) => result.status === 'done') &&
    diagnostics.every((one) => one.severity !== 'error');
  const outcome = !complete ? 'incomplete' : sorted.length === 0 ? 'nothing-to-do' : 'complete';
  return { outcome, results: sorted, diagnostics };
}

/** Nothing more may be sent in this run, so there is nothing to wait for. */
function isHalted(results: ReadonlyMap<Address, Result>, run: ApplyRun): boolean {
  const ends = ['tag_not_kept', 'wrong_account'];
  return [...results.values()].some(
    ({ status, error }) =>
      status === 'not-attempted' ||
      (run.failFast && status !== 'done') ||
      isStateLost(error) ||
      (error !== null && ends.includes(error.code)),
  );
}

/** One pass: first what needs no call, then the creates. */
async function applyRound(
  planning: Planning,
  run: ApplyRun,
  results: Map<Address, Result>,
  policy: Policy,
): Promise<void> {
  const { hands } = run;
  const creates = planning.plan.changes.filter(
    (change) => change.action === 'create' && policy.includes(change.address),
  );
  const report = (result: Result) => {
    results.set(result.address, result);
    run.events.onResult(result);
  };
  run.events.onStart(creates.length);
  for (const result of await settleRecoveries(planning, hands.lock, policy)) report(result);
  for (const result of await recordWithoutCalls(planning, hands.lock, policy)) report(result);
  await createAll(creates, planning, run, report);
}

/** C2: waits for the addresses whose earlier create may still arrive, and for them alone; then looks, and creates what is absent. */
async function confirmLeftovers(
  planning: Planning,
  run: ApplyRun,
  results: Map<Address, Result>,
): Promise<Planning | null> {
  const waiting = listApplyWaiting(planning);
  if (waiting.length === 0 || run.stop.aborted) return null;
  const { clock } = run.hands;
  const wait = measureWait(planning, waiting, clock);
  const addresses = [...new Set(waiting.map(({ address }) => address))];
  run.events.onWait(addresses, clock.now() + wait);
  await clock.wait(wait, run.stop);
  if (run.stop.aborted) return null;
  const waitedFor = listWaitedFor(planning, waiting, clock);
  try {
    const recorded = await run.hands.lock.read();
    const policy = { includes: (address: Address) => addresses.includes(address), filtered: true };
    // What this run has created must stand in the list, too: one that hides it may be no list at all (safety.md A1).
    const seen = await observePatiently(
      () => observe(run.declarations, recorded, run.eyes, { waitedFor, fresh: new Set() }),
      { ...run.hands, onLag: run.events.onLag },
    );
    const again = planOrRefuse(seen, policy);
    const known = planning.plan.guards;
    const guard = again.plan.guards.find((one) => !known.some((told) => one.missing <= told.missing));
    if (guard !== undefined)
      throw new InstateError('mass_missing', `${guard.text} Nothing more was created.`);
    await applyRound(again, run, results, policy);
    return again;
  } catch (error) {
    // The rest of the run stands: its ledger must be shown whatever happens to these.
    for (const address of addresses) {
      if (results.has(address)) continue;
      const base = { address, action: 'conflict' as const, instanceId: null };
      results.set(address, { ...base, status: 'not-attempted', error: describeError(error) });
    }
    return null;
  }
}

/** Plans, or refuses where the readings allow no plan. */
export function planOrRefuse(observation: Observation, policy: Policy): Planning {
  const refusal = findRefusal(observation);
  if (refusal !== null) throw new InstateError(refusal.code, refusal.text, { hint: refusal.hint });
  return makePlan(observation, policy);
}
