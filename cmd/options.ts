import type { Argv } from 'yargs';
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
  readonly target: readonly string[];
  readonly exclude: readonly string[];
  readonly reports: readonly string[];
  readonly parallelism: number;
  /** null: the default of each kind of request. */
  readonly timeoutMs: number | null;
  readonly graceMs: number;
  readonly lockTimeoutMs: number;
}

/** What a user typed, by flag name. */
export type Flags = Readonly<Record<string, unknown>>;
export type Environment = Readonly<Record<string, string | undefined>>;

const files = {
  file: {
    alias: 'f',
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'Declarations: a file, a folder, or - for stdin; repeatable',
  },
  'env-file': {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'Variables for references only; repeatable, the later file wins',
  },
  state: { type: 'string', requiresArg: true, describe: 'Where the state is kept [INSTATE_STATE]' },
  project: {
    type: 'string',
    requiresArg: true,
    describe: 'Project instead of the one in the files [INSTATE_PROJECT]',
  },
  'base-url': {
    type: 'string',
    requiresArg: true,
    describe: 'Base URL of the account; also says that you trust it [INSTATE_BASE_URL]',
  },
} as const;
const looks = {
  json: { type: 'boolean', describe: 'One JSON document on stdout, errors included [INSTATE_JSON]' },
  quiet: { type: 'boolean', describe: 'No progress, and only the last line of a text answer' },
  verbose: { type: 'boolean', describe: 'More detail; the stack of an unexpected error' },
  'no-color': { type: 'boolean', describe: 'No colour [NO_COLOR]' },
} as const;
const scope = {
  target: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'Only addresses that match this glob; repeatable',
  },
  exclude: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'Leave out addresses that match this glob; repeatable',
  },
} as const;
const network = {
  parallelism: {
    type: 'string',
    requiresArg: true,
    describe: 'Requests at once, 1 to 256 [INSTATE_PARALLELISM, 10]',
  },
  timeout: {
    type: 'string',
    requiresArg: true,
    describe: 'Seconds for one request [INSTATE_TIMEOUT; 120 for POST, 30 for GET]',
  },
} as const;
const report = {
  report: {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'FORMAT:FILE, a copy beside what stdout shows; repeatable',
  },
} as const;
const grace = {
  grace: {
    type: 'string',
    requiresArg: true,
    describe: 'Seconds that a timed-out create may take to appear in the list [INSTATE_GRACE, 60]',
  },
} as const;
const locking = {
  'lock-timeout': {
    type: 'string',
    requiresArg: true,
    describe: 'Seconds to wait for the state lock [INSTATE_LOCK_TIMEOUT, 0]',
  },
} as const;

/** Groups of shared flags that commands choose from. */
export const flagGroups = { files, looks, scope, network, report, grace, locking } as const;
export type FlagGroup = keyof typeof flagGroups;

/** Adds `--format` with the formats that a command has, beside the groups that it takes. */
export function addFlags(yargs: Argv, groups: readonly FlagGroup[], formats: readonly string[]): Argv {
  for (const group of groups) yargs.options(flagGroups[group]);
  if (formats.length > 0)
    yargs.option('format', {
      type: 'string',
      choices: formats,
      requiresArg: true,
      describe: 'Format of the answer',
    });
  return yargs;
}

/** Weighs flags against `INSTATE_*`. An empty variable counts as unset; a bad value is a usage error that names where it stands. */
export function readOptions(flags: Flags, env: Environment): Options {
  const json = readFlag(flags, 'json') || readBoolean(env, 'INSTATE_JSON');
  const format = readText(flags, env, 'format', null);
  if (readFlag(flags, 'json') && format !== null && format !== 'json') {
    throw new InstateError('usage', `--json and --format ${format} contradict each other`, {
      hint: 'give one of them',
    });
  }
  const seconds = (name: string, variable: string) =>
    readNumber(flags, env, { name, variable, least: 0, most: 86_400, whole: false });
  const timeout = readNumber(flags, env, {
    name: 'timeout',
    variable: 'INSTATE_TIMEOUT',
    least: 0.001,
    most: 86_400,
    whole: false,
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
    target: readList(flags, 'target'),
    exclude: readList(flags, 'exclude'),
    reports: readList(flags, 'report'),
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
  },
): number | null {
  const text = readText(flags, env, rule.name, rule.variable);
  if (text === null) return null;
  const value = /^[0-9]+(\.[0-9]+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= rule.least && value <= rule.most && (!rule.whole || Number.isInteger(value))) return value;
  const where = typeof flags[rule.name] === 'string' ? `--${rule.name}` : (rule.variable ?? '');
  const kind = rule.whole ? 'a whole number' : 'a number';
  throw new InstateError(
    'usage',
    `${where} takes ${kind} from ${String(rule.least)} to ${String(rule.most)}`,
    {
      hint: `for example  --${rule.name} ${String(Math.max(1, rule.least))}`,
    },
  );
}
