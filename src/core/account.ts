import type { LiveInstance } from './model.ts';
import { listOwners } from './ownership.ts';
import { listManaged, type Planning } from './plan.ts';

/** How much of the account is managed; counts of live instances, `percent` with one decimal. */
export interface Coverage {
  readonly managed: number;
  readonly unmanaged: number;
  readonly foreign: number;
  readonly percent: number;
}

/** Live instances of one element and name, managed or not: often a connection that somebody made twice. */
export interface Alike {
  readonly element: string;
  readonly name: string;
  /** Ascending, at least two. */
  readonly instanceIds: readonly number[];
}

/** Counts whose the account's instances are. */
export function measureCoverage({ matching, matches, plan }: Planning): Coverage {
  const ids = listManaged(matching, matches);
  const { all } = matching.live;
  const { project } = matching.observation.declarations;
  const managed = all.filter((one) => ids.has(one.id)).length;
  const foreign = all.filter(
    (one) => !ids.has(one.id) && listOwners(one).some((owner) => owner.project !== project),
  ).length;
  const nothing = plan.counts.recorded === 0 ? 100 : 0;
  const percent = all.length === 0 ? nothing : Math.round((managed / all.length) * 1000) / 10;
  return { managed, foreign, unmanaged: all.length - managed - foreign, percent };
}

/** Every element and name that more than one instance of the account bears. Names need not be unique, so this is no drift. */
export function listAlike(instances: readonly LiveInstance[]): readonly Alike[] {
  const groups = new Map<string, LiveInstance[]>();
  for (const one of instances) {
    const key = `${one.element}\n${one.name}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return [...groups.values()]
    .filter((group) => group.length > 1)
    .flatMap(([first, ...more]) =>
      first === undefined
        ? []
        : [
            {
              element: first.element,
              name: first.name,
              instanceIds: [first, ...more].map(({ id }) => id).sort((a, b) => a - b),
            },
          ],
    )
    .sort((a, b) => (a.element === b.element ? compare(a.name, b.name) : compare(a.element, b.element)));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
