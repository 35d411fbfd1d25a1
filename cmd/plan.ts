import { describeDuplicate, findDuplicates } from '../src/core/duplicates.ts';
import type { Planning } from '../src/core/plan.ts';
import { InstateError } from '../src/errors.ts';
import { writePlanFile } from '../src/plan-file.ts';
import { describePlan } from '../src/render/json.ts';
import { reportPlan } from '../src/render/report-plan.ts';
import { renderPlan } from '../src/render/text-plan.ts';
import type { Command } from './command.ts';
import { tellPlan } from './events.ts';
import { allFormats } from './formats.ts';
import { readFlag, readText, type Flags } from './options.ts';
import { describeInputs } from './plan-inputs.ts';
import { measureCost, planReadOnly } from './planning.ts';
import type { Run } from './run.ts';
import { openSession } from './session.ts';
import { checkUntrusted, planUntrusted } from './untrusted.ts';

/** `instate plan`: reads declared, recorded and live; writes nothing but `--out`. */
export const plan: Command = {
  groups: ['files', 'looks', 'scope', 'network', 'grace', 'report', 'events'],
  formats: allFormats,
  build: (yargs) =>
    yargs.options({
      out: {
        type: 'string',
        requiresArg: true,
        describe: 'Save the plan for  instate apply FILE; holds no secrets',
      },
      'detailed-exitcode': {
        type: 'boolean',
        describe: 'Exit 2 if something is to be created, updated, replaced or deleted',
      },
      offline: { type: 'boolean', describe: 'Make no request: declared against recorded; cannot be applied' },
      untrusted: {
        type: 'boolean',
        describe:
          "For a stranger's files: offline, reads no variable, secret or file, opens nothing outside the checkout",
      },
    }),
  examples: [
    ['instate plan', 'what would be done'],
    ['instate plan --out plan.json', 'save it, to apply exactly this after a review'],
    ['instate plan --json | jq .summary', 'the counts, for a script'],
    ['instate plan --detailed-exitcode', 'exit 2 if anything is missing or differs'],
  ],
  run: async (run, flags) => {
    if (run.options.untrusted) {
      checkUntrusted(flags);
      return answerPlan(run, flags, await planUntrusted(run));
    }
    const offline = readFlag(flags, 'offline');
    if (offline && flags['out'] !== undefined) {
      throw new InstateError('usage', 'a plan that is made offline cannot be applied, so it is not saved', {
        hint: 'leave out --offline or --out',
      });
    }
    const session = await openSession(run);
    try {
      const planning = await planReadOnly(run, session, { offline });
      const out = readText(flags, {}, 'out', null);
      if (out !== null) writePlanFile(out, run.context.cwd, planning.plan, describeInputs(run, session));
      return await answerPlan(run, flags, planning);
    } finally {
      await session.close();
    }
  },
};

/** Shows a plan, and says by the exit code what is in it. */
async function answerPlan(run: Run, flags: Flags, planning: Planning): Promise<number> {
  const { plan: made } = planning;
  const detail = 'instate drift lists them; delete the one too many in the account';
  for (const duplicate of findDuplicates(planning)) {
    const summary = describeDuplicate(duplicate);
    run.note({ severity: 'warning', code: 'duplicate', summary, detail, address: duplicate.address });
  }
  tellPlan(run.known.events, made);
  const cost = measureCost(run);
  await run.answer({
    text: (look) => renderPlan(made, look, cost),
    body: describePlan(made),
    report: (head) => reportPlan(made, head),
  });
  if (made.summary.conflict > 0) return 1;
  const { create, update, replace, delete: remove } = made.summary;
  return readFlag(flags, 'detailed-exitcode') && create + update + replace + remove > 0 ? 2 : 0;
}
