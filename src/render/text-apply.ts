import type { Plan } from '../core/plan.ts';
import type { Ledger, Result } from '../core/result.ts';
import { alignRows, clean, paint, type Look } from './screen.ts';
import { symbols } from './text-plan.ts';

const past = { create: 'created', adopt: 'adopted', forget: 'forgotten', conflict: 'not done' } as const;

/** What became of every change, and the ledger in the last line (product.md §4). */
export function renderApply(
  plan: Plan,
  apply: { readonly outcome: string; readonly results: readonly Result[]; readonly summary: Ledger },
  look: Look,
): string {
  const { outcome, results, summary } = apply;
  const isPlain = ({ status, note }: Result) => status === 'done' && note === undefined;
  const rows = look.quiet ? results.filter((result) => !isPlain(result)) : results;
  const heads = alignRows(
    rows.map((result) => [
      `${mark(result)} ${result.address}`,
      describeStatus(result),
      describeOutcome(result),
    ]),
  );
  const painter = paint(look);
  const lines = rows.flatMap((result, at) => {
    const head = heads[at] ?? '';
    const colour = result.status === 'done' ? painter.green : painter.red;
    const hint = result.error?.hint ?? '';
    return [colour(head.slice(0, 1)) + head.slice(1), ...(hint === '' ? [] : [`    ${clean(hint)}`])];
  });
  const held =
    plan.summary.held > 0 ? [`${String(plan.summary.held)} held: see the plan for what to do by hand.`] : [];
  const body = [...lines, ...(look.quiet ? [] : held)];
  return [...body, ...(body.length > 0 ? [''] : []), renderLedger(outcome, summary)].join('\n') + '\n';
}

/** `Apply complete: …`, `Apply incomplete: …`, or that nothing was done. */
export function renderLedger(outcome: string, summary: Ledger): string {
  if (outcome === 'declined') return 'Declined: nothing was done.';
  const done = `${String(summary.created)} created, ${String(summary.adopted)} adopted, ${String(summary.forgotten)} forgotten`;
  if (outcome !== 'incomplete') return `Apply complete: ${done}.`;
  const rest = `${String(summary.failed)} failed, ${String(summary.uncertain)} uncertain, ${String(summary.notAttempted)} not attempted`;
  return `Apply incomplete: ${done}, ${rest}.`;
}

/** One finished change, for the progress line. */
export function describeStatus(result: Result): string {
  if (result.status === 'done') return past[result.action];
  return result.status === 'not-attempted' ? 'not done' : result.status;
}

function mark(result: Result): string {
  return result.status === 'done' ? symbols[result.action] : '!';
}

function describeOutcome({ instanceId, error, note }: Result): string {
  const id = instanceId === null ? '' : `#${String(instanceId)}`;
  if (error === null) return note === undefined ? id : `${id}  ${clean(note)}`;
  const request = error.requestId === null ? '' : ` (request ${clean(error.requestId)})`;
  return `${id}${id === '' ? '' : '  '}${clean(error.message)}${request} [${error.code}]`;
}
