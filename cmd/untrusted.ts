import { readVariables } from '../src/config/env-file.ts';
import { loadDeclarations } from '../src/config/load.ts';
import { nothingRecorded } from '../src/core/observation.ts';
import type { Planning } from '../src/core/plan.ts';
import { planOrRefuse } from '../src/engine/apply.ts';
import { observe, type Eyes } from '../src/engine/observe.ts';
import { InstateError } from '../src/errors.ts';
import { findCheckout } from './checkout.ts';
import type { Flags } from './options.ts';
import { finishPlanning } from './planning.ts';
import type { Run } from './run.ts';
import { choosePolicy } from './scope.ts';
import { requireValid } from './session.ts';

const contradictions = {
  out: 'the plan is made offline, and cannot be applied',
  'env-file': 'it reads no variable',
} as const;

/** Refuses what a plan of a stranger's files cannot do. */
export function checkUntrusted(flags: Flags): void {
  for (const [flag, why] of Object.entries(contradictions)) {
    if (flags[flag] !== undefined)
      throw new InstateError('usage', `--untrusted and --${flag} contradict each other: ${why}`, {
        hint: `leave --${flag} out`,
      });
  }
}

/**
 * Plans a stranger's files (a pull request from a fork): offline, without a variable, a secret, a key, a state (a database is a stranger's
 * file, too) or a file that a reference names, and without opening anything outside of the checkout. `${var:}` stands in the plan as it is written.
 */
export async function planUntrusted(run: Run): Promise<Planning> {
  const { context, options } = run;
  const { cwd, env } = context;
  const root = findCheckout(context);
  const allow = env['INSTATE_ENV_ALLOW'] || null;
  const variables = await readVariables({ environment: {}, envFiles: [], cwd, allow });
  const { files, project, baseUrl } = options;
  const loaded = await loadDeclarations({
    ...{ files, cwd, variables, project, baseUrl, within: root, noFiles: true },
    readStdin: context.stdin.readAll,
  });
  run.known.files = loaded.files;
  const declarations = requireValid(run, { loaded });
  run.note({
    severity: 'info',
    code: 'untrusted',
    summary:
      'planned as from a stranger: no variable, secret, state or referenced file was read, and nothing was asked',
    detail: 'so every address looks as if it were to be created',
  });
  const observation = await observe(declarations, nothingRecorded, blindEyes);
  return finishPlanning(run, planOrRefuse(observation, choosePolicy(options, declarations, nothingRecorded)));
}

/** Resolves nothing, compares nothing, asks nobody. */
const blindEyes: Eyes = {
  api: null,
  references: { resolve: () => ({ missing: [] }) },
  fingerprints: { compare: () => 'unverified' },
  tokens: false,
  pause: () => Promise.resolve(),
  monotonic: () => 0,
};
