import type { Subject } from './control.ts';
import { describeHistory } from './history.ts';
import type { Played } from './play.ts';

/** The sums of many histories. */
export interface Tally {
  readonly histories: number;
  readonly lost: number;
  readonly doubled: number;
  readonly wrong: number;
  readonly unannounced: number;
  readonly persons: number;
  readonly silent: number;
  readonly repeated: number;
  /** Doubles beyond the promise. */
  readonly excused: number;
  /** Those of them by a refusal that was none. */
  readonly denied: number;
  readonly bad: readonly Played[];
}

/** Adds up. */
export function addUp(played: readonly Played[]): Tally {
  const sum = (value: (one: Played) => number) => played.reduce((total, one) => total + value(one), 0);
  return {
    histories: played.length,
    lost: sum((one) => one.lost),
    doubled: sum((one) => one.doubled),
    wrong: sum((one) => one.wrong),
    unannounced: sum((one) => one.unannounced),
    persons: sum((one) => (one.person ? 1 : 0)),
    silent: sum((one) => one.silent),
    repeated: sum((one) => one.repeated),
    excused: sum((one) => one.excused),
    denied: sum((one) => one.denied),
    bad: played.filter(({ isBad }) => isBad),
  };
}

/** Whether the history was outside the promise: scripted so, or the machine was too slow for what was scripted. */
function isOutside({ history, excused }: Played): boolean {
  return history.beyond || excused > 0;
}

/** The report of one subject, as lines. */
export function drawTally(played: readonly Played[], subject: Subject): readonly string[] {
  const inside = addUp(played.filter((one) => !isOutside(one)));
  const outside = addUp(played.filter(isOutside));
  const row = (name: string, { histories, lost, doubled, wrong, unannounced, persons }: Tally) =>
    `${name.padEnd(30)}${[histories, lost, doubled, wrong, unannounced, persons].map((n) => String(n).padStart(11)).join('')}`;
  const head = `${''.padEnd(30)}${['histories', 'lost', 'doubled', 'misbound', 'no intent', 'by hand'].map((one) => one.padStart(11)).join('')}`;
  const kinds = [...new Set(played.map(nameKind))].sort();
  return [
    head,
    row(`${subject}: within the promise`, inside),
    ...(outside.histories === 0 ? [] : [row(`${subject}: beyond it`, outside)]),
    ...(subject === 'instate'
      ? [
          `  beyond it: ${String(outside.excused)} doubles (${String(outside.excused - outside.denied)} by a service that was late, ${String(outside.denied)} by one that said 4xx of what it had done and hid it): ${String(outside.excused - outside.silent)} reported, ${String(outside.silent)} silent, ${String(outside.repeated)} repeated`,
          '',
          ...kinds.map((kind) => row(`  ${kind}`, addUp(played.filter((one) => nameKind(one) === kind)))),
          '',
          `  applies after the last crash until all was well: ${drawCounts(played.filter((one) => !isOutside(one)).map(({ runs }) => String(runs)))}`,
          ...drawSlow(played.filter((one) => !isOutside(one) && one.runs > 2)),
          `  where crashes struck: ${drawCounts(played.flatMap(({ struck }) => struck.map((step) => step ?? 'the run had ended')))}`,
          `  faults: ${drawCounts(played.flatMap(({ history }) => (history.faults.length === 0 ? ['none'] : history.faults.map((fault) => `${fault.do} on ${fault.on.split(' ')[0] ?? ''}`))))}`,
        ]
      : []),
  ];
}

/** Histories that took many applies: the faults of which met several of them, or there is something to find. */
function drawSlow(slow: readonly Played[]): readonly string[] {
  const most = [...slow].sort((a, b) => b.runs - a.runs).slice(0, 5);
  return most.map(({ history, runs }) => `    ${String(runs)} applies: ${describeHistory(history)}`);
}

function nameKind({ history }: Played): string {
  const [first] = history.crashes;
  return history.crashes.length > 1 ? `two crashes, ${first?.kind ?? ''} first` : (first?.kind ?? '');
}

/** `a 3, b 1`, the most frequent first. */
function drawCounts(names: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
  return sorted.map(([name, count]) => `${name} ${String(count)}`).join(', ');
}
