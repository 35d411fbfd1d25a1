import type { Scrub } from './scrub.ts';
import type { Reply } from './call.ts';
import { isObject, readJson } from './wire.ts';

/** A reply that carries a status. */
export type Answer = Extract<Reply, { readonly status: number }>;

/** The service's own words about a failure, made safe to show. */
export interface VendorError {
  readonly message: string;
  /** What the vendor behind the element said, or null (facts.md §1.5). */
  readonly providerMessage: string | null;
}

/**
 * The error of an answer that is the vendor's own: a JSON object with a string `message`. Null for all else, such as a
 * proxy's page.
 */
export function readVendorError(answer: Answer, scrub: Scrub): VendorError | null {
  const body = answer.text === null ? undefined : readJson(answer.text);
  if (!isObject(body) || typeof body['message'] !== 'string') return null;
  const provider = body['providerMessage'];
  return {
    message: scrub(body['message']),
    providerMessage: typeof provider === 'string' && provider.trim() !== '' ? scrub(provider) : null,
  };
}

/**
 * The id to quote to the vendor's support: `requestId` of an error's body, or the `elements-request-id` header
 * (facts.md §1.4). Null if there is none, or if what is there does not look like one.
 */
export function readRequestId(answer: Answer, scrub: Scrub): string | null {
  const body = answer.text === null ? undefined : readJson(answer.text);
  const candidates = [isObject(body) ? body['requestId'] : null, answer.header('elements-request-id')];
  const found = candidates.find(
    (id) => typeof id === 'string' && /^[\w.:-]{1,128}$/.test(id) && scrub(id) === id,
  );
  return typeof found === 'string' ? found : null;
}

/** Whether a 404 is the vendor's own (safety.md A1): only that proves that something is not there. */
export function isVendor404(answer: Answer, scrub: Scrub): boolean {
  return (
    answer.status === 404 && readVendorError(answer, scrub) !== null && readRequestId(answer, scrub) !== null
  );
}

/** Whether a list's 404 says that the account has no instance (safety.md A2; the texts: facts.md §1.5). */
export function saysEmpty(answer: Answer, scrub: Scrub): boolean {
  const message = readVendorError(answer, scrub)?.message ?? '';
  // "No account found with ID 123456" is another matter: the account is gone, or is not the one that was meant.
  return (
    isVendor404(answer, scrub) &&
    /^No .+ found/.test(message) &&
    !/\bwith id\b|^No (?:account|user|organization)\b/i.test(message)
  );
}

/** Whether a body is a page for people: a proxy's, or that of a wrong base URL. */
export function isHtml(answer: Answer): boolean {
  return (
    /\bhtml\b/i.test(answer.header('content-type') ?? '') ||
    /^\s*<(?:!doctype|html|head|body)\b/i.test(answer.text ?? '')
  );
}
