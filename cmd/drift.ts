import { driftKinds, infoKinds, makeDrift, type DriftKind } from '../src/core/drift.ts';
import { describeDrift } from '../src/render/json.ts';
import { renderDrift } from '../src/render/text-drift.ts';
import { count } from '../src/render/screen.ts';
import type { Command } from './command.ts';
import { readText } from './options.ts';
import { measureCost, planReadOnly, readKinds } from './planning.ts';
import { openSession } from './session.ts';

/** `instate drift`: live against declared and recorded; proposes and writes nothing. */
export const drift: Command = {
  groups: ['files', 'looks', 'exec', 'scope', 'network', 'grace', 'report'],
  formats: ['text', 'json'],
  build: (yargs) =>
    yargs.options({
      'fail-on': {
        type: 'string',
        requiresArg: true,
        describe: `Kinds that exit 2, separated by commas: ${[...driftKinds, ...infoKinds].join(', ')} [${driftKinds.join(',')}]`,
      },
    }),
  examples: [
    ['instate drift', 'exit 2 if something changed, is missing, doubled or foreign'],
    ['instate drift --fail-on missing,disabled', 'choose what counts'],
    ['instate drift --json --report text:drift.txt', 'JSON on stdout, and a copy for people'],
  ],
  run: async (run, flags) => {
    const text = readText(flags, {}, 'fail-on', null);
    const failOn: readonly DriftKind[] =
      text === null ? driftKinds : readKinds(text, [...driftKinds, ...infoKinds]);
    const session = await openSession(run);
    try {
      const report = makeDrift(await planReadOnly(run, session, false), failOn);
      const cost = measureCost(run);
      const { notVerified } = report.plan;
      if (notVerified.length > 0) {
        const addresses = [...new Set(notVerified.map(({ address }) => address))].join(', ');
        const summary = `${count(notVerified.length, 'value')} could not be compared: ${addresses}`;
        const detail = 'masked by the service, and not at hand here, or not known to be the one last applied';
        run.note({ severity: 'info', code: 'not_verified', summary, detail });
      }
      await run.answer({ text: (look) => renderDrift(report, look, cost), body: describeDrift(report) });
      if (report.items.some((item) => item.kind === 'unknown')) return 1;
      return report.drifted ? 2 : 0;
    } finally {
      await session.close();
    }
  },
};
