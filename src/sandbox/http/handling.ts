import { isRefusal, refuse, renderRefusal, type Answer, type Reply } from './answers.ts';
import type { Call } from './calls.ts';
import { findAccount, findInstanceByToken, unauthorized } from './credentials.ts';
import type { ApiRequest } from './exchange.ts';
import { cutTags, disturbAfter, disturbBefore, readPageFaults } from '../faults/effects.ts';
import type { Fault } from '../faults/faults.ts';
import type { Account, Instance } from '../world/model.ts';
import type { Match } from './routes.ts';
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
  const answer = isRefusal(reply) ? renderRefusal(reply, requestId) : reply;
  return { ...answer, headers: { 'elements-request-id': requestId, ...answer.headers } };
}

function answerRequest(
  service: Service,
  request: ApiRequest,
  match: Match | null,
  faults: readonly Fault[],
): Reply {
  if (request.isTooLarge) return refuse(413, 'Request body is larger than 8 MB');
  if (match === null) return refuse(404, `Resource not found: ${request.path}`);
  const handler = Object.hasOwn(match.route.methods, request.method)
    ? match.route.methods[request.method]
    : undefined;
  if (handler === undefined) {
    const allow = Object.keys(match.route.methods).join(', ');
    return { ...refuse(405, `Request method '${request.method}' is not supported`), headers: { allow } };
  }
  const caller = findCaller(service, request, match);
  if (caller === null) return unauthorized;
  const { world } = service;
  const call: Call = {
    ...caller,
    world,
    params: match.params,
    query: new URLSearchParams(request.search),
    text: request.text,
    pageFaults: readPageFaults(world, caller.account, faults),
  };
  if (faults.length === 0) return handler(call);
  if (request.method === 'GET') disturbBefore(call, faults);
  const reply = handler(call);
  if (isRefusal(reply)) return reply;
  if (reply.instanceId !== null) disturbAfter(call, reply.instanceId, faults);
  return cutTags(reply, faults);
}

function findCaller(
  { world, seed }: Service,
  { headers }: ApiRequest,
  { route }: Match,
): { readonly account: Account; readonly bearer: Instance | null } | null {
  if (route.needs === 'element') {
    const found = findInstanceByToken(world, headers.authorization);
    return found === null ? null : { account: found.account, bearer: found.instance };
  }
  const account = findAccount(world, seed, headers.authorization);
  return account === null ? null : { account, bearer: null };
}
