import { STATUS_CODES, type ServerResponse } from 'node:http';
import { answerEmpty, refuse, renderRefusal, type Answer } from './answers.ts';
import { namesElement, readCredentials } from './credentials.ts';
import { sendAnswer, type ApiRequest, type Manner } from './exchange.ts';
import { findFault } from '../faults/effects.ts';
import type { Fault } from '../faults/faults.ts';
import { addHeaders, handleRequest } from './handling.ts';
import { emptyList } from '../instances/listing.ts';
import type { Match } from './route-tree.ts';
import { matchRoute } from './routes.ts';
import type { Service } from './service.ts';
import { makeRequestId } from '../world/world.ts';

/** What leaves for a request, and how; null if nothing ever does. */
type Outcome = { readonly answer: Answer; readonly manner: Manner } | null;

/**
 * Takes a request to the API: counts it, looks for faults that meet it, does what it asks for and answers.
 *
 * Faults that meet the same request work together. In order: `delay` waits, then the request goes on as if it came only
 * now; `status`, `drop` and `empty-404` answer with nothing done (the first of them decides); `late-commit` does it after
 * `ms` and never answers; else it is done at once, and the first of `commit-then-drop`, `commit-then-status`,
 * `truncate`, `garbage` and `stall` decides what becomes of the answer.
 */
export function dispatchRequest(service: Service, request: ApiRequest, response: ServerResponse): void {
  const { journal, schedule, sending, latency } = service;
  const { method, path, search, headers, text } = request;
  const match = findMatch(path, headers.authorization);
  const operation = `${method} ${match === null ? '(unknown)' : match.route.template}`;
  const faults = schedule.takeFaults(operation);
  const trace = journal.recordRequest(operation, {
    method,
    path: search === '' ? path : `${path}?${search}`,
    headers,
    text,
    faults: faults.map((fault) => fault.do),
  });

  const carryOut = (): void => {
    const outcome = decideOutcome(service, request, match, faults);
    if (outcome === null) return;
    const send = (): void => {
      const isClosed = outcome.manner === 'drop' || response.destroyed;
      trace.status = isClosed ? 'closed' : outcome.answer.status;
      try {
        sendAnswer(response, outcome.answer, { manner: outcome.manner, at: service.world.now() });
      } catch {
        // An answer that cannot be written, by a fault's headers say, ends its connection and nothing else.
        response.destroy();
      }
    };
    if (latency > 0) sending.startTimer(latency, send);
    else send();
  };
  const delay = findFault(faults, 'delay');
  if (delay === null) carryOut();
  else sending.startTimer(delay.ms, carryOut);
}

/** A path that begins with a vendor's resource is nothing to an account that names no instance: unknown, as any other word. */
function findMatch(path: string, authorization: string | undefined): Match | null {
  const match = matchRoute(path);
  if (match?.route.template.startsWith('/{') !== true || namesElement(authorization)) return match;
  const { user, organization } = readCredentials(authorization);
  return user === null || organization === null ? match : null;
}

function decideOutcome(
  service: Service,
  request: ApiRequest,
  match: Match | null,
  faults: readonly Fault[],
): Outcome {
  const { world } = service;
  const requestId = makeRequestId(world);
  const instead = findFault(faults, 'status', 'drop', 'empty-404');
  if (instead?.do === 'drop') return { answer: answerEmpty(), manner: 'drop' };
  if (instead?.do === 'empty-404')
    return { answer: addHeaders(service, renderRefusal(emptyList, requestId), requestId), manner: 'whole' };
  if (instead !== null) return { answer: renderStatus(service, instead, requestId), manner: 'whole' };

  const handle = (): Answer => handleSafely(service, request, { match, faults, requestId });
  const late = findFault(faults, 'late-commit');
  if (late !== null) {
    world.timers.startTimer(late.ms, handle);
    return null;
  }
  return spoilAnswer(service, handle(), faults, requestId);
}

function spoilAnswer(service: Service, answer: Answer, faults: readonly Fault[], requestId: string): Outcome {
  const spoiler = findFault(faults, 'commit-then-drop', 'commit-then-status', 'truncate', 'garbage', 'stall');
  switch (spoiler?.do) {
    case 'commit-then-drop':
      return { answer, manner: 'drop' };
    case 'commit-then-status':
      return { answer: renderStatus(service, spoiler, requestId), manner: 'whole' };
    case 'truncate':
      return { answer, manner: 'half' };
    case 'garbage':
      return {
        answer: { ...answer, status: 200, body: '<!doctype html>\n<title>Please sign in</title>\n' },
        manner: 'whole',
      };
    case 'stall':
      return { answer, manner: 'headers' };
    default:
      return { answer, manner: 'whole' };
  }
}

/**
 * The answer of `status` and `commit-then-status`. Without a `body` it is the vendor's own error; with one it is
 * somebody else's, a proxy's say: just that body and those headers, and no request id.
 */
function renderStatus(service: Service, { code, headers, body }: Fault, requestId: string): Answer {
  if (body === undefined) {
    const refusal = refuse(code, STATUS_CODES[code] ?? 'Unknown error');
    const answer = addHeaders(service, renderRefusal(refusal, requestId), requestId);
    return { ...answer, headers: { ...answer.headers, ...headers } };
  }
  const isText = typeof body === 'string';
  const type = isText ? 'text/html;charset=UTF-8' : 'application/json;charset=UTF-8';
  return {
    ...answerEmpty(),
    status: code,
    headers: { 'content-type': type, ...headers },
    body: isText ? body : JSON.stringify(body),
  };
}

/** A mistake of ours answers 500 rather than ending the process. */
function handleSafely(
  service: Service,
  request: ApiRequest,
  work: Parameters<typeof handleRequest>[2],
): Answer {
  try {
    return handleRequest(service, request, work);
  } catch (error) {
    // What JSON.parse still takes may be too deep for whatever reads it on.
    if (error instanceof RangeError) {
      const tooDeep = refuse(400, 'Request body is nested too deeply');
      return addHeaders(service, renderRefusal(tooDeep, work.requestId), work.requestId);
    }
    const refusal = refuse(
      500,
      `The sandbox failed: ${error instanceof Error ? error.message : 'unknown error'}`,
    );
    return addHeaders(service, renderRefusal(refusal, work.requestId), work.requestId);
  }
}
