import type { SideBySide } from '../core/side-by-side.ts';
import type { Json } from '../core/model.ts';
import { alignRows, clean, type Look } from './screen.ts';
import { showValue } from './values.ts';

/** One address: a row for each field, a column for each reading; rows that differ are marked. */
export function renderShow(instance: SideBySide, look: Look): string {
  const sides = [instance.declared, instance.recorded, instance.live].map(flatten);
  const differing = new Set(instance.fields.map((field) => field.path));
  const paths = [...new Set(sides.flatMap((side) => [...(side?.keys() ?? [])]))];
  const rows = [
    ['', '', 'declared', 'recorded', 'live'],
    ...paths.map((path) => [
      differing.has(path) ? '~' : ' ',
      clean(path),
      ...sides.map((side) => (side === null ? '-' : side.has(path) ? showValue(side.get(path) ?? null) : '')),
    ]),
  ];
  const head = `${instance.address}: ${instance.action}, ${clean(instance.reason)}`;
  return look.quiet ? `${head}\n` : `${head}\n\n${alignRows(rows).join('\n')}\n`;
}

/** A record by itself. */
export function renderRecord(record: Readonly<Record<string, Json>>): string {
  return `${alignRows([...(flatten(record) ?? [])].map(([path, value]) => [clean(path), showValue(value)])).join('\n')}\n`;
}

function flatten(side: Readonly<Record<string, Json>> | null): ReadonlyMap<string, Json> | null {
  if (side === null) return null;
  const entries = Object.entries(side).flatMap(([key, value]): [string, Json][] =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.entries(value).map(([inner, one]) => [
          key === 'credentials' ? inner : `${key}.${inner}`,
          one as Json,
        ])
      : [[key === 'id' ? 'instanceId' : key, value]],
  );
  return new Map(entries);
}
