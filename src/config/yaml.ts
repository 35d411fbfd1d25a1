import { type Event, parseEvents, YAMLException } from 'js-yaml';
import { composeTree, TreeError } from './compose.ts';
import type { Problem } from './problems.ts';
import type { SourceFile, YamlFile } from './tree.ts';
import { explainReason } from './yaml-reasons.ts';

/** Lists and mappings inside each other, aliases counted where they stand. */
const maxDepth = 64;

/**
 * Parses a file with every position kept: all of its documents, or the first thing that makes it unreadable. The
 * parser's own errors quote the file, so they end here (safety.md E1, E2).
 */
export function readYaml(source: SourceFile): YamlFile | Problem {
  let events: readonly Event[];
  try {
    events = parseEvents(source.text, { maxDepth });
  } catch (error) {
    return error instanceof YAMLException
      ? describeSyntax(source, error.reason, error.mark?.position ?? 0)
      : describeSyntax(source, '', 0);
  }
  try {
    return composeTree(source, events, maxDepth);
  } catch (error) {
    if (error instanceof TreeError) return error.problem;
    throw error;
  }
}

function describeSyntax(file: SourceFile, reason: string, position: number): Problem {
  const place = { file, start: position, end: position + 1 };
  if (reason.startsWith('nesting exceeded')) {
    const summary = `lists and mappings are nested more than ${String(maxDepth)} deep here`;
    return { code: 'too_deep', summary, detail: 'Flatten them.', place };
  }
  if (reason === 'tab characters must not be used in indentation') {
    const summary = 'this is not YAML: the line is indented with a tab';
    return { code: 'tab_indentation', summary, detail: 'Indent with spaces.', place };
  }
  if (file.text[position] === '{' && file.text[position - 1] === '$') {
    return {
      code: 'unquoted_reference',
      summary: 'a ${…} inside [ ] or { } needs quotes',
      detail: 'Write it as "${…}", in double quotes.',
      place: { file, start: position - 1, end: position + 1 },
    };
  }
  const lineStart = position - file.locate(position).column + 1;
  const before = file.text.slice(lineStart, position);
  const { what, hint } = explainReason(reason, before, file.text.charAt(position));
  return { code: 'yaml_syntax', summary: `this is not YAML: ${what}`, detail: hint, place };
}
