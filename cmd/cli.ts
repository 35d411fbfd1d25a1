import { InstateError, exitCodeOf } from '../src/errors.ts';
import type { Context } from './context.ts';
import { openEvents, type EventStream } from './events.ts';
import { allFormats } from './formats.ts';
import { listOwnFrames } from './frames.ts';
import { readOptions, type Environment, type Options } from './options.ts';
import { guessCommand, parseCommandLine } from './parse.ts';
import { prepareOutputs } from './outputs.ts';
import { createRun, showError, showFailure, type Run } from './run.ts';
import { createStopper, type Stopper } from './stopper.ts';

/** Runs one command line and answers with its exit code (product.md §4). Never throws; the one map from error to exit code. */
export async function run(argv: readonly string[], context: Context): Promise<number> {
  if (argv[0] === '--complete') {
    const { completeWords } = await import('./complete.ts');
    for (const word of await completeWords(argv.slice(1))) context.stdout.write(`${word}\n`);
    return 0;
  }
  const stopper: Stopper = createStopper(context, () => showError(current, interrupted(current, stopper)));
  let current = createRun(guessCommand(argv), guessOptions(argv, context.env), context, stopper);
  try {
    const parsed = await parseCommandLine(argv, context.version, context.stdout.columns);
    if (parsed.kind === 'help') {
      context.stdout.write(parsed.text);
      return 0;
    }
    current = createRun(parsed.name, current.options, context, stopper);
    const options = readOptions(parsed.flags, context.env);
    current = createRun(parsed.name, options, context, stopper);
    prepareOutputs(options, parsed.flags, parsed.command.formats, context);
    current.known.reports = parsed.command.formats === allFormats;
    current.known.events = openStream(current);
    const code = await parsed.command.run(current, parsed.flags);
    return stopper.cause() === null ? code : stopper.exitCode();
  } catch (error) {
    return await fail(current, error, stopper);
  } finally {
    current.known.events?.close();
    stopper.close();
  }
}

function openStream(run: Run): EventStream | null {
  const { events } = run.options;
  if (events === null) return null;
  return openEvents(events, run.context, () => {
    const summary = 'the events can no longer be written; the run goes on without them';
    run.note({ severity: 'warning', code: 'events_lost', summary, detail: '' });
  });
}

async function fail(current: Run, error: unknown, stopper: Stopper): Promise<number> {
  const ours = error instanceof InstateError ? error : wrapUnexpected(error);
  if (stopper.cause() === null) {
    await showFailure(current, ours);
    return exitCodeOf(ours.code);
  }
  await showFailure(current, ours.code === 'internal' ? ours : interrupted(current, stopper));
  return stopper.exitCode();
}

function interrupted(run: Run, stopper: Stopper): InstateError {
  return new InstateError('interrupted', `stopped by ${String(stopper.cause())}`, {
    hint:
      run.command === 'apply' ? 'run it again: it finds what was in flight, if anything was' : 'run it again',
  });
}

/** An error that nobody meant. Its text may hold anything, so none of it is shown; its frames are (safety.md E1). */
function wrapUnexpected(error: unknown): InstateError {
  const wrapped = new InstateError('internal', 'an unexpected error; this is a bug in instate', {
    hint: 'run it again with --verbose and report what it prints',
  });
  wrapped.stack = listOwnFrames(error).join('\n');
  return wrapped;
}

/** How to show an error of a command line that cannot be read: as JSON if it looks as if JSON was asked for. */
function guessOptions(argv: readonly string[], env: Environment): Options {
  const wanted = argv.some(
    (word, at) =>
      word === '--json' || word === '--format=json' || (word === '--format' && argv[at + 1] === 'json'),
  );
  const options = readOptions({}, { INSTATE_PROJECT: env['INSTATE_PROJECT'] });
  const json = wanted || ['1', 'true', 'yes', 'on'].includes((env['INSTATE_JSON'] ?? '').toLowerCase());
  return { ...options, json, verbose: argv.includes('--verbose') };
}
