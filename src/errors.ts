import type { Diagnostic } from './diagnostics.ts';

/**
 * Every cause that a command can end with; `error.code` in JSON, in brackets at the end of an error in text.
 * Closed: scripts match on it, docs/errors.md explains each, a test holds both together.
 */
export const errorCodes = [
  'usage',
  'invalid_declarations',
  'missing_reference',
  'needs_approval',
  'unknown_address',
  'untrusted_host',
  'insecure_tls',
  'unauthorized',
  'forbidden',
  'network',
  'timeout',
  'rate_limited',
  'redirect',
  'bad_answer',
  'vendor_error',
  'refused',
  'uncertain',
  'not_sent',
  'incomplete_list',
  'wrong_account',
  'mass_missing',
  'tag_not_kept',
  'duplicate',
  'conflict',
  'unreadable',
  'stale_plan',
  'bad_plan_file',
  'too_many_creates',
  'state_locked',
  'state_changed',
  'state_corrupt',
  'state_newer',
  'state_unwritable',
  'state_unsupported',
  'state_missing',
  'wrong_state',
  'bad_state_key',
  'wrong_state_key',
  'no_token',
  'file_exists',
  'file_unreadable',
  'file_unwritable',
  'port_in_use',
  'interrupted',
  'internal',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** What to do where the key of the state is not at hand. */
export const stateKeyHint =
  'set INSTATE_STATE_KEY to the key that the state was written under; if it is lost: instate state rekey --lost';

export interface ErrorDetails {
  /** One thing to type or to look at. */
  readonly hint?: string;
  readonly requestId?: string | null;
  readonly diagnostics?: readonly Diagnostic[];
}

/**
 * The one error of this project. `message` names what failed and why in one sentence; nothing of another library's
 * error is ever inside (safety.md E1), so printing it whole is safe.
 */
export class InstateError extends Error {
  readonly code: ErrorCode;
  readonly hint: string;
  readonly requestId: string | null;
  readonly diagnostics: readonly Diagnostic[];

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message);
    this.name = 'InstateError';
    this.code = code;
    this.hint = details.hint ?? '';
    this.requestId = details.requestId ?? null;
    this.diagnostics = details.diagnostics ?? [];
  }
}

/** Exit codes of the whole tool; product.md's table is kept by the commands, this is for errors. */
export function exitCodeOf(code: ErrorCode): number {
  return code === 'interrupted' ? 130 : 1;
}
