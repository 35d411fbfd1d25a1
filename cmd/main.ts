#!/usr/bin/env node
import { createContext } from './context.ts';

const context = createContext();
const lastDocument = {
  formatVersion: '1.0',
  ...{
    instateVersion: context.version,
    command: '',
    timestamp: new Date().toISOString(),
    project: null,
    account: null,
  },
  ...{ diagnostics: [], stats: { requests: { GET: 0, POST: 0 }, retries: 0, ms: 0 } },
  error: { code: 'internal', message: 'an unexpected error; this is a bug in instate', hint: '' },
};

// First of all: whatever escapes is shown as a code and our own frames, never with the text of a foreign error (safety.md E1).
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error: unknown) => {
    const frames =
      error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : [];
    process.stderr.write(
      `error: an unexpected error; this is a bug in instate [internal]\n${frames.join('\n')}\n`,
    );
    if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(lastDocument)}\n`);
    process.exit(1);
  });
}
// A reader that went away (instate plan | head) is no failure of ours.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
    throw error;
  });
}

const argv = process.argv.slice(2);
if (argv.length === 1 && argv[0] === '--version') {
  process.stdout.write(`${context.version}\n`);
} else {
  const { run } = await import('./cli.ts');
  process.exitCode = await run(argv, context);
}
