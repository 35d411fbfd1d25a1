import type {
  Address,
  Holder,
  Intent,
  Listing,
  LiveInstance,
  Probe,
  Projection,
  RecordedState,
  RowVersion,
  SensitiveTemplate,
  Json,
  AccountPin,
} from './core/model.ts';
import type { Reach } from './core/reach.ts';
import type { Rekeyed } from './core/rekeyed.ts';
import type { Sensitive } from './core/sensitive.ts';
import type { Diagnostic } from './diagnostics.ts';
import type { ErrorCode } from './errors.ts';

// ---- the state -------------------------------------------------------------------------------------------------

/** Where recorded state is kept. `read` never writes, makes no file, and works while another process holds the lock. */
export interface StateStore {
  /** One consistent snapshot. Where no state exists: lineage null, everything empty. */
  read(): Promise<RecordedState>;
  /**
   * Becomes the one writer, creating or migrating the state if needed; freed by the kernel when the process dies.
   * Refuses with `state_locked` (naming the holder) once `timeoutMs` is over, with `interrupted` once `stop` fires.
   */
  lock(holder: Holder, wait: LockWait): Promise<Lock>;
  readonly fingerprints: Fingerprints;
  /** The recorded token of an address, or null if none is stored. Throws `wrong_state_key` if the key does not fit. */
  reveal(address: Address): Promise<Sensitive | null>;
  /** What is wrong with the state where it lies, and what to do about it. Changes nothing, and throws for nothing that it can name. */
  examine(): Promise<readonly Diagnostic[]>;
  /** Can tokens and fingerprints be written? See `KeyStatus`. */
  keyStatus(): KeyStatus;
  close(): Promise<void>;
}

/**
 * `usable`: there is a key that fits, or one would be made on need. `none`: none, and nothing is sealed yet. `lost`: none, and the state
 * was written under one. `other`: one that does not fit.
 */
export type KeyStatus = 'usable' | 'none' | 'lost' | 'other';

/** How a run waits for another one. */
export interface LockWait {
  readonly timeoutMs: number;
  /** Called once if it has to wait. */
  readonly onWait: (by: Holder | null) => void;
  /** Ends the wait. */
  readonly stop?: AbortSignal;
}

/** An instance as it is to be recorded. `row` is null to keep the row's own (or to make one). */
export interface BoundInstance {
  readonly instanceId: number;
  readonly element: string;
  readonly name: string;
  readonly tags: readonly string[] | null;
  readonly configuration: Readonly<Record<string, string | null>>;
  readonly tag: string | null;
  readonly user: number | null;
}

/** What became of an intent. Each closes it in the same transaction that records its effect. */
export type Settlement =
  /** The instance exists: recorded at the intent's address; the intent's fingerprints go along. */
  | {
      readonly kind: 'created';
      readonly instance: BoundInstance;
      readonly token: Sensitive | null;
      readonly tagProven: boolean;
    }
  /** The service said no; nothing exists. */
  | { readonly kind: 'refused' }
  /** Proven never to have left. */
  | { readonly kind: 'not-sent' }
  /** Not in a complete listing that started after `resolveAfter`; leaves a tombstone if `presumed`. */
  | { readonly kind: 'absent'; readonly presumed: boolean; readonly at: number };

/** A write without an API call. `expected` is the row version that the writer saw (null: no row). */
export type Effect =
  | {
      readonly kind: 'adopt';
      readonly address: Address;
      readonly expected: RowVersion | null;
      readonly instance: BoundInstance;
      readonly token: Sensitive | null;
    }
  | { readonly kind: 'forget'; readonly address: Address; readonly expected: RowVersion }
  | { readonly kind: 'move'; readonly from: Address; readonly to: Address; readonly expected: RowVersion }
  /** Takes the given values as the ones last applied: fingerprints for sensitive ones, text for the others. */
  | {
      readonly kind: 'accept';
      readonly address: Address;
      readonly expected: RowVersion;
      readonly credentials: Readonly<Record<string, Sensitive>>;
      readonly at: number;
    }
  /** A person has looked: the address has no lost creates behind it any more (safety.md C3). Its tombstones stay. */
  | { readonly kind: 'reset-absences'; readonly address: Address }
  | { readonly kind: 'pin-account'; readonly account: AccountPin }
  /** The service answered this open intent with a 5xx in its own words. */
  | { readonly kind: 'vendor-failed'; readonly intentId: string }
  /** Binds an empty state to its project. */
  | { readonly kind: 'bind-project'; readonly project: string };

/** What a move to another key has to work with (safety.md E4). */
export type RekeyTerms =
  /** The old key fits. Credentials by row id, then path: only where the value is here and the same can a fingerprint be made anew. */
  | {
      readonly kind: 'known';
      readonly credentials: ReadonlyMap<string, Readonly<Record<string, Sensitive>>>;
      /** Let fingerprints go that cannot be made anew; else that is `missing_reference`, and nothing is done. */
      readonly drop: boolean;
    }
  /** No key fits. Tokens by instance id, as the account has just shown them; every fingerprint falls. */
  | { readonly kind: 'lost'; readonly tokens: ReadonlyMap<number, Sensitive> };

/** The one writer. A process that lost its lock gets `state_locked` from every verb. */
export interface Lock {
  /** As `StateStore.read`, under the lock. */
  read(): Promise<RecordedState>;
  /**
   * Compare-and-set on the address's row version, and no other open intent for it (safety.md C7): else `state_changed`.
   * Resolves once it would survive a power cut. Calls of one event-loop turn share a commit.
   * `credentials` are kept as fingerprints only, by path (`configuration.password`).
   */
  openIntent(
    intent: Intent,
    expected: RowVersion | null,
    credentials: Readonly<Record<string, Sensitive>>,
  ): Promise<void>;
  /** Records the effect and closes the intent in one transaction; calls of one turn share a commit. */
  settle(intentId: string, settlement: Settlement): Promise<void>;
  /** All or nothing. */
  record(effects: readonly Effect[]): Promise<void>;
  /** How the state stands to the key that any command would use here. Throws `bad_state_key`; `wrong_state_key` if there is none. */
  examineKeys(): Promise<'no-key' | 'current' | 'known' | 'lost'>;
  /**
   * Moves tokens and fingerprints to that key in one transaction, then leaves nothing of the old one in the state's files.
   * Terms that do not fit: `wrong_state_key` (known), `usage` (lost). A key file is made on need, as for any write.
   */
  rekey(terms: RekeyTerms): Promise<Rekeyed>;
  release(): Promise<void>;
}

/** Keyed, so implemented beside the key. `path` as in `configuration.password`. */
export interface Fingerprints {
  compare(row: string, path: string, value: Sensitive): 'same' | 'changed' | 'unverified';
}

// ---- the API ---------------------------------------------------------------------------------------------------

/** A failed call in our words; the only form in which a failure leaves src/api (safety.md E1). */
export interface ApiFailure {
  readonly code: ErrorCode;
  /** One sentence. */
  readonly message: string;
  readonly hint: string;
  readonly status: number | null;
  readonly requestId: string | null;
}

export interface ReadInstances {
  /** The whole account, proven complete or marked as not. `tokens`: keep them (apply), else they are dropped at the wire. */
  list(options: { readonly projection: Projection; readonly tokens: boolean }): Promise<Listing>;
  get(id: number, options: { readonly projection: Projection; readonly tokens: boolean }): Promise<Probe>;
}

/** Handed over only where somebody asked for it: each call goes on to a vendor. */
export interface PingInstances {
  /** Whether the vendor behind an instance answers. `token`: the instance's own. Never throws. */
  ping(id: number, token: Sensitive): Promise<Reach>;
}

/** All that a POST needs. */
export interface Resolved {
  readonly address: Address;
  readonly element: string;
  readonly name: string;
  /** As sent, ownership tag last. */
  readonly tags: readonly string[];
  readonly configuration: Readonly<Record<string, Json | Sensitive>>;
  readonly externalAuthentication: 'initial' | null;
}

/** What is known of a create. Only `refused` and `not-sent` are proof that nothing exists (safety.md C4). */
export type CreateOutcome =
  | {
      readonly kind: 'created';
      readonly instance: LiveInstance;
      readonly token: Sensitive | null;
      readonly requestId: string | null;
    }
  | { readonly kind: 'refused'; readonly failure: ApiFailure }
  | { readonly kind: 'not-sent'; readonly failure: ApiFailure }
  /** `vendorFailed`: a 5xx with the vendor's own JSON error. */
  | { readonly kind: 'uncertain'; readonly failure: ApiFailure; readonly vendorFailed: boolean };

/** The only verb besides GET that a release may hand to apply. Never retried, never redirected. */
export interface CreateInstances {
  /** Not sent once the wall clock is past `sendBy` or the monotonic clock past `sendByMonotonic`, checked as the bytes leave. */
  create(
    instance: Resolved,
    terms: {
      readonly sendBy: number;
      readonly sendByMonotonic: number;
      readonly permit: Permit;
      readonly projection: Projection;
    },
  ): Promise<CreateOutcome>;
}

/** A concurrency slot, to be released when the call is over. */
export interface Permit {
  release(): void;
}

export interface Gate {
  /** Resolves with a slot; rejects with `interrupted` after `stop`. */
  acquire(): Promise<Permit>;
  /** No more permits: whoever waits is turned away. */
  stop(): void;
}

/** Counts of what was sent, for `stats`. */
export interface ApiStats {
  readonly requests: { readonly GET: number; readonly POST: number };
  readonly retries: number;
}

// ---- references ------------------------------------------------------------------------------------------------

export interface References {
  /** The value, or the references that are unset or empty. Each distinct reference is read once a run. */
  resolve(
    template: SensitiveTemplate,
  ): { readonly value: Sensitive } | { readonly missing: readonly string[] };
}
