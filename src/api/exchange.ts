import type { KyInstance } from 'ky';
import type { Agent, fetch as Fetch } from 'undici';
import type { Call, Reply } from './call.ts';
import { faultOf, readFault, type FaultKind } from './faults.ts';
import type { Flight } from './flight.ts';

/** What was loaded with the first request. */
export interface Client {
  readonly agent: Agent;
  readonly fetch: typeof Fetch;
  readonly ky: KyInstance;
}

/** Where requests go, and as whom. */
export interface Account {
  /** Without a slash at its end. */
  readonly base: string;
  readonly authorization: string;
  readonly userAgent: string;
}

/** One request on its way through ky and undici. */
export interface Exchange {
  readonly account: Account;
  readonly call: Call;
  readonly client: Client;
  readonly flight: Flight;
  readonly stop: AbortController;
  /** Why it was stopped. */
  readonly why: () => FaultKind | null;
}

/**
 * Sends the request and reads the answer to its end, or until `stop` fires. Never rejects: what goes wrong in ky, undici
 * or below is put into our words here.
 */
export async function exchange(x: Exchange): Promise<Reply> {
  const early = x.why();
  if (early !== null) return { status: null, sent: false, fault: faultOf(early) };
  const stopped = new Promise<never>((_, reject) => {
    x.stop.signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true });
  });
  // Nobody may be waiting for it when it comes about; it must not end as an unhandled rejection.
  stopped.catch(() => undefined);
  let header: (name: string) => string | null = () => null;
  try {
    const response = await Promise.race([request(x), stopped]);
    header = (name) => response.headers.get(name);
    const text = await Promise.race([readText(response.body, x.call.maxBytes), stopped]);
    if (text !== null) return { status: response.status, header, text, fault: null };
    cut(x);
    return { status: response.status, header, text: null, fault: faultOf('too-big') };
  } catch (error) {
    const own = x.why() ?? x.flight.heldBack();
    const fault = own === null ? readFault(error) : faultOf(own);
    cut(x);
    const status = x.flight.status();
    if (status !== null) return { status, header, text: null, fault };
    return { status: null, sent: x.flight.sent(), fault };
  }
}

/** Frees the socket, or the place in the queue for one. */
function cut({ flight, stop }: Exchange): void {
  flight.end();
  flight.cut();
  stop.abort();
}

/**
 * ky builds a Request of Node's own undici, which the fetch of the npm one does not take: url, method and headers are
 * handed over, and the body as text, so that it goes out with `content-length`. ky itself never sees the body: it would
 * clone and tee it.
 */
function request({ account, call, client, flight, stop }: Exchange): Promise<Response> {
  const dispatcher = client.agent.compose(flight.interceptor);
  const body = call.body === null ? {} : { body: call.body };
  const { signal } = stop;
  const content = call.body === null ? {} : { 'content-type': 'application/json' };
  return client.ky(`${account.base}${call.path}`, {
    method: call.method,
    headers: {
      authorization: call.authorization ?? account.authorization,
      accept: 'application/json',
      'user-agent': account.userAgent,
      ...content,
    },
    redirect: 'manual',
    retry: 0,
    timeout: false,
    throwHttpErrors: false,
    signal,
    fetch: async (input) => {
      const { url, method, headers } = input as Request;
      const entries = [...headers] as [string, string][];
      const answer = await client.fetch(url, {
        ...body,
        method,
        headers: entries,
        redirect: 'manual',
        signal,
        dispatcher,
      });
      return answer as unknown as Response;
    },
  });
}

/** The body as text, or null if it has more than `maxBytes`. */
async function readText(body: ReadableStream<Uint8Array> | null, maxBytes: number): Promise<string | null> {
  if (body === null) return '';
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  for (let size = 0; ;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks).toString('utf8');
    size += value.byteLength;
    if (size > maxBytes) {
      reader.cancel().catch(() => undefined);
      return null;
    }
    chunks.push(value);
  }
}
