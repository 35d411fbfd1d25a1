import { findNamedElement } from '../elements/finding.ts';
import { isRefusal, type Reply } from '../http/answers.ts';
import type { Call } from '../http/calls.ts';
import { createOf } from './creating.ts';
import { answerList } from './listing.ts';

/** `GET /elements/{keyOrId}/instances`: 404 where there are none (docs: an empty result is 404, OL). */
export function listInstancesOfElement(call: Call): Reply {
  const element = findNamedElement(call);
  if (isRefusal(element)) return element;
  return answerList(call, call.account, (instance) => instance.element.id === element.id);
}

/** `POST /elements/{keyOrId}/instances`: the path names the element; what the body says of it is not looked at (docs: operations, CE, CH18). */
export function createInstanceOfElement(call: Call): Reply {
  const element = findNamedElement(call);
  return isRefusal(element) ? element : createOf(call, element);
}
