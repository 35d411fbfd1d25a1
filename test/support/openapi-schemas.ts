import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { Description, Node, Source } from './openapi-operations.ts';

/** What is wrong with a value by a schema of a file, each as `place must …`; nothing if it is as described. */
export type Validate = (source: Source, schema: Node, value: unknown) => readonly string[];

/** What the files add to schemas and validation has no use for. */
const ANNOTATIONS = ['x-evidence', 'x-invented', 'example'];

/** Makes the validator of these files' schemas. Each is compiled when first used; one that is no schema throws. */
export function createValidate(descriptions: readonly Description[]): Validate {
  const ajv = createValidator(descriptions);
  const compiled = new Map<Node, ValidateFunction>();
  return (source, schema, value) => {
    let check = compiled.get(schema);
    if (check === undefined) {
      check = ajv.compile(pointTo(source, schema) as Node);
      compiled.set(schema, check);
    }
    if (check(value)) return [];
    return (check.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    );
  };
}

function createValidator(descriptions: readonly Description[]): Ajv2020 {
  const ajv = new Ajv2020({
    allErrors: true,
    allowUnionTypes: true,
    strictTypes: false,
    strictRequired: false,
  });
  ajv.addVocabulary(ANNOTATIONS);
  ajv.addFormat('int64', { type: 'number', validate: Number.isSafeInteger });
  ajv.addFormat('date-time', (text) => /^\d{4}-\d\d-\d\dT/.test(text) && !Number.isNaN(Date.parse(text)));
  ajv.addFormat('uri', URL.canParse);
  for (const { source, root } of descriptions) {
    const { schemas = {} } = (root['components'] ?? {}) as Node;
    const $defs = Object.entries(schemas as Node).map(([name, schema]) => [name, pointTo(source, schema)]);
    ajv.addSchema({ $id: source, $defs: Object.fromEntries($defs) as Node });
  }
  return ajv;
}

/** A schema with every `$ref` into its file turned into one that the validator knows. */
function pointTo(source: Source, schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map((item) => pointTo(source, item));
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).map(([key, value]) =>
    key === '$ref'
      ? [key, String(value).replace('#/components/schemas/', `${source}#/$defs/`)]
      : [key, pointTo(source, value)],
  );
  return Object.fromEntries(entries) as Node;
}

/** Text as the type that its schema declares, where it can be read as one. */
export function coerce(text: string, { type }: Node): unknown {
  if ((type === 'integer' || type === 'number') && /^-?\d+(\.\d+)?$/.test(text)) return Number(text);
  if (type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  return text;
}

/** Whether a Content-Type is JSON. */
export function isJson(type: string): boolean {
  return /^application\/([\w.-]+\+)?json\b/i.test(type);
}

/** The value of JSON text; undefined if it is none. */
export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
