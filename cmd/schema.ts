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
    const shown =
      of === null ? declaration : { ...answers, title: `JSON answer: ${of}`, $ref: `#/$defs/${of}` };
    run.context.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
    return Promise.resolve(0);
  },
};
