import { isOn, type World } from '../world/world.ts';
import { refuse, type Refusal } from './answers.ts';
import type { ApiRequest } from './exchange.ts';

const WITH_BODY = new Set(['POST', 'PUT', 'PATCH']);
/** What `fetch` says of a string when its caller says nothing: as good as no Content-Type at all. */
const UNSAID = /^text\/plain; ?charset=utf-8$/i;

/** Over 8 MB: 413 or 429, the documentation names both (docs: payload size, CE technical restrictions). */
export function refuseSize(world: World): Refusal {
  return refuse(isOn(world, 'oversize-413') ? 413 : 429, 'Request body is larger than 8 MB');
}

/**
 * Refuses a body that says it is no JSON with 415, and a client that takes no JSON with 406 (docs: status codes, SW19).
 * No Content-Type is fine, and what a body on GET or DELETE says of itself is not looked at (docs: what clients send).
 */
export function refuseMedia({ method, headers, text }: ApiRequest): Refusal | null {
  const said = headers['content-type'] ?? '';
  const type = UNSAID.test(said) ? '' : (said.split(';')[0]?.trim().toLowerCase() ?? '');
  if (type !== '' && text !== '' && WITH_BODY.has(method) && !isJson(type)) {
    return refuse(415, `Content type '${type}' is not supported`);
  }
  return takesJson(headers.accept) ? null : refuse(406, 'Only application/json can be answered');
}

function isJson(type: string): boolean {
  return /^application\/([a-z0-9.-]+\+)?json$/.test(type);
}

function takesJson(accept: string | undefined): boolean {
  if (accept === undefined || accept.trim() === '') return true;
  return accept.split(',').some((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    if (parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter))) return false;
    return type === '*/*' || type === 'application/*' || isJson(type);
  });
}
