import { findOperation, listOperations, readDescriptions, type Operation } from './openapi-operations.ts';
import { checkRequest } from './openapi-requests.ts';
import { checkResponse, checkUndescribed, hasNoBody } from './openapi-responses.ts';
import { createValidate } from './openapi-schemas.ts';

/** A request and its answer, as they went over the wire. */
export interface Exchange {
  readonly method: string;
  /** Below the base URL, encoded, with its query. */
  readonly path: string;
  readonly sent: Headers;
  /** Null where none was sent. */
  readonly sentBody: string | null;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** What to make of an answer's body where none is described: a tenant may have one, the sandbox may not. */
export type Undescribed = 'refused' | 'allowed';

/** What is wrong with an exchange by the two files: nothing, or sentences that name the operation and the place. */
export interface Findings {
  /** Null for a method and path that neither file describes; then only a 4xx may come back. */
  readonly operation: Operation | null;
  readonly request: readonly string[];
  readonly response: readonly string[];
}

/** The two files, ready to hold exchanges against. */
export interface ApiDescription {
  readonly operations: readonly Operation[];
  readonly check: (exchange: Exchange, undescribed?: Undescribed) => Findings;
}

let known: ApiDescription | null = null;

/** Both descriptions; read once per process. */
export function describeApi(): ApiDescription {
  known ??= readApi();
  return known;
}

/**
 * Throws unless an exchange is as the two files describe it. A request that is not may be sent on purpose: then it must
 * have been turned down with a 4xx. Gives the operation, null where neither file has one.
 */
export function assertExchange(exchange: Exchange, undescribed?: Undescribed): Operation | null {
  const { operation, request, response } = describeApi().check(exchange, undescribed);
  const isTurnedDown = exchange.status >= 400 && exchange.status <= 499;
  throwAny([...(isTurnedDown ? [] : request), ...response]);
  return operation;
}

/** Throws unless an answer is as the two files describe it, whatever it was that asked for it. */
export function assertAnswer(exchange: Exchange): void {
  throwAny(describeApi().check(exchange).response);
}

function throwAny(problems: readonly string[]): void {
  if (problems.length > 0) throw new Error(`Not as described:\n${problems.join('\n')}`);
}

function readApi(): ApiDescription {
  const descriptions = readDescriptions();
  const operations = descriptions.flatMap(listOperations);
  const roots = new Map(descriptions.map(({ source, root }) => [source, root] as const));
  const validate = createValidate(descriptions);
  const check: ApiDescription['check'] = (exchange, undescribed = 'refused') => {
    const found = findOperation(operations, exchange.method, exchange.path.split('?')[0] ?? '');
    if (found === null) return { operation: null, request: [], response: checkUndescribed(exchange) };
    const { operation } = found;
    const root = roots.get(operation.source) ?? {};
    const name = `${operation.name} (${operation.id})`;
    const isFree = undescribed === 'allowed' && hasNoBody(operation, exchange.status);
    const answer = isFree ? { ...exchange, text: '' } : exchange;
    return {
      operation,
      request: checkRequest(exchange, found, validate).map((text) => `${name}, request: ${text}`),
      response: checkResponse(answer, operation, root, validate).map(
        (text) => `${name}, response ${exchange.status}: ${text}`,
      ),
    };
  };
  return { operations, check };
}
