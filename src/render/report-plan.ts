import { explainHealth } from '../core/health.ts';
import type { Change } from '../core/change.ts';
import type { FieldChange } from '../core/diff.ts';
import { sensitiveLabel } from '../core/sensitive.ts';
import type { Plan } from '../core/plan.ts';
import { sortItems, type Report, type ReportField, type ReportHead, type ReportItem } from './report.ts';
import { placeOf } from './place.ts';
import { listProblems } from './report-problems.ts';
import { clean } from './screen.ts';
import { hostOf, listRemarks, renderNeeds, renderSummary } from './text-plan.ts';
import { showDeclared, showField } from './values.ts';

/** A plan as a report: every change, every guard, the health of what is managed, and what the run noted. */
export function reportPlan(plan: Plan, head: ReportHead): Report {
  const { diagnostics: _diagnostics, declared: _declared, locate, ...rest } = head;
  const items = [
    ...plan.changes.map((change) => describeChange(change, 'plan', locate)),
    ...listGuards(plan, 'plan'),
    ...listHealth(plan, head),
    ...listProblems(head),
  ];
  const { create, adopt, forget, update, replace, delete: remove, held, conflict } = plan.summary;
  const digest = plan.live && !isMoving(plan) ? plan.digest : null;
  return {
    ...rest,
    host: hostOf(plan.baseUrl),
    summary: renderSummary(plan),
    ok: items.every(({ fails }) => !fails),
    answered: true,
    digest,
    next: plan.applyable && plan.guards.length === 0 && digest !== null ? `--expect-digest ${digest}` : null,
    facts: [describeCounts(plan), ...listRemarks(plan), ...listMoves(plan)],
    outputs: stringify({
      ...{ create, adopt, forget, update, replace, delete: remove, held, conflict },
      changes: plan.changes.length,
      applyable: plan.applyable,
      digest: digest ?? '',
    }),
    items: sortItems(items),
  };
}

/** Another run is at work on it: by the time of an apply it is another plan. */
function isMoving({ changes }: Plan): boolean {
  return changes.some(({ reason }) => reason.code === 'in_flight');
}

/** Values for scripts, all as text. */
export function stringify(
  values: Readonly<Record<string, string | number | boolean>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
}

/** `5 declared, 4 recorded, 6 live`. */
export function describeCounts({ counts, live }: Plan): string {
  const seen = `${String(counts.declared)} declared, ${String(counts.recorded)} recorded`;
  return live ? `${seen}, ${String(counts.live)} live` : `${seen}; offline: nothing was asked`;
}

function listMoves({ moves }: Plan): readonly string[] {
  return moves.map(({ from, to }) => `${to} was ${from}: the record follows at the next apply`);
}

/** A change of a plan; those of an apply's plan that it holds are told too. */
export function describeChange(
  change: Change,
  command: 'plan' | 'apply',
  locate: ReportHead['locate'],
): ReportItem {
  const { address, action, held, reason, instanceId, element, name, source } = change;
  const isConflict = action === 'conflict';
  return {
    rule: command === 'plan' ? `plan/${action}` : 'apply/held',
    kind: held ? `held ${action}` : action,
    level: isConflict ? 'error' : held ? 'warning' : 'note',
    fails: isConflict,
    ...{ address, instanceId, element: clean(element), name: clean(name) },
    text: clean(reason.text),
    details: renderNeeds(change),
    fields: change.fields.map((field) => describeField(field, action !== 'create' && action !== 'conflict')),
    place: placeOf(source, locate),
  };
}

/** A field on one line for each side; a sensitive one by its label, and where it comes from. `isCompared`: with what lives. */
export function describeField(field: FieldChange, isCompared: boolean): ReportField {
  if (!isCompared) {
    const [path = '', declared = ''] = showDeclared(field);
    return { path, declared, live: null };
  }
  const [path = '', declared = '', live = ''] = showField(field);
  const words = live.replace(/^live: /, '');
  // Of a secret nobody sees what lives, only how it stands to what is declared or was applied.
  return { path, declared, live: field.declared === sensitiveLabel ? `not shown, ${words}` : words };
}

/** So many instances are missing that nothing is created until somebody says so. */
export function listGuards(plan: Plan, command: 'plan' | 'drift'): readonly ReportItem[] {
  return plan.guards.map((guard) => ({
    ...{ rule: `${command}/mass-missing`, kind: 'guard', level: 'error', fails: true },
    ...{ address: null, element: null, name: null, instanceId: null, fields: [], place: null },
    text: guard.text,
    details: [
      "usually this is another user's secret, another region, or an outage; nothing will be created or forgotten",
      `if they are really gone: instate apply --expect-missing ${String(guard.missing)}`,
    ],
  }));
}

function listHealth({ health }: Plan, { locate, declared }: ReportHead): readonly ReportItem[] {
  return health.map(({ address, kind, instanceId }) => {
    const declaration = declared.get(address);
    return {
      ...{ rule: `plan/${kind}`, kind, level: 'note', fails: false, address },
      element: declaration === undefined ? null : clean(declaration.element),
      name: declaration === undefined ? null : clean(declaration.name),
      instanceId,
      text: explainHealth(kind),
      ...{ details: [], fields: [], place: placeOf(declaration?.source ?? null, locate) },
    };
  });
}
