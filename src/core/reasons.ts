import type { Reason } from './change.ts';
import { isCredentialChange, type FieldChange } from './diff.ts';
import type { Declaration, LiveInstance, RecordedInstance } from './model.ts';
import type { Match } from './claims.ts';

type Conflict = Extract<Match, { kind: 'conflict' }>;

/** `#11890 (2025-03-01), #12077`: instances as people tell them apart. */
export function nameInstances(instances: readonly LiveInstance[]): string {
  return instances
    .map((one) => `#${String(one.id)}${one.createdDate === null ? '' : ` (${one.createdDate.slice(0, 10)})`}`)
    .join(', ');
}

/** Why nothing can be decided for an address, and what to do about it. */
export function explainConflict(conflict: Conflict, declaration: Declaration): Reason {
  return { code: conflict.code, text: describeConflict(conflict, declaration) };
}

function describeConflict(conflict: Conflict, declaration: Declaration): string {
  const { instances, other, until } = conflict;
  const ids = nameInstances(instances);
  const pin = `pin the right one:  id: ${String(instances.at(-1)?.id ?? 'ID')}`;
  switch (conflict.code) {
    case 'pin_not_found':
      return `no instance with the pinned id ${String(declaration.id)} lives in this account; correct or remove  id:`;
    case 'pin_element':
      return `the pinned instance ${ids} is of element ${String(other)}, not ${declaration.element}; correct  id:  or  element:`;
    case 'claimed_twice':
      return `${ids || 'its instance'} is claimed by ${String(other)} too; give each address an instance of its own (id:), rename with  moved:, or drop one`;
    case 'duplicate':
      return `${String(instances.length)} live instances carry this address's ownership tag: ${ids}; delete the one too many in the account, or ${pin}`;
    case 'ambiguous':
      return `${String(instances.length)} live instances have this element and name: ${ids}; ${pin}`;
    case 'renamed':
      return `${ids} has this element and name and belongs to ${String(other)}, which is not declared any more; if it was renamed, write  moved:  with  ${String(other)}: ${declaration.address}`;
    case 'foreign':
      return `${ids} belongs to project ${String(other)} (by its ownership tag); use another name, or take the tag off there first`;
    case 'other_address':
      return `${ids} carries the ownership tag of ${String(other)}; if it was renamed, write  moved:  with  ${String(other)}: ${declaration.address}; else correct the tag in the account`;
    case 'unreadable':
      return ids
        ? `whose ${ids} is cannot be told: its tags could not be read; try again`
        : 'whether its instance lives cannot be told: the service did not answer for it; try again';
    case 'unlisted':
      return `the list of instances lacks ${ids}, which lives; a list that hides one may hide another, so nothing is created from it; try again; if it stays so for hours, the service's list is at fault: ask its support`;
    case 'moved_onto':
      return `${declaration.address} has a record of its own, so ${String(other)} cannot become it:  instate state rm ${declaration.address}  or  ${String(other)},  or take the line out of  moved:`;
    case 'unconfirmed':
      if (until !== null)
        return `an earlier create was cut off and may still arrive, until ${new Date(until).toISOString()}; instate apply waits for it`;
      if (ids) return `an earlier create was cut off, and ${ids} may be what it made; ${pin}`;
      return `its creates were cut off several times and never arrived; look in the account: pin what you find with  id:, or, if nothing is there, let apply try again with  instate recover ${other ?? declaration.address} --absent`;
    default:
      return conflict.code satisfies never;
  }
}

/** Why an instance that lives is taken into the state. Instances without our tag get the line to paste. */
export function explainAdoption(
  match: Extract<Match, { kind: 'found' }>,
  row: RecordedInstance | null,
): Reason {
  const { code, text } = explainFinding(match);
  const isOther = row !== null && row.instanceId !== match.instance.id;
  return { code, text: isOther ? `${text}; #${String(row.instanceId)}, recorded before, is gone` : text };
}

function explainFinding(match: Extract<Match, { kind: 'found' }>): Reason {
  const paste = `to find it without the state, write  id: ${String(match.instance.id)}`;
  switch (match.by) {
    case 'pin':
      return { code: 'pinned', text: 'lives already: pinned by id, not recorded' };
    case 'tag':
      return { code: 'tagged', text: 'lives already: carries our ownership tag, not recorded' };
    case 'intent':
      return { code: 'recovered', text: 'made by a run that was cut off; found by its ownership tag' };
    case 'look-alike':
      return { code: 'alike', text: `lives already: same element and name, not recorded; ${paste}` };
    default:
      return match.by satisfies never;
  }
}

/** What a person has to do for a change that apply holds back. */
export function explainHeldUpdate(address: string, fields: readonly FieldChange[]): Reason {
  const credentials = fields.filter(isCredentialChange);
  const secret = credentials.length > 0;
  const plain = credentials.length < fields.length;
  const byHand = plain ? 'set the fields there by hand' : '';
  const accept = secret
    ? `${plain ? 'if the credentials are' : 'if they are'} in place there already: instate state accept ${address}`
    : '';
  const what = [...(plain ? ['declared fields differ from live'] : []), ...describeRotations(credentials)];
  return {
    code: plain ? 'changed' : 'credential',
    text: `${what.join('; ')}; instate cannot change instances yet: ${[byHand, accept].filter(Boolean).join('; ')}`,
  };
}

/** `credential username, password changed since 2026-11-02`: one part for each day that the applied ones are of. */
function describeRotations(
  credentials: readonly (FieldChange & { readonly since: string })[],
): readonly string[] {
  const days = new Map<string, string[]>();
  for (const { path, since } of credentials) {
    const day = since.slice(0, 10);
    days.set(day, [...(days.get(day) ?? []), path.replace(/^configuration\./, '')]);
  }
  return [...days].map(([day, keys]) => `credential ${keys.join(', ')} changed since ${day}`);
}

/** A declared element that is not the live one's: only a new instance could have it. */
export function explainReplace(declaration: Declaration, live: LiveInstance): Reason {
  const protection = declaration.protect ? '; it is protected' : '';
  return {
    code: 'element',
    text: `element ${live.element} cannot become ${declaration.element}: that takes a new instance, with a new id and token, which instate does not make yet${protection}; declare it under a new address, or put  element: ${live.element}  back`,
  };
}

/** Recorded, not declared, live. */
export function explainDelete(row: RecordedInstance): Reason {
  return {
    code: 'orphan',
    text: `recorded, no longer declared, still live; instate deletes nothing yet: delete it in the account, keep it with  instate state rm ${row.address}, or, if it was renamed, write  moved:`,
  };
}
