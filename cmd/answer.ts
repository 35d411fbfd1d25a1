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
  /** Where `--events` go. */
  events: EventStream;
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
  const draw = makeDrawer(run, answer);
  const { format } = options;
  const out = chooseOutput(run);
  const shown =
    isReportFormat(format) || options.json ? await draw(format) : defuse(answer.text(run.lookOf(out)));
  out.write(shown);
  run.known.answered = true;
  const { reveals = false } = answer;
  const failures: unknown[] = [];
  for (const report of options.reports) {
    const content = await draw(splitReport(report)[0]);
    await writeReport(report, content, { cwd: context.cwd, secret: reveals }).catch((error: unknown) =>
      failures.push(error),
    );
  }
  const formats = [format, ...options.reports.map((one) => splitReport(one)[0])];
  if (answer.report !== undefined && formats.includes('github'))
    await reportToGithub(context, answer.report(describeHead(run)));
  if (failures.length > 0) throw failures[0];
}

/**
 * What a run that came to no answer leaves in the formats drawn from a report: on stdout if one of them was asked for, and in every
 * `--report`, so that nobody takes the one of an earlier run for this one's. Never throws: there is an error to be shown.
 */
export async function deliverFailure(
  run: Teller,
  error: InstateError,
  json: string,
  text: string,
): Promise<void> {
  const { options, context } = run;
  if (!run.known.reports || run.known.answered) return;
  const failure: Answer = {
    text: () => text,
    body: {},
    report: (head) => reportFailure(error, head),
  };
  const draw = makeDrawer(run, failure);
  const { format } = options;
  try {
    if (isReportFormat(format)) context.stdout.write(await draw(format));
    for (const report of options.reports) {
      const [name] = splitReport(report);
      const content = name === 'json' ? json : await draw(name);
      await writeReport(report, content, { cwd: context.cwd, secret: false }).catch(() => undefined);
    }
    const formats = [format, ...options.reports.map((one) => splitReport(one)[0])];
    if (formats.includes('github')) await reportToGithub(context, reportFailure(error, describeHead(run)));
  } catch {
    // The error itself is shown by the caller.
  }
}

/** Where text answers go: to stdout, unless that is the events'. */
export function chooseOutput({ options, context }: Pick<Teller, 'options' | 'context'>): Output {
  return options.events === '-' ? context.stderr : context.stdout;
}

function makeDrawer(run: Teller, answer: Answer): (format: string) => Promise<string> {
  const plain = { colour: false, verbose: run.options.verbose, quiet: false };
  return async (format) => {
    if (format === 'json') return renderJson(run.envelope(), answer.body);
    if (!isReportFormat(format) || answer.report === undefined) return defuse(answer.text(plain));
    return drawReport(format, answer.report(describeHead(run)));
  };
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
