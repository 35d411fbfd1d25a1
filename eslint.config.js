import tseslint from 'typescript-eslint';

/** The clock, randomness and the process are handed down from cmd/context.ts; whoever reads them elsewhere cannot be tested. */
const ambient = [
  {
    selector: "MemberExpression[object.name='Date'][property.name='now']",
    message: 'Take the clock from the context.',
  },
  {
    selector: "NewExpression[callee.name='Date'][arguments.length=0]",
    message: 'Take the clock from the context.',
  },
  {
    selector: "MemberExpression[object.name='Math'][property.name='random']",
    message: 'Take randomness from the context.',
  },
];

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', 'node_modules/'] },
  {
    files: ['**/*.ts', 'ci/**/*.mjs'],
    extends: [...tseslint.configs.strict],
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      eqeqeq: 'error',
    },
  },
  {
    files: ['cmd/**/*.ts', 'src/**/*.ts', 'state/**/*.ts'],
    rules: {
      'no-console': 'error',
      'no-restricted-globals': [
        'error',
        {
          name: 'process',
          message: 'Only cmd/main.ts, cmd/context.ts and cmd/child-process.ts see the process.',
        },
      ],
      'no-restricted-syntax': ['error', ...ambient],
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['**/core/sensitive.ts'],
              importNames: ['openSensitive'],
              message: 'Secrets are opened in few places; see src/core/sensitive.ts.',
            },
          ],
        },
      ],
      'max-lines': ['error', { max: 250, skipBlankLines: false, skipComments: false }],
    },
  },
  {
    files: [
      ...['src/api/wire.ts', 'src/config/references.ts', 'src/config/shown.ts'],
      ...['state/crypto.ts', 'state/keyring.ts', 'cmd/output.ts', 'cmd/output-exec.ts'],
    ],
    rules: { 'no-restricted-imports': 'off' },
  },
  {
    files: ['cmd/main.ts', 'cmd/context.ts', 'cmd/child-process.ts'],
    rules: { 'no-restricted-globals': 'off', 'no-restricted-syntax': 'off' },
  },
);
