import type { ResultError } from '../core/result.ts';
import { InstateError } from '../errors.ts';
import type { ApiFailure } from '../ports.ts';

/** A failed call as a result shows it. */
export function describeFailure({ code, message, hint, requestId }: ApiFailure): ResultError {
  return { code, message, hint, requestId };
}

const stateIsLost: readonly string[] = [
  'state_unwritable',
  'state_locked',
  'state_corrupt',
  'state_unsupported',
];

/** Whether the cause means that this run can record nothing more, whatever address it is of. */
export function isStateLost(error: { readonly code: string } | null): boolean {
  return error !== null && stateIsLost.includes(error.code);
}

/** Any error as a result shows it; what is not ours becomes `internal`, without its text (safety.md E1). */
export function describeError(error: unknown): ResultError {
  if (error instanceof InstateError) {
    return { code: error.code, message: error.message, hint: error.hint, requestId: error.requestId };
  }
  return {
    code: 'internal',
    message: 'an unexpected error; this is a bug in instate',
    hint: '',
    requestId: null,
  };
}
