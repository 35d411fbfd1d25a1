import type { Diagnostic } from '../diagnostics.ts';
import type { Node, Place, SourceFile, YamlFile } from './tree.ts';
import { type At, enter, enterItem, root, showsKeys } from './zones.ts';

/** A range of the file and whether it may be shown. */
interface Token {
  readonly start: number;
  readonly end: number;
  readonly isShown: boolean;
}

/** Lines with the place further right than this get no excerpt. */
const maxWidth = 240;

/** Cuts the line of a place out of its file. Only keys and scalars known to be harmless are shown (safety.md E2). */
export type MakeExcerpt = (place: Place) => Diagnostic['excerpt'] | null;

/** Indexes each file on its first use only; a file that is not among `files` did not parse, and is never shown. */
export function makeExcerpts(files: readonly YamlFile[]): MakeExcerpt {
  const bySource = new Map<SourceFile, YamlFile>(files.map((file) => [file.source, file]));
  const indexed = new Map<SourceFile, readonly Token[]>();
  return (place) => {
    const file = bySource.get(place.file);
    if (!file || place.end <= place.start) return null;
    const tokens = indexed.get(place.file) ?? listTokens(file);
    indexed.set(place.file, tokens);
    return cutOut(place, tokens);
  };
}

function listTokens(file: YamlFile): readonly Token[] {
  const tokens = new Map<number, Token>();
  const note = (start: number, end: number, isShown: boolean): void => {
    // Reached twice, through an alias: shown only if it may be in both places.
    const before = tokens.get(start);
    if (end > start) tokens.set(start, { start, end, isShown: isShown && (before?.isShown ?? true) });
  };
  const visit = (node: Node, at: At): void => {
    if (node.kind === 'scalar') note(node.from, node.to, at.zone === 'open');
    else if (node.kind === 'list') node.items.forEach((item, index) => visit(item, enterItem(at, index)));
    else {
      for (const { key, value } of node.pairs) {
        if (key.kind === 'scalar') note(key.from, key.to, showsKeys(at.zone));
        else visit(key, { ...at, zone: 'unknown' });
        const isMerge = key.kind === 'scalar' && key.plain && key.text === '<<';
        visit(value, isMerge ? at : enter(at, key.kind === 'scalar' ? key.text : ''));
      }
    }
  };
  for (const document of file.documents) visit(document, root);
  for (const mark of file.marks) note(mark.start, mark.end, false);
  return [...tokens.values()].sort((a, b) => a.start - b.start);
}

function cutOut({ file, start, end }: Place, tokens: readonly Token[]): Diagnostic['excerpt'] | null {
  const { line, column } = file.locate(start);
  if (column > maxWidth) return null;
  const from = file.lines[line - 1] ?? 0;
  const to = file.lines[line] ?? file.text.length;
  const pieces = splitLine({ file, start: from, end: to }, tokens, [start, end]);
  const whole = pieces.map((piece) => piece.text).join('');
  const text = whole.slice(0, maxWidth + 40).trimEnd();
  const underlined = pieces.filter((piece) => piece.start >= start && piece.start < end);
  const width = underlined.reduce((sum, piece) => sum + piece.text.length, 0);
  return { text, width: Math.max(1, Math.min(width, text.length - column + 1)) };
}

interface Piece {
  readonly start: number;
  readonly text: string;
}

/** The line in pieces that end at the given cuts; what is hidden before the first cut keeps its length for the caret. */
function splitLine(line: Place, tokens: readonly Token[], cuts: readonly [number, number]): readonly Piece[] {
  const pieces: Piece[] = [];
  let position = line.start;
  const push = (end: number, isShown: boolean | null): boolean => {
    for (const cut of [...cuts, end]) {
      const stop = Math.min(cut, end);
      if (stop <= position) continue;
      const source = line.file.text.slice(position, stop);
      const piece = isShown === null ? maskGap(source) : { text: isShown ? source : '…', isOver: false };
      const isBefore = position < cuts[0];
      pieces.push({
        start: position,
        text: isBefore ? piece.text.padEnd(source.length).replace(/\t/g, ' ') : piece.text,
      });
      position = stop;
      if (piece.isOver) return false;
    }
    return true;
  };
  for (let index = findFirst(tokens, line.start); index < tokens.length; index += 1) {
    const token = tokens[index];
    if (!token || token.start >= line.end) break;
    if (token.start > position && !push(token.start, null)) return pieces;
    push(Math.min(token.end, line.end), token.isShown);
  }
  push(line.end, null);
  return pieces;
}

/** Between tokens there is only punctuation, up to a comment: that may hold anything, so it ends the line. */
function maskGap(text: string): { readonly text: string; readonly isOver: boolean } {
  const comment = text.indexOf('#');
  const rest = comment === -1 ? text : text.slice(0, comment);
  return { text: rest.replace(/[^\s\-:,[\]{}?|>+"'&*!%.0-9]/g, '…'), isOver: comment !== -1 };
}

/** The first token that ends after an offset. */
function findFirst(tokens: readonly Token[], offset: number): number {
  let low = 0;
  let high = tokens.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((tokens[middle]?.end ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
