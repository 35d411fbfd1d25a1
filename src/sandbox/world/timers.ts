/** Timers that can all be forgotten at once, so that nothing happens after a reset or a close. */
export interface Timers {
  /** Runs a task after so many milliseconds. */
  readonly startTimer: (ms: number, task: () => void) => void;
  readonly clearTimers: () => void;
}

/** Makes an empty set of timers. */
export function createTimers(): Timers {
  const running = new Set<NodeJS.Timeout>();
  return {
    startTimer: (ms, task) => {
      const timer = setTimeout(() => {
        running.delete(timer);
        task();
      }, ms);
      running.add(timer);
    },
    clearTimers: () => {
      for (const timer of running) clearTimeout(timer);
      running.clear();
    },
  };
}
