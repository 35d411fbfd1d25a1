/** Instances asked for in one page: the service's maximum (facts.md §1.3). */
export const pageSize = 200;

/** What one pass over the list showed, as far as its completeness depends on it. */
export interface Pass {
  /** How many different ids came. */
  readonly distinct: number;
  /** The totals that the pages named; null stands for a page that named none. */
  readonly totals: ReadonlySet<number | null>;
  /** How many instances each page held, empty ones left out. */
  readonly sizes: readonly number[];
  readonly ended: 'total' | 'empty-page' | 'no-cursor' | 'broken-off';
  /** Why it was broken off, or null. */
  readonly broken: string | null;
  /** Another listing would not end either. */
  readonly endless: boolean;
}

/** `doubtful`: it reached an end, but something does not add up; two that agree may be taken. `broken` may never be. */
export type Verdict =
  { readonly kind: 'complete' } | { readonly kind: 'doubtful' | 'broken'; readonly why: string };

/**
 * Whether a pass proves that it saw every instance (safety.md A3): as many distinct ids as the total says, the same
 * total on every page, no id twice. Without totals, an empty or a short last page without a cursor.
 *
 * A3 lets two successive listings with equal ids pass. That is meant for a total that lags. It is not granted where a
 * whole page may be missing, or where one came twice in the place of another, since both listings may have the same hole.
 */
export function judge(pass: Pass): Verdict {
  if (pass.broken !== null) return { kind: 'broken', why: pass.broken };
  const items = pass.sizes.reduce((sum, size) => sum + size, 0);
  const totals = [...pass.totals].filter((total) => total !== null);
  const total = totals.length === 0 ? null : Math.max(...totals);
  if (total === null && pass.ended === 'no-cursor' && (pass.sizes.at(-1) ?? 0) >= pageSize) {
    return {
      kind: 'broken',
      why: 'it ends with a full page, and no total was sent',
    };
  }
  if (total !== null && pass.distinct < total) {
    const why = `the service counts ${String(total)} instances, but lists ${String(pass.distinct)}`;
    return { kind: items > pass.distinct || mayLackPage(pass, total) ? 'broken' : 'doubtful', why };
  }
  if (pass.totals.size > 1) return { kind: 'doubtful', why: 'the total changed while the list was read' };
  if (items > pass.distinct) return { kind: 'doubtful', why: 'an instance came twice in the list' };
  if (total !== null && pass.distinct > total) {
    return {
      kind: 'doubtful',
      why: `the service counts ${String(total)} instances, but lists ${String(pass.distinct)}`,
    };
  }
  return { kind: 'complete' };
}

/** Whether what is missing could be one page or more; a short page is measured by the account's own largest one. */
function mayLackPage(pass: Pass, total: number): boolean {
  if (pass.distinct === 0) return true;
  const full = pass.sizes.length > 1 ? Math.max(...pass.sizes) : pageSize;
  const cutOff = pass.ended === 'no-cursor' && (pass.sizes.at(-1) ?? 0) >= full;
  return cutOff || total - pass.distinct >= full;
}
