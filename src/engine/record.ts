import type { Address, RecordedState } from '../core/model.ts';
import { findUser, joinAddresses } from '../core/observation.ts';
import type { Planning, Policy } from '../core/plan.ts';
import type { Sensitive } from '../core/sensitive.ts';
import type { Change } from '../core/change.ts';
import type { Recovered } from '../core/recovery.ts';
import type { Effect, Lock, Settlement } from '../ports.ts';
import { bindLive } from './resolve.ts';
import type { Result } from '../core/result.ts';

/**
 * Closes every open intent that the listing has decided: what was found is recorded, what is absent may be made again.
 * What was found for an address that has an instance already stays out of the record and is a duplicate to report.
 */
export async function settleRecoveries(
  planning: Planning,
  lock: Lock,
  policy: Policy,
): Promise<readonly Result[]> {
  const concerned = [...planning.matching.recoveries].filter(([address]) => policy.includes(address));
  const at = planning.matching.observation.listing?.startedAt ?? 0;
  const results = await Promise.all(
    concerned.flatMap(([address, { each }]) =>
      each.map(async ({ intent, recovery }): Promise<Result | null> => {
        const settlement = chooseSettlement(planning, address, { intent, recovery }, at);
        if (settlement === null) return null;
        await lock.settle(intent.id, settlement);
        if (settlement.kind !== 'created') return null;
        const { instanceId } = settlement.instance;
        return { address, action: 'adopt', status: 'done', instanceId, error: null };
      }),
    ),
  );
  return results.filter((result) => result !== null);
}

function chooseSettlement(
  planning: Planning,
  address: Address,
  { intent, recovery }: Recovered,
  at: number,
): Settlement | null {
  if (recovery.kind === 'absent')
    return recovery.presumed ? { kind: 'absent', presumed: true, at } : { kind: 'refused' };
  if (recovery.kind !== 'found') return null;
  const match = planning.matches.get(address);
  const { instance } = recovery;
  const decision = planning.decisions.get(address)?.change;
  const isFree = match === undefined && (decision === undefined || decision.reason.code === 'recovered');
  if (isFree || (match?.kind === 'found' && match.by === 'intent' && match.instance.id === instance.id)) {
    const bound = { ...bindLive(instance, null), configuration: intent.configuration, tag: intent.tag };
    return { kind: 'created', instance: bound, token: findToken(planning, instance.id), tagProven: true };
  }
  // B3: the recorded (or pinned) instance wins. The tombstone keeps this one in sight.
  const taken = match === undefined || match.kind === 'bound' || match.kind === 'found';
  return taken ? { kind: 'absent', presumed: true, at } : null;
}

/** Everything that needs no API call: renames and whose account this is, then adoptions and what is gone. */
export async function recordWithoutCalls(
  planning: Planning,
  lock: Lock,
  policy: Policy,
): Promise<readonly Result[]> {
  const { plan, matching } = planning;
  await keepBooks(planning, lock, policy);
  const changes = plan.changes.filter(
    (change) =>
      policy.includes(change.address) && isRecordedOnly(change) && change.reason.code !== 'recovered',
  );
  if (changes.length === 0) return [];
  const rows = new Map((await lock.read()).instances.map((row) => [row.address, row]));
  const planned = new Map(matching.observation.recorded.instances.map((row) => [row.address, row]));
  const steps = changes.map((change) => {
    const row = rows.get(change.address) ?? null;
    const seen = matching.addresses.rows.get(change.address) ?? planned.get(change.address) ?? null;
    // Only the row that the plan was made of may be replaced or dropped; settling may have put another there.
    const effect =
      row?.instanceId === seen?.instanceId ? writeEffect(planning, change, row?.version ?? null) : null;
    return { effect, result: describeStep(change, effect !== null) };
  });
  const effects = steps.flatMap(({ effect }) => (effect === null ? [] : [effect]));
  if (effects.length > 0) await lock.record(effects);
  return steps.map(({ result }) => result);
}

/**
 * Whose account this is, and renames as the record stands now: settling may just have recorded an instance under the
 * name that its create was sent with.
 */
export async function keepBooks(planning: Planning, lock: Lock, policy: Policy): Promise<void> {
  const recorded = await lock.read();
  const { rows, names } = joinAddresses(planning.matching.observation.declarations, recorded);
  const taken = new Set([...recorded.intents, ...recorded.instances].map((one) => one.address));
  const open = new Set(recorded.intents.map((intent) => intent.address));
  const concerned = [...rows].filter(([to]) => policy.includes(to));
  // A rename waits while a create of either name is open.
  const moves = concerned.flatMap(([to, row]): Effect[] =>
    row.address === to || open.has(row.address) || taken.has(to)
      ? []
      : [{ kind: 'move', from: row.address, to, expected: row.version }],
  );
  // What lives has no lost creates behind it, under none of its names.
  const resets = concerned.flatMap(([to]) =>
    names(to).flatMap((name): Effect[] =>
      name !== to && recorded.absences.has(name) ? [{ kind: 'reset-absences', address: name }] : [],
    ),
  );
  const effects = [...bindAccount(planning, recorded), ...moves, ...resets];
  if (effects.length > 0) await lock.record(effects);
}

function isRecordedOnly(change: Change): boolean {
  return change.action === 'adopt' || change.action === 'forget';
}

function writeEffect(planning: Planning, change: Change, version: number | null): Effect {
  const { address } = change;
  if (change.action === 'forget') return { kind: 'forget', address, expected: version ?? 0 };
  return adopt(planning, address, change.instanceId ?? 0, version);
}

function describeStep({ address, action, instanceId }: Change, done: boolean): Result {
  const base = {
    address,
    action: action === 'forget' ? ('forget' as const) : ('adopt' as const),
    instanceId,
  };
  if (done) return { ...base, status: 'done', error: null };
  const message = 'its record changed while the plan was carried out';
  return {
    ...base,
    status: 'not-attempted',
    error: { code: 'state_changed', message, hint: 'run it again', requestId: null },
  };
}

/** The effect that records a live instance at an address. */
export function adopt(planning: Planning, address: Address, id: number, expected: number | null): Effect {
  const { live, addresses } = planning.matching;
  const instance = live.byId.get(id);
  if (instance === undefined) throw new Error('an adopted instance is live');
  const bound = bindLive(instance, addresses.declared.get(address) ?? null);
  return { kind: 'adopt', address, expected, instance: bound, token: findToken(planning, id) };
}

/** The state learns its project and account once; the user id as soon as a bound instance shows it (safety.md A4). */
function bindAccount({ plan, matching }: Planning, recorded: RecordedState): readonly Effect[] {
  const user = findUser(matching.observation);
  const effects: Effect[] = [];
  if (recorded.project === null) effects.push({ kind: 'bind-project', project: plan.project });
  if (recorded.account === null || (recorded.account.user === null && user !== null)) {
    effects.push({ kind: 'pin-account', account: { baseUrl: plan.baseUrl, user } });
  }
  return effects;
}

/** The token that the listing or a read brought, if any. */
export function findToken({ matching }: Planning, id: number): Sensitive | null {
  const { listing, probes } = matching.observation;
  const probe = probes.get(id);
  return listing?.tokens.get(id) ?? (probe?.kind === 'live' ? probe.token : null);
}
