import { resolve } from 'node:path';
import { Sensitive } from '../core/sensitive.ts';
import { type Diagnostic } from '../diagnostics.ts';
import { InstateError } from '../errors.ts';
import { decodeText } from './decode.ts';
import { type EnvLine, parseEnvText } from './env-text.ts';
import { readBounded } from './inputs.ts';

/** The variables that references may name, each wrapped: nothing prints them by accident. */
export interface Variables {
  /** null: unset or empty. */
  get(name: string): Sensitive | null;
  /** Does `INSTATE_ENV_ALLOW` let files read this variable? Everything, where it is not set. */
  readonly allowed: (name: string) => boolean;
}

export interface VariableOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** What was moved out of it, as it may be a secret; a name stands in one of the two. */
  readonly sealed?: ReadonlyMap<string, Sensitive>;
  /** `--env-file`, relative to `cwd`. */
  readonly envFiles: readonly string[];
  readonly cwd: string;
  /** `INSTATE_ENV_ALLOW`: globs, separated by commas; null or blank: no restriction. */
  readonly allow: string | null;
}

const maxBytes = 1024 * 1024;

/**
 * The process environment and the env files; a variable that the environment has (be it empty) wins, then the later
 * file. Throws `file_unreadable`, or `invalid_declarations` with every bad line by number: never a value (safety.md E2).
 */
export async function readVariables(options: VariableOptions): Promise<Variables> {
  const values = new Map<string, string>();
  const faults: Diagnostic[] = [];
  for (const file of options.envFiles) {
    for (const line of parseEnvText(await readEnvFile(file, options.cwd))) {
      if (line.kind === 'variable') values.set(line.name, line.value);
      else faults.push(describeFault(file, line));
    }
  }
  refuseFaults(faults);
  for (const [name, value] of Object.entries(options.environment))
    if (value !== undefined) values.set(name, value);
  const wrapped = new Map([
    ...[...values]
      .filter(([, value]) => value !== '')
      .map(([name, value]) => [name, new Sensitive(value)] as const),
    ...(options.sealed ?? []),
  ]);
  return { get: (name) => wrapped.get(name) ?? null, allowed: makeFilter(options.allow) };
}

async function readEnvFile(file: string, cwd: string): Promise<string> {
  let bytes: Uint8Array;
  try {
    bytes = await readBounded(resolve(cwd, file), maxBytes);
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    const why = missing ? 'it does not exist' : 'it is no file, or may not be read';
    throw new InstateError('file_unreadable', `The env file ${file} cannot be read: ${why}.`, {
      hint: 'Check the path given to --env-file.',
    });
  }
  const decoded = decodeText(bytes);
  if ('text' in decoded && bytes.length <= maxBytes) return decoded.text;
  const why = 'text' in decoded ? 'the file is larger than 1 MiB' : decoded.summary;
  throw new InstateError('invalid_declarations', `The env file ${file} cannot be used: ${why}.`, {
    hint: 'An env file holds lines of the form NAME=value.',
  });
}

function describeFault(file: string, line: Extract<EnvLine, { kind: 'fault' }>): Diagnostic {
  const summary = line.name === null ? line.what : `${line.name}: ${line.what}`;
  return {
    severity: 'error',
    code: 'bad_env_line',
    summary,
    detail: line.hint,
    file,
    line: line.line,
    column: 1,
  };
}

function refuseFaults(faults: readonly Diagnostic[]): void {
  const [first] = faults;
  if (!first) return;
  const where = `${first.file ?? ''}:${String(first.line ?? 1)}`;
  const more = faults.length === 1 ? '' : ` (and ${String(faults.length - 1)} more)`;
  throw new InstateError('invalid_declarations', `${where}: ${first.summary}${more}.`, {
    hint: first.detail,
    diagnostics: faults,
  });
}

function makeFilter(allow: string | null): (name: string) => boolean {
  if (allow === null || allow.trim() === '') return () => true;
  const globs = allow.split(',').map((glob) => glob.trim());
  const patterns = globs.filter((glob) => glob !== '').map(toPattern);
  return (name) => patterns.some((pattern) => pattern.test(name));
}

/** `*` is any run of characters, `?` any one. */
function toPattern(glob: string): RegExp {
  const source = glob
    .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replace(/\?/g, '.');
  return new RegExp(`^${source}$`);
}
