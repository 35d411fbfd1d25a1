import { findNearest, suggest } from '../src/config/nearest.ts';
import { listLeftovers } from '../src/core/leftovers.ts';
import type { Planning } from '../src/core/plan.ts';
import { planOrRefuse } from '../src/engine/apply.ts';
import { observe, type Eyes } from '../src/engine/observe.ts';
import { InstateError, stateKeyHint } from '../src/errors.ts';
import { count } from '../src/render/screen.ts';
import type { KeyStatus } from '../src/ports.ts';
import type { Cost } from '../src/render/text-plan.ts';
import type { Api } from './context.ts';
import type { Run } from './run.ts';
import { choosePolicy } from './scope.ts';
import type { Session } from './session.ts';

/** Observes and plans for a command that writes nothing. `offline`: no request is made, and the plan says so. `tokens`: of the live ones are kept. */
export async function planReadOnly(
  run: Run,
  session: Session,
  { offline = false, tokens = false }: { readonly offline?: boolean; readonly tokens?: boolean },
): Promise<Planning> {
  const { declarations, store } = session;
  const recorded = await store.read();
  noteKey(run, store.keyStatus());
  const policy = choosePolicy(run.options, declarations, recorded);
  const api = offline ? null : await session.openApi();
  run.stopper.onStop(() => api?.abort());
  const eyes = { ...openEyes(run, session, api), tokens };
  return finishPlanning(run, planOrRefuse(await observe(declarations, recorded, eyes), policy));
}

/** Without the key of a state no credential can be compared, which is said once a run. Its writer may have said so already. */
export function noteKey(run: Run, status: KeyStatus): void {
  const isTold = run.diagnostics.some(({ code }) => code === 'tokens_not_stored');
  if (isTold || (status !== 'lost' && status !== 'other')) return;
  const summary = 'The key that the state was written under is not here: credentials are not compared.';
  run.note({ severity: 'warning', code: 'wrong_state_key', summary, detail: stateKeyHint });
}

/** What observing needs. */
export function openEyes({ context, stopper }: Run, { references, store }: Session, api: Api | null): Eyes {
  return {
    ...{ api, references, fingerprints: store.fingerprints, tokens: store.keyStatus() !== 'other' },
    pause: (ms: number) => context.wait(ms, stopper.signal),
    monotonic: context.monotonic,
  };
}

/** Notes what the listing was odd about, and whose account it is. */
export function finishPlanning(run: Run, planning: Planning): Planning {
  const { baseUrl, user } = planning.plan;
  run.known.account = { baseUrl, user };
  noteFilters(run, planning);
  const note = planning.matching.observation.listing?.note ?? null;
  for (const [address, { together }] of planning.matching.recoveries) {
    if (planning.decisions.has(address) || together.kind === 'absent' || together.kind === 'found') continue;
    const summary = `a create of ${address}, which is not declared any more, was cut off and may still arrive`;
    run.note({
      severity: 'warning',
      code: 'pending',
      summary,
      detail: 'instate drift shows it until it is settled',
      address,
    });
  }
  for (const { address, arrivedIds, keptId } of listLeftovers(planning).lost) {
    // Beside the one that took its place it is a duplicate, which is told there.
    if (arrivedIds.length === 0 || keptId !== null) continue;
    const ids = arrivedIds.map((id) => `#${String(id)}`).join(', ');
    const summary = `${ids} is a late arrival: a create of ${address} that was given up, and which is not declared any more`;
    const detail = 'declare it, and apply adopts it; or delete it in the account';
    run.note({ severity: 'warning', code: 'late_arrival', summary, detail, address });
  }
  if (note !== null)
    run.note({
      severity: 'warning',
      code: 'odd_list',
      summary: `the list of instances was odd: ${note}`,
      detail: '',
    });
  return planning;
}

/** A run that looks at a part says so: nothing else may be concluded from it. */
function noteFilters(run: Run, { policy, decisions }: Planning): void {
  if (!policy.filtered) return;
  const all = [...decisions.keys()];
  const chosen = all.filter(policy.includes).length;
  const summary = `filtered: ${String(chosen)} of ${count(all.length, 'address', 'addresses')} are looked at`;
  const detail = chosen === 0 ? '--target, --exclude and --select-tag leave nothing' : '';
  run.note({ severity: chosen === 0 ? 'warning' : 'info', code: 'filtered', summary, detail });
}

/** What the run cost so far. */
export function measureCost(run: Run): Cost {
  return { requests: run.known.stats().requests, ms: run.msSoFar() };
}

/** The kinds of a `--fail-on` list, groups opened, or a usage error that names the ones there are. */
export function readKinds<T extends string>(
  text: string,
  kinds: readonly T[],
  groups: Readonly<Record<string, readonly T[]>>,
): readonly T[] {
  const words = text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
  const known = [...kinds, ...Object.keys(groups)] as readonly string[];
  const unknown = words.find((word) => !known.includes(word));
  if (unknown !== undefined || words.length === 0) {
    throw new InstateError('usage', `--fail-on knows no kind ${unknown ?? '""'}`, {
      hint: suggest(findNearest(unknown ?? '', known)) || `kinds: ${known.join(', ')}`,
    });
  }
  return words.flatMap((word) => (Object.hasOwn(groups, word) ? (groups[word] ?? []) : [word as T]));
}
