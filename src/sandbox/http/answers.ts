/** What goes back over HTTP: a status, headers and a body that is JSON text already, or nothing. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The instance that the request made or changed, for the faults that act on it. */
  readonly instanceId: number | null;
}

/** What no client can send, since JSON has no symbols: a body with a field `refused` is not taken for a refusal. */
const MARK = Symbol('refusal');

/** A request that the service turns down, before its request id is known. */
export interface Refusal {
  readonly [MARK]: true;
  readonly refused: number;
  readonly message: string;
  readonly providerMessage?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a handler gives back. */
export type Reply = Answer | Refusal;

const JSON_TYPE = 'application/json;charset=UTF-8';

/** Answers with JSON text. Success is always 200, never 201 or 204 (docs: status codes, SW19, CH18). */
export function answerText(body: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status: 200, headers: { 'content-type': JSON_TYPE, ...headers }, body, instanceId: null };
}

/** Answers with a value as JSON. */
export function answerJson(value: unknown, headers?: Readonly<Record<string, string>>): Answer {
  return answerText(JSON.stringify(value), headers);
}

/** Answers 200 with no body, as DELETE and the two forms of `/enabled` do (docs: no body described, SW19). */
export function answerEmpty(instanceId: number | null = null): Answer {
  return { status: 200, headers: {}, body: '', instanceId };
}

/** Makes a refusal; `providerMessage` only where the vendor behind the element failed. */
export function refuse(refused: number, message: string, providerMessage?: string): Refusal {
  const refusal = { [MARK]: true, refused, message } as const;
  return providerMessage === undefined ? refusal : { ...refusal, providerMessage };
}

/** Tells a refusal from whatever else a reader of input gives back. */
export function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && MARK in value;
}

/** Renders a refusal as the vendor's error body: `requestId`, `message`, perhaps `providerMessage` (docs: errors, CE, SAP). */
export function renderRefusal(refusal: Refusal, requestId: string): Answer {
  const { message, providerMessage } = refusal;
  const body = JSON.stringify({
    requestId,
    message,
    ...(providerMessage === undefined ? {} : { providerMessage }),
  });
  return { ...answerText(body, refusal.headers), status: refusal.refused };
}

/** Reads a JSON object from a body, or refuses it with 400. The texts are inferred. */
export function readObject(text: string): Readonly<Record<string, unknown>> | Refusal {
  if (text.trim() === '') return refuse(400, 'Request body is required');
  try {
    const value: unknown = JSON.parse(text);
    if (isTooDeep(text)) return refuse(400, 'Request body is nested too deeply');
    return isPlainObject(value) ? value : refuse(400, 'Request body must be a JSON object');
  } catch {
    return refuse(400, 'Request body is not valid JSON');
  }
}

/** How deep a body may be nested: a limit of the sandbox, far below where writing it as JSON again would fail. */
const MAX_DEPTH = 500;

/** Whether valid JSON is nested too deeply. Brackets in strings count too: no honest body has so many of them unclosed. */
function isTooDeep(text: string): boolean {
  let depth = 0;
  for (const [bracket] of text.matchAll(/[[\]{}]/g)) {
    depth += bracket === '[' || bracket === '{' ? 1 : -1;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}

/** Whether a value is a JSON object: not null, not a list. */
export function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value is a string that says something. */
export function isFilled(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
