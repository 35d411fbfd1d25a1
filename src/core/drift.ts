import { listAlike, measureCoverage, type Alike, type Coverage } from './account.ts';
import { isCredentialChange, type FieldChange } from './diff.ts';
import { about, listTagged, listUnmanaged } from './drift-found.ts';
import { rankKind, type DriftItem, type DriftKind, type Finding } from './drift-kinds.ts';
import { findLive, type ConflictCode } from './claims.ts';
import { explainHealth } from './health.ts';
import { countReached, type Reach, type Reached } from './reach.ts';
import { isSinceState } from './since-state.ts';
import type { Plan, Planning } from './plan.ts';
import { sensitiveLabel } from './sensitive.ts';

/** What lives, held against what is declared and recorded; proposes nothing. Plain JSON. */
export interface Drift {
  readonly plan: Plan;
  readonly drifted: boolean;
  /** The kinds that count. */
  readonly failOn: readonly DriftKind[];
  readonly items: readonly DriftItem[];
  readonly coverage: Coverage;
  readonly alike: readonly Alike[];
  /** When an apply last changed this state, ISO; null where none is known. */
  readonly lastApply: string | null;
  /** How many vendors answered; null where none was asked. */
  readonly reach: Reached | null;
}

const conflictKinds = {
  pin_not_found: 'missing',
  pin_element: 'changed',
  claimed_twice: 'duplicate',
  duplicate: 'duplicate',
  ambiguous: 'duplicate',
  renamed: 'missing',
  foreign: 'foreign',
  other_address: 'foreign',
  unreadable: 'unknown',
  unlisted: 'unknown',
  moved_onto: 'duplicate',
  unconfirmed: 'pending',
} as const satisfies Record<ConflictCode, DriftKind>;

/**
 * Reports drift from the very planning that plan and apply use. `failOn` names the kinds that count as drifted; `reached`, by
 * instance id: what pings have found.
 */
export function makeDrift(
  planning: Planning,
  failOn: readonly DriftKind[],
  reached: ReadonlyMap<number, Reach> | null = null,
): Drift {
  const { declared } = planning.matching.addresses;
  const alike = listAlike(planning.matching.live.mine);
  const fromState = isSinceState(planning.matching.observation.declarations);
  const items = [
    ...planning.plan.changes.flatMap((change) => listChange(change, planning)),
    ...listHealth(planning),
    ...listUnreachable(planning, reached),
    ...listUntagged(planning),
    ...listPending(planning),
    ...listTagged(planning),
    ...listUnmanaged(planning, alike),
  ]
    .filter(({ address }) =>
      address === null ? !planning.policy.filtered : planning.policy.includes(address),
    )
    .sort(byAddressKindAndId)
    .map(({ address, kind, ...item }) => ({
      ...{ address, kind, severity: rankKind(kind, failOn) },
      ...item,
      source: fromState ? null : (item.source ?? declared.get(address ?? '')?.source ?? null),
    }));
  return {
    plan: planning.plan,
    drifted: items.some((one) => failOn.includes(one.kind)),
    failOn,
    items,
    coverage: measureCoverage(planning),
    alike,
    lastApply: planning.matching.observation.recorded.lastApply,
    reach: reached === null ? null : countReached(reached),
  };
}

function listChange(change: Plan['changes'][number], planning: Planning): readonly Finding[] {
  const one = (kind: DriftKind, text: string, fields: readonly FieldChange[] = []): Finding => ({
    address: change.address,
    kind,
    text,
    fields,
    instanceId: change.instanceId,
    element: change.element,
    name: change.name,
    source: change.source,
  });
  switch (change.action) {
    case 'create': {
      if (change.reason.code === 'in_flight') return [one('pending', change.reason.text)];
      const row = planning.matching.addresses.rows.get(change.address);
      const text =
        row === undefined
          ? 'declared, lives nowhere'
          : `recorded as #${String(row.instanceId)}, gone from the account`;
      return [{ ...one('missing', text), instanceId: row?.instanceId ?? null }];
    }
    case 'forget':
      return [one('missing', change.reason.text)];
    case 'conflict': {
      const told = one(conflictKinds[change.reason.code as ConflictCode], change.reason.text);
      // What lives under the old name is not what is missing.
      if (change.reason.code === 'renamed') return [{ ...told, instanceId: null }];
      const recorded = planning.matching.addresses.rows.get(change.address)?.instanceId ?? null;
      return [told.kind === 'unknown' ? { ...told, instanceId: told.instanceId ?? recorded } : told];
    }
    case 'adopt':
    case 'update':
    case 'replace': {
      const gone = findGone(change, planning);
      // Of a secret that was never applied to this very instance nothing can have changed.
      const fields = change.fields.filter((field) => gone.length === 0 || field.declared !== sensitiveLabel);
      const secret = fields.filter((field) => isCredentialChange(field));
      const plain = fields.filter((field) => !isCredentialChange(field));
      const side = isSinceState(planning.matching.observation.declarations) ? 'recorded' : 'declared';
      return [
        ...gone,
        ...(plain.length > 0 ? [one('changed', `${side} fields differ from live`, plain)] : []),
        ...(secret.length > 0
          ? [one('credential', 'a credential differs from the one last applied', secret)]
          : []),
      ];
    }
    case 'delete':
    case 'no-op':
      return [];
    default:
      return change.action satisfies never;
  }
}

/** The recorded instance of an address that has found another one: a look-alike, or one that bears its tag. */
function findGone(change: Plan['changes'][number], planning: Planning): readonly Finding[] {
  const row = planning.matching.addresses.rows.get(change.address);
  if (change.action !== 'adopt' || row === undefined || row.instanceId === change.instanceId) return [];
  const { address, element, name, source } = change;
  const text = `recorded as #${String(row.instanceId)}, gone from the account; apply would adopt #${String(change.instanceId)} in its place`;
  const base = { address, kind: 'missing', text, fields: [] } as const;
  return [{ ...base, instanceId: row.instanceId, element, name, source }];
}

/** Bound instances that have lost the ownership tag they were given. */
function listUntagged({ matches, matching }: Planning): readonly Finding[] {
  return [...matches].flatMap(([address, match]) => {
    const tag = matching.addresses.rows.get(address)?.tag ?? null;
    if (
      match.kind !== 'bound' ||
      tag === null ||
      match.instance.tags === null ||
      match.instance.tags.includes(tag)
    )
      return [];
    return [about(match.instance, address, 'untagged', 'its ownership tag is gone')];
  });
}

/** Open intents of addresses that are not declared any more; those of declared ones are told by their change. */
function listPending({ matching, decisions }: Planning): readonly Finding[] {
  return [...matching.recoveries]
    .filter(([address, { together }]) => !decisions.has(address) && together.kind !== 'absent')
    .map(([address]) => ({
      ...{ address, kind: 'pending', fields: [], instanceId: null },
      text: 'a create of it was cut off and is not settled',
      ...{ element: null, name: null, source: null },
    }));
}

/** Health of managed instances; apart from drift. */
function listHealth({ plan, matches }: Planning): readonly Finding[] {
  return plan.health.flatMap(({ address, kind }) => {
    const match = matches.get(address);
    const live = match === undefined ? null : findLive(match);
    return live === null ? [] : [about(live, address, kind, explainHealth(kind))];
  });
}

/** Managed instances whose vendor did not answer, where somebody asked. */
function listUnreachable(
  { matches }: Planning,
  reached: ReadonlyMap<number, Reach> | null,
): readonly Finding[] {
  return [...matches].flatMap(([address, match]) => {
    const live = findLive(match);
    const reach = live === null ? undefined : reached?.get(live.id);
    return live === null || reach?.kind !== 'unreachable'
      ? []
      : [about(live, address, 'unreachable', reach.why)];
  });
}

function byAddressKindAndId(a: Finding, b: Finding): number {
  const key = (one: Finding) =>
    `${one.address ?? '\uffff'}\n${one.kind}\n${String(one.instanceId ?? 0).padStart(16, '0')}`;
  return key(a) < key(b) ? -1 : 1;
}
