import type { StartTimer } from '../../src/sandbox/world/timers.ts';

/** A clock that stands still until somebody lets time pass, and the timers that hang on it. */
export interface VirtualClock {
  /** Wall clock, ms. */
  readonly now: () => number;
  /** Lets time pass at once; what falls due on the way is done in its order, at its time. */
  readonly pass: (ms: number) => void;
  readonly startTimer: StartTimer;
  /** How many tasks have not fallen due. */
  readonly countTimers: () => number;
}

interface Timer {
  readonly at: number;
  readonly task: () => void;
}

/** A clock that begins at `start`, ms. */
export function createVirtualClock(start: number): VirtualClock {
  let time = start;
  const timers = new Set<Timer>();
  const takeNext = (until: number): Timer | null => {
    const due = [...timers].filter(({ at }) => at <= until).sort((a, b) => a.at - b.at);
    const [next] = due;
    if (next !== undefined) timers.delete(next);
    return next ?? null;
  };
  return {
    now: () => time,
    pass: (ms) => {
      const until = time + Math.max(0, ms);
      for (let next = takeNext(until); next !== null; next = takeNext(until)) {
        time = Math.max(time, next.at);
        next.task();
      }
      time = until;
    },
    startTimer: (ms, task) => {
      const timer = { at: time + ms, task };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    countTimers: () => timers.size,
  };
}
