/** Timers that can all be forgotten at once, so that nothing happens after a reset or a close. */
export interface Timers {
  /** Runs a task after so many milliseconds. */
  readonly startTimer: (ms: number, task: () => void) => void;
  readonly clearTimers: () => void;
}

/** Runs a task once, after so many milliseconds of some clock; what it returns forgets the task. */
export type StartTimer = (ms: number, task: () => void) => () => void;

/** Makes an empty set of timers, of the process's own clock unless another is given. */
export function createTimers(start: StartTimer = startRealTimer): Timers {
  const running = new Set<() => void>();
  return {
    startTimer: (ms, task) => {
      const forget = start(ms, () => {
        running.delete(forget);
        task();
      });
      running.add(forget);
    },
    clearTimers: () => {
      for (const forget of running) forget();
      running.clear();
    },
  };
}

function startRealTimer(ms: number, task: () => void): () => void {
  const timer = setTimeout(task, ms);
  return () => clearTimeout(timer);
}
