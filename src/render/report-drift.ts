import type { DriftItem } from '../core/drift-kinds.ts';
import type { Drift } from '../core/drift.ts';
import { sortItems, type Report, type ReportHead, type ReportItem } from './report.ts';
import { describeCounts, describeField, listGuards, stringify } from './report-plan.ts';
import { placeOf } from './place.ts';
import { listProblems } from './report-problems.ts';
import { advice } from './advice.ts';
import { clean } from './screen.ts';
import { renderLastLine, listDriftFacts } from './text-drift.ts';
import { hostOf } from './text-plan.ts';

const levels = { error: 'error', info: 'note' } as const;

/** A drift report: every item, and every guard. */
export function reportDrift(drift: Drift, head: ReportHead): Report {
  const { diagnostics: _diagnostics, declared: _declared, locate, ...rest } = head;
  const { coverage, plan } = drift;
  const items = [
    ...drift.items.map((item) => describeItem(item, drift, locate)),
    ...listGuards(plan, 'drift'),
    ...listProblems(head),
  ];
  return {
    ...rest,
    host: hostOf(plan.baseUrl),
    summary: renderLastLine(drift),
    ok: items.every(({ fails }) => !fails),
    answered: true,
    digest: null,
    next: null,
    facts: [describeCounts(plan), ...listDriftFacts(drift, head.timestamp)],
    outputs: stringify({
      drifted: drift.drifted,
      findings: drift.items.length,
      ...{ managed: coverage.managed, unmanaged: coverage.unmanaged, percent: coverage.percent },
    }),
    items: sortItems(items),
  };
}

function describeItem(item: DriftItem, { failOn }: Drift, locate: ReportHead['locate']): ReportItem {
  const { kind, severity, address, element, name, instanceId } = item;
  return {
    rule: `drift/${kind}`,
    kind,
    level: levels[severity],
    // What nobody can tell always fails (safety.md A1).
    fails: kind === 'unknown' || failOn.includes(kind),
    ...{ address, instanceId },
    element: element === null ? null : clean(element),
    name: name === null ? null : clean(name),
    text: clean(item.text),
    details: [advice[kind].replace('ADDRESS', address ?? 'ADDRESS')],
    fields: item.fields.map((field) => describeField(field, true)),
    place: placeOf(item.source, locate),
  };
}
