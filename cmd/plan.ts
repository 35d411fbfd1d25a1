import { describeDuplicate, findDuplicates } from '../src/core/duplicates.ts';
import { InstateError } from '../src/errors.ts';
import { writePlanFile } from '../src/plan-file.ts';
import { describePlan } from '../src/render/json.ts';
import { renderPlan } from '../src/render/text-plan.ts';
import type { Command } from './command.ts';
import { readFlag, readText } from './options.ts';
import { describeInputs } from './plan-inputs.ts';
import { measureCost, planReadOnly } from './planning.ts';
import { openSession } from './session.ts';

/** `instate plan`: reads declared, recorded and live; writes nothing but `--out`. */
export const plan: Command = {
  groups: ['files', 'looks', 'scope', 'network', 'grace', 'report'],
  formats: ['text', 'json'],
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
    }),
  examples: [
    ['instate plan', 'what would be done'],
    ['instate plan --out plan.json', 'save it, to apply exactly this after a review'],
    ['instate plan --json | jq .summary', 'the counts, for a script'],
    ['instate plan --detailed-exitcode', 'exit 2 if anything is missing or differs'],
  ],
  run: async (run, flags) => {
    if (readFlag(flags, 'offline') && flags['out'] !== undefined) {
      throw new InstateError('usage', 'a plan that is made offline cannot be applied, so it is not saved', {
        hint: 'leave out --offline or --out',
      });
    }
    const session = await openSession(run);
    try {
      const offline = readFlag(flags, 'offline');
      const planning = await planReadOnly(run, session, offline);
      const { plan: made } = planning;
      for (const duplicate of findDuplicates(planning)) {
        const { address } = duplicate;
        const detail = 'instate drift lists them; delete the one too many in the account';
        run.note({
          severity: 'warning',
          code: 'duplicate',
          summary: describeDuplicate(duplicate),
          detail,
          address,
        });
      }
      const out = readText(flags, {}, 'out', null);
      if (out !== null) writePlanFile(out, run.context.cwd, made, describeInputs(run, session));
      const cost = measureCost(run);
      await run.answer({ text: (look) => renderPlan(made, look, cost), body: describePlan(made) });
      if (made.summary.conflict > 0) return 1;
      const { create, update, replace, delete: remove } = made.summary;
      return readFlag(flags, 'detailed-exitcode') && create + update + replace + remove > 0 ? 2 : 0;
    } finally {
      await session.close();
    }
  },
};
