import { answerJson, isRefusal, readObject, refuse, type Reply } from '../http/answers.ts';
import type { Call } from '../http/calls.ts';
import { describeElement, describeKeys } from '../instances/views.ts';
import { nextObjectId } from '../world/world.ts';
import { findNamedElement } from './finding.ts';

/**
 * `POST /elements/{keyOrId}/clone`: a copy with an id of its own, the account's alone, that instances can move to (docs:
 * what can change, CH18). That it keeps its key unless the body names another is invented.
 */
export function cloneElement(call: Call): Reply {
  const element = findNamedElement(call);
  if (isRefusal(element)) return element;
  const body = readObject(call.text.trim() === '' ? '{}' : call.text);
  if (isRefusal(body)) return body;
  const { key, name } = body;
  const clone = {
    ...element,
    id: nextObjectId(call.world),
    key: typeof key === 'string' && key !== '' ? key : element.key,
    name: typeof name === 'string' && name !== '' ? name : element.name,
  };
  call.account.clones.set(clone.id, clone);
  return answerJson({ ...describeElement(clone), configuration: describeKeys(clone) });
}

/** `DELETE /elements/{keyOrId}`: of a clone that no instance has; refusals are invented (docs: operations, SDK18). */
export function deleteElement(call: Call): Reply {
  const element = findNamedElement(call);
  if (isRefusal(element)) return element;
  const { clones, instances } = call.account;
  if (!clones.has(element.id)) return refuse(403, 'Only a clone of an element can be deleted');
  const isUsed = [...instances.values()].some((instance) => instance.element.id === element.id);
  if (isUsed) return refuse(409, `Element ${element.id} has instances`);
  clones.delete(element.id);
  return answerJson({});
}
