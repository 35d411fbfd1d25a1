import type { Address } from '../core/model.ts';
import type { Place } from './tree.ts';

/** Every code that a diagnostic of a declaration file can carry. Stable and closed: scripts match on it. */
export const configCodes = [
  'file_missing',
  'file_unreadable',
  'outside_checkout',
  'not_a_file',
  'no_yaml_in_folder',
  'duplicate_file',
  'file_too_large',
  'not_utf8',
  'binary_file',
  'empty_file',
  'yaml_syntax',
  'unquoted_reference',
  'tab_indentation',
  'too_deep',
  'too_many_aliases',
  'yaml_tag',
  'bad_alias',
  'bad_merge',
  'bad_key',
  'forbidden_key',
  'duplicate_key',
  'unknown_key',
  'missing_key',
  'wrong_type',
  'bad_value',
  'ambiguous_number',
  'bad_project',
  'bad_address',
  'duplicate_address',
  'bad_url',
  'bad_state',
  'bad_reference',
  'misplaced_reference',
  'refused_reference',
  'refused_variable',
  'bad_command',
  'unknown_command',
  'literal_secret',
  'nested_key',
  'unknown_configuration_key',
  'html_in_name',
  'bad_name',
  'bad_tag',
  'reserved_tag',
  'duplicate_id',
  'same_name',
  'bad_ignore',
  'needless_ignore',
  'bad_move',
  'bad_env_line',
] as const;

export type ConfigCode = (typeof configCodes)[number];

/** What was found, before it is turned into a `Diagnostic`. Holds no scalar from below `configuration` or `account`. */
export interface Problem {
  readonly code: ConfigCode;
  /** 'error' if left out. */
  readonly severity?: 'error' | 'warning';
  /** One sentence without a full stop: what is wrong. */
  readonly summary: string;
  /** What to type, or why; may be empty. */
  readonly detail?: string;
  readonly place?: Place;
  /** The file's name where there is no place in it (it is missing, or binary). */
  readonly file?: string;
  readonly path?: string;
  readonly address?: Address | null;
}

/** Collects problems; the same one at the same place (an alias used twice, a default) counts once. */
export interface Report {
  add(problem: Problem): void;
  readonly problems: readonly Problem[];
}

export function makeReport(): Report {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  return {
    problems,
    add(problem) {
      const { place } = problem;
      const where = place ? `${place.file.name}:${String(place.start)}` : (problem.file ?? '');
      const key = `${problem.code} ${where} ${problem.summary}`;
      if (seen.has(key)) return;
      seen.add(key);
      problems.push(problem);
    },
  };
}

/** "` at FILE:LINE:COLUMN`" for messages that name a second place. */
export function describePlace(place: Place): string {
  const { line, column } = place.file.locate(place.start);
  return `${place.file.name}:${String(line)}:${String(column)}`;
}
