// Writes schema/instate.schema.json from the schema in src/config/schema.ts. By hand: node schema/generate.mjs
// With --print it goes to stdout instead, so that a test can compare the two.
import { toJsonSchema } from '@valibot/to-json-schema';
import { build } from 'esbuild';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { outputFiles } = await build({
  absWorkingDir: root,
  entryPoints: ['src/config/schema.ts'],
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  write: false,
  logLevel: 'warning',
});
const code = Buffer.from(outputFiles[0].contents).toString('base64');
const { declarationSchema } = await import(`data:text/javascript;base64,${code}`);

const { $schema, ...shape } = toJsonSchema(declarationSchema, { target: 'draft-07' });
const { name } = JSON.parse(await readFile(`${root}/package.json`, 'utf8'));
const schema = { $schema, $id: `https://unpkg.com/${name}/schema/instate.schema.json`, ...shape };
const text = `${JSON.stringify(dropEmpty(schema), null, 2)}\n`;

if (process.argv.includes('--print')) process.stdout.write(text);
else await writeFile(`${root}/schema/instate.schema.json`, text);

/** `required: []` says nothing. */
function dropEmpty(value) {
  if (Array.isArray(value)) return value.map(dropEmpty);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).filter(([key, item]) => !(key === 'required' && item.length === 0));
  return Object.fromEntries(entries.map(([key, item]) => [key, dropEmpty(item)]));
}
