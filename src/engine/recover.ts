import type { Address, Declarations, LiveInstance } from '../core/model.ts';
import { listOwners } from '../core/ownership.ts';
import { makePlan, type Planning, type Policy } from '../core/plan.ts';
import type { Recovered } from '../core/recovery.ts';
import { InstateError } from '../errors.ts';
import type { Lock } from '../ports.ts';
import { planOrRefuse } from './apply.ts';
import type { Clock } from './create.ts';
import { observe, type Eyes } from './observe.ts';
import { findToken, keepBooks, settleRecoveries } from './record.ts';
import { bindLive } from './resolve.ts';
import type { ApplyEvents } from './run.ts';
import { listWaitedFor, listWaiting, measureWait } from './waiting.ts';

/** What settling works with. It cannot send anything but GET. */
export interface RecoverRun {
  readonly declarations: Declarations;
  readonly policy: Policy;
  readonly eyes: Eyes;
  readonly lock: Lock;
  readonly clock: Clock;
  readonly stop: AbortSignal;
  readonly onWait: ApplyEvents['onWait'];
}

/** An open create that is open no more: recorded under its instance, or known not to exist. */
export interface Settled {
  readonly address: Address;
  readonly instanceId: number | null;
}

/** What was settled, and a planning of the readings as they are now. */
export interface RecoverReport {
  readonly settled: readonly Settled[];
  readonly planning: Planning;
}

/** What a person who has looked in the account says of a cut-off create: that instance, or none. */
export type Verdict = { readonly kind: 'found'; readonly id: number } | { readonly kind: 'absent' };

/** Settles every open create that one look can decide; with `wait`, all of them, after the last one's time. */
export async function recover(run: RecoverRun, wait: boolean): Promise<RecoverReport> {
  const before = await look(run, new Set());
  const settled = [...(await settleAll(before, run))];
  const addresses = [...before.matching.recoveries.keys()].filter((one) => run.policy.includes(one));
  const waiting = listWaiting(before, addresses);
  if (!wait || waiting.length === 0 || run.stop.aborted) return report(before, run, settled);
  const ms = measureWait(before, waiting, run.clock);
  run.onWait([...new Set(waiting.map(({ address }) => address))], run.clock.now() + ms);
  await run.clock.wait(ms, run.stop);
  if (run.stop.aborted) return report(before, run, settled);
  const after = await look(run, listWaitedFor(before, waiting, run.clock));
  settled.push(...(await settleAll(after, run)));
  return report(after, run, settled);
}

/** Settles the open creates of one address as a person says, if nothing that is seen speaks against it (safety.md C2, C3). */
export async function settleByHand(
  run: RecoverRun,
  address: Address,
  verdict: Verdict,
): Promise<RecoverReport> {
  const planning = await look(run, new Set());
  const open = planning.matching.recoveries.get(address)?.each ?? [];
  const isBlocked = planning.matching.observation.recorded.absences.has(address);
  if (open.length === 0 && (verdict.kind === 'found' || !isBlocked)) {
    throw new InstateError('unknown_address', `no create of ${address} is open`, {
      hint: 'instate recover --list  shows what is',
    });
  }
  const [first] = open;
  if (verdict.kind === 'absent') refuseAbsent(address, open);
  const at = planning.matching.observation.listing?.startedAt ?? 0;
  for (const one of open) {
    const { intent } = one;
    if (verdict.kind === 'absent' || one !== first) {
      await run.lock.settle(intent.id, { kind: 'absent', presumed: true, at });
      continue;
    }
    const instance = await requireInstance(run, planning, one, verdict.id);
    const bound = { ...bindLive(instance, null), configuration: intent.configuration, tag: intent.tag };
    const token = findToken(planning, instance.id);
    await run.lock.settle(intent.id, { kind: 'created', instance: bound, token, tagProven: false });
  }
  const lost = (await run.lock.read()).absences.has(address);
  if (lost) await run.lock.record([{ kind: 'reset-absences', address }]);
  return report(planning, run, [{ address, instanceId: verdict.kind === 'found' ? verdict.id : null }]);
}

async function look(run: RecoverRun, waitedFor: ReadonlySet<string>): Promise<Planning> {
  const recorded = await run.lock.read();
  const past = { waitedFor, fresh: new Set<number>() };
  return planOrRefuse(await observe(run.declarations, recorded, run.eyes, past), run.policy);
}

/** Closes what the listing decides, and tells what became of each. */
async function settleAll(planning: Planning, { lock, policy }: RecoverRun): Promise<readonly Settled[]> {
  const found = await settleRecoveries(planning, lock, policy);
  await keepBooks(planning, lock, policy);
  const ids = new Map(found.map(({ address, instanceId }) => [address, instanceId]));
  const open = new Set((await lock.read()).intents.map(({ id }) => id));
  return [...planning.matching.recoveries].flatMap(([address, { each }]) =>
    each.every(({ intent }) => open.has(intent.id))
      ? []
      : [{ address, instanceId: ids.get(address) ?? null }],
  );
}

/** The readings as they are after settling: the same listing, and the record as it stands now. */
async function report(
  { matching }: Planning,
  run: RecoverRun,
  settled: readonly Settled[],
): Promise<RecoverReport> {
  const recorded = await run.lock.read();
  return { settled, planning: makePlan({ ...matching.observation, recorded }, run.policy) };
}

/** What lives is not absent, and what may still arrive is not absent yet. */
function refuseAbsent(address: Address, open: readonly Recovered[]): void {
  for (const { recovery } of open) {
    if (recovery.kind === 'found' || recovery.kind === 'several') {
      const instances = recovery.kind === 'found' ? [recovery.instance] : recovery.instances;
      const ids = instances.map(({ id }) => `#${String(id)}`).join(', ');
      throw new InstateError('conflict', `the create of ${address} made ${ids}, which carries its tag`, {
        hint: `instate recover ${address} --found ${String(instances.at(-1)?.id ?? 'ID')}`,
      });
    }
    if (recovery.kind === 'waiting') {
      const until = new Date(recovery.until).toISOString();
      throw new InstateError('conflict', `the create of ${address} may still arrive, until ${until}`, {
        hint: 'instate recover --wait',
      });
    }
  }
}

/** The instance that a person names: it lives, is of the element, came after the create, and is nobody else's. */
async function requireInstance(
  run: RecoverRun,
  planning: Planning,
  { intent }: Recovered,
  id: number,
): Promise<LiveInstance> {
  const { live } = planning.matching;
  const instance = live.byId.get(id);
  const refuse = (why: string) =>
    new InstateError('conflict', `#${String(id)} is not what the create of ${intent.address} made: ${why}`, {
      hint: `instate recover ${intent.address} --absent  if it made nothing`,
    });
  if (instance === undefined) throw refuse('it is not in the list of instances');
  if (instance.element !== intent.element) throw refuse(`its element is ${instance.element}`);
  if (intent.knownIds.ids.includes(id)) throw refuse('it lived before');
  const row = (await run.lock.read()).instances.find(({ instanceId }) => instanceId === id);
  if (row !== undefined) throw refuse(`it is recorded as ${row.address}`);
  const { project } = run.declarations;
  const foreign = listOwners(instance).find(
    (owner) => owner.project !== project || owner.address !== intent.address,
  );
  if (foreign !== undefined) throw refuse(`its tag says ${foreign.project}:${foreign.address}`);
  return instance;
}
