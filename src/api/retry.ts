import type { Reply } from './call.ts';
import { faultOf } from './faults.ts';

/** What a GET needs to be tried again. */
export interface RetryTerms {
  readonly send: () => Promise<Reply>;
  /** Waits that long; false if it was cut short. */
  readonly pause: (ms: number) => Promise<boolean>;
  /** Wall clock, ms: for a `Retry-After` that names a date. */
  readonly now: () => number;
  /** In [0, 1). */
  readonly random: () => number;
  readonly onRetry: (what: {
    readonly attempt: number;
    readonly waitMs: number;
    readonly why: string;
  }) => void;
}

export interface Tried {
  readonly reply: Reply;
  /** How often it was sent. */
  readonly attempts: number;
  /** The wait that the service asked for and that was too long to be waited out, in ms; else null. */
  readonly askedMs: number | null;
}

const mostAttempts = 4;
const baseMs = 250;
const capMs = 8_000;
/** A `Retry-After` beyond this fails at once and is reported. */
const longestWaitMs = 60_000;

/**
 * Sends a GET up to four times in all: again after 408, 429, 5xx, a reset or a timeout, with exponential back-off and
 * jitter, or after what `Retry-After` says. Never for a POST: only a GET is free of effects (safety.md C4).
 */
export async function retryGet(terms: RetryTerms): Promise<Tried> {
  for (let attempt = 1; ; attempt += 1) {
    const reply = await terms.send();
    const why = explainRetry(reply);
    if (why === null || attempt === mostAttempts) return { reply, attempts: attempt, askedMs: null };
    const asked = readRetryAfter(reply, terms.now());
    if (asked > longestWaitMs) return { reply, attempts: attempt, askedMs: asked };
    const waitMs = asked > 0 ? asked : backOff(attempt, terms.random());
    terms.onRetry({ attempt, waitMs, why });
    if (!(await terms.pause(waitMs))) {
      return {
        reply: { status: null, sent: true, fault: faultOf('aborted') },
        attempts: attempt,
        askedMs: null,
      };
    }
  }
}

/** Why it is worth another try; null if it is not. */
function explainRetry(reply: Reply): string | null {
  if (reply.status !== null && (reply.status === 408 || reply.status === 429 || reply.status >= 500)) {
    return `status ${String(reply.status)}`;
  }
  switch (reply.fault?.kind) {
    case 'reset':
      return 'the connection was cut';
    case 'timeout':
      return 'no answer in time';
    case 'connect-timeout':
      return 'no connection in time';
    default:
      return null;
  }
}

/** Half of it fixed, half random, so that many clients that fail together do not come back together. */
function backOff(attempt: number, random: number): number {
  const full = Math.min(capMs, baseMs * 2 ** (attempt - 1));
  return Math.round(full / 2 + (full / 2) * random);
}

/** `Retry-After` in ms, in seconds or as an HTTP date; 0 if there is none that can be read, or if it is over. */
function readRetryAfter(reply: Reply, now: number): number {
  const value = reply.status === null ? '' : (reply.header('retry-after') ?? '').trim();
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  // Without its zone a date would be read as local time.
  const date = value.endsWith('GMT') ? Date.parse(value) : Number.NaN;
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}
