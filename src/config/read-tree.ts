import { describePlace, type Problem, type Report } from './problems.ts';
import { resolvePlain } from './scalars.ts';
import type { MapNode, Node, Pair, Place, ScalarNode } from './tree.ts';
import type { EntryValue, ScalarValue, Value } from './values.ts';
import { type At, enter, enterItem, showKey, showsKeys } from './zones.ts';

/** Makes a scalar's value of its text: `fillScalar`. */
export type ReadScalar = (scalar: ScalarNode, at: At, written: ScalarValue['written']) => ScalarValue;

/** What reading a tree needs. */
export interface Reading {
  readonly report: Report;
  readonly readScalar: ReadScalar;
}

/** Keys that would reach an object's prototype somewhere down the line. */
const forbidden: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/**
 * Turns the tree as written into values: keys as their source text, each once; `<<` merged; plain scalars decided.
 * Reports what is wrong and reads on, so that everything is found in one go.
 */
export function readTree(node: Node, at: At, reading: Reading): Value {
  if (node.tagged) {
    const detail = 'Remove it. To make a number text, put it in quotes.';
    add(reading, at, { code: 'yaml_tag', summary: 'YAML tags (!…) are not read', detail, place: node });
  }
  if (node.kind === 'scalar') return readNode(node, at, reading);
  if (node.kind === 'map') return { kind: 'map', place: node, entries: readEntries(node, at, reading) };
  const items = node.items.map((item, index) => readTree(item, enterItem(at, index), reading));
  return { kind: 'list', place: node, items };
}

function add({ report }: Reading, at: At, problem: Problem): void {
  report.add({ path: at.path, address: at.address, ...problem });
}

function readNode(node: ScalarNode, at: At, reading: Reading): ScalarValue {
  if (!node.plain) return reading.readScalar(node, at, node.text);
  const { value, ambiguous } = resolvePlain(node.text);
  const scalar = reading.readScalar(node, at, value);
  if (!ambiguous) return scalar;
  add(reading, at, {
    code: 'ambiguous_number',
    summary: 'this number does not read back as it is written',
    detail:
      at.zone === 'value'
        ? 'Put it in quotes to keep it as it stands.'
        : 'Write plain digits, or put it in quotes if it is text.',
    place: node,
  });
  return { ...scalar, known: false };
}

function readEntries(node: MapNode, at: At, reading: Reading): readonly EntryValue[] {
  const found = new Map<string, { readonly key: Node; readonly value: Node }>();
  let merge: Pair | null = null;
  for (const pair of node.pairs) {
    const isMerged = isMerge(pair.key);
    if (!isMerged && !isUsableKey(pair.key, at, reading)) continue;
    const text = textOf(pair.key);
    const first = isMerged ? merge : found.get(text);
    if (first) reportDuplicate({ text, place: pair.key, first: first.key }, at, reading);
    else if (isMerged) merge = pair;
    else found.set(text, pair);
  }
  for (const pair of merge ? expandMerge(merge, at, reading) : []) {
    if (isUsableKey(pair.key, at, reading) && !found.has(textOf(pair.key))) found.set(textOf(pair.key), pair);
  }
  return [...found].map(([key, pair]) => ({
    key,
    place: pair.key,
    value: readTree(pair.value, enter(at, key), reading),
  }));
}

function isMerge(key: Node): boolean {
  return key.kind === 'scalar' && key.plain && key.text === '<<' && !key.tagged;
}

function textOf(key: Node): string {
  return key.kind === 'scalar' ? key.text : '';
}

/** The pairs that a `<<` brings, with those of its sources' own `<<` worked in; the first of a key counts. */
function expandMerge(merge: Pair, at: At, reading: Reading): readonly Pair[] {
  return listMergeSources(merge.value, at, reading).flatMap((source) => {
    const inherited = source.pairs.filter((pair) => isMerge(pair.key));
    return [
      ...source.pairs.filter((pair) => !isMerge(pair.key)),
      ...inherited.flatMap((pair) => expandMerge(pair, at, reading)),
    ];
  });
}

function listMergeSources(value: Node, at: At, reading: Reading): readonly MapNode[] {
  const sources = value.kind === 'list' ? value.items : [value];
  const maps = sources.filter((source) => source.kind === 'map');
  if (maps.length < sources.length) {
    const detail = 'Write `<<: *name`, or put "<<" in quotes if it is a key.';
    const summary = '`<<` takes a mapping, or a list of mappings';
    add(reading, at, { code: 'bad_merge', summary, detail, place: value });
  }
  return maps;
}

function isUsableKey(key: Node, at: At, reading: Reading): boolean {
  const fault = (code: Problem['code'], summary: string, detail: string): false => {
    add(reading, at, { code, summary, detail, place: key });
    return false;
  };
  if (key.kind !== 'scalar') return fault('bad_key', 'a key must be text', 'Write `key: value`.');
  if (key.tagged) return fault('yaml_tag', 'YAML tags (!…) are not read', 'Remove it.');
  if (key.text === '') return fault('bad_key', 'a key is empty', 'Write `key: value`.');
  if (/\p{Cc}/u.test(key.text)) return fault('bad_key', 'a key holds control characters', 'Remove them.');
  if (key.text.includes('${')) {
    return fault('bad_reference', 'a reference cannot stand in a key', 'Write the key out.');
  }
  if ((at.zone === 'configuration' || at.zone === 'value') && forbidden.has(key.text)) {
    return fault('forbidden_key', `\`${key.text}\` cannot be a configuration key`, 'Remove it.');
  }
  return true;
}

function reportDuplicate(
  key: { readonly text: string; readonly place: Place; readonly first: Place },
  at: At,
  reading: Reading,
): void {
  const { text, place } = key;
  const first = describePlace(key.first);
  const isAddress = at.zone === 'instances';
  const name = showsKeys(at.zone) ? `\`${showKey(text)}\`` : 'this key';
  add(reading, enter(at, text), {
    code: isAddress ? 'duplicate_address' : 'duplicate_key',
    summary: `${isAddress ? `the address ${name}` : name} stands already at ${first}`,
    detail: isAddress ? 'Rename or remove one of the two.' : 'Remove one of the two.',
    place,
  });
}
