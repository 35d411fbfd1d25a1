import type { Formula, FormulaInstance } from './model.ts';

/**
 * What the configuration of a formula instance may name: ids of element instances as plain values (docs: formulas, DP, CH18).
 * An id under a key that the formula declares as `value` is just a number that looks like one (inferred).
 */
export function listNamedIds(
  formula: Formula | undefined,
  { configuration }: FormulaInstance,
): ReadonlySet<string> {
  const declared = formula?.configuration ?? [];
  const plain = new Set(declared.filter((part) => part['type'] === 'value').map((part) => part['key']));
  const named = Object.entries(configuration).map(([key, value]) => (plain.has(key) ? null : value));
  return new Set(named.filter((value) => value !== null));
}
