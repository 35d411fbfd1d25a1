import type { Change } from '../core/change.ts';
import type { Plan } from '../core/plan.ts';
import type { Ledger, Result } from '../core/result.ts';
import { sortItems, type Report, type ReportHead, type ReportItem } from './report.ts';
import { describeChange, describeCounts, stringify } from './report-plan.ts';
import { placeOf } from './place.ts';
import { listProblems } from './report-problems.ts';
import { clean } from './screen.ts';
import { describeStatus, renderLedger } from './text-apply.ts';
import { hostOf } from './text-plan.ts';

/** What became of every change of an apply, and which it holds. */
export function reportApply(
  plan: Plan,
  apply: { readonly outcome: string; readonly results: readonly Result[]; readonly summary: Ledger },
  head: ReportHead,
): Report {
  const { diagnostics: _diagnostics, declared: _declared, locate, ...rest } = head;
  const { outcome, results, summary } = apply;
  const isComplete = outcome === 'complete' || outcome === 'nothing-to-do';
  const changes = new Map(plan.changes.map((change) => [change.address, change]));
  const held = plan.changes.filter((change) => change.held);
  const items = [
    ...results.map((result) => describeResult(result, changes.get(result.address), locate)),
    ...held.map((change) => describeChange(change, 'apply', locate)),
    ...listProblems(head),
  ];
  return {
    ...rest,
    host: hostOf(plan.baseUrl),
    summary: renderLedger(outcome, summary),
    ok: isComplete && items.every(({ fails }) => !fails),
    answered: true,
    digest: null,
    next: null,
    facts: [describeCounts(plan)],
    outputs: stringify({
      outcome,
      ...{ created: summary.created, adopted: summary.adopted, forgotten: summary.forgotten },
      ...{ failed: summary.failed, uncertain: summary.uncertain },
      'not-attempted': summary.notAttempted,
      digest: plan.digest,
    }),
    items: sortItems(items),
  };
}

function describeResult(
  result: Result,
  change: Change | undefined,
  locate: ReportHead['locate'],
): ReportItem {
  const { address, action, status, instanceId, error, note } = result;
  const isDone = status === 'done';
  const request = error === null || error.requestId === null ? '' : ` (request ${clean(error.requestId)})`;
  const why = error === null ? (note ?? '') : `${error.message}${request} [${error.code}]`;
  return {
    rule: `apply/${isDone ? action : status}`,
    kind: describeStatus(result),
    level: isDone ? (note === undefined ? 'note' : 'warning') : 'error',
    fails: !isDone,
    ...{ address, instanceId },
    element: change === undefined ? null : clean(change.element),
    name: change === undefined ? null : clean(change.name),
    text: clean(why),
    details: error === null || error.hint === '' ? [] : [clean(error.hint)],
    fields: [],
    place: placeOf(change?.source ?? null, locate),
  };
}
