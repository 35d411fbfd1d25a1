import type { Declaration, Move } from '../core/model.ts';
import { findNearest, suggest } from './nearest.ts';
import { describePlace, type Report } from './problems.ts';
import { addressPattern } from './schema.ts';
import {
  type EntryValue,
  findEntry,
  findValue,
  isSettled,
  listEntries,
  listItems,
  readText,
  toSource,
  type Value,
} from './values.ts';
import type { Place } from './tree.ts';
import { showKey } from './zones.ts';

/** An instance as written, with what was read of it. */
export interface ReadInstance {
  readonly entry: EntryValue;
  readonly declaration: Declaration;
}

/** What can only be seen by looking at several instances: the same id twice, and two alike by element and name. */
export function checkAcross(instances: readonly ReadInstance[], report: Report): void {
  const ids = new Map<number, Place>();
  const names = new Map<string, { readonly place: Place; readonly address: string }>();
  for (const { entry, declaration } of instances) {
    const { address, id } = declaration;
    const idPlace = findValue(entry.value, 'id')?.place;
    const firstId = id === null ? undefined : ids.get(id);
    if (id !== null && idPlace && firstId) {
      report.add({
        code: 'duplicate_id',
        summary: `the id ${String(id)} is pinned already at ${describePlace(firstId)}`,
        detail: 'One instance can have one address only: remove one of the two.',
        place: idPlace,
        path: `instances.${showKey(address)}.id`,
        address,
      });
    } else if (id !== null && idPlace) ids.set(id, idPlace);
    checkSameName({ entry, declaration }, names, report);
  }
}

function checkSameName(
  { entry, declaration }: ReadInstance,
  names: Map<string, { readonly place: Place; readonly address: string }>,
  report: Report,
): void {
  const { address, element, name } = declaration;
  const named = findEntry(entry.value, 'name');
  const unsettled = [findValue(entry.value, 'element'), named?.value].some(
    (value) => value?.kind === 'scalar' && !isSettled(value),
  );
  if (element === '' || unsettled) return;
  const place = named?.value.place ?? entry.place;
  const key = `${element}\0${name}`;
  const first = names.get(key);
  if (!first) {
    names.set(key, { place, address });
    return;
  }
  report.add({
    code: 'same_name',
    severity: 'warning',
    summary: `\`${showKey(first.address)}\` has the same element and name, at ${describePlace(first.place)}`,
    detail: 'Give them different names, or they can only be told apart by id and ownership tag.',
    place,
    path: named ? `instances.${showKey(address)}.name` : `instances.${showKey(address)}`,
    address,
  });
}

/** `ignore` takes fields that exist; one that is not declared is needless, as it is never compared. */
export function checkIgnore({ entry, declaration }: ReadInstance, report: Report): void {
  const { address, configuration } = declaration;
  const declared = Object.keys(configuration).map((key) => `configuration.${key}`);
  const fields = ['name', 'tags', 'configuration', ...declared];
  for (const [index, item] of listItems(findValue(entry.value, 'ignore')).entries()) {
    const field = readText(item);
    if (field === null || item.kind !== 'scalar' || !isSettled(item) || fields.includes(field)) continue;
    const shared = {
      place: item.place,
      path: `instances.${showKey(address)}.ignore[${String(index)}]`,
      address,
    };
    const bare = declared.find((path) => path === `configuration.${field}`);
    if (/^configuration\../.test(field)) {
      const nearest = findNearest(field, declared);
      const summary = `\`${showKey(field)}\` is not declared, so it is not compared anyway`;
      report.add({
        code: 'needless_ignore',
        severity: 'warning',
        summary,
        detail: suggest(nearest),
        ...shared,
      });
    } else {
      const nearest = bare ?? findNearest(field, fields);
      const known = 'Fields are `name`, `tags`, `configuration` and `configuration.<key>`.';
      const summary = '`ignore` names a field that does not exist';
      report.add({
        code: 'bad_ignore',
        summary,
        detail: nearest === null ? known : suggest(nearest),
        ...shared,
      });
    }
  }
}

/** `moved`, sorted by old address. `isWhole`: all files could be read, so that an address that is missing is missing. */
export function readMoves(
  value: Value | undefined,
  addresses: ReadonlySet<string>,
  { report, isWhole }: { readonly report: Report; readonly isWhole: boolean },
): readonly Move[] {
  const moves: Move[] = [];
  const targets = new Map<string, Place>();
  const entries = listEntries(value);
  const sources = new Set(entries.map((entry) => entry.key));
  for (const entry of entries) {
    const to = readText(entry.value);
    const isText = entry.value.kind === 'scalar' && isSettled(entry.value);
    if (to === null || !isText || !addressPattern.test(to) || !addressPattern.test(entry.key)) continue;
    moves.push({ from: entry.key, to, source: toSource(entry.place) });
    const fault = judgeMove({ from: entry.key, to }, { addresses, sources, first: targets.get(to), isWhole });
    targets.set(to, targets.get(to) ?? entry.value.place);
    if (!fault) continue;
    const { at, ...words } = fault;
    const place = at === 'from' ? entry.place : entry.value.place;
    report.add({ code: 'bad_move', ...words, place, path: `moved.${entry.key}` });
  }
  return moves.sort((a, b) => (a.from < b.from ? -1 : 1));
}

interface MoveContext {
  readonly addresses: ReadonlySet<string>;
  /** All old addresses. */
  readonly sources: ReadonlySet<string>;
  /** Where another move goes to the same address. */
  readonly first: Place | undefined;
  readonly isWhole: boolean;
}

function judgeMove(
  { from, to }: { readonly from: string; readonly to: string },
  { addresses, sources, first, isWhole }: MoveContext,
): { readonly summary: string; readonly detail: string; readonly at: 'from' | 'to' } | null {
  if (from === to) {
    return { summary: `\`${from}\` moves to itself`, detail: 'Remove the line.', at: 'to' };
  }
  if (sources.has(to)) {
    const summary = `\`${to}\` is itself moved on: moves may not form a chain or a circle`;
    return { summary, detail: `Name the address that \`${from}\` has now.`, at: 'to' };
  }
  if (first) {
    const summary = `another move goes to \`${to}\` already, at ${describePlace(first)}`;
    return { summary, detail: 'Remove one of the two.', at: 'to' };
  }
  if (addresses.has(from)) {
    const detail = `Remove the line, or rename the instance \`${from}\`.`;
    return { summary: `\`${from}\` is still declared, so it has not moved`, detail, at: 'from' };
  }
  if (isWhole && !addresses.has(to)) {
    const detail = suggest(findNearest(to, addresses)) || 'Declare it, or remove the line.';
    return { summary: `\`${to}\` is not declared`, detail, at: 'to' };
  }
  return null;
}
