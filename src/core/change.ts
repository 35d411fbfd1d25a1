import type { FieldChange } from './diff.ts';
import type { Address, Source } from './model.ts';

/** What is to become of an address; product.md §3 says what apply does with each. */
export type Action = 'create' | 'adopt' | 'no-op' | 'update' | 'replace' | 'delete' | 'forget' | 'conflict';

/** In the order in which a plan shows them. */
export const actions: readonly Action[] = [
  'create',
  'adopt',
  'no-op',
  'update',
  'replace',
  'delete',
  'forget',
  'conflict',
];

/** Changes that this release shows but does not do. */
export function isHeld(action: Action): boolean {
  return action === 'update' || action === 'replace' || action === 'delete';
}

/** Changes that apply does. */
export function isDone(action: Action): action is 'create' | 'adopt' | 'forget' {
  return action === 'create' || action === 'adopt' || action === 'forget';
}

/** Why an address got its action. `code` is stable; `text` is for people, and ends with what to do where there is something to do. */
export interface Reason {
  readonly code: string;
  readonly text: string;
}

/** One entry of a plan. Plain JSON; nothing sensitive in it. */
export interface Change {
  readonly address: Address;
  readonly action: Action;
  readonly held: boolean;
  readonly reason: Reason;
  /** The live instance concerned; null for a create, and for a conflict with none or several. */
  readonly instanceId: number | null;
  readonly element: string;
  readonly name: string;
  /** References that must be set before this can be created and are not: variable names, or `file:PATH`. */
  readonly needs: readonly string[];
  readonly fields: readonly FieldChange[];
  /** Where it is declared; null for an orphan. */
  readonly source: Source | null;
}
