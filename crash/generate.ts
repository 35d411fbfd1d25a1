import { drawDisk } from './disk.ts';
import { drawFaults, drawLag, drawUnseen, graces } from './faults.ts';
import type { Crash, DiskPoint, History, Loss, Point, Signal, Since } from './history.ts';
import { createRandom, shuffle, type Random } from './random.ts';

/** How many instances a history may declare. */
export const sizes = [1, 2, 3, 5] as const;

/** The points of an apply that nothing ends: on an empty folder, and on what another one left that was killed. */
export interface RunPoints {
  readonly fresh: readonly Point[];
  readonly resumed: readonly Point[];
  /** The calls on the state's files of the same two runs. */
  readonly disk: { readonly fresh: readonly DiskPoint[]; readonly resumed: readonly DiskPoint[] };
}

/** By how many instances it creates; none without strace. */
export type Points = ReadonlyMap<number, RunPoints>;

const noPoints: RunPoints = { fresh: [], resumed: [], disk: { fresh: [], resumed: [] } };

/** `hot`: dies as a create has left whose instance is not to be seen yet, where journal and world part. */
type Kind = Crash['kind'] | 'hot';

/** Every twentieth history is of the same kind, so that any run has all of them in the same shares. */
const cycle: readonly Kind[] = [
  ...(['step', 'hot', 'disk', 'torn', 'step', 'signals', 'hot', 'instant', 'step', 'power'] as const),
  ...(['step', 'torn', 'hot', 'instant', 'disk', 'signals', 'hot', 'torn', 'step', 'instant'] as const),
];

/** The history of this seed and number; the same for the same points. */
export function drawHistory(seed: string, index: number, points: Points): History {
  const random = createRandom(`${seed}-${String(index)}`);
  // Not in step with the cycle of kinds, so that each meets each.
  const instances = sizes[(index + Math.floor(index / cycle.length)) % sizes.length] ?? 1;
  const kind = cycle[index % cycle.length] ?? 'instant';
  const beyond = kind !== 'hot' && random.chance(0.12);
  const lags = !beyond && random.chance(0.08);
  const before = random.chance(0.25) ? random.between(0, instances - 1) : 0;
  const missing = instances - before;
  const { fresh, resumed, disk } = points.get(missing) ?? points.get(instances) ?? noPoints;
  const nth = random.between(1, missing);
  const drawing = { seed, index, random, points: before > 0 ? resumed : fresh };
  const onDisk = before > 0 ? disk.resumed : disk.fresh;
  const first = drawFirst(drawing, { kind, nth, onDisk });
  return {
    id: `${seed}-${String(index)}`,
    ...{ instances, before, beyond, grace: lags ? graces.long : graces.short },
    crashes: random.chance(0.3) ? [first, drawNext(random, resumed, disk.resumed)] : [first],
    others: random.chance(0.3) ? random.between(1, 2) : 0,
    faults: lags
      ? drawLag(random, nth)
      : kind === 'hot'
        ? drawUnseen(random, nth)
        : drawFaults(random, missing, beyond),
  };
}

interface Drawing {
  readonly seed: string;
  readonly index: number;
  readonly random: Random;
  readonly points: readonly Point[];
}

/** Steps are walked through in a shuffled order, those where the world and the record may part more often. */
function drawFirst(
  drawing: Drawing,
  wanted: { readonly kind: Kind; readonly nth: number; readonly onDisk: readonly DiskPoint[] },
): Crash {
  const { seed, index, random, points } = drawing;
  const { kind, nth, onDisk } = wanted;
  if (kind === 'hot') return drawHot(drawing, nth);
  if (kind === 'disk') return drawDisk(random, onDisk) ?? drawCrash('instant', random, points);
  const [point] = points;
  if (kind !== 'step' || point === undefined) return drawCrash(kind, random, points);
  const order = shuffle(spread(points), createRandom(`${seed} order ${String(points.length)}`));
  const steps = (until: number) => cycle.slice(0, until).filter((one) => one === 'step').length;
  const ordinal = Math.floor(index / cycle.length) * steps(cycle.length) + steps(index % cycle.length);
  return { kind: 'step', point: order[ordinal % order.length] ?? point };
}

/** At one of the steps that follow the `nth` create, or in the time in which its answer is waited for. */
function drawHot({ random, points }: Drawing, nth: number): Crash {
  const leaves = points.flatMap(({ label }, at) => (label === 'POST leaves' ? [at] : []))[nth - 1];
  const [point, ...more] = leaves === undefined ? [] : points.slice(leaves + 1, leaves + 16);
  if (point !== undefined && random.chance(0.5))
    return { kind: 'step', point: random.pick([point, ...more]) };
  const afterMs = random.between(60, 350);
  return { kind: 'instant', since: 'lock', signals: [{ signal: 'SIGKILL', afterMs }] };
}

/** Each point at least once; those where the world and the record may part more often. */
function spread(points: readonly Point[]): readonly Point[] {
  const weights = new Map<string, number>([
    ...[['POST leaves', 8] as const, ['answer arrives', 6] as const, ['WAL synced', 6] as const],
    ...[['WAL written', 2] as const, ['GET leaves', 2] as const, ['lock note', 2] as const],
  ]);
  return points.flatMap((one) => Array.from({ length: weights.get(one.label) ?? 1 }, () => one));
}

function drawNext(random: Random, points: readonly Point[], onDisk: readonly DiskPoint[]): Crash {
  const kind = random.pick(['step', 'step', 'instant', 'signals', 'power', 'torn', 'disk'] as const);
  const failing = kind === 'disk' ? drawDisk(random, onDisk) : null;
  return failing ?? drawCrash(kind === 'disk' ? 'instant' : kind, random, points);
}

function drawCrash(kind: Exclude<Crash['kind'], 'disk'>, random: Random, points: readonly Point[]): Crash {
  const since: Since = random.chance(0.85) ? 'lock' : 'start';
  const afterMs = drawInstant(random, since);
  const [point, ...more] = spread(points).filter(({ label }) => kind !== 'torn' || label !== 'key made');
  if (kind === 'power') return { kind, since, afterMs };
  if (kind === 'signals') return { kind, since, signals: drawSignals(random, afterMs) };
  if (kind === 'instant' || point === undefined)
    return { kind: 'instant', since, signals: [{ signal: 'SIGKILL', afterMs }] };
  const drawn = random.pick([point, ...more]);
  if (kind === 'step') return { kind, point: drawn };
  const loss: Loss = random.pick(['all', 'all', 'tail', 'sectors'] as const);
  return { kind, point: drawn, loss, seed: String(random.next()) };
}

/** Most of an apply of a few instances is over in a fifth of a second; one that waits for an answer takes longer. */
function drawInstant(random: Random, since: Since): number {
  if (since === 'start') return random.between(20, 600);
  return random.chance(0.75) ? random.between(0, 180) : random.between(180, 1_500);
}

function drawSignals(random: Random, afterMs: number): readonly { signal: Signal; afterMs: number }[] {
  const asked = random.pick(['SIGTERM', 'SIGINT'] as const);
  const gap = random.between(0, 400);
  const ways: readonly [readonly Signal[], ...(readonly Signal[])[]] = [
    [asked],
    [asked, asked],
    [asked, 'SIGKILL'],
    ['SIGSTOP', 'SIGCONT'],
    ['SIGSTOP', 'SIGCONT', 'SIGKILL'],
    ['SIGSTOP', 'SIGKILL'],
  ];
  const signals = random.pick(ways);
  const suspended = signals[0] === 'SIGSTOP' ? random.between(100, 1_200) : gap;
  return signals.map((signal, at) => ({ signal, afterMs: at === 0 ? afterMs : at === 1 ? suspended : gap }));
}
