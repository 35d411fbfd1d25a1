import pc from 'picocolors';

/** How text is to look where it goes. */
export interface Look {
  readonly colour: boolean;
  readonly verbose: boolean;
  readonly quiet: boolean;
}

/** picocolors bound to whether the stream shows colour. Colour only repeats what the symbol says. */
export function paint(look: Pick<Look, 'colour'>): ReturnType<typeof pc.createColors> {
  return pc.createColors(look.colour);
}

// Control characters (C0, DEL, C1), line and paragraph separators, marks that turn the direction of writing, and what cannot be seen.
const hostile = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;

/** Text from outside (names, tags, live values, the server's words) on one line, with nothing in it that a terminal obeys. */
export function clean(text: string): string {
  return text.replace(hostile, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** The words that CI runners obey, made harmless: `::` at the start of a line (GitHub), `##[` and `##vso[` anywhere (Azure) (safety.md E8). */
export function defuse(text: string): string {
  return text.replace(/^([ \t]*)(?=::)/gm, '$1\\').replace(/##(?=\[|vso\[)/g, '#\\#');
}

/** The same for JSON text, which stays the same JSON: an escape stands for the second sign. Keys of ours hold none. */
export function defuseJson(json: string): string {
  return json.replace(/##(?=\[|vso\[)/g, '#\\u0023');
}

/** Cells padded to their column's width; the last one is not. */
export function alignRows(rows: readonly (readonly string[])[], gap = 2): readonly string[] {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, at) => (widths[at] = Math.max(widths[at] ?? 0, cell.length)));
  return rows.map((row) =>
    row
      .map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd((widths[at] ?? 0) + gap)))
      .join('')
      .trimEnd(),
  );
}

/** `1 conflict`, `2 conflicts`. */
export function count(n: number, noun: string, plural = `${noun}s`): string {
  return `${String(n)} ${n === 1 ? noun : plural}`;
}

/** `0.3 s`, `4.1 s`, `1 min 40 s`. */
export function showDuration(ms: number): string {
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${String(Math.floor(seconds / 60))} min ${String(seconds % 60)} s`;
}
