import answers from '../schema/answers.schema.json' with { type: 'json' };
import declaration from '../schema/instate.schema.json' with { type: 'json' };
import type { Command } from './command.ts';
import { readText } from './options.ts';

/** JSON answers that have a schema of their own, by the name that `--of` takes. */
const answerNames = Object.entries(answers.$defs).flatMap(([name, one]) => ('allOf' in one ? [name] : []));

/** `instate schema`: what an editor or a pipeline checks declaration files with, and scripts our JSON. */
export const schema: Command = {
  groups: ['looks'],
  formats: [],
  build: (yargs) =>
    yargs.options({
      of: {
        type: 'string',
        choices: answerNames,
        requiresArg: true,
        describe: "The schema of a command's JSON instead",
      },
    }),
  examples: [
    ['instate schema > instate.schema.json', 'keep it beside the declarations'],
    ['instate schema --of plan', 'what  instate plan --json  answers'],
  ],
  run: (run, flags) => {
    const of = readText(flags, {}, 'of', null);
    const shown = of === null ? declaration : describeAnswer(of);
    run.context.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
    return Promise.resolve(0);
  },
};

/** The answer itself, or the failure that a run comes to instead; an id of its own, so that several can be loaded side by side. */
function describeAnswer(name: string): object {
  const shapes = [...new Set([name, 'failure'])].map((one) => ({ $ref: `#/$defs/${one}` }));
  return { ...answers, $id: `${answers.$id}?of=${name}`, title: `JSON answer: ${name}`, anyOf: shapes };
}
