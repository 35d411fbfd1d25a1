import { listNamedIds } from '../formulas/users.ts';
import type { Account, Instance } from '../world/model.ts';
import { findFirstAfter } from '../world/world.ts';
import type { PageQuery } from './page-query.ts';

/** One row of the instances. Nothing of the configuration, and not the token. */
export interface InstanceRow {
  readonly id: number;
  readonly name: string;
  readonly elementKey: string;
  readonly tags: readonly string[];
  readonly createdDate: string;
  readonly disabled: boolean;
  /** How many formula instances name it; null where counting them would cost too much. */
  readonly dependents: number | null;
}

/** A page of an account's instances. */
export interface InstancePage {
  readonly rows: readonly InstanceRow[];
  /** The place of the first row among all, from 1; of no use in a search. */
  readonly first: number;
  readonly total: number;
  /** How many a fault keeps out of lists just now; they are not in the rows. */
  readonly hidden: number;
  /** The `after` of the next page; null if there is none. */
  readonly next: number | null;
  /** The `after` of the page before; null on the first one, and in a search. */
  readonly previous: number | null;
  /** Whether the search stopped before the end, to go on at `next`, because it looked at enough. */
  readonly isUnfinished: boolean;
}

/** The most rows of any table. */
export const MAX_ROWS = 100;
/** How many instances one search looks at, and how many formula instances are counted: some 30 milliseconds' worth. */
const MAX_LOOKS = 100_000;
const MAX_DEPENDENTS = 10_000;

/** Cuts a page out of an account. Without a search the cost does not grow with the number of instances. */
export function cutInstances(account: Account, { after, search }: PageQuery): InstancePage {
  const { listed, instances } = account;
  const start = findFirstAfter(listed, after);
  const found = search === '' ? takeRows(account, start) : searchRows(account, start, search);
  const count = countDependents(account);
  return {
    rows: found.rows.map((instance) => describeRow(instance, count)),
    first: start + 1,
    total: listed.length,
    hidden: instances.size - listed.length,
    next: found.end < listed.length ? (listed[found.end - 1] ?? null) : null,
    previous: search === '' && start > 0 ? (listed[start - MAX_ROWS - 1] ?? 0) : null,
    isUnfinished: search !== '' && found.rows.length < MAX_ROWS && found.end < listed.length,
  };
}

/** Instances, and the place after the last one that was looked at. */
interface Found {
  readonly rows: readonly Instance[];
  readonly end: number;
}

function takeRows({ listed, instances }: Account, start: number): Found {
  const ids = listed.slice(start, start + MAX_ROWS);
  return {
    rows: ids.map((id) => instances.get(id)).filter((instance) => instance !== undefined),
    end: start + ids.length,
  };
}

/** Looks at names and tags, upper and lower case alike. */
function searchRows({ listed, instances }: Account, start: number, search: string): Found {
  const wanted = search.toLowerCase();
  const last = Math.min(listed.length, start + MAX_LOOKS);
  const rows: Instance[] = [];
  let end = start;
  while (end < last && rows.length < MAX_ROWS) {
    const instance = instances.get(listed[end] ?? 0);
    end += 1;
    if (instance === undefined) continue;
    const { name, tags } = instance;
    if ([name, ...tags].some((text) => text.toLowerCase().includes(wanted))) rows.push(instance);
  }
  return { rows, end };
}

function describeRow(
  { id, name, element, tags, createdDate, disabled }: Instance,
  count: ReadonlyMap<string, number> | null,
): InstanceRow {
  const dependents = count === null ? null : (count.get(String(id)) ?? 0);
  return { id, name, elementKey: element.key, tags, createdDate, disabled, dependents };
}

/** Formula instances by the ids that their configuration names. */
function countDependents({ formulas, formulaInstances }: Account): ReadonlyMap<string, number> | null {
  if (formulaInstances.size > MAX_DEPENDENTS) return null;
  const counts = new Map<string, number>();
  for (const instance of formulaInstances.values()) {
    const ids = listNamedIds(formulas.get(instance.formulaId), instance);
    for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return counts;
}
