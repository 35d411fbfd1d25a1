import { existsSync } from 'node:fs';
import { readVariables } from '../src/config/env-file.ts';
import { loadDeclarations } from '../src/config/load.ts';
import type { RecordedState } from '../src/core/model.ts';
import { nothingRecorded } from '../src/core/observation.ts';
import type { Planning } from '../src/core/plan.ts';
import { planOrRefuse } from '../src/engine/apply.ts';
import { observe, type Eyes } from '../src/engine/observe.ts';
import { InstateError } from '../src/errors.ts';
import { findCheckout, findRealPath, isWithin } from './checkout.ts';
import type { Flags } from './options.ts';
import { finishPlanning } from './planning.ts';
import type { Run } from './run.ts';
import { choosePolicy } from './scope.ts';
import { isUrl, locateState, openStoreAt, requireValid } from './session.ts';

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
 * Plans a stranger's files (a pull request from a fork): offline, without a variable, a secret, a key or a file that a reference names,
 * and without opening anything outside of the checkout. `${var:}` stands in the plan as it is written.
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
  const recorded = await readStateWithin(run, root, locateState(run, loaded.baseFolder, declarations.state));
  run.note({
    severity: 'info',
    code: 'untrusted',
    summary:
      'planned as from a stranger: no variable, secret or referenced file was read, and nothing was asked',
    detail: '',
  });
  const observation = await observe(declarations, recorded, blindEyes);
  return finishPlanning(run, planOrRefuse(observation, choosePolicy(options, declarations, recorded)));
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

/** The state, if it is a file of the checkout. No key is used: nothing of it is opened. */
async function readStateWithin(run: Run, root: string, location: string): Promise<RecordedState> {
  if (isUrl(location) || !existsSync(location)) return nothingRecorded;
  if (!isWithin(findRealPath(location), root)) {
    const summary =
      'the state lies outside of the checkout and was not opened: everything looks as if it were missing';
    run.note({ severity: 'info', code: 'state_not_opened', summary, detail: '' });
    return nothingRecorded;
  }
  const store = await openStoreAt(run, location, { stateKey: null, oldStateKey: null });
  try {
    return await store.read();
  } finally {
    await store.close();
  }
}
