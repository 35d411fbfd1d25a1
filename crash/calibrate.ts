import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { graces } from './faults.ts';
import { sizes, type Points, type RunPoints } from './generate.ts';
import { listDiskPoints } from './disk.ts';
import type { Point } from './history.ts';
import { start, type Place } from './processes.ts';
import type { Sandbox } from './sandbox.ts';
import { applying, setTheStage, type Tools } from './stage.ts';
import { hasStrace, listPoints, readEntries, traceInto, type Entry } from './strace.ts';

/** The calls of the kernel that an apply makes when nothing ends it, for each number of instances; none without strace. */
export async function findPoints(
  sandboxes: readonly Sandbox[],
  tools: Omit<Tools, 'sandbox'>,
): Promise<Points> {
  const points = new Map<number, RunPoints>();
  if (!hasStrace()) return points;
  const left = [...sizes];
  const work = async (sandbox: Sandbox) => {
    for (let size = left.shift(); size !== undefined; size = left.shift())
      points.set(size, await findRunPoints(size, { ...tools, sandbox }));
  };
  await Promise.all(sandboxes.map(work));
  return points;
}

async function findRunPoints(instances: number, tools: Tools): Promise<RunPoints> {
  const nothing = { before: 0, others: 0, faults: [], beyond: false, grace: graces.short, crashes: [] };
  const history = { ...nothing, id: `points-${String(instances)}`, instances };
  const first = await trace(await setTheStage(history, tools), tools, null);
  const fresh = listPoints(first);
  const place = await setTheStage(history, tools);
  // Killed as it is to read the answer to its first create, which the next run then adopts without waiting.
  const sent = fresh.findIndex(({ label }) => label === 'POST leaves');
  const answer = fresh.find(({ label }, at) => at > sent && label === 'answer arrives') ?? null;
  if (answer !== null) await trace(place, tools, answer);
  const second = await trace(place, tools, null);
  rmSync(place.folder, { recursive: true, force: true });
  const disk = { fresh: listDiskPoints(first), resumed: listDiskPoints(second) };
  return { fresh, resumed: listPoints(second), disk };
}

async function trace(place: Place, { binary }: Tools, end: Point | null): Promise<readonly Entry[]> {
  const log = join(place.folder, 'strace');
  const command = [...traceInto(log, end), process.execPath, '--', binary, ...applying];
  const { code, err } = await start(command, place, 'points').ended;
  if (end === null && code !== 0) throw new Error(`an apply under strace failed: ${err}`);
  return readEntries(readFileSync(log, 'utf8'));
}
