import type { Context, StopSignal } from './context.ts';

/** How a run is asked to end. The first signal asks, the second ends the process at once. */
export interface Stopper {
  readonly signal: AbortSignal;
  /** Calls `work` at the first signal; at once if that has come already. */
  readonly onStop: (work: () => void) => void;
  /** Which signal came, or null. */
  readonly cause: () => StopSignal | null;
  /** 130 for SIGINT, 143 for SIGTERM. */
  readonly exitCode: () => number;
  /** No more signals are listened for. */
  readonly close: () => void;
}

/** Listens for SIGINT and SIGTERM. `lastWords` are said before a second one ends the process. */
export function createStopper(context: Context, lastWords: () => void): Stopper {
  const controller = new AbortController();
  let cause: StopSignal | null = null;
  const exitCode = () => (cause === 'SIGTERM' ? 143 : 130);
  const close = context.onSignal((signal) => {
    if (cause !== null) {
      lastWords();
      context.exit(exitCode());
      return;
    }
    cause = signal;
    controller.abort();
  });
  const { signal } = controller;
  const onStop = (work: () => void): void => {
    if (signal.aborted) work();
    else signal.addEventListener('abort', work, { once: true });
  };
  return { signal, onStop, cause: () => cause, exitCode, close };
}
