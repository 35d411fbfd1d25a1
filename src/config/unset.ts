import type { DeclaredAccount, Reference, Source } from '../core/model.ts';
import type { ReadReference } from './references.ts';

/** A reference that is unset or empty, once for each place where it stands. */
export interface UnsetReference {
  readonly reference: Reference;
  readonly path: string;
  /** The instance that it stands in; null for the account, the defaults and whatever else is shared. */
  readonly address: string | null;
  readonly source: Source;
  readonly role: 'account' | 'variable' | 'credential';
}

export interface UnsetContext {
  /** null: there is nothing declared. */
  readonly account: DeclaredAccount | null;
  /** Paths whose value a flag replaces. */
  readonly replaced: readonly string[];
  readonly read: ReadReference;
  /** Names of the files in order. */
  readonly order: readonly string[];
}

/**
 * What filling in found unset, and the account's default secrets: these stand in no file. In the order of the files,
 * then by line and column.
 */
export function listUnset(
  found: readonly UnsetReference[],
  context: UnsetContext,
): readonly UnsetReference[] {
  const { replaced, order } = context;
  const ranks = new Map(order.map((name, index) => [name, index]));
  const rank = ({ file }: Source): number => ranks.get(file) ?? order.length;
  return [...found, ...listDefaults(found, context)]
    .filter((unset) => !replaced.includes(unset.path))
    .sort(({ source: a }, { source: b }) => rank(a) - rank(b) || a.line - b.line || a.column - b.column);
}

function listDefaults(
  found: readonly UnsetReference[],
  { account, read }: UnsetContext,
): readonly UnsetReference[] {
  if (account === null) return [];
  return (['userSecret', 'organizationSecret'] as const).flatMap((key) => {
    const { references, source, folder } = account[key];
    const path = `account.${key}`;
    if (found.some((unset) => unset.path === path)) return [];
    return references
      .filter(({ scheme }) => scheme !== 'var' && scheme !== 'exec')
      .filter((reference) => read(reference, folder ?? null).kind === 'unset')
      .map((reference) => ({ reference, path, address: null, source, role: 'account' as const }));
  });
}
