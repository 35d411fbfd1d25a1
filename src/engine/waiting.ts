import { listAwaited } from '../core/awaited.ts';
import type { Address, OpenIntent } from '../core/model.ts';
import type { Planning } from '../core/plan.ts';
import type { Clock } from './create.ts';

/** A create that may still arrive, and the address that it concerns. */
export interface Waiting {
  readonly address: Address;
  readonly intent: OpenIntent;
  /** When a listing may decide it, wall clock, ms. */
  readonly until: number;
}

/** The cut-off creates of some addresses that no listing can decide yet. */
export function listWaiting({ matching }: Planning, addresses: readonly Address[]): readonly Waiting[] {
  return addresses.flatMap((address) =>
    (matching.recoveries.get(address)?.each ?? []).flatMap(({ intent, recovery }) =>
      recovery.kind === 'waiting' ? [{ address, intent, until: recovery.until }] : [],
    ),
  );
}

/** Those that an apply waits for: it may create their addresses then. */
export function listApplyWaiting(planning: Planning): readonly Waiting[] {
  return listWaiting(planning, listAwaited(planning));
}

/**
 * How long from now until the last of them can be decided, ms: from the listing on, and by the monotonic clock alone, as the wall
 * clock may have been set since (safety.md C2).
 */
export function measureWait(planning: Planning, waiting: readonly Waiting[], clock: Clock): number {
  return Math.max(0, ...waiting.map((one) => measureLeft(planning, one, clock))) + timerMs;
}

/** Those whose whole time has passed since the listing, on our own clock. */
export function listWaitedFor(
  planning: Planning,
  waiting: readonly Waiting[],
  clock: Clock,
): ReadonlySet<string> {
  const over = waiting.filter((one) => measureLeft(planning, one, clock) <= 0);
  return new Set(over.map(({ intent }) => intent.id));
}

/** A timer may fire this much early. */
const timerMs = 5;

function measureLeft({ matching }: Planning, { until }: Waiting, clock: Clock): number {
  const { listing, seenAt } = matching.observation;
  return until - (listing?.startedAt ?? until) - (clock.monotonic() - seenAt);
}
