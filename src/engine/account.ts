import { findRefusal } from '../core/guards.ts';
import type { Declarations, Listing, RecordedState } from '../core/model.ts';
import type { Observation } from '../core/observation.ts';
import { InstateError } from '../errors.ts';

/**
 * Throws `wrong_state` or `wrong_account` if the state is of another project or account than the files, or `listing` (null: none is at
 * hand) shows that; `incomplete_list` if it is no list to go by.
 */
export function refuseOtherAccount(
  declarations: Declarations,
  recorded: RecordedState,
  listing: Listing | null,
): void {
  const nothing: Omit<Observation, 'declarations' | 'recorded' | 'listing'> = {
    ...{ probes: new Map(), credentials: new Map(), waitedFor: new Set(), fresh: new Set(), seenAt: 0 },
  };
  const refusal = findRefusal({ declarations, recorded, listing, ...nothing });
  if (refusal === null) return;
  throw new InstateError(refusal.code, refusal.text, { hint: refusal.hint });
}
