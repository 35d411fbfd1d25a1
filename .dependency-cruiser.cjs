/** The import table of docs/architecture.md, enforced. */
const only = (name, from, allowed) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { pathNot: allowed },
});
const core = '^src/core/';
const words = '^src/(errors|diagnostics)\\.ts$';

module.exports = {
  forbidden: [
    { name: 'no-circle', severity: 'error', from: {}, to: { circular: true } },
    only('core-is-pure', core, [core, 'deep-diff', '^(node:)?crypto$']),
    {
      name: 'deep-diff-in-diff-alone',
      severity: 'error',
      from: { pathNot: '^src/core/diff\\.ts$' },
      to: { path: 'deep-diff' },
    },
    {
      name: 'hashing-in-digest-alone',
      severity: 'error',
      from: { path: core, pathNot: '^src/core/digest\\.ts$' },
      to: { path: '^(node:)?crypto$' },
    },
    only('ports-know-words', '^src/(ports|errors|diagnostics)\\.ts$', [core, words]),
    only('config', '^src/config/', [
      '^src/config/',
      '^src/core/(model|sensitive)\\.ts$',
      words,
      'js-yaml',
      'valibot',
      '^(node:)?(fs|path|fs/promises)$',
    ]),
    {
      name: 'config-files',
      severity: 'error',
      from: { path: '^src/config/', pathNot: '^src/config/(load|inputs|inside|references|env-file)\\.ts$' },
      to: { path: '^(node:)?(fs|path|fs/promises)$' },
    },
    only('api', '^src/api/', [
      '^src/api/',
      '^src/ports\\.ts$',
      '^src/core/(model|sensitive|reach)\\.ts$',
      words,
      'ky',
      'undici',
      'p-limit',
    ]),
    only('engine', '^src/engine/', ['^src/engine/', '^src/ports\\.ts$', core, words]),
    only('plan-file', '^src/plan-file\\.ts$', [core, words, '^(node:)?(fs|path|fs/promises)$']),
    only('render', '^src/render/', ['^src/render/', core, words, 'picocolors']),
    only('sandbox-stands-alone', '^src/sandbox/', [
      '^src/sandbox/',
      '^node:',
      '^(http|crypto|url|fs|net|stream|util)$',
    ]),
    {
      name: 'state-knows-no-flow',
      severity: 'error',
      from: { path: '^state/' },
      to: { path: '^(src/(engine|api|config|render|sandbox)|cmd)/' },
    },
    {
      name: 'root-alone-builds-ports',
      severity: 'error',
      from: { path: '^cmd/', pathNot: '^cmd/context\\.ts$' },
      to: { path: '^(src/api|state)/' },
    },
    {
      name: 'sandbox-behind-its-command',
      severity: 'error',
      from: { path: '^cmd/', pathNot: '^cmd/sandbox\\.ts$' },
      to: { path: '^src/sandbox/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs', '.json'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
