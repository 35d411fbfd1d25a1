import { isRefusal, refuse, type Refusal } from '../http/answers.ts';
import type { Call } from '../http/calls.ts';
import { findNamedElement } from '../elements/finding.ts';
import type { Instance } from '../world/model.ts';

/**
 * The instance that a call is about: the one of the Element token in the forms without an id, else the one of the path.
 * Another account's id is as unknown as any other, and so is, below an element, that of another element. The text of the
 * 404 follows `No account found with ID 123456` (docs: known texts, CE).
 */
export function findTarget(call: Call): Instance | Refusal {
  if (call.bearer !== null) return call.bearer;
  const { account, params } = call;
  const { id = '', keyOrId } = params;
  const unknown = refuse(404, `No element instance found with ID ${id}`);
  const instance = account.instances.get(Number(id)) ?? unknown;
  if (keyOrId === undefined || isRefusal(instance)) return instance;
  const element = findNamedElement(call);
  if (isRefusal(element)) return element;
  return element.id === instance.element.id ? instance : unknown;
}
