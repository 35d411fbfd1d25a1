import type { Address } from './model.ts';

/** A credential that a rekey leaves unverified: no value here, another value here, or nothing to compare with. */
export interface DroppedFingerprint {
  readonly address: Address;
  /** As in `configuration.password`. */
  readonly path: string;
  readonly why: 'not-at-hand' | 'differs' | 'key-lost';
}

/** What is left under another key, outside of the rows. */
export interface KeyRemains {
  /** Why database or WAL may still hold what was sealed under the old key, and what to do; null if they hold none of it. */
  readonly leftover: { readonly why: string; readonly hint: string } | null;
  /** Backups under another key, and those that nobody can look into. */
  readonly backups: readonly { readonly file: string; readonly why: 'other-key' | 'unreadable' }[];
}

/** What became of a state that was to be moved to another key. */
export type Rekeyed =
  /** Nothing was ever sealed in it, so nothing was done. */
  | { readonly outcome: 'no-key' }
  /** It was under the new key already; only what an earlier rekey may have left was cleaned up. */
  | { readonly outcome: 'current'; readonly remains: KeyRemains }
  | {
      readonly outcome: 'moved';
      /** How many tokens stand under the new key. */
      readonly tokens: number;
      /** How many fingerprints do, those of open creates among them. */
      readonly fingerprints: number;
      readonly dropped: readonly DroppedFingerprint[];
      /** Addresses without a stored token: its envelope was damaged, or the account did not show it. */
      readonly unread: readonly Address[];
      readonly remains: KeyRemains;
    };
