#!/usr/bin/env node
import { createContext } from './context.ts';
import { sealEnvironment } from './environment.ts';
import { listOwnFrames } from './frames.ts';

// Before anything can fail: what fails may print the environment (safety.md E6).
const context = createContext(sealEnvironment(process.env));
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
    const frames = listOwnFrames(error);
    process.stderr.write(
      `error: an unexpected error; this is a bug in instate [internal]\n${frames.join('\n')}\n`,
    );
    if (process.argv.includes('--json')) process.stdout.write(`${JSON.stringify(lastDocument)}\n`);
    process.exit(1);
  });
}
// A reader that went away (instate plan | head) is no failure, and no reason to stop in the middle: the run goes on, with
// its own exit code. An answer that cannot be written for another reason (a full disk) is one.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code === 'EPIPE' || code === 'ERR_STREAM_DESTROYED') return;
    if (stream === process.stdout) {
      process.stderr.write(`error: the answer cannot be written (${code ?? 'unknown'}) [file_unwritable]\n`);
      process.exitCode = 1;
      answered = false;
    }
  });
}

let answered = true;
const argv = process.argv.slice(2);
if (argv.length === 1 && argv[0] === '--version') {
  process.stdout.write(`${context.version}\n`);
} else {
  const { run } = await import('./cli.ts');
  const code = await run(argv, context);
  process.exitCode = answered ? code : 1;
}
