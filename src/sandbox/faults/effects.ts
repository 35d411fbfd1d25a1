import { isPlainObject, type Answer } from '../http/answers.ts';
import type { Call, PageFaults } from '../http/calls.ts';
import type { Fault, FaultKind } from './faults.ts';
import type { Account, Instance } from '../world/model.ts';
import {
  findNewest,
  hideInstance,
  insertInstance,
  removeInstance,
  storeInstance,
  type World,
} from '../world/world.ts';

/** Finds the first fault of one of these kinds. */
export function findFault(faults: readonly Fault[], ...kinds: readonly FaultKind[]): Fault | null {
  return faults.find((fault) => kinds.includes(fault.do)) ?? null;
}

/** What the faults ask of a list call: `repeat-page`, and `drift-pages`, which deletes `id` or else the last instance seen. */
export function readPageFaults(world: World, faults: readonly Fault[]): PageFaults {
  const drift = findFault(faults, 'drift-pages');
  return {
    repeat: findFault(faults, 'repeat-page') !== null,
    drift: drift === null ? null : (account, lastSeen) => driftAccount(world, account, drift.id ?? lastSeen),
  };
}

/**
 * Before a read is answered: `hide-from-list` and `clone` act on `id`, or else on the instance that the call is about, or else on
 * the newest one, as when somebody changed the account just before.
 */
export function disturbBefore(call: Call, faults: readonly Fault[]): void {
  if (findFault(faults, 'hide-from-list', 'clone') === null) return;
  const named = call.bearer?.id ?? call.params['id'];
  disturbAccount(call, named === undefined ? (findNewest(call.account)?.id ?? null) : Number(named), faults);
}

/**
 * After a write that was done: `strip-tags` and `truncate-tags` change what is stored, `clone` copies it, tags and all,
 * under another id, `hide-from-list` keeps it out of lists.
 */
export function disturbAfter(call: Call, instanceId: number, faults: readonly Fault[]): void {
  const instance = call.account.instances.get(instanceId);
  if (instance === undefined) return;
  const cut = readTagCut(faults);
  if (cut !== null) storeInstance(call.account, { ...instance, tags: cut(instance.tags) });
  disturbAccount(call, instanceId, faults);
}

/** Shows the tags of an answer as `strip-tags` or `truncate-tags` leave them. On a read it is the answer alone that changes. */
export function cutTags(answer: Answer, faults: readonly Fault[]): Answer {
  const cut = readTagCut(faults);
  if (cut === null || answer.body === '') return answer;
  const value: unknown = JSON.parse(answer.body);
  const cutItem = (item: unknown): unknown =>
    isPlainObject(item) && Array.isArray(item['tags'])
      ? { ...item, tags: cut(item['tags'] as readonly string[]) }
      : item;
  return { ...answer, body: JSON.stringify(Array.isArray(value) ? value.map(cutItem) : cutItem(value)) };
}

function readTagCut(faults: readonly Fault[]): ((tags: readonly string[]) => readonly string[]) | null {
  const fault = findFault(faults, 'strip-tags', 'truncate-tags');
  if (fault === null) return null;
  return (tags) => (fault.do === 'strip-tags' ? [] : tags.map((tag) => tag.slice(0, fault.length)));
}

function disturbAccount({ world, account }: Call, subject: number | null, faults: readonly Fault[]): void {
  for (const fault of faults) {
    const instance = account.instances.get(fault.id ?? subject ?? 0);
    if (instance === undefined) continue;
    if (fault.do === 'clone') insertInstance(world, account, instance);
    if (fault.do === 'hide-from-list') hideInstance(world, account, instance.id, fault.ms);
  }
}

/** Deletes one instance and adds another, so that the total stays what it was. */
function driftAccount(world: World, account: Account, victim: number): void {
  const instance: Instance | undefined = account.instances.get(victim);
  if (instance === undefined) return;
  removeInstance(world, account, instance);
  insertInstance(world, account, { ...instance, name: `${instance.name} (drifted in)`, tags: [] });
}
