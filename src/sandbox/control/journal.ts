import type { IncomingHttpHeaders } from 'node:http';

/** What became of a request: the status that was sent, `closed` if the connection was closed instead, null while unanswered. */
export type Fate = number | 'closed' | null;

/** A request as it came: path below the base URL with its query, body as JSON if it is JSON, as text if not, null if empty. */
export interface RequestRecord {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<IncomingHttpHeaders>;
  readonly body: unknown;
  readonly status: Fate;
  /** The kinds of the faults that met it, in the order in which they were scripted. */
  readonly faults: readonly string[];
  /** When it came, ISO 8601 in UTC, to the millisecond. */
  readonly at: string;
}

/** A request with its body as text; parsed only when somebody asks. */
export type RawRequest = Pick<RequestRecord, 'method' | 'path' | 'headers' | 'faults'> & {
  readonly text: string;
};

/** A remembered request. Whoever answers it sets its `status`; that is all that ever changes of it. */
export type Trace = Readonly<RawRequest> & {
  /** Wall clock, milliseconds. */
  readonly at: number;
  status: Fate;
};

/** What was asked of the API since the start or the last reset. */
export interface Journal {
  /** Counts a request under its operation, and remembers it among the last ones. */
  readonly recordRequest: (operation: string, request: RawRequest) => Trace;
  /** Counts by method and path template, in order of first use. */
  readonly countRequests: () => Readonly<Record<string, number>>;
  /** The last 1,000 requests, oldest first. */
  readonly listRequests: () => readonly RequestRecord[];
  /** The last few, newest first, as they are kept; no more than 1,000. */
  readonly listNewest: (count: number) => readonly Readonly<Trace>[];
  readonly clearRequests: () => void;
}

const KEPT = 1000;

/** Makes an empty journal. `now` is the wall clock in milliseconds. */
export function createJournal(now: () => number): Journal {
  const counts = new Map<string, number>();
  let traces: Trace[] = [];
  return {
    recordRequest: (operation, { method, path, headers, text, faults }) => {
      counts.set(operation, (counts.get(operation) ?? 0) + 1);
      const trace: Trace = { method, path, headers, text, faults, at: now(), status: null };
      traces.push(trace);
      if (traces.length >= 2 * KEPT) traces = traces.slice(-KEPT);
      return trace;
    },
    countRequests: () => Object.fromEntries(counts),
    listRequests: () => traces.slice(-KEPT).map(describeTrace),
    listNewest: (count) => (count < 1 ? [] : traces.slice(-Math.min(count, KEPT)).reverse()),
    clearRequests: () => {
      counts.clear();
      traces = [];
    },
  };
}

function describeTrace({ method, path, headers, text, status, faults, at }: Trace): RequestRecord {
  return { method, path, headers, body: parseBody(text), status, faults, at: new Date(at).toISOString() };
}

function parseBody(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
