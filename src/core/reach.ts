/** Whether the vendor behind an instance answers; `why` where it does not. */
export type Reach =
  | { readonly kind: 'reachable' }
  | { readonly kind: 'unreachable'; readonly why: string }
  /** Nobody could ask: no token, or no answer of the vendor's own. */
  | { readonly kind: 'not-asked'; readonly why: string };

/** How many of those asked answered. */
export interface Reached {
  readonly reachable: number;
  readonly unreachable: number;
  readonly notAsked: number;
}

/** Counts them. */
export function countReached(reached: ReadonlyMap<number, Reach>): Reached {
  const count = (kind: Reach['kind']) => [...reached.values()].filter((one) => one.kind === kind).length;
  return { reachable: count('reachable'), unreachable: count('unreachable'), notAsked: count('not-asked') };
}
