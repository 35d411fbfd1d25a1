import { InstateError } from '../src/errors.ts';

/** Shared flags, after flag, environment and default have been weighed. Files weigh in later (cmd/session.ts). */
export interface Options {
  readonly files: readonly string[];
  readonly envFiles: readonly string[];
  readonly state: string | null;
  readonly project: string | null;
  readonly baseUrl: string | null;
  /** A person named the base URL by flag or variable, not a file (safety.md F1). */
  readonly trustBaseUrl: boolean;
  readonly json: boolean;
  readonly format: string;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly colour: boolean | null;
  /** Secret commands may be run (safety.md F4: no variable says so). */
  readonly allowExec: boolean;
  /** The files are a stranger's: `plan --untrusted`. */
  readonly untrusted: boolean;
  readonly target: readonly string[];
  readonly exclude: readonly string[];
  readonly selectTag: readonly string[];
  readonly reports: readonly string[];
  /** A file, `-` for stdout, or null. */
  readonly events: string | null;
  readonly parallelism: number;
  /** null: the default of each kind of request. */
  readonly timeoutMs: number | null;
  readonly graceMs: number;
  readonly lockTimeoutMs: number;
}

/** What a user typed, by flag name. */
export type Flags = Readonly<Record<string, unknown>>;
export type Environment = Readonly<Record<string, string | undefined>>;

/** Weighs flags against `INSTATE_*`. An empty variable counts as unset; a bad value is a usage error that names where it stands. */
export function readOptions(flags: Flags, env: Environment): Options {
  const json = readFlag(flags, 'json') || readBoolean(env, 'INSTATE_JSON');
  const format = readText(flags, env, 'format', null);
  if (readFlag(flags, 'json') && format !== null && format !== 'json') {
    throw new InstateError('usage', `--json and --format ${format} contradict each other`, {
      hint: 'give one of them',
    });
  }
  const inSeconds = { most: 86_400, whole: false, unit: 'seconds', example: 60 };
  const seconds = (name: string, variable: string) =>
    readNumber(flags, env, { name, variable, least: 0, ...inSeconds });
  const timeout = readNumber(flags, env, {
    name: 'timeout',
    variable: 'INSTATE_TIMEOUT',
    least: 0.001,
    ...inSeconds,
  });
  return {
    files: readList(flags, 'file'),
    envFiles: readList(flags, 'env-file'),
    state: readText(flags, env, 'state', 'INSTATE_STATE'),
    project: readText(flags, env, 'project', 'INSTATE_PROJECT'),
    baseUrl: readText(flags, env, 'base-url', 'INSTATE_BASE_URL'),
    trustBaseUrl: readText(flags, env, 'base-url', 'INSTATE_BASE_URL') !== null,
    json: format === null ? json : format === 'json',
    format: format ?? (json ? 'json' : 'text'),
    quiet: readFlag(flags, 'quiet'),
    verbose: readFlag(flags, 'verbose'),
    colour: readFlag(flags, 'no-color') ? false : null,
    allowExec: readFlag(flags, 'allow-exec'),
    untrusted: readFlag(flags, 'untrusted'),
    target: readList(flags, 'target'),
    exclude: readList(flags, 'exclude'),
    selectTag: readList(flags, 'select-tag'),
    reports: readList(flags, 'report'),
    events: readEvents(flags, json, format),
    parallelism:
      readNumber(flags, env, {
        name: 'parallelism',
        variable: 'INSTATE_PARALLELISM',
        least: 1,
        most: 256,
        whole: true,
      }) ?? 10,
    timeoutMs: timeout === null ? null : timeout * 1000,
    graceMs: (seconds('grace', 'INSTATE_GRACE') ?? 60) * 1000,
    lockTimeoutMs: (seconds('lock-timeout', 'INSTATE_LOCK_TIMEOUT') ?? 0) * 1000,
  };
}

/** Stdout has room for one answer. */
function readEvents(flags: Flags, json: boolean, format: string | null): string | null {
  const events = readText(flags, {}, 'events', null);
  if (events === '-' && (json || format !== null)) {
    const other = format === null ? '--json' : `--format ${format}`;
    throw new InstateError('usage', `--events - and ${other} would both answer on stdout`, {
      hint: `leave ${other} out, or write  --events FILE`,
    });
  }
  return events;
}

/** A boolean flag. */
export function readFlag(flags: Flags, name: string): boolean {
  return flags[name] === true;
}

/** A boolean variable: 1, true, yes, on; or 0, false, no, off. */
export function readBoolean(env: Environment, variable: string): boolean {
  const text = (env[variable] ?? '').toLowerCase();
  if (['', '0', 'false', 'no', 'off'].includes(text)) return false;
  if (['1', 'true', 'yes', 'on'].includes(text)) return true;
  throw new InstateError('usage', `${variable} is neither true nor false`, {
    hint: `set ${variable}=1, or unset it`,
  });
}

/** A flag's text, else the variable's, else null. Given twice is an error: nobody can tell which one was meant. */
export function readText(
  flags: Flags,
  env: Environment,
  name: string,
  variable: string | null,
): string | null {
  const value = flags[name];
  if (Array.isArray(value))
    throw new InstateError('usage', `--${name} is given more than once`, { hint: `give --${name} once` });
  if (typeof value === 'string') {
    if (value === '')
      throw new InstateError('usage', `--${name} is empty`, { hint: `write a value after --${name}` });
    return value;
  }
  const text = variable === null ? undefined : env[variable];
  return text === undefined || text === '' ? null : text;
}

/** A repeatable flag's values. */
export function readList(flags: Flags, name: string): readonly string[] {
  const value = flags[name];
  const list = Array.isArray(value) ? value.map(String) : [];
  if (list.includes(''))
    throw new InstateError('usage', `--${name} is empty`, { hint: `write a value after --${name}` });
  return list;
}

/** A number within bounds, from the flag or its variable; null where neither stands. */
export function readNumber(
  flags: Flags,
  env: Environment,
  rule: {
    readonly name: string;
    readonly variable: string | null;
    readonly least: number;
    readonly most: number;
    readonly whole: boolean;
    /** What people usually give. */
    readonly example?: number;
    readonly unit?: string;
  },
): number | null {
  const text = readText(flags, env, rule.name, rule.variable);
  if (text === null) return null;
  const value = /^[0-9]+(\.[0-9]+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= rule.least && value <= rule.most && (!rule.whole || Number.isInteger(value))) return value;
  const where = typeof flags[rule.name] === 'string' ? `--${rule.name}` : (rule.variable ?? '');
  const kind = `${rule.whole ? 'a whole number' : 'a number'}${rule.unit === undefined ? '' : ` of ${rule.unit}`}`;
  throw new InstateError(
    'usage',
    `${where} takes ${kind} from ${String(rule.least)} to ${String(rule.most)}`,
    {
      hint: `for example  --${rule.name} ${String(rule.example ?? Math.max(1, rule.least))}`,
    },
  );
}
