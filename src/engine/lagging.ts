import { findRefusal } from '../core/guards.ts';
import type { Address, RecordedInstance } from '../core/model.ts';
import { listHidden, type Observation } from '../core/observation.ts';
import { makePlan } from '../core/plan.ts';
import type { Clock } from './create.ts';

/** How a run waits for a list that lags. */
export interface Patience {
  readonly graceMs: number;
  readonly clock: Clock;
  readonly stop: AbortSignal;
  /** `until`: wall clock, ms. */
  readonly onLag: (addresses: readonly Address[], until: number) => void;
}

const firstPauseMs = 2_000;
const longestPauseMs = 8_000;

/**
 * Looks, and where nothing can be created because the list lacks what was recorded a moment ago, looks again until it shows that: for
 * the rest of the grace period, within which the service lists what it commits (safety.md C). What it hides for longer, or hides of old,
 * is no lag, and is left as it was seen.
 */
export async function observePatiently(
  look: () => Promise<Observation>,
  { graceMs, clock, stop, onLag }: Patience,
): Promise<Observation> {
  let seen = await look();
  const lagging = listLagging(seen, graceMs, clock.now());
  if (lagging.length === 0) return seen;
  let left = Math.max(...lagging.map(({ leftMs }) => leftMs));
  onLag(
    lagging.map(({ row }) => row.address),
    clock.now() + left,
  );
  for (let ms = firstPauseMs; left > 0 && isHampered(seen); ms = Math.min(ms * 2, longestPauseMs)) {
    await clock.wait(Math.min(ms, left), stop);
    left -= ms;
    if (stop.aborted) break;
    seen = await look();
  }
  return seen;
}

/** Whether the list hides something, and that stands in the way of a plan or of a create. */
function isHampered(seen: Observation): boolean {
  if (listHidden(seen).length === 0) return false;
  const refusal = findRefusal(seen);
  if (refusal !== null) return refusal.code === 'incomplete_list';
  return makePlan(seen).plan.changes.some(({ reason }) => reason.code === 'unlisted');
}

interface Lagging {
  readonly row: RecordedInstance;
  readonly leftMs: number;
}

/** The records of all that the list hides, with how long each may still lag; none if it hides anything else, or is not in the way. */
function listLagging(seen: Observation, graceMs: number, now: number): readonly Lagging[] {
  const hidden = listHidden(seen);
  const rows = new Map(seen.recorded.instances.map((row) => [row.instanceId, row]));
  const lagging = hidden.flatMap(({ id }): readonly Lagging[] => {
    const row = rows.get(id);
    if (row === undefined) return [];
    // A clock that was set back since makes it no older than new.
    const age = Math.max(0, now - Date.parse(row.recordedAt));
    return age < graceMs ? [{ row, leftMs: graceMs - age }] : [];
  });
  return lagging.length === hidden.length && isHampered(seen) ? lagging : [];
}
