import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { runCampaign, type Outcome } from './campaign.ts';
import { controls, copyWithoutSyncs } from './control.ts';
import { readCpuSeconds } from './cpu.ts';
import { describeHistory, type History } from './history.ts';
import type { Played } from './play.ts';
import { endAll } from './processes.ts';
import { addUp, drawTally } from './tally.ts';

const help = `npm run crash -- [flags]

Kills applies at steps and instants, with faults of the service, and looks whether each instance lives once.

  --histories N   how many (200)
  --seed S        from which they are drawn (1)
  --first N       the number of the first (0)
  --jobs N        how many at once (2)
  --filter TEXT   only histories whose line has this text: step, torn, "disk (", late-commit, "POST leaves" …
  --only ID       one history again: SEED-NUMBER
  --replay FILE   one history again, exactly, from the history.json of its kept folder
  --controls N    histories for each control, robbed of its journal (60; 0 for none)
  --list          only say which histories they are
`;

/** The command line of the harness. Exit 1 if an instance was lost, doubled or misbound, or a control saw nothing. */
export async function main(root: string, argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      ...{ histories: text('200'), seed: text('1'), first: text('0'), jobs: text('2'), filter: text('') },
      ...{ only: text(''), replay: text(''), controls: text('60') },
      ...{ list: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    },
  });
  const binary = join(root, 'dist', 'main.js');
  if (values.help === true) {
    process.stdout.write(help);
    return 0;
  }
  if (!existsSync(binary)) throw new Error('dist/main.js is missing. Build it first:  npm run build');
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      endAll();
      process.exit(130);
    });
  }
  const [seed = '1', first = '0'] = values.only === '' ? [values.seed, values.first] : cutId(values.only);
  const base = { binary, seed, jobs: values.only === '' ? Number(values.jobs) : 1, filter: values.filter };
  const replayed = values.replay === '' ? {} : { histories: [readHistory(values.replay)] };
  const isOne = values.only !== '' || values.replay !== '';
  const count = isOne ? 1 : Number(values.histories);
  const start = performance.now();
  const outcome = await runCampaign({
    ...base,
    ...replayed,
    ...{ subject: 'instate', first: Number(first), count, isListing: values.list === true },
    onPlayed: showProgress(count),
  });
  if (values.list === true) {
    for (const history of outcome.histories) say(describeHistory(history));
    return 0;
  }
  const seconds = (performance.now() - start) / 1000;
  if (outcome.points.size === 0 && values.replay === '')
    say('strace is missing or may not trace: no crashes at steps, instants only.');
  const { played } = outcome;
  say(['', ...drawTally(played, 'instate'), '', drawCost(played.length, seconds)].join('\n'));
  showBad(outcome);
  const seen = isOne ? true : await runControls(base, Number(values.controls), outcome);
  return addUp(played).bad.length === 0 && seen ? 0 : 1;
}

function readHistory(path: string): History {
  return (JSON.parse(readFileSync(path, 'utf8')) as { readonly history: History }).history;
}

function text(value: string): { readonly type: 'string'; readonly default: string } {
  return { type: 'string', default: value };
}

function cutId(id: string): readonly [string, string] {
  const at = id.lastIndexOf('-');
  return [id.slice(0, at), id.slice(at + 1)];
}

/** The same histories against the controls: they must lose or double something, or the harness is blind. */
async function runControls(
  base: { readonly binary: string; readonly seed: string; readonly jobs: number; readonly filter: string },
  count: number,
  { points }: Outcome,
): Promise<boolean> {
  if (count === 0) return true;
  let seen = true;
  // Without strace nobody knows what was synced.
  const subjects = controls.filter((one) => one !== 'no-sync' || points.size > 0);
  for (const subject of subjects) {
    const { played } = await runCampaign({
      ...base,
      ...(subject === 'no-sync' ? { binary: copyWithoutSyncs(base.binary), filter: 'torn' } : {}),
      subject,
      first: 0,
      count,
      points,
      onPlayed: showProgress(count),
      isControl: true,
    });
    say(['', ...drawTally(played, subject)].join('\n'));
    const { lost, doubled, bad } = addUp(played);
    // What was never synced leaves a database that cannot be read as often as one that has lost an intent.
    if ((subject === 'no-sync' ? bad.length : lost + doubled) === 0) {
      say(`The control ${subject} lost and doubled nothing: the harness sees too little.`);
      seen = false;
    }
  }
  return seen;
}

function showProgress(count: number): (played: Played) => void {
  let done = 0;
  let bad = 0;
  return (played) => {
    done++;
    if (played.isBad) bad++;
    if (!process.stderr.isTTY) return;
    const end = done === count ? '\n' : '';
    process.stderr.write(`\r${String(done)} of ${String(count)} histories, ${String(bad)} bad${end}`);
  };
}

function drawCost(count: number, seconds: number): string {
  const cpu = readCpuSeconds();
  const each = (sum: number) => `${(sum / Math.max(1, count)).toFixed(2)} s`;
  const shown = cpu === null ? '' : `, ${each(cpu)} of CPU for each history`;
  return `${seconds.toFixed(0)} s, ${each(seconds)}${shown}`;
}

function showBad({ played }: Outcome): void {
  for (const { history, problems, struck, folder } of addUp(played).bad) {
    const where = struck.map((step) => step ?? 'not at all').join(', then ');
    say(`\nBAD ${describeHistory(history)}\n  struck: ${where}`);
    for (const problem of problems) say(`  ${problem}`);
    say(
      `  kept: ${folder}\n  again: npm run crash -- --replay ${folder}/history.json\n  or drawn anew: npm run crash -- --only ${history.id}`,
    );
  }
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
