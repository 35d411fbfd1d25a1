import type { Address, Declarations } from '../core/model.ts';
import type { Policy } from '../core/plan.ts';
import type { Hands } from './create.ts';
import type { Eyes } from './observe.ts';
import type { Result } from '../core/result.ts';

/** Everything that one apply works with. Only `Hands` can write, and only by POST. */
export interface ApplyRun {
  readonly declarations: Declarations;
  readonly policy: Policy;
  readonly eyes: Eyes;
  readonly hands: Hands;
  readonly failFast: boolean;
  /** Fires when the run is to end: nothing new is sent. */
  readonly stop: AbortSignal;
  readonly events: ApplyEvents;
}

/** What a person at a terminal wants to hear while it goes on. */
export interface ApplyEvents {
  readonly onStart: (total: number) => void;
  /** A create has its slot: its POST leaves next. */
  readonly onCreate: (address: Address) => void;
  readonly onResult: (result: Result) => void;
  /** `until`: wall clock, ms. */
  readonly onWait: (addresses: readonly Address[], until: number) => void;
  /** The list does not show yet what was recorded a moment ago. `until`: wall clock, ms. */
  readonly onLag: (addresses: readonly Address[], until: number) => void;
  /** Creates whose answer said nothing of use are looked for in the list, some seconds long. */
  readonly onUnclear: (addresses: readonly Address[]) => void;
}
