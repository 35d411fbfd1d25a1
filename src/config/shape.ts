import * as v from 'valibot';
import { isKnownKey } from './catalogue.ts';
import { findNearest, suggest } from './nearest.ts';
import type { Problem, Report } from './problems.ts';
import { declarationSchema, patternCodes, variableText } from './schema.ts';
import type { Place } from './tree.ts';
import {
  type EntryValue,
  isSettled,
  type ListValue,
  type MapValue,
  readScalar,
  type ScalarValue,
  type Value,
} from './values.ts';
import { type At, enter, enterItem, root, showKey } from './zones.ts';

/** What is looked at of a valibot schema; which of these it has follows from `type`. */
interface Shape {
  readonly type: string;
  readonly message?: string;
  readonly entries?: Readonly<Record<string, Shape>>;
  readonly wrapped?: Shape;
  readonly item?: Shape;
  readonly key?: v.GenericSchema;
  readonly value?: Shape;
  readonly options?: readonly Shape[];
}

const whole = declarationSchema as unknown as Shape;

/** Where one is: `label` names the value in a message, `place` is that of its key. */
interface Spot {
  readonly at: At;
  readonly label: string;
  readonly place: Place;
  readonly report: Report;
}

/** Checks a document's keys and types against the schema and reports all that is wrong, in our words. */
export function checkShape(document: Value, report: Report): void {
  check(whole, document, { at: root, label: 'the file', place: document.place, report });
}

function check(shape: Shape, value: Value, spot: Spot): void {
  switch (shape.type) {
    case 'optional':
      if (shape.wrapped) check(shape.wrapped, value, spot);
      return;
    case 'strict_object':
      if (value.kind === 'map') checkObject(shape, value, spot);
      else reportType(shape, value, spot);
      return;
    case 'record':
      if (value.kind === 'map') for (const entry of value.entries) checkRecordEntry(shape, entry, spot);
      else reportType(shape, value, spot);
      return;
    case 'array':
      if (value.kind === 'list') checkItems(shape, value, spot);
      else reportType(shape, value, spot);
      return;
    case 'union':
      checkUnion(shape, value, spot);
      return;
    default:
      checkLeaf(shape, value, spot);
  }
}

function add({ report, at }: Spot, problem: Problem): void {
  report.add({ path: at.path, address: at.address, ...problem });
}

function checkObject(shape: Shape, map: MapValue, spot: Spot): void {
  const entries = shape.entries ?? {};
  for (const entry of map.entries) {
    const child = Object.hasOwn(entries, entry.key) ? entries[entry.key] : undefined;
    const there = {
      ...spot,
      at: enter(spot.at, entry.key),
      label: `\`${showKey(entry.key)}\``,
      place: entry.place,
    };
    if (child) check(child, entry.value, there);
    else reportUnknownKey(entry.key, Object.keys(entries), there);
  }
  for (const [key, child] of Object.entries(entries)) {
    if (child.type === 'optional' || map.entries.some((entry) => entry.key === key)) continue;
    const summary = `${spot.label} has no \`${key}\``;
    add(spot, { code: 'missing_key', summary, detail: `Add \`${key}: …\`.`, place: spot.place });
  }
}

function checkRecordEntry(shape: Shape, entry: EntryValue, spot: Spot): void {
  const there = {
    ...spot,
    at: enter(spot.at, entry.key),
    label: `\`${showKey(entry.key)}\``,
    place: entry.place,
  };
  if (shape.key) {
    const { issues } = v.safeParse(shape.key, entry.key, { abortPipeEarly: true });
    const code = patternCodes.get(issues?.[0].requirement) ?? 'bad_address';
    if (issues) {
      const slug = entry.key
        .toLowerCase()
        .replace(/[^a-z0-9._-]+/g, '-')
        .replace(/^[^a-z0-9]+|-+$/g, '')
        .slice(0, 63);
      add(there, {
        code,
        summary: `${there.label} is not ${issues[0].message}`,
        detail: suggest(slug === '' ? null : slug),
        place: entry.place,
      });
    }
  }
  if (shape.value) check(shape.value, entry.value, there);
}

function checkItems(shape: Shape, { items, place }: ListValue, spot: Spot): void {
  const { item } = shape;
  if (!item) return;
  const empty =
    items.length === 0 ? v.safeParse(shape as unknown as v.GenericSchema, []).issues?.[0] : undefined;
  if (empty)
    add(spot, { code: 'bad_value', summary: `${spot.label} must be ${empty.message}`, detail: '', place });
  for (const [index, value] of items.entries()) {
    check(item, value, {
      ...spot,
      at: enterItem(spot.at, index),
      label: `an entry of ${spot.label}`,
      place: value.place,
    });
  }
}

function checkUnion(shape: Shape, value: Value, spot: Spot): void {
  const [first, second] = shape.options ?? [];
  const fitting = shape.options?.find(
    ({ type }) =>
      (value.kind === 'list' && type === 'array') || (value.kind === 'map' && type === 'strict_object'),
  );
  if (fitting) check(fitting, value, spot);
  else if (first && second === (variableText as unknown as Shape)) check(first, value, spot);
  else if (value.kind === 'map' && shape.options?.some((option) => option.type === 'record')) return;
  else checkLeaf(shape, value, spot);
}

function checkLeaf(shape: Shape, value: Value, spot: Spot): void {
  if (value.kind !== 'scalar') {
    reportType(shape, value, spot);
    return;
  }
  if (!isSettled(value)) return;
  const { issues } = v.safeParse(shape as unknown as v.GenericSchema, asExpected(shape, value), {
    abortPipeEarly: true,
  });
  const issue = issues?.[0];
  if (!issue) return;
  const isChoice = shape.type === 'literal' || shape.type === 'picklist';
  if (issue.kind === 'schema' && !isChoice) {
    reportType(shape, value, spot);
    return;
  }
  add(spot, {
    code: patternCodes.get(issue.requirement) ?? 'bad_value',
    summary: `${spot.label} must be ${issue.message}`,
    detail: '',
    place: value.place,
  });
}

/** What `${var:}` gave is a number or a boolean where one is expected. */
function asExpected(shape: Shape, value: ScalarValue): unknown {
  const meant = readScalar(value);
  const isExpected = shape.type === 'number' || shape.type === 'boolean' || shape.type === 'literal';
  return isExpected && typeof meant !== 'string' ? meant : value.value;
}

function reportType(shape: Shape, value: Value, spot: Spot): void {
  add(spot, {
    code: 'wrong_type',
    summary: `${spot.label} must be ${shape.message ?? 'something else'}, not ${describeKind(value)}`,
    detail: proposeType(shape, value, spot.label),
    place: value.place,
  });
}

function describeKind(value: Value): string {
  if (value.kind === 'list') return 'a list';
  if (value.kind === 'map') return 'a mapping';
  if (value.value === null) return 'empty';
  if (typeof value.value === 'number') return 'a number';
  return typeof value.value === 'boolean' ? 'true or false' : 'text';
}

function proposeType(shape: Shape, value: Value, label: string): string {
  const key = label.startsWith('`') ? label.slice(1, -1) : null;
  const isEmpty = value.kind === 'scalar' && value.value === null;
  if (isEmpty && key !== null) {
    const empties: Readonly<Record<string, string>> = { array: '[]', record: '{}', strict_object: '{}' };
    const required = Object.entries(shape.entries ?? {}).filter(([, child]) => child.type !== 'optional');
    const filling = required.map(([name]) => `${name}: …`).join(', ');
    const empty = filling === '' ? empties[shape.type] : `{ ${filling} }`;
    return empty === undefined
      ? 'Give it a value, or remove the key.'
      : `Write \`${key}: ${empty}\`, or remove the key.`;
  }
  if (shape.type === 'string' && value.kind === 'scalar' && !isEmpty) return 'Put it in quotes.';
  if (shape.type === 'record' && value.kind === 'scalar')
    return 'Write `key: value` lines, with a space after each colon.';
  const wantsList = shape.type === 'array' || shape.options?.[0]?.type === 'array';
  if (wantsList && value.kind === 'scalar') return 'Write a list: [ "…" ].';
  if (shape.type === 'union' && value.kind === 'list')
    return 'Write it as text: JSON in quotes, or what the element expects.';
  return '';
}

function reportUnknownKey(key: string, known: readonly string[], spot: Spot): void {
  const nearest = findNearest(key, known);
  let detail = suggest(nearest);
  if (nearest === null) {
    const homes = listHomes(key, whole, '');
    if (homes.length > 0) detail = `It belongs under ${homes.join(' or ')}.`;
    else if (isKnownKey(key)) detail = 'Configuration keys belong under `configuration`.';
    else detail = `Known here: ${known.join(', ')}.`;
  }
  add(spot, {
    code: 'unknown_key',
    summary: `the key ${spot.label} does not exist here`,
    detail,
    place: spot.place,
  });
}

/** Where in the file a key of this name does exist. */
function listHomes(key: string, shape: Shape | undefined, path: string): readonly string[] {
  if (!shape) return [];
  if (shape.type === 'optional') return listHomes(key, shape.wrapped, path);
  if (shape.type === 'record') return listHomes(key, shape.value, `${path}.<address>`);
  const entries = Object.entries(shape.entries ?? {});
  const own = entries.some(([name]) => name === key)
    ? [path === '' ? 'the top of the file' : `\`${path}\``]
    : [];
  const below = entries.flatMap(([name, child]) =>
    listHomes(key, child, path === '' ? name : `${path}.${name}`),
  );
  return [...own, ...below];
}
