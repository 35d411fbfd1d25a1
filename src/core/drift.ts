import type { FieldChange } from './diff.ts';
import { describeDuplicate, findDuplicates } from './duplicates.ts';
import type { ConflictCode } from './claims.ts';
import type { Address, LiveInstance } from './model.ts';
import { listOwners } from './ownership.ts';
import { findUnmanaged, listManaged, type Plan, type Planning } from './plan.ts';
import { sensitiveLabel } from './sensitive.ts';

/** Differences between what is declared or recorded and what lives. */
export const driftKinds = ['changed', 'missing', 'duplicate', 'foreign', 'credential'] as const;
/** Worth knowing; not counted as drift unless asked for. */
export const infoKinds = [
  'disabled',
  'invalid',
  'untagged',
  'pending',
  'stray',
  'unmanaged',
  'retired',
] as const;
export type DriftKind = (typeof driftKinds)[number] | (typeof infoKinds)[number] | 'unknown';

export interface DriftItem {
  /** null: the instance belongs to no address. */
  readonly address: Address | null;
  readonly kind: DriftKind;
  readonly severity: 'error' | 'warning' | 'info';
  readonly text: string;
  readonly fields: readonly FieldChange[];
  readonly instanceId: number | null;
}

/** How much of the account is managed; counts of live instances, `percent` with one decimal. */
export interface Coverage {
  readonly managed: number;
  readonly unmanaged: number;
  readonly foreign: number;
  readonly percent: number;
}

/** What lives, held against what is declared and recorded; proposes nothing. Plain JSON. */
export interface Drift {
  readonly plan: Plan;
  readonly drifted: boolean;
  readonly items: readonly DriftItem[];
  readonly coverage: Coverage;
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
  in_flight: 'pending',
} as const satisfies Record<ConflictCode, DriftKind>;

/** Reports drift from the very planning that plan and apply use. `failOn` names the kinds that count as drifted. */
export function makeDrift(planning: Planning, failOn: readonly DriftKind[]): Drift {
  const items = [
    ...planning.plan.changes.flatMap((change) => listChange(change, planning)),
    ...listHealth(planning),
    ...listUntagged(planning),
    ...listPending(planning),
    ...listTagged(planning),
    ...findUnmanaged(planning.matching, planning.matches).map((one) =>
      about(one, null, 'unmanaged', 'neither declared nor recorded'),
    ),
  ]
    .filter(({ address }) =>
      address === null ? !planning.policy.filtered : planning.policy.includes(address),
    )
    .sort(byAddressKindAndId);
  return {
    plan: planning.plan,
    drifted: items.some((one) => failOn.includes(one.kind)),
    items,
    coverage: measureCoverage(planning),
  };
}

function listChange(change: Plan['changes'][number], planning: Planning): readonly DriftItem[] {
  const one = (kind: DriftKind, text: string, fields: readonly FieldChange[] = []): DriftItem => ({
    address: change.address,
    kind,
    severity: rank(kind),
    text,
    fields,
    instanceId: change.instanceId,
  });
  switch (change.action) {
    case 'create': {
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
      return [change.reason.code === 'renamed' ? { ...told, instanceId: null } : told];
    }
    case 'adopt':
    case 'update':
    case 'replace': {
      const secret = change.fields.filter((field) => field.declared === sensitiveLabel);
      const plain = change.fields.filter((field) => field.declared !== sensitiveLabel);
      return [
        ...(plain.length > 0 ? [one('changed', 'declared fields differ from live', plain)] : []),
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

/** Bound instances that have lost the ownership tag they were given. */
function listUntagged({ matches, matching }: Planning): readonly DriftItem[] {
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

/** Open intents of addresses that are not declared any more; those of declared ones are conflicts of the plan. */
function listPending({ matching, decisions }: Planning): readonly DriftItem[] {
  return [...matching.recoveries]
    .filter(([address, { together }]) => !decisions.has(address) && together.kind !== 'absent')
    .map(([address]) => ({
      address,
      kind: 'pending',
      severity: 'info',
      text: 'a create of it was cut off and is not settled',
      fields: [],
      instanceId: null,
    }));
}

/** Instances beside the one that an address stands for, and those with our tag that nothing accounts for. */
function listTagged(planning: Planning): readonly DriftItem[] {
  const { matching, matches } = planning;
  const duplicates = findDuplicates(planning);
  const told = new Set(duplicates.flatMap(({ copies }) => copies.map((one) => one.id)));
  const managed = listManaged(matching, matches);
  const copies = duplicates.flatMap((duplicate) =>
    duplicate.copies.map((one) => about(one, duplicate.address, 'duplicate', describeDuplicate(duplicate))),
  );
  const strays = matching.live.all.flatMap((instance) => {
    const own = listOwners(instance).find(
      (owner) => owner.project === matching.observation.declarations.project,
    );
    if (own === undefined || told.has(instance.id)) return [];
    const address = matching.addresses.resolve(own.address);
    const match = address === null ? undefined : matches.get(address);
    // What a plan adopts by its tag (after the state was lost, say) is recorded nowhere as yet.
    if (match?.kind === 'found' && match.by === 'tag' && match.instance.id === instance.id) {
      return [
        about(instance, address, 'stray', 'carries our ownership tag and is not recorded: apply adopts it'),
      ];
    }
    if (managed.has(instance.id) || match?.kind === 'conflict') return [];
    return [about(instance, own.address, 'stray', 'carries our ownership tag and is recorded nowhere')];
  });
  return [...copies, ...strays];
}

function measureCoverage(planning: Planning): Coverage {
  const ids = listManaged(planning.matching, planning.matches);
  const { all } = planning.matching.live;
  const { project } = planning.matching.observation.declarations;
  const managed = all.filter((one) => ids.has(one.id)).length;
  const foreign = all.filter(
    (one) => !ids.has(one.id) && listOwners(one).some((owner) => owner.project !== project),
  ).length;
  const nothing = planning.plan.counts.recorded === 0 ? 100 : 0;
  const percent = all.length === 0 ? nothing : Math.round((managed / all.length) * 1000) / 10;
  return { managed, foreign, unmanaged: all.length - managed - foreign, percent };
}

/** Health of managed instances; apart from drift. */
function listHealth({ plan, decisions }: Planning): readonly DriftItem[] {
  return plan.health.map(({ address, kind }) => ({
    address,
    kind,
    severity: rank(kind),
    text: kind === 'disabled' ? 'disabled: calls to its vendor answer 403' : 'the service calls it not valid',
    fields: [],
    instanceId: decisions.get(address)?.change.instanceId ?? null,
  }));
}

function about(instance: LiveInstance, address: Address | null, kind: DriftKind, text: string): DriftItem {
  return { address, kind, severity: rank(kind), text, fields: [], instanceId: instance.id };
}

function rank(kind: DriftKind): DriftItem['severity'] {
  if (kind === 'disabled' || kind === 'invalid') return 'warning';
  return (infoKinds as readonly DriftKind[]).includes(kind) ? 'info' : 'error';
}

function byAddressKindAndId(a: DriftItem, b: DriftItem): number {
  const key = (one: DriftItem) =>
    `${one.address ?? '\uffff'}\n${one.kind}\n${String(one.instanceId ?? 0).padStart(16, '0')}`;
  return key(a) < key(b) ? -1 : 1;
}
