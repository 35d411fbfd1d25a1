import type { Argv } from 'yargs';

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
  quiet: { type: 'boolean', describe: 'No progress; of a text answer only what failed, and the last line' },
  verbose: { type: 'boolean', describe: 'More detail; the stack of an unexpected error' },
  'no-color': { type: 'boolean', describe: 'No colour [NO_COLOR]' },
} as const;
const exec = {
  'allow-exec': {
    type: 'boolean',
    describe: 'Run the commands of secretCommands that ${exec:NAME} refers to',
  },
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
  'select-tag': {
    type: 'string',
    array: true,
    requiresArg: true,
    describe: 'Only instances declared (or recorded) with this tag; repeatable, one of them suffices',
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
const events = {
  events: {
    type: 'string',
    requiresArg: true,
    describe: 'Write what happens as NDJSON to a file, or to stdout (-); the text then goes to stderr',
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
export const flagGroups = { files, looks, exec, scope, network, report, events, grace, locking } as const;
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
