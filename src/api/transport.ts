import { exchange, type Account, type Client } from './exchange.ts';
import type { Call, Reply } from './call.ts';
import { faultOf, type FaultKind } from './faults.ts';
import { openFlight } from './flight.ts';

/** An account, and how many sockets to it may be open at once. */
export interface TransportOptions extends Account {
  readonly connections: number;
}

/** Sends requests to one account, each once. */
export interface Transport {
  /** Sends once: no retry, no redirect. */
  send(call: Call): Promise<Reply>;
  /** Runs `wait` with a signal that `abort` fires; false if it was cut short. */
  pause(wait: (signal: AbortSignal) => Promise<void>): Promise<boolean>;
  /** Requests whose bytes left. */
  sent(): Readonly<Record<Call['method'], number>>;
  /** Ends everything in flight, and lets nothing leave from now on. */
  abort(): void;
  /** Waits for what is in flight, then closes all sockets. */
  close(): Promise<void>;
}

const connectTimeoutMs = 10_000;
/**
 * Idle sockets are dropped before servers do it (Node and Apache: 5 s; most others: 60 s and more): a POST on a socket
 * that the server has just closed is lost without proof that it was.
 */
const idleMs = 4_000;
const longestTimer = 2_147_483_647;

/** The way to one account over HTTP/1.1. Loads undici (70 ms) and ky with the first request. */
export function openTransport(options: TransportOptions): Transport {
  const running = new Set<(why: FaultKind) => void>();
  const unfinished = new Set<Promise<unknown>>();
  const counts = { GET: 0, POST: 0 };
  let client: Promise<Client> | null = null;
  let over: FaultKind | null = null;

  async function sendOnce(call: Call): Promise<Reply> {
    const stop = new AbortController();
    let why: FaultKind | null = over;
    const end = (cause: FaultKind): void => {
      why ??= cause;
      stop.abort();
    };
    const flight = openFlight({
      body: call.body,
      hold: () => why ?? call.hold(),
      onSent: () => {
        counts[call.method] += 1;
      },
    });
    // A timer of our own: AbortSignal.timeout, joined by AbortSignal.any, may be collected before it fires (Node 20).
    const timer = setTimeout(() => end('timeout'), Math.min(call.timeoutMs, longestTimer));
    running.add(end);
    try {
      if (over !== null) return { status: null, sent: false, fault: faultOf(over) };
      const loaded = await (client ??= load(options.connections)).catch(() => null);
      if (loaded === null) return { status: null, sent: false, fault: faultOf('other') };
      return await exchange({ account: options, call, client: loaded, flight, stop, why: () => why });
    } finally {
      flight.end();
      clearTimeout(timer);
      // Lets go of the listeners that a signal which never fires would keep, one for each request (Node 20).
      stop.abort();
      running.delete(end);
    }
  }

  async function pause(wait: (signal: AbortSignal) => Promise<void>): Promise<boolean> {
    const stop = new AbortController();
    const end = (): void => stop.abort();
    running.add(end);
    try {
      if (over !== null) return false;
      await wait(stop.signal);
    } catch (error) {
      if (!stop.signal.aborted) throw error;
    } finally {
      running.delete(end);
    }
    return !stop.signal.aborted;
  }

  return {
    send: (call) => {
      const reply = sendOnce(call);
      unfinished.add(reply);
      return reply.finally(() => unfinished.delete(reply));
    },
    pause,
    sent: () => ({ ...counts }),
    abort: () => {
      over = 'aborted';
      for (const end of [...running]) end('aborted');
    },
    close: async () => {
      over ??= 'closed';
      await Promise.allSettled(unfinished);
      // Not agent.close(): it would wait for connections that nobody wants any more.
      await (await client?.catch(() => null))?.agent.destroy();
    },
  };
}

async function load(connections: number): Promise<Client> {
  // The default export: bundled, a CommonJS module has no other.
  const [{ default: undici }, { default: ky }] = await Promise.all([import('undici'), import('ky')]);
  const { Agent, fetch } = undici;
  const agent = new Agent({
    connections,
    pipelining: 1,
    allowH2: false,
    connect: { timeout: connectTimeoutMs },
    keepAliveTimeout: idleMs,
    keepAliveMaxTimeout: idleMs,
    // The call's own timeout covers both.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  return { agent, fetch, ky };
}
