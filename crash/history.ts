/** A scripted fault of the sandbox; docs/sandbox.md. */
export interface Fault {
  readonly on: 'POST /instances' | 'GET /instances' | 'GET /instances/{id}';
  readonly nth: number;
  readonly times?: number;
  readonly do: string;
  readonly ms?: number;
  readonly code?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** One call of the kernel in an uncrashed apply: the `k`th of its kind in the main thread, and what it does there. */
export interface Point {
  readonly sys: string;
  readonly k: number;
  readonly label: string;
}

/** What becomes of the disk: full, no sync succeeds, nothing is read or written, mounted readonly, no file is opened. */
export type DiskFailure = 'full' | 'unsynced' | 'broken' | 'read-only' | 'unopened';

/** One call on the state's files; `k` counts calls on those alone. */
export interface DiskPoint extends Point {
  /** How many calls of each kind come before it. */
  readonly before: Readonly<Record<string, number>>;
  /** A create has left before. */
  readonly sent: boolean;
}

export type Signal = 'SIGKILL' | 'SIGTERM' | 'SIGINT' | 'SIGSTOP' | 'SIGCONT';

/** From when an instant counts: the start of the process, the moment at which it holds the lock, or the one at which the service has a create of it. */
export type Since = 'start' | 'lock' | 'create';

/** How a run is ended before its end. */
export type Crash =
  /** SIGKILL as the process enters a call of the kernel, which is then not carried out. */
  | { readonly kind: 'step'; readonly point: Point }
  /** Signals at instants, each so many milliseconds after the one before. One SIGKILL alone is `kill -9`. */
  | {
      readonly kind: 'instant' | 'signals';
      readonly since: Since;
      readonly signals: readonly { readonly signal: Signal; readonly afterMs: number }[];
    }
  /** Power cut at an instant, with everything on the disk that was written: stopped, copied, killed, the copy put back. */
  | { readonly kind: 'power'; readonly since: Since; readonly afterMs: number }
  /** Power cut at a call of the kernel that takes away what was written and not synced: all, the end of it, or sectors. */
  | { readonly kind: 'torn'; readonly point: Point; readonly loss: Loss; readonly seed: string }
  /** The disk fails at one call on the state's files, or from there on (`lasts`); the run is not killed, and ends by itself. */
  | {
      readonly kind: 'disk';
      readonly failure: DiskFailure;
      readonly point: DiskPoint;
      readonly lasts: boolean;
    };

export type Loss = 'all' | 'tail' | 'sectors';

/** One life of a state and its account, from an empty folder to the last look. */
export interface History {
  /** `SEED-INDEX`; says everything. */
  readonly id: string;
  /** Declared instances. */
  readonly instances: number;
  /** So many of them were applied before, in peace. */
  readonly before: number;
  /** Instances of other people in the account. */
  readonly others: number;
  readonly faults: readonly Fault[];
  /** The service commits or lists later than the grace period: a double may come, and must be told. */
  readonly beyond: boolean;
  /** The grace period of its applies, in seconds. */
  readonly grace: number;
  readonly crashes: readonly Crash[];
}

/** Addresses of a history: `i1`, `i2`, … */
export function listAddresses(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `i${String(index + 1)}`);
}

/** One line for people, which `--filter` looks into too. */
export function describeHistory(history: History): string {
  const faults = history.faults.map(
    (fault) =>
      `${fault.do}${fault.code === undefined ? '' : ` ${String(fault.code)}`}${fault.ms === undefined ? '' : ` ${String(fault.ms)} ms`} on ${fault.on} ${String(fault.nth)}${fault.times === undefined ? '' : ` (${String(fault.times)} times)`}`,
  );
  const size = `${String(history.instances)} declared, ${String(history.before)} of them before, ${String(history.others)} others`;
  const where = `${history.beyond ? 'beyond the grace period' : 'within the promise'} (${String(history.grace)} s)`;
  return [
    `${history.id}: ${size}; ${where}`,
    history.crashes.map(describeCrash).join(', then '),
    faults.length === 0 ? 'no fault' : faults.join(' + '),
  ].join('; ');
}

function describeCrash(crash: Crash): string {
  switch (crash.kind) {
    case 'step':
      return `step (${describePoint(crash.point)})`;
    case 'torn':
      return `torn (${describePoint(crash.point)}, unsynced ${crash.loss} lost)`;
    case 'disk':
      return `disk (${crash.failure}${crash.lasts ? ' from' : ' at'} ${describePoint(crash.point)}${crash.point.sent ? ' after a create' : ''}${crash.lasts ? ' on' : ''})`;
    case 'power':
      return `power (${String(crash.afterMs)} ms after the ${crash.since})`;
    default: {
      const signals = crash.signals.map(({ signal, afterMs }) => `${signal} +${String(afterMs)} ms`);
      return `${crash.kind} (after the ${crash.since}: ${signals.join(', ')})`;
    }
  }
}

function describePoint({ sys, k, label }: Point): string {
  return `${sys} ${String(k)}: ${label}`;
}
