import type { IncomingHttpHeaders } from 'node:http';

/** A request as it came: path below the base URL with its query, body as JSON if it is JSON, as text if not, null if empty. */
export interface RequestRecord {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<IncomingHttpHeaders>;
  readonly body: unknown;
}

/** A request with its body as text; parsed only when somebody asks. */
export type RawRequest = Omit<RequestRecord, 'body'> & { readonly text: string };

/** What was asked of the API since the start or the last reset. */
export interface Journal {
  /** Counts a request under its operation, and remembers it among the last ones. */
  readonly recordRequest: (operation: string, request: RawRequest) => void;
  /** Counts by method and path template, in order of first use. */
  readonly countRequests: () => Readonly<Record<string, number>>;
  /** The last 1,000 requests, oldest first. */
  readonly listRequests: () => readonly RequestRecord[];
  readonly clearRequests: () => void;
}

const KEPT = 1000;

/** Makes an empty journal. */
export function createJournal(): Journal {
  const counts = new Map<string, number>();
  let requests: RawRequest[] = [];
  return {
    recordRequest: (operation, request) => {
      counts.set(operation, (counts.get(operation) ?? 0) + 1);
      requests.push(request);
      if (requests.length >= 2 * KEPT) requests = requests.slice(-KEPT);
    },
    countRequests: () => Object.fromEntries(counts),
    listRequests: () =>
      requests.slice(-KEPT).map(({ text, ...rest }) => ({ ...rest, body: parseBody(text) })),
    clearRequests: () => {
      counts.clear();
      requests = [];
    },
  };
}

function parseBody(text: string): unknown {
  if (text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
