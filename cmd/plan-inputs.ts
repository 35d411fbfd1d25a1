import { statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isInside } from '../src/config/inside.ts';
import { InstateError } from '../src/errors.ts';
import type { PlanInputs, SavedPlan } from '../src/plan-file.ts';
import { clean } from '../src/render/screen.ts';
import { findRealPath } from './checkout.ts';
import type { Flags, Options } from './options.ts';
import type { Run } from './run.ts';
import type { Session } from './session.ts';

/** What a plan was made from, with absolute paths, for `--out`. Stdin cannot be read again. */
export function describeInputs({ options, context }: Run, { declarations }: Session): PlanInputs {
  if (options.files.includes('-')) {
    throw new InstateError(
      'usage',
      'a plan of declarations from stdin cannot be saved: apply reads them again',
      { hint: 'give a file with -f' },
    );
  }
  const absolute = (path: string) => resolve(context.cwd, path);
  return {
    files: options.files.length === 0 ? declarations.files.map(absolute) : options.files.map(absolute),
    envFiles: options.envFiles.map(absolute),
    project: options.project,
    baseUrl: options.baseUrl,
    state:
      options.state === null || /^postgres(ql)?:/.test(options.state)
        ? options.state
        : absolute(options.state),
    target: options.target,
    exclude: options.exclude,
    selectTag: options.selectTag,
  };
}

const stored = {
  file: 'files',
  project: 'project',
  'base-url': 'base URL',
  state: 'state',
  target: 'filters',
  exclude: 'filters',
  'select-tag': 'filters',
} as const;

/** The options of an apply that takes a saved plan: the plan's own; giving one of them again is an error. */
export function takeInputs(options: Options, flags: Flags, { inputs }: SavedPlan): Options {
  for (const [flag, what] of Object.entries(stored)) {
    if (flags[flag] !== undefined) {
      throw new InstateError(
        'usage',
        `--${flag} cannot stand beside a plan file: the plan has its own ${what}`,
        { hint: `leave --${flag} out, or plan again with it` },
      );
    }
  }
  const { envFiles, ...rest } = inputs;
  if (options.envFiles.length === 0) refuseStrayEnvFiles(inputs);
  // F1: a host is trusted because a person names it now, not because a plan file does.
  const trustBaseUrl = options.trustBaseUrl && options.baseUrl === inputs.baseUrl;
  return {
    ...options,
    ...rest,
    trustBaseUrl,
    envFiles: options.envFiles.length > 0 ? options.envFiles : envFiles,
  };
}

/** F3: a plan file is plain text that anybody can write. It may not name files elsewhere to take secrets from. */
function refuseStrayEnvFiles({ envFiles, files }: PlanInputs): void {
  const folders = files.map((file) => (isFolder(file) ? file : dirname(file)));
  const stray = envFiles.find(
    (file) => !folders.some((folder) => isInside(findRealPath(file), findRealPath(folder))),
  );
  if (stray === undefined) return;
  throw new InstateError(
    'bad_plan_file',
    'the plan names an env file outside of the folder of its declarations',
    {
      hint: `if you trust it, give it again: --env-file ${clean(stray)}`,
    },
  );
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
