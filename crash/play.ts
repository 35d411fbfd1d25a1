import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dropJournal, hasNoJournal, readIntents } from './control.ts';
import { crashRun } from './crashes.ts';
import { describeHistory, type History } from './history.ts';
import { runInside, type Answered } from './inside.ts';
import { findQuiet, listPosts } from './posts.ts';
import { pause, start, type Place } from './processes.ts';
import { countPosts } from './sandbox.ts';
import { applying, folderOf, setTheStage, type Tools } from './stage.ts';
import { judge, type Record, type Verdict } from './verdict.ts';

/** What became of a history. */
export interface Played extends Verdict {
  readonly history: History;
  /** Where each crash struck; null where the run had ended before. */
  readonly struck: readonly (string | null)[];
  /** How many applies it took after the last crash until one ended well. */
  readonly runs: number;
  /** No number of applies ends well. */
  readonly person: boolean;
  /** Doubles that the closing apply did not name, with exit 1. */
  readonly silent: number;
  /** Creates after a double was there. */
  readonly repeated: number;
  readonly isBad: boolean;
  readonly folder: string;
  readonly ms: number;
}

/** A history that the harness could not play to its end, which is as bad as any. */
export function describeBreak(history: History, { base, subject }: Tools, error: unknown): Played {
  const text = error instanceof Error ? error.message : 'unknown';
  const verdict = { lost: 0, doubled: 0, wrong: 0, excused: 0, denied: 0, unannounced: 0 };
  const rest = { struck: [], runs: 0, person: false, silent: 0, repeated: 0, isBad: true, ms: 0 };
  const folder = folderOf(history, { base, subject });
  return { ...verdict, ...rest, history, folder, problems: [`not played to its end: ${text}`] };
}

/** So many applies are tried; a schedule would go on for ever, a person would be called at some time. */
const mostRuns = 6;

/** Plays a history from an empty folder and account to the verdict. Throws if the harness itself cannot go on. */
export async function playHistory(history: History, tools: Tools): Promise<Played> {
  const begin = performance.now();
  const place = await setTheStage(history, tools);
  const { sandbox, subject } = tools;
  const forget = () => {
    if (hasNoJournal(subject)) dropJournal(place.folder);
  };
  const command = [process.execPath, '--', tools.binary, ...applying];
  await sandbox.addFaults(history.faults);
  const struck: (string | null)[] = [];
  const unclear: string[] = [];
  for (const [at, crash] of history.crashes.entries()) {
    const { step, ended, problems } = await crashRun(
      { command, place, sandbox, name: `crash-${String(at + 1)}` },
      crash,
    );
    struck.push(step);
    unclear.push(...problems);
    if (ended.code !== 0) forget();
  }
  // What is not killed is the same in this process, and half a second of starting node cheaper.
  const isApart = Number(history.id.split('-').at(-1)) % 4 === 0;
  const healed = await heal(command, place, { isApart, forget });
  await pause(findQuiet(await sandbox.listRequests(), history) - Date.now());
  await sandbox.clearFaults();
  const close = await lookLast(history, place, tools);
  const { verdict, silent, repeated, isCalm } = close;
  const isExcused = verdict.excused > 0;
  const person = !isExcused && (!healed.isWell || !isCalm);
  const problems = [
    ...verdict.problems,
    ...unclear,
    ...(person ? [`person: after ${String(healed.runs)} applies it is not as declared`] : []),
    ...(silent > 0 ? ['silent: a double is not reported with exit 1 and every id'] : []),
    ...(repeated > 0 ? ['repeated: a create was sent after everything lived'] : []),
  ];
  const isBad = problems.length > 0;
  const { folder } = place;
  if (isBad) await keepEvidence(history, place, { struck, problems }, tools);
  else rmSync(folder, { recursive: true, force: true });
  const ms = performance.now() - begin;
  return {
    ...verdict,
    history,
    struck,
    runs: healed.runs,
    person,
    silent,
    repeated,
    problems,
    isBad,
    folder,
    ms,
  };
}

/** Applies until all is well. `isApart`: the first time in a process of its own. */
async function heal(
  command: readonly string[],
  place: Place,
  { isApart, forget }: { readonly isApart: boolean; readonly forget: () => void },
): Promise<{ readonly runs: number; readonly isWell: boolean }> {
  for (let runs = 1; ; runs++) {
    const { code, out } =
      runs === 1 && isApart
        ? await start([...command, '--json'], place, 'apply-1').ended
        : await runInside([...applying, '--json'], place);
    writeFileSync(join(place.folder, `apply-${String(runs)}.out`), out);
    if (code === null) throw new Error('an apply that nobody ended did not end by itself');
    if (code === 0) return { runs, isWell: true };
    forget();
    if (runs === mostRuns) return { runs, isWell: false };
  }
}

interface Last {
  readonly verdict: Verdict;
  readonly silent: number;
  readonly repeated: number;
  /** A plan finds nothing to do. */
  readonly isCalm: boolean;
}

/** When nothing can arrive any more: the state against the account, and what instate says of it. */
async function lookLast(history: History, place: Place, tools: Tools): Promise<Last> {
  const { sandbox, subject } = tools;
  const journal = !hasNoJournal(subject);
  const look = async () => {
    const live = await sandbox.listLive(place.env['CE_USER_SECRET'] ?? '');
    const { out } = await runInside(['output', '--reveal', '--json'], place);
    const records = (JSON.parse(out) as { readonly outputs?: readonly Record[] }).outputs ?? [];
    const intents = readIntents(place.folder);
    const posts = listPosts(await sandbox.listRequests(), history, intents ?? []);
    const tagged = subject !== 'no-journal-no-tag';
    return judge(history, { live, records, posts, tagged, journal: journal && intents !== null });
  };
  const plan = await runInside(['plan', '--detailed-exitcode'], place);
  const first = await look();
  if (!history.beyond && first.excused === 0)
    return { verdict: first, silent: 0, repeated: 0, isCalm: plan.code === 0 };
  // What arrived late must be told by the next apply, which must not make it worse.
  const sent = await countPosts(sandbox);
  const closing = await runInside([...applying, '--json'], place);
  const again = await runInside([...applying, '--json'], place);
  writeFileSync(join(place.folder, 'closing.out'), again.out);
  const repeated = (await countPosts(sandbox)) - sent;
  const verdict = await look();
  const silent = verdict.excused > 0 && ![closing, again].every((one) => isReported(one)) ? 1 : 0;
  return { verdict, silent, repeated, isCalm: again.code === 0 };
}

/** Exit 1, and a message that names two instances. */
function isReported({ code, out }: Answered): boolean {
  return code === 1 && /#\d+[^"]*#\d+/.test(out);
}

async function keepEvidence(
  history: History,
  { folder }: Place,
  found: { readonly struck: readonly (string | null)[]; readonly problems: readonly string[] },
  { sandbox }: Tools,
): Promise<void> {
  const requests = await sandbox.listRequests();
  const text = JSON.stringify({ story: describeHistory(history), ...found, history, requests }, null, 2);
  writeFileSync(join(folder, 'history.json'), `${text}\n`);
}
