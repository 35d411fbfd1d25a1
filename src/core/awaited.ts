import type { Address } from './model.ts';
import type { Planning } from './plan.ts';

/** Addresses whose earlier create may still arrive: apply waits for them, and may create them then. */
export function listAwaited({ plan, matching }: Planning): readonly Address[] {
  return plan.changes
    .filter(
      ({ address, reason }) =>
        reason.code === 'unconfirmed' && matching.recoveries.get(address)?.together.kind === 'waiting',
    )
    .map(({ address }) => address);
}
