import type { Drift, DriftItem } from '../core/drift.ts';
import { alignRows, clean, count, paint, type Look } from './screen.ts';
import { renderGuards, renderHeader, type Cost } from './text-plan.ts';
import { showField } from './values.ts';

/** What lives against what is declared and recorded, worst first. */
export function renderDrift(drift: Drift, look: Look, cost: Cost | null): string {
  const rank = { error: 0, warning: 1, info: 2 };
  const items = [...drift.items].sort((a, b) => rank[a.severity] - rank[b.severity]);
  const lines = look.quiet
    ? []
    : [renderHeader(drift.plan, cost), '', ...renderGuards(drift.plan, look), ...renderItems(items, look)];
  return [...lines, renderCoverage(drift), renderLastLine(drift)].join('\n') + '\n';
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
  const colours = { error: painter.red, warning: painter.yellow, info: painter.dim };
  const lines = items.flatMap((item, at) => {
    const head = heads[at] ?? '';
    const kind = item.kind.length;
    return [
      colours[item.severity](head.slice(0, kind)) + head.slice(kind),
      ...alignRows(item.fields.map(showField)).map((line) => `    ${line}`),
    ];
  });
  return lines.length === 0 ? [] : [...lines, ''];
}

function renderCoverage({ coverage }: Drift): string {
  const { managed, unmanaged, foreign, percent } = coverage;
  return `Coverage: ${String(managed)} managed, ${String(unmanaged)} unmanaged, ${String(foreign)} foreign (${String(percent)} %).`;
}

function renderLastLine({ items, drifted }: Drift): string {
  const counts = new Map<string, number>();
  for (const item of items) counts.set(item.kind, (counts.get(item.kind) ?? 0) + 1);
  if (counts.size === 0) return 'No drift.';
  const kinds = [...counts]
    .sort()
    .map(([kind, n]) => `${String(n)} ${kind}`)
    .join(', ');
  return `${drifted ? 'Drift' : 'No drift that counts'}: ${count(items.length, 'finding')} (${kinds}).`;
}
