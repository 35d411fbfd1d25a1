import type { FaultSchedule } from '../faults/schedule.ts';
import type { Journal } from '../control/journal.ts';
import type { Timers } from '../world/timers.ts';
import type { World } from '../world/world.ts';

/** All parts of a running sandbox, as its requests see them. */
export interface Service {
  readonly world: World;
  readonly schedule: FaultSchedule;
  readonly journal: Journal;
  /** Asks whoever started the sandbox to close it. */
  readonly stop: () => void;
  /** Requests that are delayed and answers that wait for the latency. Unlike the world's timers they outlive a reset: somebody waits for them. */
  readonly sending: Timers;
  /** How many instances a new account starts with. */
  readonly seed: number;
  /** How long every answer of the API waits, milliseconds. */
  readonly latency: number;
}
