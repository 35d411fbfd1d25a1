import { isDone, type Action, type Change } from './change.ts';
import { decideDeclared, decideOrphan, type Decision } from './decide.ts';
import { findGuards, type Guard } from './guards.ts';
import { indexLive } from './live-index.ts';
import type { Match, Matching } from './claims.ts';
import { matchInstances } from './match.ts';
import { digestPlan, listSources, type Sources } from './digest.ts';
import type { Address, LiveInstance, Move } from './model.ts';
import { findUser, joinAddresses, type Observation } from './observation.ts';
import { recoverAll } from './recovery.ts';
import { listOwners } from './ownership.ts';

export interface Health {
  readonly address: Address;
  readonly kind: 'disabled' | 'invalid' | 'retired';
  readonly instanceId: number;
}

export interface Summary {
  readonly create: number;
  readonly adopt: number;
  readonly noop: number;
  readonly update: number;
  readonly replace: number;
  readonly delete: number;
  readonly forget: number;
  /** update, replace and delete together. */
  readonly held: number;
  readonly conflict: number;
}

/** What is to become of every address. Plain JSON: it survives `JSON.parse(JSON.stringify(plan))` unchanged. */
export interface Plan {
  readonly project: string;
  readonly baseUrl: string;
  readonly user: number | null;
  /** false: made offline; it cannot be applied. */
  readonly live: boolean;
  readonly applyable: boolean;
  /** Where secrets come from that no create tells of; names, not secrets. */
  readonly sources: Sources;
  /** `sha256:` and 64 hex digits (safety.md F5). Binds no secret value. */
  readonly digest: string;
  /** By address; no no-ops. */
  readonly changes: readonly Change[];
  readonly summary: Summary;
  /** Addresses that are as declared, or differ only in what is held. */
  readonly notVerified: readonly { readonly address: Address; readonly path: string }[];
  readonly health: readonly Health[];
  readonly guards: readonly Guard[];
  /** Live instances that are neither declared, recorded nor tagged by anyone; null offline. */
  readonly unmanaged: number | null;
  /** Renames that the state has still to follow. */
  readonly moves: readonly { readonly from: Address; readonly to: Address }[];
  /** How many addresses are declared, how many rows recorded, how many instances live (0 offline). */
  readonly counts: { readonly declared: number; readonly recorded: number; readonly live: number };
}

/** Which addresses a run is about; the rest is matched all the same (safety.md B1). */
export interface Policy {
  readonly includes: (address: Address) => boolean;
  /** Something is left out. */
  readonly filtered: boolean;
}

/** Every address. */
export const everything: Policy = { includes: () => true, filtered: false };

/** The plan, and what it was made of, for whoever acts on it or reports more than it says. */
export interface Planning {
  readonly plan: Plan;
  readonly matching: Matching;
  readonly matches: ReadonlyMap<Address, Match>;
  /** Every decision by address, no-ops and filtered-out ones included. */
  readonly decisions: ReadonlyMap<Address, Decision>;
  readonly policy: Policy;
}

/** Decides for every address what is to become of it. Call only where `findRefusal` found nothing. */
export function makePlan(observation: Observation, policy: Policy = everything): Planning {
  const addresses = joinAddresses(observation.declarations, observation.recorded);
  const live = indexLive(observation);
  const matching: Matching = {
    observation,
    addresses,
    live,
    recoveries: recoverAll(observation, live, addresses),
  };
  const matches = matchInstances(matching);
  const decisions = decideAll(matching, matches);
  const included = [...decisions.values()]
    .filter(({ change }) => policy.includes(change.address))
    .sort(byAddress);
  const changes = included.map(({ change }) => change).filter((change) => change.action !== 'no-op');
  const moves = listMoves(matching);
  const guards = findGuards(observation, live);
  const asked = observation.listing !== null;
  const base = {
    project: observation.declarations.project,
    baseUrl: observation.declarations.account.baseUrl,
    user: findUser(observation),
  };
  const plan: Plan = {
    ...base,
    live: asked,
    applyable: asked && changes.some((change) => isDone(change.action)),
    sources: listSources(observation.declarations),
    digest: digestPlan({
      ...base,
      live: asked,
      declarations: observation.declarations,
      ownership: observation.declarations.ownership,
      changes,
      guards,
      rows: addresses.rows,
    }),
    changes,
    summary: summarise(included.map(({ change }) => change.action)),
    notVerified: included.flatMap(({ change, notVerified }) =>
      notVerified.map((path) => ({ address: change.address, path })),
    ),
    health: listHealth(matches, policy),
    guards,
    unmanaged: observation.listing === null ? null : findUnmanaged(matching, matches).length,
    moves,
    counts: {
      declared: observation.declarations.instances.length,
      recorded: observation.recorded.instances.length,
      live: observation.listing === null ? 0 : live.all.length,
    },
  };
  return { plan, matching, matches, decisions, policy };
}

function decideAll(matching: Matching, matches: ReadonlyMap<Address, Match>): ReadonlyMap<Address, Decision> {
  const { addresses, observation, live } = matching;
  const decisions = new Map<Address, Decision>();
  for (const [address, declaration] of addresses.declared) {
    const match = matches.get(address);
    const readings = observation.credentials.get(address) ?? new Map();
    if (match !== undefined) {
      decisions.set(
        address,
        decideDeclared(declaration, match, addresses.rows.get(address) ?? null, readings),
      );
    }
  }
  const pins = new Map([...addresses.declared.values()].map((one) => [one.id, one.address]));
  for (const row of addresses.orphans) {
    const found = matching.recoveries.get(row.address)?.together ?? null;
    const change = decideOrphan(row, live.look(row.instanceId), pins.get(row.instanceId) ?? null, found);
    decisions.set(row.address, { change, notVerified: [] });
  }
  return decisions;
}

/** Ids of the instances that are managed: recorded, or found for a declared address. */
export function listManaged(matching: Matching, matches: ReadonlyMap<Address, Match>): ReadonlySet<number> {
  const managed = new Set(matching.observation.recorded.instances.map((row) => row.instanceId));
  for (const match of matches.values()) {
    if (match.kind === 'bound' || match.kind === 'found') managed.add(match.instance.id);
  }
  return managed;
}

/** Live instances that belong to nobody: not managed, nor tagged as anyone's. */
export function findUnmanaged(
  matching: Matching,
  matches: ReadonlyMap<Address, Match>,
): readonly LiveInstance[] {
  const managed = listManaged(matching, matches);
  return matching.live.all.filter(
    (instance) => !managed.has(instance.id) && listOwners(instance).length === 0,
  );
}

function listMoves({ addresses }: Matching): readonly Pick<Move, 'from' | 'to'>[] {
  return [...addresses.rows]
    .filter(([to, row]) => row.address !== to)
    .map(([to, row]) => ({ from: row.address, to }));
}

function listHealth(matches: ReadonlyMap<Address, Match>, policy: Policy): readonly Health[] {
  return [...matches].flatMap(([address, match]) => {
    if ((match.kind !== 'bound' && match.kind !== 'found') || !policy.includes(address)) return [];
    const { disabled, valid, retired, id: instanceId } = match.instance;
    return [
      ...(disabled ? [{ address, kind: 'disabled' as const, instanceId }] : []),
      ...(valid ? [] : [{ address, kind: 'invalid' as const, instanceId }]),
      ...(retired ? [{ address, kind: 'retired' as const, instanceId }] : []),
    ];
  });
}

function summarise(actions: readonly Action[]): Summary {
  const count = (action: Action) => actions.filter((one) => one === action).length;
  const [update, replace, remove] = [count('update'), count('replace'), count('delete')];
  return {
    create: count('create'),
    adopt: count('adopt'),
    noop: count('no-op'),
    update,
    replace,
    delete: remove,
    forget: count('forget'),
    held: update + replace + remove,
    conflict: count('conflict'),
  };
}

function byAddress(a: Decision, b: Decision): number {
  return a.change.address < b.change.address ? -1 : 1;
}
