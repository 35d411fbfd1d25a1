import { join } from 'node:path';
import type { Diagnostic } from '../src/diagnostics.ts';
import type { InstateError } from '../src/errors.ts';
import { describeDiagnostic } from '../src/render/events.ts';
import { renderJson, type Envelope } from '../src/render/json.ts';
import { clean, defuse, paint, type Look } from '../src/render/screen.ts';
import { renderDiagnostics } from '../src/render/text-diagnostics.ts';
import { deliver, deliverFailure, type Answer, type Teller } from './answer.ts';
import type { Context, Output } from './context.ts';
import { listOwnFrames } from './frames.ts';
import type { Options } from './options.ts';
import type { Stopper } from './stopper.ts';

/** One run of one command: what it was asked, what it has learnt so far, and the only way to say something. */
export interface Run extends Teller {
  readonly command: string;
  readonly stopper: Stopper;
  /** Warnings and notes: at once on stderr, or among the diagnostics of the JSON answer. */
  readonly note: (diagnostic: Diagnostic) => void;
  /** A line for people on stderr; nothing with `--quiet`. */
  readonly say: (text: string) => void;
  /** The answer: on stdout, in the format asked for, with the reports beside it. Once a run. */
  readonly answer: (answer: Answer) => Promise<void>;
  /** Takes a line that rewrites itself off the terminal before anything else is said there. */
  readonly transient: { clear: () => void };
  readonly msSoFar: () => number;
}

/** Starts a run. */
export function createRun(command: string, options: Options, context: Context, stopper: Stopper): Run {
  const startedAt = context.monotonic();
  const diagnostics: Diagnostic[] = [];
  const known: Run['known'] = {
    project: options.project,
    account: null,
    stats: () => ({ requests: { GET: 0, POST: 0 }, retries: 0 }),
    files: [],
    declared: new Map(),
    reports: false,
    events: null,
    answered: false,
  };
  const msSoFar = () => Math.round(context.monotonic() - startedAt);
  const lookOf = (output: Output) => chooseLook(options, context, output);
  const envelope = (): Envelope => ({
    instateVersion: context.version,
    command,
    timestamp: new Date(context.now()).toISOString(),
    project: known.project,
    account: known.account,
    diagnostics,
    stats: { ...known.stats(), ms: msSoFar() },
  });
  const transient = { clear: (): void => undefined };
  const run: Run = {
    ...{ command, options, context, stopper, known, diagnostics, envelope, lookOf, msSoFar, transient },
    note: (diagnostic) => {
      diagnostics.push(diagnostic);
      known.events?.emit(describeDiagnostic(diagnostic));
      transient.clear();
      if (!options.json && !(options.quiet && diagnostic.severity === 'info')) {
        context.stderr.write(defuse(renderDiagnostics([diagnostic], lookOf(context.stderr))));
      }
    },
    say: (text) => {
      transient.clear();
      if (!options.quiet) context.stderr.write(defuse(`${text}\n`));
    },
    answer: (answer) => deliver(run, answer),
  };
  return run;
}

/** The one way in which an error is shown; product.md §4: in JSON a document on stdout, in text on stderr with its code. */
export function showError(run: Run, error: InstateError): void {
  const { options, context, known } = run;
  if (options.json && !known.answered) context.stdout.write(renderFailure(run, error));
  else context.stderr.write(renderError(error, run.lookOf(context.stderr), options.verbose));
}

/** The same, and in every report that was asked for. */
export async function showFailure(run: Run, error: InstateError): Promise<void> {
  const plain = { colour: false, verbose: run.options.verbose, quiet: false };
  tellError(run, error);
  await deliverFailure(run, error, {
    json: () => renderFailure(run, error),
    text: () => renderError(error, plain, false),
  });
  showError(run, error);
}

function tellError({ known: { events } }: Run, error: InstateError): void {
  if (events === null) return;
  for (const diagnostic of error.diagnostics) events.emit(describeDiagnostic(diagnostic));
  const { code, message, hint, requestId } = error;
  const request = requestId === null ? {} : { requestId };
  events.emit(describeDiagnostic({ severity: 'error', code, summary: message, detail: hint, ...request }));
}

function renderFailure(run: Run, error: InstateError): string {
  const diagnostics = [...run.diagnostics, ...error.diagnostics];
  return renderJson({ ...run.envelope(), diagnostics }, { error: describe(error) });
}

function renderError(error: InstateError, look: Look, verbose: boolean): string {
  const details = error.diagnostics.length === 0 ? '' : `${renderDiagnostics(error.diagnostics, look)}\n`;
  const request = error.requestId === null ? '' : ` (request ${clean(error.requestId)})`;
  const head = `${paint(look).red('error')}: ${clean(error.message)}${request} [${error.code}]\n`;
  const hint = error.hint === '' ? '' : `  ${clean(error.hint)}\n`;
  const stack = verbose && error.code === 'internal' ? `${listOwnFrames(error).join('\n')}\n` : '';
  return defuse(details + head + hint + stack);
}

function describe({ code, message, hint, requestId }: InstateError): Readonly<Record<string, string>> {
  return { code, message, hint, ...(requestId === null ? {} : { requestId }) };
}

/** NO_COLOR and --no-color win, then FORCE_COLOR; otherwise colour only on a capable terminal. */
function chooseLook(options: Options, { env }: Context, output: Output): Look {
  const forced = env['FORCE_COLOR'] !== undefined && !['', '0', 'false'].includes(env['FORCE_COLOR']);
  const refused = options.colour === false || (env['NO_COLOR'] ?? '') !== '';
  const capable = output.isTTY && env['TERM'] !== 'dumb';
  return { colour: !refused && (forced || capable), verbose: options.verbose, quiet: options.quiet };
}

/** The file below the user's configuration folder that holds the state key. */
export function findKeyFile(context: Context): string {
  return join(context.configFolder, 'instate', 'state.key');
}
