import { join } from 'node:path';
import type { Diagnostic } from '../src/diagnostics.ts';
import type { InstateError } from '../src/errors.ts';
import type { ApiStats } from '../src/ports.ts';
import { renderJson, type Envelope } from '../src/render/json.ts';
import { clean, defuse, paint, type Look } from '../src/render/screen.ts';
import { renderDiagnostics } from '../src/render/text-diagnostics.ts';
import type { Context, Output } from './context.ts';
import { listOwnFrames } from './frames.ts';
import type { Options } from './options.ts';
import { writeReports } from './reports.ts';
import type { Stopper } from './stopper.ts';

/** An answer in every form that it has. `text` is drawn for the look of where it goes. */
export interface Answer {
  /** Tokens are in it: a copy on disk is for this user alone. */
  readonly reveals?: boolean;
  readonly text: (look: Look) => string;
  readonly body: Readonly<Record<string, unknown>>;
}

/** One run of one command: what it was asked, what it has learnt so far, and the only way to say something. */
export interface Run {
  readonly command: string;
  readonly options: Options;
  readonly context: Context;
  readonly stopper: Stopper;
  /** What the envelope of every JSON answer shows; filled in as it becomes known. */
  readonly known: { project: string | null; account: Envelope['account']; stats: () => ApiStats };
  readonly diagnostics: readonly Diagnostic[];
  /** What is known by now, as every JSON answer begins. */
  readonly envelope: () => Envelope;
  /** Warnings and notes: at once on stderr, or among the diagnostics of the JSON answer. */
  readonly note: (diagnostic: Diagnostic) => void;
  /** A line for people on stderr; nothing with `--quiet`. */
  readonly say: (text: string) => void;
  /** The answer: on stdout, in the format asked for, with the reports beside it. Once a run. */
  readonly answer: (answer: Answer) => Promise<void>;
  readonly lookOf: (output: Output) => Look;
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
  return {
    ...{ command, options, context, stopper, known, diagnostics, envelope, lookOf, msSoFar, transient },
    note: (diagnostic) => {
      diagnostics.push(diagnostic);
      transient.clear();
      if (!options.json && !(options.quiet && diagnostic.severity === 'info')) {
        context.stderr.write(defuse(renderDiagnostics([diagnostic], lookOf(context.stderr))));
      }
    },
    say: (text) => {
      transient.clear();
      if (!options.quiet) context.stderr.write(defuse(`${text}\n`));
    },
    answer: async ({ text, body, reveals = false }) => {
      const asJson = () => renderJson(envelope(), body);
      context.stdout.write(options.json ? asJson() : defuse(text(lookOf(context.stdout))));
      const plain = { colour: false, verbose: options.verbose, quiet: false };
      const forms = { text: () => defuse(text(plain)), json: asJson };
      await writeReports(options.reports, forms, { cwd: context.cwd, secret: reveals });
    },
  };
}

/** The one way in which an error is shown; product.md §4: in JSON a document on stdout, in text on stderr with its code. */
export function showError(run: Run, error: InstateError): void {
  const { options, context } = run;
  if (options.json) {
    const diagnostics = [...run.diagnostics, ...error.diagnostics];
    context.stdout.write(renderJson({ ...run.envelope(), diagnostics }, { error: describe(error) }));
    return;
  }
  const look = run.lookOf(context.stderr);
  const details = error.diagnostics.length === 0 ? '' : `${renderDiagnostics(error.diagnostics, look)}\n`;
  const request = error.requestId === null ? '' : ` (request ${clean(error.requestId)})`;
  const head = `${paint(look).red('error')}: ${clean(error.message)}${request} [${error.code}]\n`;
  const hint = error.hint === '' ? '' : `  ${clean(error.hint)}\n`;
  const stack = options.verbose && error.code === 'internal' ? `${listOwnFrames(error).join('\n')}\n` : '';
  context.stderr.write(defuse(details + head + hint + stack));
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
