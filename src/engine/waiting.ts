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

/** How long from now until the last of them can be decided, ms. The wait itself is by a timer, which no clock can cut short. */
export function measureWait(waiting: readonly Waiting[], clock: Clock): number {
  return Math.max(0, ...waiting.map(({ until }) => until - clock.now())) + 1;
}
