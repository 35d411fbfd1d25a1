import type { Address, RecordedState } from '../core/model.ts';
import { findUser } from '../core/observation.ts';
import type { Planning, Policy } from '../core/plan.ts';
import type { Sensitive } from '../core/sensitive.ts';
import type { Effect, Lock } from '../ports.ts';
import { bindLive } from './resolve.ts';
import type { Result } from '../core/result.ts';

/** Closes every open intent that the listing has decided: what was found is recorded, what is absent may be made again. */
export async function settleRecoveries(
  planning: Planning,
  lock: Lock,
  policy: Policy,
): Promise<readonly Result[]> {
  const { matching } = planning;
  const settled = [...matching.recoveries].filter(([address]) => policy.includes(address));
  const results = await Promise.all(
    settled.map(async ([address, { intent, recovery }]): Promise<Result | null> => {
      if (recovery.kind === 'found') {
        const instance = {
          ...bindLive(recovery.instance, null),
          configuration: intent.configuration,
          tag: intent.tag,
        };
        const token = findToken(planning, recovery.instance.id);
        await lock.settle(intent.id, { kind: 'created', instance, token, tagProven: true });
        return { address, action: 'adopt', status: 'done', instanceId: recovery.instance.id, error: null };
      }
      if (recovery.kind !== 'absent') return null;
      const at = matching.observation.listing?.startedAt ?? 0;
      await lock.settle(
        intent.id,
        recovery.presumed ? { kind: 'absent', presumed: true, at } : { kind: 'refused' },
      );
      return null;
    }),
  );
  return results.filter((result) => result !== null);
}

/** Everything that needs no API call, in one transaction: renames, adoptions, what is gone, whose account this is. */
export async function recordWithoutCalls(
  planning: Planning,
  lock: Lock,
  policy: Policy,
): Promise<readonly Result[]> {
  const { plan, matching } = planning;
  const recorded = await lock.read();
  const versions = new Map(recorded.instances.map((row) => [row.address, row.version]));
  // A rename waits while a create of either name is open.
  const open = new Set(recorded.intents.map((intent) => intent.address));
  const moves: Effect[] = plan.moves
    .filter(({ from, to }) => policy.includes(to) && !open.has(from) && !open.has(to))
    .map(({ from, to }) => ({ kind: 'move', from, to, expected: versions.get(from) ?? 0 }));
  const changes = plan.changes.filter(
    (change) =>
      policy.includes(change.address) &&
      change.reason.code !== 'recovered' &&
      (change.action === 'adopt' || change.action === 'forget'),
  );
  const done = changes.map((change): { effect: Effect; result: Result } => {
    const { address } = change;
    const expected =
      versions.get(address) ??
      versions.get(plan.moves.find((move) => move.to === address)?.from ?? '') ??
      null;
    const result = { address, status: 'done' as const, instanceId: change.instanceId, error: null };
    if (change.action === 'forget') {
      return {
        effect: { kind: 'forget', address, expected: expected ?? 0 },
        result: { ...result, action: 'forget' },
      };
    }
    return {
      effect: adopt(planning, address, change.instanceId ?? 0, expected),
      result: { ...result, action: 'adopt' },
    };
  });
  const effects = [...bindAccount(planning, recorded), ...moves, ...done.map(({ effect }) => effect)];
  if (effects.length > 0) await lock.record(effects);
  return matching.observation.listing === null ? [] : done.map(({ result }) => result);
}

function adopt(planning: Planning, address: Address, id: number, expected: number | null): Effect {
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

function findToken({ matching }: Planning, id: number): Sensitive | null {
  const { listing, probes } = matching.observation;
  const probe = probes.get(id);
  return listing?.tokens.get(id) ?? (probe?.kind === 'live' ? probe.token : null);
}
