import { isDone, type Change } from './change.ts';
import type { Address } from './model.ts';

/** Why something was not done, in our words. `code` is one of src/errors.ts. */
export interface ResultError {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly requestId: string | null;
}

/** What became of one change. Held changes have none. */
export interface Result {
  readonly address: Address;
  readonly action: 'create' | 'adopt' | 'forget' | 'conflict';
  readonly status: 'done' | 'failed' | 'uncertain' | 'not-attempted';
  readonly instanceId: number | null;
  readonly error: ResultError | null;
  /** Done, but not as it should have gone: what was unclear, and how it was found out all the same. */
  readonly note?: string;
}

export interface Ledger {
  readonly created: number;
  readonly adopted: number;
  readonly forgotten: number;
  readonly failed: number;
  readonly uncertain: number;
  readonly notAttempted: number;
}

/** The counts that an apply ends with. */
export function countResults(results: readonly Result[]): Ledger {
  const done = (action: Result['action']) =>
    results.filter((one) => one.status === 'done' && one.action === action).length;
  const count = (status: Result['status']) => results.filter((one) => one.status === status).length;
  return {
    created: done('create'),
    adopted: done('adopt'),
    forgotten: done('forget'),
    failed: count('failed'),
    uncertain: count('uncertain'),
    notAttempted: count('not-attempted'),
  };
}

/** A change that nobody can decide is not tried. */
export function describeConflict({ address, instanceId, reason }: Change): Result {
  const error = { code: 'conflict' as const, message: reason.text, hint: '', requestId: null };
  return { address, action: 'conflict', status: 'not-attempted', instanceId, error };
}

/** Somebody said no: what would have been done was not, and conflicts would not have been anyway. By address. */
export function listDeclined(changes: readonly Change[]): readonly Result[] {
  return changes.flatMap((change): readonly Result[] => {
    const { address, action, instanceId } = change;
    if (action === 'conflict') return [describeConflict(change)];
    if (!isDone(action)) return [];
    return [{ address, action, status: 'not-attempted', instanceId, error: null, note: 'declined' }];
  });
}
