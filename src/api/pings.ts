import type { Reach } from '../core/reach.ts';
import type { Sensitive } from '../core/sensitive.ts';
import type { PingInstances } from '../ports.ts';
import { readVendorError } from './answers.ts';
import { describeTried } from './failures.ts';
import type { Cut } from './scrub.ts';
import type { Transport } from './transport.ts';
import { isObject, makeSecretScrub, readJson, writeElementAuthorization } from './wire.ts';

export interface PingOptions {
  readonly transport: Transport;
  /** Of the account. */
  readonly authorization: string;
  readonly host: string;
  readonly timeoutMs: number;
  readonly cut: Cut;
}

const mostBytes = 1024 * 1024;

/** Asks the vendor behind an instance for a sign of life: one request, never retried. Which hub is named does not matter (facts.md §1.3). */
export function openPings({ transport, authorization, host, timeoutMs, cut }: PingOptions): PingInstances {
  return {
    ping: async (id: number, token: Sensitive): Promise<Reach> => {
      const reply = await transport.send({
        ...{ method: 'GET', path: '/hubs/crm/ping', body: null, timeoutMs, maxBytes: mostBytes },
        authorization: writeElementAuthorization(authorization, token),
        hold: () => null,
      });
      if (reply.status === 200 && reply.text !== null && isObject(readJson(reply.text)))
        return { kind: 'reachable' };
      const scrub = makeSecretScrub([token], cut);
      const subject = { what: `the ping of instance ${String(id)}`, host, timeoutMs, scrub };
      const failure = describeTried(
        subject,
        { reply, attempts: 1, askedMs: null },
        'something that is no answer to a ping',
      );
      // Only the vendor's own words say something of the vendor; whatever else failed did so on the way.
      const isRefusal = reply.status !== null && reply.status >= 400 && reply.status !== 429;
      const isAnswer = isRefusal && readVendorError(reply, scrub) !== null;
      return { kind: isAnswer ? 'unreachable' : 'not-asked', why: failure.message };
    },
  };
}
