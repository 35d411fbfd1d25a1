import { recordChange } from '../accounts/audit.ts';
import type { Fault } from '../faults/faults.ts';
import { cutTags, disturbAfter, disturbBefore, readPageFaults } from '../faults/effects.ts';
import { isOn, makeRequestId } from '../world/world.ts';
import { isRefusal, refuse, renderRefusal, type Answer, type Reply } from './answers.ts';
import type { Call, OpenCall } from './calls.ts';
import { findCaller, unauthorized } from './credentials.ts';
import type { ApiRequest } from './exchange.ts';
import { refuseMedia, refuseSize } from './negotiation.ts';
import type { Match } from './route-tree.ts';
import type { Service } from './service.ts';

/**
 * Does what a request asks for and gives the vendor's answer, with `elements-request-id` on it: the same id as in an
 * error's body (docs: response headers; that they are the same is inferred). Faults that change the account act here.
 */
export function handleRequest(
  service: Service,
  request: ApiRequest,
  {
    match,
    faults,
    requestId,
  }: { readonly match: Match | null; readonly faults: readonly Fault[]; readonly requestId: string },
): Answer {
  const reply = answerRequest(service, request, match, faults);
  return addHeaders(service, isRefusal(reply) ? renderRefusal(reply, requestId) : reply, requestId);
}

/** Puts on what every answer of the service carries (docs: response headers, CH18; what a trace id is, is invented). */
export function addHeaders({ world }: Service, answer: Answer, requestId: string): Answer {
  const id = isOn(world, 'request-id-same') ? requestId : makeRequestId(world);
  return {
    ...answer,
    headers: { 'elements-request-id': id, 'elements-trace-id': requestId, ...EXPOSED, ...answer.headers },
  };
}

/** What a browser may read of an answer (docs: response headers, CH18). */
const EXPOSED = {
  'access-control-expose-headers':
    'Elements-Returned-Count, Elements-Total-Count, Elements-Request-Id, Elements-Next-Page-Token, Elements-Trace-Id, Elements-Error',
};

function answerRequest(
  service: Service,
  request: ApiRequest,
  match: Match | null,
  faults: readonly Fault[],
): Reply {
  const { world } = service;
  if (request.isTooLarge) return refuseSize(world);
  if (match === null) return refuse(404, `Resource not found: ${request.path}`);
  const { methods } = match.route;
  const operation = Object.hasOwn(methods, request.method) ? methods[request.method] : undefined;
  if (operation === undefined) {
    const allow = Object.keys(methods).join(', ');
    return { ...refuse(405, `Request method '${request.method}' is not supported`), headers: { allow } };
  }
  const open: OpenCall = {
    world,
    params: match.params,
    query: new URLSearchParams(request.search),
    headers: request.headers,
    text: request.text,
  };
  if (operation.needs === 'nobody') return refuseMedia(request) ?? operation.handle(open);
  const caller = findCaller(world, service.seed, operation.needs, request.headers.authorization);
  if (caller === null) return unauthorized;
  const refused = refuseMedia(request);
  if (refused !== null) return refused;
  const call: Call = { ...open, ...caller, pageFaults: readPageFaults(world, faults) };
  const reply = disturb(call, operation.handle, request.method, faults);
  if (request.method !== 'GET' && operation.needs !== 'vendor' && !isRefusal(reply)) {
    recordChange(call, request.method, match.route.template, reply.instanceId);
  }
  return reply;
}

/** Handles a call between the faults that act before it and those that act on what it did. */
function disturb(call: Call, handle: (call: Call) => Reply, method: string, faults: readonly Fault[]): Reply {
  if (faults.length === 0) return handle(call);
  if (method === 'GET') disturbBefore(call, faults);
  const reply = handle(call);
  if (isRefusal(reply)) return reply;
  if (reply.instanceId !== null) disturbAfter(call, reply.instanceId, faults);
  return cutTags(reply, faults);
}
