import {
  collectClaims,
  conflict,
  findRival,
  pick,
  type Claims,
  type Match,
  type Matching,
} from './claims.ts';
import { matchByLikeness } from './match-alike.ts';
import type { Address, Declaration, LiveInstance, RecordedInstance } from './model.ts';
import { listOwners, writeOwnershipTag } from './ownership.ts';
import { mostAutomaticCreates, type Recovery } from './recovery.ts';

/** Finds for each declared address its live instance, one to one, over all declarations (product.md §2, safety.md B1). */
export function matchInstances(input: Matching): ReadonlyMap<Address, Match> {
  const claims = collectClaims(input);
  const first = new Map(
    [...input.addresses.declared.values()].map(
      (one) => [one.address, matchByIdentity(one, input, claims)] as const,
    ),
  );
  const seekers = [...first].flatMap(([address, match]) => (match === null ? [address] : []));
  const alike = matchByLikeness(seekers, input, claims);
  return new Map(
    [...first].map(([address, match]) => [address, match ?? alike.get(address) ?? missing(address, input)]),
  );
}

/** Rules 1 to 3: pin, record, ownership tag. null: none decides. */
function matchByIdentity(declaration: Declaration, input: Matching, claims: Claims): Match | null {
  const row = input.addresses.rows.get(declaration.address) ?? null;
  const rival = input.addresses.rivals.get(declaration.address);
  if (rival !== undefined) return conflict('moved_onto', { other: rival.address });
  return (
    matchPin(declaration, row, input, claims) ??
    matchRecord(declaration, row, input, claims) ??
    matchTag(declaration, input, claims)
  );
}

function matchPin(
  declaration: Declaration,
  row: RecordedInstance | null,
  input: Matching,
  claims: Claims,
): Match | null {
  const { id, address } = declaration;
  if (id === null) return null;
  const rival = findRival(id, address, claims);
  const found = input.live.look(id);
  if (rival !== null) return conflict('claimed_twice', { instances: pick(found), other: rival });
  if (found === 'unknown') return conflict('unreadable', {});
  if (found === 'missing') return conflict('pin_not_found', {});
  if (found.element !== declaration.element)
    return conflict('pin_element', { instances: [found], other: found.element });
  const named = checkTag(found, declaration, row, input);
  if (named !== null) return named;
  return row?.instanceId === id
    ? { kind: 'bound', instance: found }
    : { kind: 'found', by: 'pin', instance: found };
}

function matchRecord(
  declaration: Declaration,
  row: RecordedInstance | null,
  input: Matching,
  claims: Claims,
): Match | null {
  if (row === null) return null;
  const found = input.live.look(row.instanceId);
  const rival = findRival(row.instanceId, declaration.address, claims);
  if (rival !== null) return conflict('claimed_twice', { instances: pick(found), other: rival });
  if (found === 'unknown') return conflict('unreadable', {});
  if (found === 'missing') return null;
  return checkTag(found, declaration, row, input) ?? { kind: 'bound', instance: found };
}

function matchTag(declaration: Declaration, input: Matching, claims: Claims): Match | null {
  const { address } = declaration;
  const recovery = input.recoveries.get(address)?.together ?? null;
  const undecided = recovery === null ? null : matchUndecided(recovery, input.live.hidden);
  if (undecided !== null) return undecided;
  const tagged = [...new Set(input.addresses.names(address).flatMap((name) => input.live.owned(name)))];
  for (const instance of tagged) {
    const rival = findRival(instance.id, address, claims) ?? findOtherOwner(instance, address, input);
    if (rival !== null) return conflict('claimed_twice', { instances: [instance], other: rival });
  }
  const [instance, ...more] = tagged;
  if (instance === undefined) return null;
  if (more.length > 0) return conflict('duplicate', { instances: tagged });
  const made = recovery?.kind === 'found' && recovery.instance.id === instance.id;
  return { kind: 'found', by: made ? 'intent' : 'tag', instance };
}

/** What an open intent leaves undecided; null: it was found, or is absent. */
function matchUndecided(recovery: Recovery, hidden: readonly LiveInstance[]): Match | null {
  switch (recovery.kind) {
    case 'found':
    case 'absent':
      return null;
    case 'several':
      return conflict('duplicate', { instances: recovery.instances });
    case 'waiting':
      return hidden.length > 0
        ? conflict('unlisted', { instances: hidden })
        : conflict('unconfirmed', { until: recovery.until });
    case 'in-flight':
      return { kind: 'missing', after: 'in-flight' };
    case 'undecidable':
      return conflict('unconfirmed', { instances: recovery.instances });
    default:
      return recovery satisfies never;
  }
}

/** Rule 5, where the readings allow it: a create wants a list that hides nothing, and no long row of lost ones. */
function missing(address: Address, { observation, recoveries, addresses, live }: Matching): Match {
  const declaration = addresses.declared.get(address);
  if (live.hidden.length > 0) return conflict('unlisted', { instances: live.hidden });
  const unread = live.unread(declaration?.element ?? '');
  if (unread.length > 0) return conflict('unreadable', { instances: unread });
  const recovery = recoveries.get(address)?.together;
  const counts = addresses
    .names(address)
    .map((name) => ({ name, lost: observation.recorded.absences.get(name) ?? 0 }));
  const { name, lost } = counts.reduce((most, one) => (one.lost > most.lost ? one : most));
  const absences = lost + (recovery?.kind === 'absent' && recovery.presumed ? 1 : 0);
  if (absences > mostAutomaticCreates) return conflict('unconfirmed', { other: name });
  return { kind: 'missing', after: absences > 0 || recovery?.kind === 'absent' ? 'absent' : null };
}

/** A pinned or recorded instance whose tag names somebody else (safety.md B2). */
function checkTag(
  instance: LiveInstance,
  declaration: Declaration,
  row: RecordedInstance | null,
  input: Matching,
): Match | null {
  const names = input.addresses.names(declaration.address);
  for (const owner of listOwners(instance)) {
    if (owner.project !== input.observation.declarations.project) {
      return conflict('foreign', { instances: [instance], other: owner.project });
    }
    const remembered = row?.tag === writeOwnershipTag(owner) && row.instanceId === instance.id;
    if (!names.includes(owner.address) && !remembered)
      return conflict('other_address', { instances: [instance], other: owner.address });
  }
  return null;
}

/** Another declared address that the same instance is tagged for, or another project. */
function findOtherOwner(instance: LiveInstance, address: Address, input: Matching): string | null {
  const names = input.addresses.names(address);
  const { project } = input.observation.declarations;
  const other = listOwners(instance).find(
    (owner) => owner.project !== project || !names.includes(owner.address),
  );
  return other === undefined
    ? null
    : other.project === project
      ? other.address
      : `${other.project}:${other.address}`;
}
