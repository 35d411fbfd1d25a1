import { listAwaited } from '../src/core/awaited.ts';
import type { Api } from './context.ts';
import { makePlan, type Plan, type Planning } from '../src/core/plan.ts';
import { countResults, listDeclined, type Result } from '../src/core/result.ts';
import type { Diagnostic } from '../src/diagnostics.ts';
import { applyPlan, planOrRefuse, type ApplyReport } from '../src/engine/apply.ts';
import { observePatiently } from '../src/engine/lagging.ts';
import { observe, readAgain, type Eyes } from '../src/engine/observe.ts';
import { requireReferences } from '../src/engine/resolve.ts';
import type { ApplyRun } from '../src/engine/run.ts';
import { InstateError } from '../src/errors.ts';
import { readPlanFile } from '../src/plan-file.ts';
import type { Lock } from '../src/ports.ts';
import { summariseApply } from '../src/render/events.ts';
import { defuse } from '../src/render/screen.ts';
import { reportApply } from '../src/render/report-apply.ts';
import { renderApply, renderLedger } from '../src/render/text-apply.ts';
import { renderPlan } from '../src/render/text-plan.ts';
import { askApproval, chooseApproval, checkReleases, readReleases, type Releases } from './approval.ts';
import type { Command } from './command.ts';
import { chooseOutput } from './answer.ts';
import { followApply, tellPlan } from './events.ts';
import { allFormats } from './formats.ts';
import { readFlag } from './options.ts';
import { takeInputs } from './plan-inputs.ts';
import { finishPlanning, measureCost, noteKey, openEyes } from './planning.ts';
import { showProgress } from './progress.ts';
import type { Run } from './run.ts';
import { choosePolicy } from './scope.ts';
import { openSession, takeLock, type Session } from './session.ts';

/** In-flight creates have this long to settle after a signal; then they are cut off and stay open intents. */
const settleMs = 7_000;

/** `instate apply`: lock, observe, show, ask, do, list again. Sends nothing but GET and POST /instances. */
export const apply: Command = {
  groups: ['files', 'looks', 'exec', 'scope', 'network', 'grace', 'locking', 'report', 'events'],
  formats: allFormats,
  build: (yargs) =>
    yargs
      .positional('planfile', { type: 'string', describe: 'A plan saved with  instate plan --out' })
      .options({
        'auto-approve': { alias: 'yes', type: 'boolean', describe: 'Do not ask [INSTATE_AUTO_APPROVE]' },
        'expect-digest': {
          type: 'string',
          requiresArg: true,
          describe: 'Refuse unless the plan has this digest',
        },
        'expect-missing': {
          type: 'string',
          requiresArg: true,
          describe: 'Exactly so many recorded instances are really gone',
        },
        'max-creates': { type: 'string', requiresArg: true, describe: 'Refuse to create more than so many' },
        'fail-fast': { type: 'boolean', describe: 'Stop at the first create that fails' },
      }),
  examples: [
    ['instate apply', 'show the plan, ask, do it'],
    ['instate apply --auto-approve --max-creates 20', 'in CI: no question, and no surprise'],
    ['instate apply plan.json', 'exactly the plan that was saved and reviewed'],
    ['instate apply --target "insightly-*"', 'only these addresses'],
  ],
  run: async (run, flags) => {
    const file = flags['planfile'];
    const saved = typeof file === 'string' ? readPlanFile(file, run.context.cwd) : null;
    const options = saved === null ? run.options : takeInputs(run.options, flags, saved);
    const prepared: Run = { ...run, options };
    const releases = readReleases(flags, saved);
    const approval = chooseApproval(prepared, flags, saved);
    const session = await openSession(prepared, 'later');
    try {
      const lock = await takeLock(prepared, session.store);
      try {
        return await applyUnderLock(prepared, session, lock, {
          approval,
          releases,
          failFast: readFlag(flags, 'fail-fast'),
        });
      } finally {
        await lock.release();
      }
    } finally {
      await session.close();
    }
  },
};

interface Terms {
  readonly approval: 'given' | 'ask';
  readonly releases: Releases;
  readonly failFast: boolean;
}

async function applyUnderLock(run: Run, session: Session, lock: Lock, terms: Terms): Promise<number> {
  const progress = showProgress(run);
  const work = await prepareRun(run, session, lock, terms.failFast);
  const recorded = await lock.read();
  const key = session.store.keyStatus();
  const observation = await observePatiently(() => observe(session.declarations, recorded, work.eyes), {
    ...work.hands,
    onLag: progress.onLag,
  });
  const policy = choosePolicy(run.options, session.declarations, recorded);
  const planning = finishPlanning(run, planOrRefuse(observation, policy));
  const { plan } = planning;
  showPlan(run, plan, terms);
  tellPlan(run.known.events, plan);
  checkReleases(planning, terms.releases, terms.approval);
  requireReferences(planning, { commands: !run.options.allowExec });
  if (hasWork(planning) && terms.approval === 'ask' && !(await askApproval(run, plan, terms.releases))) {
    noteKey(run, key);
    if (run.stopper.cause() === null)
      return finish(run, plan, { outcome: 'declined', results: listDeclined(plan.changes), diagnostics: [] });
    throw new InstateError('interrupted', 'stopped before anything was done');
  }
  const ready = await runNeeded(session, planning, work.eyes);
  requireReferences(ready, { commands: true });
  const events = followApply(run.known.events, plan, run.context.monotonic, progress);
  const report = await applyPlan(ready, { ...work, policy, events });
  progress.clear();
  events.finish(report.results);
  noteKey(run, key);
  return finish(run, plan, report);
}

/** Commands are run once somebody has approved, and only those that a create needs. */
async function runNeeded(session: Session, planning: Planning, eyes: Eyes): Promise<Planning> {
  const names = planning.plan.changes
    .flatMap(({ needs }) => needs)
    .flatMap((name) => (name.startsWith('exec:') ? [name.slice('exec:'.length)] : []));
  if (names.length === 0) return planning;
  await session.runCommands(names);
  const { observation } = planning.matching;
  return makePlan(readAgain(observation, eyes), planning.policy);
}

async function prepareRun(
  run: Run,
  session: Session,
  lock: Lock,
  failFast: boolean,
): Promise<Omit<ApplyRun, 'policy' | 'events'>> {
  const { context, options, stopper } = run;
  const { declarations } = session;
  const api = await session.openApi();
  stopper.onStop(() => endCalls(run, api));
  const clock = { now: context.now, monotonic: context.monotonic, wait: context.wait };
  return {
    ...{ declarations, stop: stopper.signal, failFast },
    eyes: openEyes(run, session, api),
    hands: {
      ...{
        lock,
        clock,
        read: api.read,
        create: api.create,
        gate: api.gate,
        newId: context.newId,
        stop: stopper.signal,
      },
      timeoutMs: options.timeoutMs ?? 120_000,
      graceMs: options.graceMs,
    },
  };
}

/** Nothing new is sent; creates in flight get some seconds to settle, and everything else is cut off at once. */
function endCalls(run: Run, api: Api): void {
  api.gate.stop();
  if (api.stats().requests.POST === 0) {
    api.abort();
    return;
  }
  run.say(
    'stopping: nothing new is sent; what is in flight may take 7 s to settle (once more to end at once)',
  );
  setTimeout(() => api.abort(), settleMs).unref();
}

/** But for text, stdout is one document: a person who is asked reads the plan on stderr. */
function showPlan(run: Run, plan: Plan, { approval }: Terms): void {
  const cost = measureCost(run);
  const { stderr } = run.context;
  const out = chooseOutput(run);
  if (run.options.quiet && approval === 'given') return;
  if (run.options.format === 'text') out.write(defuse(`${renderPlan(plan, run.lookOf(out), cost)}\n`));
  else if (approval === 'ask') stderr.write(defuse(`${renderPlan(plan, run.lookOf(stderr), cost)}\n`));
}

/** Something to do, to wait for, or to follow up in the state. */
function hasWork(planning: Planning): boolean {
  return planning.plan.applyable || listAwaited(planning).length > 0;
}

async function finish(
  run: Run,
  plan: Plan,
  report: Omit<ApplyReport, 'outcome'> & { readonly outcome: ApplyReport['outcome'] | 'declined' },
): Promise<number> {
  for (const diagnostic of report.diagnostics) run.note(diagnostic);
  const summary = countResults(report.results);
  const { outcome, results } = report;
  run.known.events?.emit(summariseApply(outcome, summary));
  // In text the ledger has a line for each; JSON says it among the diagnostics.
  if (run.options.json) for (const diagnostic of results.flatMap(tellNote)) run.note(diagnostic);
  await run.answer({
    report: (head) => reportApply(plan, { outcome, results, summary }, head),
    text: (look) =>
      outcome === 'declined'
        ? `${renderLedger(outcome, summary)}\n`
        : renderApply(plan, { outcome, results, summary }, look),
    body: {
      outcome,
      results: results.map(({ address, action, status, instanceId, error }) => {
        return { address, action, status, instanceId, error };
      }),
      summary,
    },
  });
  return outcome === 'complete' || outcome === 'nothing-to-do' ? 0 : 1;
}

function tellNote({ address, instanceId, note }: Result): readonly Diagnostic[] {
  if (note === undefined) return [];
  const summary = `${address} was created${instanceId === null ? '' : ` (#${String(instanceId)})`} and ${note}`;
  return [{ severity: 'info', code: 'found_by_tag', summary, detail: '', address }];
}
