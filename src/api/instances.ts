import pLimit from 'p-limit';
import type { Sensitive } from '../core/sensitive.ts';
import type { ApiStats, CreateInstances, Gate, PingInstances, ReadInstances } from '../ports.ts';
import { openCreates } from './creates.ts';
import { openGate } from './gate.ts';
import { list } from './listing.ts';
import { openPings } from './pings.ts';
import { readPage, readProbe, type Get, type ReadTerms } from './reads.ts';
import { retryGet } from './retry.ts';
import type { Cut } from './scrub.ts';
import { openTransport, type Transport } from './transport.ts';
import { parseBaseUrl } from './trust.ts';
import { makeSecretCut, makeSecretScrub, writeAuthorization, type Reading } from './wire.ts';

export interface ApiOptions {
  /** Of an account whose host `checkHost` has passed. */
  readonly baseUrl: string;
  readonly userSecret: Sensitive;
  readonly organizationSecret: Sensitive;
  /** More secrets in play: cut out of whatever the service says (what a POST itself sends is, anyway). */
  readonly secrets?: () => readonly Sensitive[];
  /** Slots of the gate, concurrent reads, and connections. */
  readonly parallelism: number;
  /** For one request from connecting to the last byte of its answer; each retry has its own. */
  readonly timeouts: { readonly getMs: number; readonly postMs: number };
  /** As in `instate/0.1.0`. */
  readonly userAgent: string;
  /** Wall clock, ms. */
  readonly now: () => number;
  /** Monotonic clock, ms. */
  readonly monotonic: () => number;
  /** In [0, 1), for the jitter of retries. */
  readonly random: () => number;
  /** Resolves after `ms`; may reject once the signal fires. */
  readonly delay: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Called before each retry of a GET; `attempt` is the one that failed, from 1. */
  readonly onRetry?: (what: {
    readonly attempt: number;
    readonly waitMs: number;
    readonly why: string;
  }) => void;
}

/** The account's `/instances`, as much of it as a release may use: GET, and POST through `create`. */
export interface Api {
  readonly read: ReadInstances;
  readonly create: CreateInstances;
  readonly ping: PingInstances;
  readonly gate: Gate;
  /** Requests whose bytes left, retries among them. */
  stats(): ApiStats;
  /** More secrets have come into play: `secrets` is asked again. */
  learn(): void;
  /** Ends everything in flight and stops the gate: a POST becomes uncertain, or not-sent if its bytes never left. */
  abort(): void;
  /** Waits for what is in flight and closes the sockets. */
  close(): Promise<void>;
}

/**
 * Opens no connection, and loads no HTTP client, before the first request. Throws `unauthorized` for a secret that no
 * header can carry and `untrusted_host` for what is no base URL.
 */
export function openApi(options: ApiOptions): Api {
  const url = parseBaseUrl(options.baseUrl);
  let made: Cut | null = null;
  const cut: Cut = (text) => {
    // Asked for at the first failure: opening thousands of secrets is nothing for a run in which all goes well.
    made ??= makeSecretCut([options.userSecret, options.organizationSecret, ...(options.secrets?.() ?? [])]);
    return made(text);
  };
  const parallelism = Math.max(1, Math.floor(options.parallelism) || 1);
  const authorization = writeAuthorization(options.userSecret, options.organizationSecret);
  const transport = openTransport({
    base: `${url.origin}${url.pathname}`.replace(/\/+$/, ''),
    authorization,
    userAgent: options.userAgent,
    connections: parallelism,
  });
  const gate = openGate(parallelism);
  const reader = openReader(options, { transport, parallelism, host: url.host, cut });
  const { now, monotonic } = options;
  return {
    read: reader.read,
    create: openCreates({
      transport,
      timeoutMs: options.timeouts.postMs,
      host: url.host,
      cut,
      now,
      monotonic,
    }),
    ping: openPings({ transport, authorization, host: url.host, timeoutMs: options.timeouts.getMs, cut }),
    gate,
    stats: () => ({ requests: transport.sent(), retries: reader.retries() }),
    learn: () => {
      made = null;
    },
    abort: () => {
      gate.stop();
      transport.abort();
    },
    close: () => transport.close(),
  };
}

interface ReaderTerms {
  readonly transport: Transport;
  readonly parallelism: number;
  readonly host: string;
  readonly cut: Cut;
}

function openReader(
  options: ApiOptions,
  { transport, parallelism, host, cut }: ReaderTerms,
): { read: ReadInstances; retries: () => number } {
  const limit = pLimit(parallelism);
  const timeoutMs = options.timeouts.getMs;
  const scrub = makeSecretScrub([], cut);
  let retries = 0;

  const get: Get = (path, maxBytes) =>
    retryGet({
      // A slot for each attempt, not for the waits between them; and a request's time runs only once it has one.
      send: () =>
        limit(() =>
          transport.send({ method: 'GET', path, body: null, timeoutMs, maxBytes, hold: () => null }),
        ),
      pause: (ms) => transport.pause((signal) => options.delay(ms, signal)),
      now: options.now,
      random: options.random,
      onRetry: (what) => {
        retries += 1;
        options.onRetry?.(what);
      },
    });
  const terms = (reading: Reading): ReadTerms => ({ get, reading, subject: { host, timeoutMs, scrub } });

  return {
    retries: () => retries,
    read: {
      list: (reading) => {
        const to = terms(reading);
        return list({
          page: (cursor) => readPage(to, cursor),
          probe: (id) => readProbe(to, id),
          now: options.now,
        });
      },
      get: (id, reading) => readProbe(terms(reading), id),
    },
  };
}
