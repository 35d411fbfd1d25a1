import { healthKinds, type DriftItem, type DriftKind } from '../core/drift-kinds.ts';
import type { Drift } from '../core/drift.ts';
import { advice } from './advice.ts';
import { countKinds } from './report.ts';
import { alignRows, clean, count, paint, type Look } from './screen.ts';
import { renderGuards, renderHeader, type Cost } from './text-plan.ts';
import { showField } from './values.ts';

/** What lives against what is declared and recorded, worst first. `now`: ISO, for the age of the last apply. */
export function renderDrift(drift: Drift, look: Look, cost: Cost | null, now: string): string {
  const items = [...drift.items].sort((a, b) => tones.indexOf(toneOf(a)) - tones.indexOf(toneOf(b)));
  const lines = look.quiet
    ? drift.plan.guards.map((guard) => `! ${guard.text}`)
    : [
        ...[
          renderHeader(drift.plan, cost),
          '',
          ...renderGuards(drift.plan, look),
          ...renderItems(items, look),
        ],
        ...renderAdvice(items),
        ...listDriftFacts(drift, now),
      ];
  return [...lines, renderLastLine(drift)].join('\n') + '\n';
}

/** From worst to least. */
const tones = ['red', 'yellow', 'dim'] as const;

/** Connections that do not work come before what is only worth knowing, although neither counts unless it is asked for. */
function toneOf({ severity, kind }: DriftItem): (typeof tones)[number] {
  if (severity === 'error') return 'red';
  return (healthKinds as readonly DriftKind[]).includes(kind) ? 'yellow' : 'dim';
}

function renderItems(items: readonly DriftItem[], look: Look): readonly string[] {
  const heads = alignRows(
    items.map((item) => [
      item.kind,
      item.address ?? '-',
      item.instanceId === null ? '' : `#${String(item.instanceId)}`,
      clean(item.text),
    ]),
  );
  const painter = paint(look);
  const lines = items.flatMap((item, at) => {
    const head = heads[at] ?? '';
    const kind = item.kind.length;
    return [
      painter[toneOf(item)](head.slice(0, kind)) + head.slice(kind),
      ...alignRows(item.fields.map(showField)).map((line) => `    ${line}`),
    ];
  });
  return lines.length === 0 ? [] : [...lines, ''];
}

/** What to do, once for each kind. */
function renderAdvice(items: readonly DriftItem[]): readonly string[] {
  const kinds = [...new Set(items.map(({ kind }) => kind))];
  if (kinds.length === 0) return [];
  return ['What to do:', ...alignRows(kinds.map((kind) => [`  ${kind}`, advice[kind]])), ''];
}

/** What holds for the whole account, one line each. */
export function listDriftFacts(drift: Drift, now: string): readonly string[] {
  const { alike, lastApply, reach } = drift;
  const twice = alike.map(
    ({ element, name, instanceIds }) =>
      `${String(instanceIds.length)} instances are ${clean(element)} "${clean(name)}": ${nameIds(instanceIds)}.`,
  );
  const shown = twice.slice(0, mostAlike);
  const more = twice.length - shown.length;
  return [
    ...shown,
    ...(more > 0 ? [`${String(more)} more names are borne by several instances each.`] : []),
    ...(reach === null ? [] : [renderReach(reach)]),
    ...(lastApply === null ? [] : [`Last apply that changed the state: ${renderAge(lastApply, now)}.`]),
    renderCoverage(drift),
  ];
}

/** JSON has all of them: of names, and of ids of one name. */
const mostAlike = 20;

function nameIds(ids: readonly number[]): string {
  const shown = ids.slice(0, mostAlike).map((id) => `#${String(id)}`);
  const rest = ids.length - shown.length;
  return `${shown.join(', ')}${rest === 0 ? '' : ` and ${String(rest)} more`}`;
}

function renderReach({ reachable, unreachable, notAsked }: NonNullable<Drift['reach']>): string {
  const rest = notAsked === 0 ? '' : `, ${String(notAsked)} could not be asked`;
  return `Reached: ${String(reachable)} of ${count(reachable + unreachable + notAsked, 'vendor connection')}${rest}.`;
}

function renderAge(since: string, now: string): string {
  const hours = Math.floor((Date.parse(now) - Date.parse(since)) / 3_600_000);
  const age =
    hours < 1
      ? 'within the hour'
      : hours < 48
        ? `${count(hours, 'hour')} ago`
        : `${count(Math.floor(hours / 24), 'day')} ago`;
  return `${age} (${since.slice(0, 10)})`;
}

function renderCoverage({ coverage }: Drift): string {
  const { managed, unmanaged, foreign, percent } = coverage;
  return `Coverage: ${String(managed)} managed, ${String(unmanaged)} unmanaged, ${String(foreign)} foreign (${String(percent)} %).`;
}

/** The last line of a drift report. */
export function renderLastLine({ items, drifted }: Drift): string {
  const counts = countKinds(items);
  if (counts.size === 0) return 'No drift.';
  const kinds = [...counts]
    .sort()
    .map(([kind, n]) => `${String(n)} ${kind}`)
    .join(', ');
  const calm = counts.has('unknown') ? 'Drift cannot be told' : 'No drift that counts';
  return `${drifted ? 'Drift' : calm}: ${count(items.length, 'finding')} (${kinds}).`;
}
