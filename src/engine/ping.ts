import { findLive } from '../core/claims.ts';
import type { Reach } from '../core/reach.ts';
import type { Planning } from '../core/plan.ts';
import type { Sensitive } from '../core/sensitive.ts';
import type { PingInstances } from '../ports.ts';
import type { Clock } from './create.ts';

/** Ten a second: each ping is a call to somebody else's service, in the name of a customer. */
const betweenMs = 100;
const atOnce = 4;

export interface PingRun {
  readonly ping: PingInstances;
  readonly clock: Pick<Clock, 'monotonic' | 'wait'>;
  readonly stop: AbortSignal;
}

/** Asks the vendor behind every managed instance in scope, a few at once and ten a second at most. By instance id. */
export async function pingManaged(planning: Planning, run: PingRun): Promise<ReadonlyMap<number, Reach>> {
  const { matches, policy } = planning;
  const tokens = collectTokens(planning);
  const ids = [...matches].flatMap(([address, match]) => {
    const live = findLive(match);
    return live === null || match.kind === 'conflict' || !policy.includes(address) ? [] : [live.id];
  });
  const reached = new Map<number, Reach>();
  let [next, due] = [0, run.clock.monotonic()];
  const work = async (): Promise<void> => {
    for (let id = ids[next++]; id !== undefined && !run.stop.aborted; id = ids[next++]) {
      const now = run.clock.monotonic();
      const wait = Math.max(0, due - now);
      due = Math.max(due, now) + betweenMs;
      if (wait > 0) await run.clock.wait(wait, run.stop);
      if (run.stop.aborted) return;
      const token = tokens.get(id);
      reached.set(
        id,
        token === undefined
          ? { kind: 'not-asked', why: 'the service shows no token of it' }
          : await run.ping.ping(id, token),
      );
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return reached;
}

function collectTokens({ matching }: Planning): ReadonlyMap<number, Sensitive> {
  const { listing, probes } = matching.observation;
  const probed = [...probes].flatMap(([id, probe]) =>
    probe.kind === 'live' && probe.token !== null ? [[id, probe.token] as const] : [],
  );
  return new Map([...(listing?.tokens ?? []), ...probed]);
}
