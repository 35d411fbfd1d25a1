/** A YAML file as it was read: its text and how to find a line in it. */
export interface SourceFile {
  /** As the user named it. */
  readonly name: string;
  /** Absolute folder, against which `${file:}` and `state:` are read. */
  readonly folder: string;
  readonly text: string;
  /** Offset of the first character of each line. */
  readonly lines: readonly number[];
  /** Line and column of an offset, both from 1; columns count UTF-16 units. */
  locate(offset: number): { readonly line: number; readonly column: number };
}

/** A range of a file, end exclusive: what a caret underlines. */
export interface Place {
  readonly file: SourceFile;
  readonly start: number;
  readonly end: number;
}

/**
 * The tree as written, aliases put in their places. A node is its own place (one object less for each of very many).
 * `from`/`to` enclose a scalar's text without its quotes (both 0: it has none); `start`/`end` include them. `tagged`: an
 * explicit `!tag` stands before the node.
 */
export type Node = ScalarNode | ListNode | MapNode;

export interface ScalarNode extends Place {
  readonly kind: 'scalar';
  readonly tagged: boolean;
  readonly text: string;
  /** Written without quotes and not as a block: may be a number, a boolean or null. */
  readonly plain: boolean;
  readonly from: number;
  readonly to: number;
}

export interface ListNode extends Place {
  readonly kind: 'list';
  readonly tagged: boolean;
  readonly items: readonly Node[];
}

export interface MapNode extends Place {
  readonly kind: 'map';
  readonly tagged: boolean;
  readonly pairs: readonly Pair[];
}

export interface Pair {
  readonly key: Node;
  readonly value: Node;
}

/** A file that parsed. `marks`: names of anchors and aliases, and tags; like scalars, they may hold a mistyped secret. */
export interface YamlFile {
  readonly source: SourceFile;
  readonly documents: readonly Node[];
  readonly marks: readonly { readonly start: number; readonly end: number }[];
}

/** Indexes a text's lines; `\n`, `\r\n` and a lone `\r` end one, as in YAML. */
export function makeSourceFile(name: string, folder: string, text: string): SourceFile {
  const lines = [0];
  for (const match of text.matchAll(/\r\n|\r|\n/g)) lines.push(match.index + match[0].length);
  return { name, folder, text, lines, locate: (offset) => locate(lines, offset) };
}

function locate(lines: readonly number[], offset: number): { line: number; column: number } {
  let low = 0;
  let high = lines.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((lines[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - (lines[low] ?? 0) + 1 };
}
