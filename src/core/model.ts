import type { Sensitive } from './sensitive.ts';

/** An instance's name in the declarations: `[a-z0-9][a-z0-9._-]{0,62}`. */
export type Address = string;

/** A place in a declaration file; line and column count from 1. `file` is as the user named it. */
export interface Source {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Where `${env:NAME}`, `${file:PATH}`, `${exec:NAME}` or `${var:NAME}` points. */
export interface Reference {
  readonly scheme: 'env' | 'file' | 'exec' | 'var';
  readonly name: string;
}

/** A configuration value as declared: known from the files, or known only once its references are resolved. */
export type DeclaredValue = { readonly kind: 'plain'; readonly value: Json } | SensitiveTemplate;

/**
 * A value with at least one `${env:}`, `${file:}` or `${exec:}` in it. The whole value is sensitive, the literal parts too.
 * `template` is the source value (a string, or a JSON object with strings in it) and must never be printed;
 * `references` may be: names are no secrets.
 */
export interface SensitiveTemplate {
  readonly kind: 'sensitive';
  readonly template: Json;
  readonly references: readonly Reference[];
  readonly source: Source;
  /** Absolute folder of the declaring file, for `${file:}` (safety.md F3); without it no file but one below a root is read. */
  readonly folder?: string;
}

/** One declared instance, defaults merged in, `${var:}` filled in. */
export interface Declaration {
  readonly address: Address;
  readonly element: string;
  readonly name: string;
  /** null: tags are not compared; empty: compared as empty. Never holds an ownership tag. */
  readonly tags: readonly string[] | null;
  readonly configuration: Readonly<Record<string, DeclaredValue>>;
  readonly externalAuthentication: 'initial' | null;
  /** The pinned instance id, or null. */
  readonly id: number | null;
  readonly protect: boolean;
  /** Fields never compared: `name`, `tags`, `configuration`, `configuration.<key>`. */
  readonly ignore: readonly string[];
  readonly source: Source;
}

export interface Move {
  readonly from: Address;
  readonly to: Address;
  readonly source: Source;
}

/** The account that the files name (base URL without a slash at its end); its secrets are not resolved here. */
export interface DeclaredAccount {
  readonly baseUrl: string;
  /** The user id that every bound instance must show, or null. */
  readonly user: number | null;
  readonly userSecret: SensitiveTemplate;
  readonly organizationSecret: SensitiveTemplate;
}

/** A program whose output is a secret: what `${exec:NAME}` stands for. Started without a shell, and with `--allow-exec` only. */
export interface SecretCommand {
  readonly name: string;
  /** The program and its arguments. */
  readonly words: readonly string[];
  readonly timeoutMs: number;
  /** Variables that it gets besides the harmless ones. */
  readonly env: readonly string[];
  /** Absolute folder of the declaring file, in which it runs. */
  readonly folder: string;
  readonly source: Source;
}

/** All that the files say, merged. Instances are sorted by address. */
export interface Declarations {
  readonly project: string;
  readonly ownership: 'tag' | 'none';
  readonly account: DeclaredAccount;
  /** As written (`state:` made absolute against its file), or null for the default. */
  readonly state: string | null;
  readonly instances: readonly Declaration[];
  readonly moved: readonly Move[];
  /** The commands that something refers to. */
  readonly commands: readonly SecretCommand[];
  /** The files read, as the user named them, in order. */
  readonly files: readonly string[];
}

/** One instance as the API shows it, cut down to what a plan may need (docs: a list item carries about 1.7 KB). */
export interface LiveInstance {
  readonly id: number;
  readonly element: string;
  readonly name: string;
  /** All tags, the ownership tag included; null when the answer held none (unknown, safety.md A3). */
  readonly tags: readonly string[] | null;
  /**
   * Only the keys that the projection asked for. A sensitive key's clear text is wrapped; eight asterisks stay a string.
   * null: the answer held no configuration.
   */
  readonly configuration: Readonly<Record<string, string | Sensitive | null>> | null;
  readonly disabled: boolean;
  readonly valid: boolean;
  /** Its element is not active any more, or deleted (openapi.yaml, Element). */
  readonly retired: boolean;
  /** `user.id`, or null if the answer named none. */
  readonly user: number | null;
  /** ISO date. */
  readonly createdDate: string | null;
}

/** Which configuration keys of an element's instances are kept, and which of these are sensitive. */
export type Projection = ReadonlyMap<string, ReadonlyMap<string, 'plain' | 'sensitive'>>;

/**
 * One pass over the account's list; unless `complete`, it proves no absence (safety.md A3). `startedAt` is the wall clock before the first request was sent, in ms. `serviceAhead`: by how much the service's clock (the
 * Date of its first answer, whole seconds) was ahead of ours, in ms; null if it did not say.
 */
export interface Listing {
  readonly complete: boolean;
  /** Why it is not complete, or what was odd although it is; null when all was well. */
  readonly note: string | null;
  readonly startedAt: number;
  readonly serviceAhead: number | null;
  readonly instances: readonly LiveInstance[];
  /** Tokens by instance id; empty unless asked for. */
  readonly tokens: ReadonlyMap<number, Sensitive>;
}

/** What a GET by id says. `unknown` carries why (safety.md A1: only the vendor's own 404 is `missing`). */
export type Probe =
  | { readonly kind: 'live'; readonly instance: LiveInstance; readonly token: Sensitive | null }
  | { readonly kind: 'missing' }
  | { readonly kind: 'unknown'; readonly why: string; readonly requestId: string | null };

/** Counts the writes of one row, from 1; a write names the version that it saw. */
export type RowVersion = number;

/** One row of the state. Holds declared keys only, nothing sensitive (safety.md E3). */
export interface RecordedInstance {
  readonly address: Address;
  /** Never reused; binds fingerprints to their row (safety.md E4). */
  readonly row: string;
  readonly version: RowVersion;
  readonly instanceId: number;
  readonly element: string;
  readonly name: string;
  readonly tags: readonly string[] | null;
  /** Non-sensitive declared keys as the service would return them; objects as JSON text. */
  readonly configuration: Readonly<Record<string, string | null>>;
  /** Paths (`configuration.password`) that have a fingerprint, with the ISO time since when it is the one applied. */
  readonly credentials: Readonly<Record<string, string>>;
  /** The ownership tag that the instance is known to carry; null if none. */
  readonly tag: string | null;
  readonly origin: 'created' | 'adopted';
  /** ISO. */
  readonly recordedAt: string;
  readonly tokenStored: boolean;
}

/** Ids that were live before a create, so that a later answer can be told from an old instance (safety.md C1). */
export interface KnownIds {
  readonly ids: readonly number[];
}

/** "About to create X", durable before its POST leaves. Times are wall clock, ms. */
export interface Intent {
  readonly id: string;
  readonly address: Address;
  /** The row that will hold the instance; credentials' fingerprints are bound to it. */
  readonly row: string;
  readonly element: string;
  readonly name: string;
  readonly tags: readonly string[];
  readonly configuration: Readonly<Record<string, string | null>>;
  readonly tag: string | null;
  readonly openedAt: number;
  /** Not sent after this. */
  readonly sendBy: number;
  /** Absence may be concluded from a complete listing that started after this, never earlier. */
  readonly resolveAfter: number;
  /** `serviceAhead` of the listing that the create was decided from: a clock that was moved since gives itself away. */
  readonly serviceAhead: number | null;
  readonly knownIds: KnownIds;
}

/** An intent as read back: open, because its run died or could not tell what became of it. */
export interface OpenIntent extends Omit<Intent, 'knownIds'> {
  readonly knownIds: KnownIds;
  /** Automatic creates of this address in a row that ended in a presumed absence, before this one. */
  readonly attempt: number;
  /** The service answered a 5xx in its own words: once it is absent it counts as refused (safety.md C4). */
  readonly vendorFailed: boolean;
}

/** A create that was presumed absent; a late arrival is matched against it (safety.md C3). */
export interface Tombstone {
  readonly intentId: string;
  readonly address: Address;
  readonly element: string;
  readonly name: string;
  readonly tag: string | null;
  readonly knownIds: KnownIds;
  readonly resolveAfter: number;
  readonly absentAt: number;
}

export interface AccountPin {
  readonly baseUrl: string;
  /** null until an instance has shown it (safety.md A4). */
  readonly user: number | null;
}

/** Who holds the state's lock, for whoever waits. */
export interface Holder {
  readonly pid: number;
  readonly host: string;
  readonly user: string;
  readonly command: string;
  readonly since: string;
  readonly ciUrl: string | null;
}

/** One consistent snapshot of the state. Arrays are sorted by address. */
export interface RecordedState {
  /** null: there is no state yet. */
  readonly lineage: string | null;
  readonly serial: number;
  readonly project: string | null;
  readonly account: AccountPin | null;
  readonly instances: readonly RecordedInstance[];
  readonly intents: readonly OpenIntent[];
  readonly tombstones: readonly Tombstone[];
  /** How many presumed absences in a row each address has behind it. */
  readonly absences: ReadonlyMap<Address, number>;
  /** Ownership tags came back verbatim in this account before (safety.md B4). */
  readonly tagProven: boolean;
  /** When an apply last began to change this state, ISO; null where none is known. One that found nothing to do changes nothing. */
  readonly lastApply: string | null;
  /** Another process that holds the lock now; its open intents are in flight, not broken. */
  readonly heldBy: Holder | null;
}
