import type { Action } from './change.ts';
import { describeDeclaration, type FieldChange } from './diff.ts';
import { findLive } from './claims.ts';
import type { Address, Json, LiveInstance, RecordedInstance } from './model.ts';
import { dropOwnershipTags, listOwners } from './ownership.ts';
import type { Planning } from './plan.ts';
import { Sensitive, sensitiveLabel } from './sensitive.ts';

/** One address in its three readings. Plain JSON, sensitive values as `(sensitive)`; a reading that is not there is null. */
export interface SideBySide {
  readonly address: Address;
  readonly action: Action;
  readonly reason: string;
  readonly declared: Readonly<Record<string, Json>> | null;
  readonly recorded: Readonly<Record<string, Json>> | null;
  readonly live: Readonly<Record<string, Json>> | null;
  readonly fields: readonly FieldChange[];
}

/** Puts an address's readings beside each other; null if nobody knows the address. */
export function describeAddress(planning: Planning, address: Address): SideBySide | null {
  const decision = planning.decisions.get(address);
  if (decision === undefined) return null;
  const { addresses, live } = planning.matching;
  const row =
    addresses.rows.get(address) ?? addresses.orphans.find((orphan) => orphan.address === address) ?? null;
  const match = planning.matches.get(address);
  const found =
    match === undefined ? (row === null ? null : (live.byId.get(row.instanceId) ?? null)) : findLive(match);
  const { action, reason, fields } = decision.change;
  return {
    address,
    action,
    reason: reason.text,
    declared: describeDeclared(planning, address),
    recorded: row === null ? null : describeRow(row),
    // Offline nothing was asked: what is recorded is only taken to live.
    live:
      found === null || planning.matching.observation.listing === null
        ? null
        : describeLive(found, planning, address),
    fields,
  };
}

/** A row as people may see it. */
export function describeRow(row: RecordedInstance): Readonly<Record<string, Json>> {
  const credentials = Object.entries(row.credentials).map(([path, since]) => [
    path,
    `${sensitiveLabel} since ${since}`,
  ]);
  return {
    instanceId: row.instanceId,
    element: row.element,
    name: row.name,
    tags: row.tags === null ? null : [...row.tags],
    ownershipTag: row.tag,
    configuration: { ...row.configuration },
    credentials: Object.fromEntries(credentials) as Record<string, Json>,
    origin: row.origin,
    recordedAt: row.recordedAt,
    tokenStored: row.tokenStored,
  };
}

function describeDeclared({ matching }: Planning, address: Address): Readonly<Record<string, Json>> | null {
  const declaration = matching.addresses.declared.get(address);
  if (declaration === undefined) return null;
  const fields = describeDeclaration(declaration).filter(({ path }) => path.startsWith('configuration.'));
  const { element, name, tags, id, protect, ignore, externalAuthentication } = declaration;
  return {
    element,
    name,
    tags: tags === null ? null : [...tags],
    configuration: Object.fromEntries(
      fields.map((field) => [field.path.replace(/^configuration\./, ''), field.declared]),
    ),
    ...(id === null ? {} : { id }),
    ...(protect ? { protect } : {}),
    ...(ignore.length === 0 ? {} : { ignore: [...ignore] }),
    ...(externalAuthentication === null ? {} : { externalAuthentication }),
  };
}

/** E3: of the live configuration, only declared keys that are not sensitive. */
function describeLive(
  instance: LiveInstance,
  { matching }: Planning,
  address: Address,
): Readonly<Record<string, Json>> {
  const declared = matching.addresses.declared.get(address)?.configuration ?? {};
  const shown = Object.entries(instance.configuration ?? {}).flatMap(([key, value]) => {
    if (!Object.hasOwn(declared, key)) return [];
    const hidden = declared[key]?.kind === 'sensitive' || value instanceof Sensitive;
    return [[key, hidden ? sensitiveLabel : value] as const];
  });
  const { id, element, name, tags, disabled, valid, retired, createdDate, user } = instance;
  return {
    id,
    element,
    name,
    tags: tags === null ? null : [...dropOwnershipTags(tags)],
    owners: listOwners(instance).map((owner) => `${owner.project}:${owner.address}`),
    configuration: Object.fromEntries(shown) as Record<string, Json>,
    ...{ disabled, valid, ...(retired ? { retired } : {}), createdDate, user },
  };
}
