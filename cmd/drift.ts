import { kindGroups, driftKinds, infoKinds, type DriftKind } from '../src/core/drift-kinds.ts';
import { makeDrift } from '../src/core/drift.ts';
import { countReached, type Reach } from '../src/core/reach.ts';
import type { Planning } from '../src/core/plan.ts';
import { pingManaged } from '../src/engine/ping.ts';
import { InstateError } from '../src/errors.ts';
import { describeDrift } from '../src/render/json.ts';
import { reportDrift } from '../src/render/report-drift.ts';
import { count } from '../src/render/screen.ts';
import { renderDrift } from '../src/render/text-drift.ts';
import type { Command } from './command.ts';
import { allFormats } from './formats.ts';
import { readFlag, readText } from './options.ts';
import { measureCost, planReadOnly, readKinds } from './planning.ts';
import type { Run } from './run.ts';
import { openSession, type Session } from './session.ts';
import { openSinceState } from './since-state.ts';

/** `instate drift`: live against declared and recorded; proposes and writes nothing. */
export const drift: Command = {
  groups: ['files', 'looks', 'exec', 'scope', 'network', 'grace', 'report'],
  formats: allFormats,
  build: (yargs) =>
    yargs.options({
      'fail-on': {
        type: 'string',
        requiresArg: true,
        describe: `Kinds that exit 2, separated by commas: ${[...driftKinds, ...infoKinds].join(', ')}; or drift, health, all [drift]`,
      },
      'since-state': {
        type: 'boolean',
        describe: 'Read no files: what is recorded against what lives',
      },
      ping: {
        type: 'boolean',
        describe: 'Ask the vendor behind each managed instance, ten a second at most',
      },
    }),
  examples: [
    ['instate drift', 'exit 2 if something changed, is missing, doubled or foreign'],
    ['instate drift --fail-on drift,health', 'and if a connection is disabled, not valid or retired'],
    ['instate drift --report html:drift.html', 'a page for people, beside the text'],
  ],
  run: async (run, flags) => {
    const text = readText(flags, {}, 'fail-on', null);
    const failOn: readonly DriftKind[] =
      text === null ? driftKinds : readKinds(text, [...driftKinds, ...infoKinds], kindGroups);
    const ping = readFlag(flags, 'ping');
    const session = readFlag(flags, 'since-state') ? await openSinceState(run) : await openSession(run);
    try {
      const planning = await planReadOnly(run, session, { tokens: ping });
      const reached = ping ? await askVendors(run, session, planning) : null;
      const report = makeDrift(planning, failOn, reached);
      const cost = measureCost(run);
      const { notVerified } = report.plan;
      if (notVerified.length > 0) {
        const addresses = [...new Set(notVerified.map(({ address }) => address))].join(', ');
        const summary = `${count(notVerified.length, 'value')} could not be compared: ${addresses}`;
        const detail = 'masked by the service, and not at hand here, or not known to be the one last applied';
        run.note({ severity: 'info', code: 'not_verified', summary, detail });
      }
      const now = run.envelope().timestamp;
      await run.answer({
        text: (look) => renderDrift(report, look, cost, now),
        body: describeDrift(report, now),
        report: (head) => reportDrift(report, head),
      });
      const { reach } = report;
      // Nobody was reached, and nobody said no: that is no news of the vendors.
      const isBlind = reach !== null && reach.notAsked > 0 && reach.reachable + reach.unreachable === 0;
      if (report.items.some((item) => item.kind === 'unknown')) return 1;
      if (isBlind && failOn.includes('unreachable')) return 1;
      return report.drifted ? 2 : 0;
    } finally {
      await session.close();
    }
  },
};

async function askVendors(
  run: Run,
  session: Session,
  planning: Planning,
): Promise<ReadonlyMap<number, Reach>> {
  const { context, stopper } = run;
  const { ping } = await session.openApi();
  const clock = { monotonic: context.monotonic, wait: context.wait };
  const reached = await pingManaged(planning, { ping, clock, stop: stopper.signal });
  if (stopper.signal.aborted) throw new InstateError('interrupted', 'stopped before every vendor was asked');
  const first = [...reached.values()].find(({ kind }) => kind === 'not-asked');
  if (first?.kind === 'not-asked') {
    const { notAsked } = countReached(reached);
    const summary = `${String(notAsked)} of ${count(reached.size, 'vendor')} could not be asked: ${first.why}`;
    run.note({ severity: 'warning', code: 'not_asked', summary, detail: '' });
  }
  return reached;
}
