import { type Event, EVENT_ID, getScalarValue, SCALAR_STYLE, type ScalarEvent } from 'js-yaml';
import type { ConfigCode, Problem } from './problems.ts';
import type { Node, Pair, Place, ScalarNode, SourceFile, YamlFile } from './tree.ts';

/** Aliases in one file, and how much they may add to it: nodes, a long text counting as several. */
const maxAliases = 20_000;
const maxExpansion = 500_000;

/** Why a tree cannot be built; does not leave yaml.ts. */
export class TreeError extends Error {
  readonly problem: Problem;
  constructor(code: ConfigCode, place: Place, words: { readonly summary: string; readonly detail: string }) {
    super(words.summary);
    this.problem = { code, place, ...words };
  }
}

/** A node with what it weighs once its aliases are written out, and how deep it is. */
interface Built {
  readonly node: Node;
  readonly weight: number;
  readonly height: number;
}

/** A document, list or mapping whose end has not come yet. */
interface Open {
  readonly kind: 'document' | 'list' | 'map';
  readonly start: number;
  readonly tagged: boolean;
  readonly anchor: string | null;
  readonly items: Node[];
  readonly pairs: Pair[];
  key: Node | null;
  weight: number;
  height: number;
}

interface Composition {
  readonly source: SourceFile;
  readonly maxDepth: number;
  readonly documents: Node[];
  readonly marks: { start: number; end: number }[];
  readonly open: Open[];
  anchors: Map<string, Built>;
  aliases: number;
  expansion: number;
  /** Where the last token ended: a block scalar's `|` is looked for from here. */
  last: number;
}

/**
 * Builds the documents from the parser's events; an alias becomes a copy of its anchor's node, placed where it stands.
 * (js-yaml's own `constructFromEvents` drops all positions and stops at the first duplicate key.) Throws `TreeError`.
 */
export function composeTree(source: SourceFile, events: readonly Event[], maxDepth: number): YamlFile {
  const state: Composition = {
    source,
    maxDepth,
    documents: [],
    marks: [],
    open: [],
    anchors: new Map(),
    aliases: 0,
    expansion: 0,
    last: 0,
  };
  for (const event of events) take(state, event);
  return { source, documents: state.documents, marks: state.marks };
}

function take(state: Composition, event: Event): void {
  if ('tagStart' in event) mark(state, event.tagStart, event.tagEnd);
  if ('anchorStart' in event) mark(state, event.anchorStart, event.anchorEnd);
  switch (event.type) {
    case EVENT_ID.DOCUMENT:
      state.anchors = new Map();
      begin(state, { kind: 'document', start: 0, tagged: false, anchor: null });
      return;
    case EVENT_ID.SEQUENCE:
    case EVENT_ID.MAPPING: {
      const kind = event.type === EVENT_ID.SEQUENCE ? 'list' : 'map';
      begin(state, {
        kind,
        start: event.start,
        tagged: event.tagStart !== -1,
        anchor: readAnchor(state, event),
      });
      return;
    }
    case EVENT_ID.SCALAR:
      addScalar(state, event);
      return;
    case EVENT_ID.ALIAS:
      addAlias(state, event.anchorStart, event.anchorEnd);
      return;
    case EVENT_ID.POP:
      end(state);
      return;
    default:
      event satisfies never;
  }
}

function mark(state: Composition, start: number, end: number): void {
  if (start !== -1) state.marks.push({ start, end });
}

function readAnchor(state: Composition, event: { anchorStart: number; anchorEnd: number }): string | null {
  return event.anchorStart === -1 ? null : state.source.text.slice(event.anchorStart, event.anchorEnd);
}

function placeAt(state: Composition, start: number, end: number): Place {
  return { file: state.source, start, end };
}

type Beginning = Pick<Open, 'kind' | 'start' | 'tagged' | 'anchor'>;

function begin(state: Composition, { kind, start, tagged, anchor }: Beginning): void {
  state.open.push({ kind, start, tagged, anchor, items: [], pairs: [], key: null, weight: 0, height: 0 });
}

function end(state: Composition): void {
  const done = state.open.pop();
  if (!done) return;
  const { kind, start, tagged, items, pairs } = done;
  if (kind === 'document') {
    state.documents.push(...items);
    return;
  }
  const { source: file } = state;
  const node: Node =
    kind === 'list'
      ? { kind, file, start, end: start + 1, tagged, items }
      : { kind, file, start, end: start + 1, tagged, pairs };
  attach(state, { node, weight: done.weight + 1, height: done.height + 1 }, done.anchor);
}

function attach(state: Composition, built: Built, anchor: string | null): void {
  const parent = state.open.at(-1);
  if (!parent) return;
  if (anchor !== null) state.anchors.set(anchor, built);
  parent.weight += built.weight;
  parent.height = Math.max(parent.height, built.height);
  if (parent.height > state.maxDepth) {
    const summary = `aliases nest lists and mappings more than ${String(state.maxDepth)} deep here`;
    throw new TreeError('too_deep', built.node, { summary, detail: 'Flatten them.' });
  }
  if (parent.kind !== 'map') parent.items.push(built.node);
  else if (parent.key === null) parent.key = built.node;
  else {
    parent.pairs.push({ key: parent.key, value: built.node });
    parent.key = null;
  }
}

function addAlias(state: Composition, start: number, end: number): void {
  const place = placeAt(state, start - 1, end);
  const target = state.anchors.get(state.source.text.slice(start, end));
  if (!target) {
    const summary = 'this alias (*…) names no anchor (&…) that is complete before it';
    throw new TreeError('bad_alias', place, {
      summary,
      detail: 'Quote the value if it begins with * itself.',
    });
  }
  state.aliases += 1;
  state.expansion += target.weight;
  if (state.aliases > maxAliases || state.expansion > maxExpansion) {
    const summary = 'the aliases (*…) up to here blow the file up beyond measure';
    throw new TreeError('too_many_aliases', place, {
      summary,
      detail: 'Write out what they stand for, or use fewer.',
    });
  }
  state.last = end;
  attach(state, { ...target, node: { ...target.node, ...place } }, null);
}

function addScalar(state: Composition, event: ScalarEvent): void {
  const node = makeScalar(state, event);
  if (event.valueEnd !== -1) state.last = event.valueEnd;
  attach(state, { node, weight: 1 + (node.text.length >> 6), height: 0 }, readAnchor(state, event));
}

function makeScalar(state: Composition, event: ScalarEvent): ScalarNode {
  const { valueStart: from, valueEnd: to, style } = event;
  const { source: file } = state;
  const tagged = event.tagStart !== -1;
  const plain = style === SCALAR_STYLE.PLAIN;
  if (from === -1) {
    const { start, end } = findOwner(state);
    return { kind: 'scalar', file, start, end, tagged, plain, text: '', from: 0, to: 0 };
  }
  const text = getScalarValue(file.text, event);
  let start = from;
  let end = to;
  if (style === SCALAR_STYLE.SINGLE_QUOTED || style === SCALAR_STYLE.DOUBLE_QUOTED) {
    start -= 1;
    end += 1;
  } else if (!plain) {
    start = state.last + file.text.slice(state.last, from).search(/[|>]/);
    end = start + 1;
  }
  return { kind: 'scalar', file, start, end, tagged, plain, text, from, to };
}

/** The place of a scalar for which nothing is written: that of its key. */
function findOwner({ open, source }: Composition): Place {
  const parent = open.at(-1);
  if (parent?.key) return parent.key;
  const start = parent?.start ?? 0;
  return { file: source, start, end: start + 1 };
}
