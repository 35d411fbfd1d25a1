import type { PendingFault } from '../faults/schedule.ts';
import type { Service } from '../http/service.ts';
import { quirks } from '../quirks.ts';
import type { Account } from '../world/model.ts';
import { countInstances, type World } from '../world/world.ts';
import type { Fate } from './journal.ts';
import { cutInstances, MAX_ROWS, type InstancePage } from './page-instances.ts';
import { showPath } from './page-paths.ts';
import type { PageQuery } from './page-query.ts';

/** One row of the accounts. */
export interface AccountRow {
  readonly userId: number;
  readonly instances: number;
  readonly clones: number;
  readonly formulas: number;
}

/** One row of the requests. */
export interface RequestRow {
  /** ISO 8601 in UTC, to the millisecond. */
  readonly at: string;
  readonly method: string;
  /** Without what could be a secret. */
  readonly path: string;
  readonly status: Fate;
  readonly faults: readonly string[];
}

/** One row of the faults that have not run out. */
export interface FaultRow {
  readonly on: string;
  /** The kind and the numbers that belong to it; a body or headers may hold secrets. */
  readonly does: string;
  readonly nth: number;
  readonly times: number;
  readonly met: number;
}

/** All that the page shows: plain values, no secret among them. */
export interface PageData {
  /** Host and port as the browser knows them. */
  readonly host: string;
  readonly query: PageQuery;
  readonly totals: { readonly accounts: number; readonly instances: number; readonly requests: number };
  readonly accounts: readonly AccountRow[];
  /** The `accountsAfter` of the next page; null if there is none. */
  readonly moreAccounts: number | null;
  /** The account whose instances are shown: the one asked for, or else the first; null if there is none. */
  readonly account: number | null;
  readonly instances: InstancePage | null;
  /** Newest first. */
  readonly requests: readonly RequestRow[];
  readonly counts: readonly (readonly [operation: string, count: number])[];
  readonly faults: readonly FaultRow[];
  readonly moreFaults: number;
  /** The quirks that are off, and what that means. */
  readonly quirksOff: readonly (readonly [name: string, meaning: string])[];
}

const MAX_REQUESTS = 50;

/** Gathers what the page shows. */
export function gatherPage(service: Service, host: string, query: PageQuery): PageData {
  const { world, journal, schedule } = service;
  const accounts = [...world.accounts.values()].sort((one, other) => one.user.id - other.user.id);
  const wanted = query.account ?? accounts[0]?.user.id;
  const shown = accounts.find(({ user }) => user.id === wanted);
  const later = accounts.filter(({ user }) => user.id > query.accountsAfter);
  const counts = Object.entries(journal.countRequests());
  const pending = schedule.listPending();
  return {
    host,
    query,
    totals: {
      accounts: accounts.length,
      instances: countInstances(world),
      requests: counts.reduce((sum, [, count]) => sum + count, 0),
    },
    accounts: later.slice(0, MAX_ROWS).map(describeAccount),
    moreAccounts: later.length > MAX_ROWS ? (later[MAX_ROWS - 1]?.user.id ?? null) : null,
    account: shown?.user.id ?? null,
    instances: shown === undefined ? null : cutInstances(shown, query),
    requests: journal.listNewest(MAX_REQUESTS).map(({ at, operation, method, path, status, faults }) => ({
      at: new Date(at).toISOString(),
      method,
      path: showPath(path, operation),
      status,
      faults,
    })),
    counts: counts.sort(([, one], [, other]) => other - one),
    faults: pending.slice(0, MAX_ROWS).map(describePending),
    moreFaults: Math.max(0, pending.length - MAX_ROWS),
    quirksOff: listQuirksOff(world),
  };
}

function describeAccount({ user, instances, clones, formulas }: Account): AccountRow {
  return { userId: user.id, instances: instances.size, clones: clones.size, formulas: formulas.size };
}

function describePending({ fault, met }: PendingFault): FaultRow {
  const { on, do: kind, nth, times, code, ms, id, length } = fault;
  const numbers = [
    kind === 'status' || kind === 'commit-then-status' ? String(code) : null,
    ms > 0 ? `${ms} ms` : null,
    id === null ? null : `instance ${id}`,
    kind === 'truncate-tags' ? `${length} characters` : null,
  ];
  const does = [kind, ...numbers.filter((number) => number !== null)].join(', ');
  return { on, does, nth, times, met };
}

function listQuirksOff({ off }: World): readonly (readonly [string, string])[] {
  return [...off].map((name) => [name, quirks[name].off]);
}
