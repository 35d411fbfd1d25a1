import type { IncomingHttpHeaders } from 'node:http';

/** What became of a request: the status that was sent, `closed` if the connection was closed instead, null while unanswered. */
export type Fate = number | 'closed' | null;

/** A request as it came: path below the base URL with its query, body as JSON if it is JSON, as text if not or if it was cut, null if empty. */
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
  /** Method and path template. */
  readonly operation: string;
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
/** How many characters of a body are kept; of a longer one only the beginning is, as text. */
const KEPT_TEXT = 64 * 1024;

/** Makes an empty journal. `now` is the wall clock in milliseconds. */
export function createJournal(now: () => number): Journal {
  const counts = new Map<string, number>();
  let traces: Trace[] = [];
  return {
    recordRequest: (operation, { method, path, headers, text, faults }) => {
      counts.set(operation, (counts.get(operation) ?? 0) + 1);
      const kept = text.length > KEPT_TEXT ? cutText(text) : text;
      const trace: Trace = { operation, method, path, headers, text: kept, faults, at: now(), status: null };
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

/** By way of bytes: a slice would keep the whole text alive. */
function cutText(text: string): string {
  return Buffer.from(text.slice(0, KEPT_TEXT)).toString('utf8');
}

function parseBody(text: string): unknown {
  if (text === '') return null;
  try {
    const value: unknown = JSON.parse(text);
    // What is too deep to be written again would spoil the whole list.
    JSON.stringify(value);
    return value;
  } catch {
    return text;
  }
}
