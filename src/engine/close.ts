import { describeDuplicate, findDuplicates } from '../core/duplicates.ts';
import type { Address } from '../core/model.ts';
import { makePlan, type Planning } from '../core/plan.ts';
import type { Result } from '../core/result.ts';
import type { Diagnostic } from '../diagnostics.ts';
import { InstateError } from '../errors.ts';
import { observe } from './observe.ts';
import { adopt, keepBooks, settleRecoveries } from './record.ts';
import { describeError, isStateLost } from './results.ts';
import type { ApplyRun } from './run.ts';

/**
 * C6: apply ends with a fresh listing. What an unclear create made is found and recorded, a refused one is checked, and
 * an address with more than one live instance is reported. Where nothing was sent, the first listing serves.
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
    return reportDuplicates(sent ? await lookUntilClear(run, results) : planning, results);
  } catch (error) {
    const { message, ...cause } = describeError(error);
    if (isStateLost(cause)) {
      const summary = 'what the closing list shows could not be recorded';
      const detail = `${message} ${cause.hint}; apply then finds by its ownership tag what was created`;
      return [{ severity: 'error', code: cause.code, summary, detail }];
    }
    const summary = 'the closing list could not be read, so nobody knows whether something lives twice';
    const detail = `${message}; run apply again: it looks once more`;
    return [{ severity: 'error', code: 'incomplete_list', summary, detail }];
  }
}

/** How long a list that lags is given to show what an unclear create made, ms; no longer than the grace period in all. */
const pauses = [1_000, 2_000, 4_000];

/** Looks, and where an unclear create may still be on its way, again with growing pauses (safety.md C4). */
async function lookUntilClear(run: ApplyRun, results: Map<Address, Result>): Promise<Planning> {
  let seen = await lookAgain(run, results);
  let left = run.hands.graceMs;
  for (const pause of pauses) {
    const unclear = listUnclear(seen, results);
    const ms = Math.min(pause, left);
    if (unclear.length === 0 || ms <= 0) break;
    if (left === run.hands.graceMs) run.events.onUnclear(unclear);
    left -= ms;
    await run.hands.clock.wait(ms, run.stop);
    if (run.stop.aborted) break;
    try {
      seen = await lookAgain(run, results);
    } catch {
      // What is unclear stays so, and the ledger says it; the look before stands for everything else.
      break;
    }
  }
  return seen;
}

/** Creates of this run of which nobody knows what became, and which no list can prove absent yet. */
function listUnclear({ matching }: Planning, results: ReadonlyMap<Address, Result>): readonly Address[] {
  return [...results.values()].flatMap(({ address, status, error }) =>
    status === 'uncertain' &&
    error?.code !== 'wrong_account' &&
    matching.recoveries.get(address)?.together.kind === 'waiting'
      ? [address]
      : [],
  );
}

async function lookAgain(run: ApplyRun, results: Map<Address, Result>): Promise<Planning> {
  const observation = await observe(run.declarations, await run.hands.lock.read(), run.eyes, {
    waitedFor: new Set(),
    fresh: listCreated(results),
  });
  const { listing } = observation;
  if (listing?.complete === false)
    throw new InstateError('incomplete_list', listing.note ?? 'its pages do not add up');
  const again = makePlan(observation, run.policy);
  await settleLate(again, run, results);
  return again;
}

/** Ids that this run has created. */
function listCreated(results: ReadonlyMap<Address, Result>): ReadonlySet<number> {
  return new Set(
    [...results.values()].flatMap(({ action, instanceId }) =>
      action === 'create' ? (instanceId ?? []) : [],
    ),
  );
}

/** Finds what uncertain creates made, and what a refusal made all the same (safety.md C4, C6). */
async function settleLate(again: Planning, run: ApplyRun, results: Map<Address, Result>): Promise<void> {
  const settled = await settleRecoveries(again, run.hands.lock, {
    includes: (address) => again.matching.recoveries.get(address)?.together.kind === 'found',
    filtered: true,
  });
  for (const { address, instanceId } of settled) {
    const before = results.get(address);
    const action = before?.action === 'create' ? 'create' : 'adopt';
    const base = { address, action, status: 'done', instanceId, error: null } as const;
    const result: Result = { ...base, ...noteFinding(before) };
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
    const expected = again.matching.addresses.rows.get(result.address)?.version ?? null;
    await run.hands.lock.record([adopt(again, result.address, match.instance.id, expected)]);
    results.set(result.address, {
      ...result,
      action: 'adopt',
      status: 'done',
      instanceId: match.instance.id,
      error: null,
      ...noteFinding(result),
    });
  }
  await keepBooks(again, run.hands.lock, run.policy);
}

/** What the ledger says of a create that was found although its answer did not tell of it. */
function noteFinding(before: Result | undefined): Pick<Result, 'note'> {
  const error = before?.error ?? null;
  if (error === null) return {};
  const { message, requestId } = error;
  const request = requestId === null ? '' : ` (request ${requestId})`;
  return { note: `found by its ownership tag, although ${message}${request}` };
}

/** Every address of this run with more than one live instance: all are named, and the run fails. */
function reportDuplicates(planning: Planning, results: Map<Address, Result>): readonly Diagnostic[] {
  const concerned = findDuplicates(planning).filter(({ address }) => planning.policy.includes(address));
  return concerned.map((duplicate) => {
    const { address } = duplicate;
    const message = describeDuplicate(duplicate);
    const hint = 'delete the one too many in the account, or take its tag off';
    const result = results.get(address);
    if (result?.status === 'done') {
      const error = { code: 'duplicate', message, hint, requestId: null };
      results.set(address, { ...result, status: 'failed', error });
    }
    return { severity: 'error', code: 'duplicate', summary: message, detail: hint, address };
  });
}

/** The state could not be written: nothing found now could be kept. */
function hasBrokenState(results: ReadonlyMap<Address, Result>): boolean {
  return [...results.values()].some(({ error }) => isStateLost(error));
}
