import type { InstateError } from '../src/errors.ts';
import { renderJson, type Envelope } from '../src/render/json.ts';
import { reportFailure } from '../src/render/report-problems.ts';
import type { Report, ReportHead } from '../src/render/report.ts';
import { defuse, type Look } from '../src/render/screen.ts';
import { locateInCheckout } from './checkout.ts';
import { drawReport, isReportFormat } from './formats.ts';
import { reportToGithub } from './github-files.ts';
import { splitReport, writeReport } from './reports.ts';
import type { Context, Output } from './context.ts';
import type { EventStream } from './events.ts';
import type { Options } from './options.ts';
import type { Diagnostic } from '../src/diagnostics.ts';
import type { ApiStats } from '../src/ports.ts';

/** What is known of a run so far. */
export interface Known {
  project: string | null;
  account: Envelope['account'];
  stats: () => ApiStats;
  /** The declaration files, as the user named them. */
  files: readonly string[];
  /** What is declared, by address. */
  declared: ReportHead['declared'];
  /** The command draws reports, so that a failure of it is one, too. */
  reports: boolean;
  /** Where `--events` go; null: nobody listens. */
  events: EventStream | null;
  /** Stdout has its answer: whatever fails from here on is said on stderr alone. */
  answered: boolean;
}

/** Whoever has something to answer. */
export interface Teller {
  readonly options: Options;
  readonly context: Context;
  readonly known: Known;
  readonly diagnostics: readonly Diagnostic[];
  /** What is known by now, as every JSON answer begins. */
  readonly envelope: () => Envelope;
  readonly lookOf: (output: Output) => Look;
}

/** An answer in every form that it has. `text` is drawn for the look of where it goes. */
export interface Answer {
  /** Tokens are in it: a copy on disk is for this user alone. */
  readonly reveals?: boolean;
  readonly text: (look: Look) => string;
  readonly body: Readonly<Record<string, unknown>>;
  /** What all other formats are drawn from; commands without them have none. */
  readonly report?: (head: ReportHead) => Report;
}

/** The answer on stdout, in the format asked for, and every `--report` beside it. Throws `file_unwritable` once stdout has it. */
export async function deliver(run: Teller, answer: Answer): Promise<void> {
  const { options, context } = run;
  const forms = makeForms(run, answer);
  const out = chooseOutput(run);
  const isDocument = isReportFormat(options.format) || options.json;
  out.write(isDocument ? await forms.draw(options.format) : defuse(answer.text(run.lookOf(out))));
  run.known.answered = true;
  const failures = await writeReports(run, forms, answer.reveals ?? false);
  await tellGithub(options, context, forms);
  if (failures.length > 0) throw failures[0];
}

/**
 * What a run that came to no answer leaves in the formats drawn from a report: on stdout if one of them was asked for, and in every
 * `--report`, so that nobody takes the one of an earlier run for this one's. Never throws: there is an error to be shown. `json`, `text`: the
 * error in these.
 */
export async function deliverFailure(
  run: Teller,
  error: InstateError,
  { json, text }: { readonly json: () => string; readonly text: () => string },
): Promise<void> {
  const { options, context } = run;
  if (!run.known.reports || run.known.answered) return;
  const forms = makeForms(run, { text, body: {}, report: (head) => reportFailure(error, head) });
  const draw = async (format: string) => (format === 'json' ? json() : forms.draw(format));
  try {
    if (isReportFormat(options.format)) context.stdout.write(await draw(options.format));
    await writeReports(run, { draw }, false);
    await tellGithub(options, context, forms);
  } catch {
    // The error itself is shown by the caller.
  }
}

/** Writes each `--report`, whatever becomes of the others; answers with what could not be written. */
async function writeReports(
  { options, context }: Teller,
  { draw }: Pick<Forms, 'draw'>,
  secret: boolean,
): Promise<readonly unknown[]> {
  const failures: unknown[] = [];
  for (const report of options.reports) {
    const content = await draw(splitReport(report)[0]);
    await writeReport(report, content, { cwd: context.cwd, secret }).catch((error: unknown) =>
      failures.push(error),
    );
  }
  return failures;
}

/** The format `github` has more than a text: the page of the run, and the outputs of the step. */
async function tellGithub({ format, reports }: Options, context: Context, { report }: Forms): Promise<void> {
  const formats = [format, ...reports.map((one) => splitReport(one)[0])];
  const drawn = formats.includes('github') ? report() : null;
  if (drawn !== null) await reportToGithub(context, drawn);
}

/** Where text answers go: to stdout, unless that is the events'. */
export function chooseOutput({ options, context }: Pick<Teller, 'options' | 'context'>): Output {
  return options.events === '-' ? context.stderr : context.stdout;
}

/** An answer, drawn where and when it is wanted. */
interface Forms {
  readonly draw: (format: string) => Promise<string>;
  /** Made once a run; null where the command has none. */
  readonly report: () => Report | null;
}

function makeForms(run: Teller, answer: Answer): Forms {
  const plain = { colour: false, verbose: run.options.verbose, quiet: false };
  let made: Report | null = null;
  const report = () => (made ??= answer.report?.(describeHead(run)) ?? null);
  const draw = async (format: string): Promise<string> => {
    if (format === 'json') return renderJson(run.envelope(), answer.body);
    const drawn = isReportFormat(format) ? report() : null;
    return isReportFormat(format) && drawn !== null ? drawReport(format, drawn) : defuse(answer.text(plain));
  };
  return { draw, report };
}

function describeHead(run: Teller): ReportHead {
  const { context, known, diagnostics, options } = run;
  const { declared } = known;
  const { command, project, account, timestamp, instateVersion, stats } = run.envelope();
  const locate = locateInCheckout(context);
  const first = known.files[0] ?? options.files[0] ?? 'instate.yaml';
  return {
    ...{ command, project, timestamp, version: instateVersion, ms: stats.ms, diagnostics, locate, declared },
    host: account === null ? null : nameHost(account.baseUrl),
    home: { file: locate(first), line: 1, column: 1 },
  };
}

function nameHost(baseUrl: string): string | null {
  try {
    return new URL(baseUrl).host;
  } catch {
    return null;
  }
}
