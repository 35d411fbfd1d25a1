import type { LiveIndex } from './live-index.ts';
import type { Address, LiveInstance } from './model.ts';
import type { Addresses, Observation } from './observation.ts';
import type { AddressRecovery } from './recovery.ts';

/** Why an address cannot be decided. */
export type ConflictCode =
  | 'pin_not_found'
  | 'pin_element'
  | 'claimed_twice'
  | 'duplicate'
  | 'ambiguous'
  | 'renamed'
  | 'foreign'
  | 'other_address'
  | 'unreadable'
  | 'unlisted'
  | 'moved_onto'
  | 'unconfirmed';

/** What an address stands for in the account. */
export type Match =
  /** Recorded, and live. */
  | { readonly kind: 'bound'; readonly instance: LiveInstance }
  /** Lives, and is to be recorded: `by` names the rule. */
  | {
      readonly kind: 'found';
      readonly by: 'pin' | 'tag' | 'look-alike' | 'intent';
      readonly instance: LiveInstance;
    }
  /**
   * Nothing lives for it. `after`: an earlier create of it was proven or presumed not to exist; `in-flight`: another run, which holds the
   * lock, is creating it, so that only a command that writes nothing meets it.
   */
  | { readonly kind: 'missing'; readonly after: 'absent' | 'in-flight' | null }
  | {
      readonly kind: 'conflict';
      readonly code: ConflictCode;
      readonly instances: readonly LiveInstance[];
      /** The other address or project concerned, or null. */
      readonly other: string | null;
      /** Wall clock, ms: when `unconfirmed` can be decided, or null. */
      readonly until: number | null;
    };

export interface Matching {
  readonly observation: Observation;
  readonly addresses: Addresses;
  readonly live: LiveIndex;
  readonly recoveries: ReadonlyMap<Address, AddressRecovery>;
}

/** Which names claim an instance by pin or record: declared addresses under their own name, orphans under theirs. */
export type Claims = ReadonlyMap<number, ReadonlySet<Address>>;

/** Collects the claims of declared addresses (pin, row) and of orphans (row). */
export function collectClaims({ addresses }: Matching): Claims {
  const claims = new Map<number, Set<Address>>();
  const claim = (id: number, name: Address) => claims.set(id, (claims.get(id) ?? new Set()).add(name));
  for (const [address, row] of addresses.rows) claim(row.instanceId, address);
  for (const row of addresses.orphans) claim(row.instanceId, row.address);
  for (const { id, address } of addresses.declared.values()) if (id !== null) claim(id, address);
  return claims;
}

/** Another name that claims an instance, or null. */
export function findRival(id: number, address: Address, claims: Claims): Address | null {
  return [...(claims.get(id) ?? [])].find((name) => name !== address) ?? null;
}

/** The instance, if there is one to show. */
export function pick(found: LiveInstance | 'missing' | 'unknown'): readonly LiveInstance[] {
  return typeof found === 'string' ? [] : [found];
}

/** A conflict, with what it is about. */
export function conflict(
  code: ConflictCode,
  details: {
    readonly instances?: readonly LiveInstance[];
    readonly other?: string | null;
    readonly until?: number | null;
  },
): Match {
  const { instances = [], other = null, until = null } = details;
  return { kind: 'conflict', code, instances, other, until };
}

/** The one live instance that a match is about, or null. */
export function findLive(match: Match): LiveInstance | null {
  if (match.kind === 'bound' || match.kind === 'found') return match.instance;
  return match.kind === 'conflict' && match.instances.length === 1 ? (match.instances[0] ?? null) : null;
}
