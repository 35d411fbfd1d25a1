import { isHeld, type Action, type Change, type Reason } from './change.ts';
import { compareInstance, describeDeclaration, type Comparison, type FieldChange } from './diff.ts';
import type { Declaration, LiveInstance, RecordedInstance } from './model.ts';
import type { Match } from './claims.ts';
import type { CredentialReading } from './observation.ts';
import type { Recovery } from './recovery.ts';
import {
  explainAdoption,
  explainConflict,
  explainDelete,
  explainHeldUpdate,
  explainReplace,
} from './reasons.ts';

/** A change, and what could not be compared on the way to it. */
export interface Decision {
  readonly change: Change;
  readonly notVerified: readonly string[];
}

type Readings = ReadonlyMap<string, CredentialReading>;

/** One declared address, what it stands for, and its row → one action. The truth table of product.md §3. */
export function decideDeclared(
  declaration: Declaration,
  match: Match,
  row: RecordedInstance | null,
  readings: Readings,
): Decision {
  switch (match.kind) {
    case 'conflict':
      return settle(declaration, 'conflict', explainConflict(match, declaration), {
        instanceId: match.instances.length === 1 ? (match.instances[0]?.id ?? null) : null,
        // Apply waits for it and may create it then: what that takes must be there before the first POST, be seen, and be bound.
        ...(match.until === null
          ? {}
          : { needs: listNeeds(readings), fields: describeDeclaration(declaration) }),
      });
    case 'missing':
      return settle(declaration, 'create', explainCreate(match), {
        fields: describeDeclaration(declaration),
        needs: listNeeds(readings),
      });
    case 'bound':
    case 'found':
      return decideLive(declaration, match, row, readings);
    default:
      return match satisfies never;
  }
}

function decideLive(
  declaration: Declaration,
  match: Extract<Match, { kind: 'bound' | 'found' }>,
  row: RecordedInstance | null,
  readings: Readings,
): Decision {
  const { instance } = match;
  if (instance.element !== declaration.element) {
    const element = {
      path: 'element',
      declared: declaration.element,
      recorded: row?.element ?? null,
      live: instance.element,
    };
    return settle(declaration, 'replace', explainReplace(declaration, instance), {
      instanceId: instance.id,
      fields: [element],
    });
  }
  const compared = compareInstance(declaration, instance, match.kind === 'bound' ? row : null, readings);
  if (match.kind === 'found')
    return finish(declaration, 'adopt', explainAdoption(match, row), instance, compared);
  if (compared.fields.length === 0) {
    return finish(declaration, 'no-op', { code: 'as_declared', text: 'as declared' }, instance, compared);
  }
  return finish(
    declaration,
    'update',
    explainHeldUpdate(declaration.address, compared.fields),
    instance,
    compared,
  );
}

/** A row that no declared address stands for: still live, gone for sure, or not to be told. */
export function decideOrphan(
  row: RecordedInstance,
  found: LiveInstance | 'missing' | 'unknown',
  contested: string | null,
  recovery: Recovery | null,
): Change {
  const base = {
    address: row.address,
    element: row.element,
    name: row.name,
    needs: [],
    fields: [],
    source: null,
  };
  const instanceId = row.instanceId;
  if (contested !== null) {
    const text = `#${String(instanceId)} is recorded here and claimed by ${contested}; write  moved:  with  ${row.address}: ${contested}, or  instate state rm ${row.address}`;
    return { ...base, instanceId, action: 'conflict', held: false, reason: { code: 'claimed_twice', text } };
  }
  if (found === 'unknown') {
    const text = `no longer declared; whether #${String(instanceId)} lives cannot be told: the service did not answer for it; try again`;
    return { ...base, instanceId, action: 'conflict', held: false, reason: { code: 'unreadable', text } };
  }
  if (found === 'missing' && recovery !== null && recovery.kind !== 'absent') {
    const isOpen = recovery.kind === 'waiting' || recovery.kind === 'found' || recovery.kind === 'in-flight';
    const text = isOpen
      ? 'no longer declared; a create of it was cut off: instate apply waits for it and records what it made'
      : 'no longer declared; a create of it was cut off, and several instances may be what it made: look in the account';
    return recovery.kind === 'found'
      ? {
          ...base,
          instanceId: recovery.instance.id,
          action: 'adopt',
          held: false,
          reason: { code: 'recovered', text },
        }
      : { ...base, instanceId, action: 'conflict', held: false, reason: { code: 'unconfirmed', text } };
  }
  if (found === 'missing') {
    const reason = { code: 'gone', text: 'recorded, no longer declared, gone from the account' };
    return { ...base, instanceId, action: 'forget', held: false, reason };
  }
  return { ...base, instanceId, action: 'delete', held: true, reason: explainDelete(row) };
}

function explainCreate(match: Extract<Match, { kind: 'missing' }>): Reason {
  switch (match.after) {
    case null:
      return { code: 'missing', text: 'missing' };
    case 'absent':
      return { code: 'missing', text: 'missing: an earlier create of it did not arrive' };
    case 'in-flight':
      return {
        code: 'in_flight',
        text: 'another run is creating it right now; plan again once that has ended',
      };
    default:
      return match.after satisfies never;
  }
}

function listNeeds(readings: Readings): readonly string[] {
  return [...new Set([...readings.values()].flatMap((reading) => reading.missing))].sort();
}

function finish(
  declaration: Declaration,
  action: Action,
  reason: Reason,
  live: LiveInstance,
  compared: Comparison,
): Decision {
  const decision = settle(declaration, action, reason, { instanceId: live.id, fields: compared.fields });
  return { ...decision, notVerified: compared.notVerified };
}

function settle(
  declaration: Declaration,
  action: Action,
  reason: Reason,
  details: {
    readonly instanceId?: number | null;
    readonly fields?: readonly FieldChange[];
    readonly needs?: readonly string[];
  },
): Decision {
  const { instanceId = null, fields = [], needs = [] } = details;
  const { address, element, name, source } = declaration;
  const held = isHeld(action);
  return {
    change: { address, action, held, reason, instanceId, element, name, needs, fields, source },
    notVerified: [],
  };
}
