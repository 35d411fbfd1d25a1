// Bundles the command line: one small entry, one lazily loaded chunk per command. Native code stays outside.
import { build } from 'esbuild';
import { chmod, readFile, rm } from 'node:fs/promises';

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
await chmod('dist/main.js', 0o755);
