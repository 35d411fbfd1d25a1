// Bundles the command line: one small entry, one lazily loaded chunk per command. Native code stays outside.
import { build } from 'esbuild';
import { chmod, readFile, rm, writeFile } from 'node:fs/promises';

const { version } = JSON.parse(await readFile('package.json', 'utf8'));
await rm('dist', { recursive: true, force: true });
await build({
  entryPoints: ['cmd/main.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  external: ['better-sqlite3'],
  define: { INSTATE_VERSION: JSON.stringify(version) },
  banner: {
    js: "import { createRequire as instateRequire } from 'node:module'; const require = instateRequire(import.meta.url);",
  },
  legalComments: 'none',
  logLevel: 'warning',
});
// Started through sh, so that `node --` stands before the script: Node 20 takes --env-file for itself wherever it stands,
// and would obey a NODE_OPTIONS in that file. NODE_DEBUG would print what programs are started with, tokens and all.
// The second line is a string to node and commands to sh.
const entry = await readFile('dist/main.js', 'utf8');
await writeFile(
  'dist/main.js',
  entry.replace(/^#!.*\n/, `#!/usr/bin/env sh\n':' //; unset NODE_DEBUG; exec node -- "$0" "$@"\n`),
);
await chmod('dist/main.js', 0o755);
