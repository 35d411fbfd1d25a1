/** A line of an env file; `name` is null where even that is in doubt. Values are secrets: print neither. */
export type EnvLine =
  | { readonly kind: 'variable'; readonly name: string; readonly value: string }
  | {
      readonly kind: 'fault';
      readonly line: number;
      readonly name: string | null;
      readonly what: string;
      readonly hint: string;
    };

const assignment = /^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=(.*)$/s;
const doubleQuoted = /^"((?:[^"\\]|\\.)*)"\s*(?:#.*)?$/s;
const singleQuoted = /^'([^']*)'\s*(?:#.*)?$/s;

/**
 * `NAME=value` lines: an optional `export`, comments on a line of their own or after ` #`, single quotes (everything as
 * it stands), double quotes (`\n`, `\"`, `\\` are escapes, any other backslash is itself). Nothing is interpolated, and
 * a value ends with its line. Lines may end in CRLF.
 */
export function parseEnvText(text: string): readonly EnvLine[] {
  const found: EnvLine[] = [];
  for (const [index, raw] of text.split(/\r\n|\n|\r/).entries()) {
    const line = raw.trim();
    if (line !== '' && !line.startsWith('#')) found.push(parseLine(line, index + 1));
  }
  return found;
}

function parseLine(text: string, line: number): EnvLine {
  const match = assignment.exec(text);
  const [, name, rest] = match ?? [];
  if (name === undefined || rest === undefined) {
    const hint = 'Write NAME=value, or begin the line with # if it is a comment.';
    return { kind: 'fault', line, name: null, what: 'the line is not NAME=value', hint };
  }
  const value = rest.trimStart();
  const quote = value[0];
  if (quote !== '"' && quote !== "'") return { kind: 'variable', name, value: stripComment(rest) };
  const inside = (quote === '"' ? doubleQuoted : singleQuoted).exec(value)?.[1];
  if (inside === undefined) {
    const what = 'the quotes do not enclose the whole value';
    const hint = `Close them on the same line${quote === '"' ? ', with \\n for a line break and \\" for a quote' : ''}.`;
    return { kind: 'fault', line, name, what, hint };
  }
  return { kind: 'variable', name, value: quote === '"' ? unescape(inside) : inside };
}

function stripComment(text: string): string {
  return text.replace(/\s#.*$/s, '').trim();
}

function unescape(text: string): string {
  return text.replace(/\\([n"\\])/g, (_, char: string) => (char === 'n' ? '\n' : char));
}
