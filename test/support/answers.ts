import { Ajv2020 } from 'ajv/dist/2020.js';
import schema from '../../schema/answers.schema.json' with { type: 'json' };

const ajv = new Ajv2020({ strict: true, strictRequired: false, allErrors: true, allowUnionTypes: true });
ajv.addSchema(schema);

/** Holds a JSON answer to its published schema; what is no JSON answer is none of its business. Throws with all that is wrong. */
export function holdToSchema(out: string): void {
  if (!out.startsWith('{\n  "formatVersion"')) return;
  const document = JSON.parse(out) as { readonly command: string; readonly error?: unknown };
  const name = document.command.replace(' ', '-');
  const isFailure = document.error !== undefined && name !== 'validate';
  const valid = ajv.getSchema(`${schema.$id}#/$defs/${isFailure ? 'failure' : name}`);
  if (valid === undefined) throw new Error(`no schema is published for ${document.command} --json`);
  if (valid(document) !== true)
    throw new Error(`${document.command} --json: ${JSON.stringify(valid.errors)}\n${out.slice(0, 2_000)}`);
}
