import { JobError, RequestError } from './errors.mjs';

/**
 * An answer of a forge.
 * @typedef {object} Answer
 * @property {any} body parsed JSON; null where there was none
 * @property {Headers} headers
 */

/**
 * Requests to one API. The token goes to `base` alone: redirects are errors. GET is tried three times; whatever writes is sent once.
 * @typedef {(method: string, path: string, rest?: { query?: Record<string, string>, body?: unknown }) => Promise<Answer>} Api
 */

/**
 * @param {object} options
 * @param {string} options.name as people know the service
 * @param {string} options.base its API's URL
 * @param {Record<string, string>} options.headers the token among them
 * @param {number} [options.timeoutMs] of one request
 * @returns {Api}
 */
export function createApi({ name, base, headers, timeoutMs = 20_000 }) {
  const root = checkBase(name, base);
  return async (method, path, { query = {}, body } = {}) => {
    const url = `${root}${path}${Object.keys(query).length === 0 ? '' : `?${new URLSearchParams(query)}`}`;
    const payload = body === undefined ? {} : { body: JSON.stringify(body) };
    const type = body === undefined ? {} : { 'content-type': 'application/json' };
    for (let attempt = 0; ; attempt += 1) {
      try {
        const response = await fetch(url, {
          ...{ method, ...payload, headers: { ...headers, ...type } },
          ...{ redirect: 'manual', signal: AbortSignal.timeout(timeoutMs) },
        });
        if (response.ok) return { body: await parse(response), headers: response.headers };
        await response.body?.cancel();
        throw new RequestError(`${name} answered ${response.status} to ${method} ${path}`, response.status);
      } catch (error) {
        const failure = error instanceof RequestError ? error : unanswered(name, `${method} ${path}`, error);
        if (method !== 'GET' || attempt === 2 || !isPassing(failure.status)) throw failure;
        await new Promise((done) => setTimeout(done, 300 * 4 ** attempt));
      }
    }
  };
}

/**
 * All items of a list that comes in pages of 100. `isLast` tells by an answer that no page follows.
 * @param {Api} api
 * @param {string} path
 * @param {{ query?: Record<string, string>, isLast: (answer: Answer) => boolean }} rest
 * @returns {Promise<any[]>}
 */
export async function listAll(api, path, { query = {}, isLast }) {
  /** @type {any[]} */
  const items = [];
  for (let page = 1; page <= mostPages; page += 1) {
    const answer = await api('GET', path, { query: { ...query, per_page: '100', page: String(page) } });
    if (!Array.isArray(answer.body))
      throw new RequestError(`GET ${path} was answered by something else than a list`, null);
    items.push(...answer.body);
    if (isLast(answer)) return items;
  }
  // A list that was not read to its end proves nothing to be absent from it.
  throw new RequestError(`GET ${path} has more than ${mostPages} pages`, null);
}

const mostPages = 100;

/** Worth another try: no answer, too many requests, or a fault of the service's own.
 * @param {number | null} status
 */
function isPassing(status) {
  return status === null || status === 429 || status >= 500;
}

/**
 * @param {Response} response
 * @returns {Promise<unknown>}
 */
async function parse(response) {
  const text = await response.text();
  return text === '' ? null : JSON.parse(text);
}

/**
 * @param {string} name
 * @param {string} request
 * @param {unknown} error
 */
function unanswered(name, request, error) {
  if (error instanceof SyntaxError)
    return new RequestError(`${name} answered ${request} with something else than JSON`, null);
  const cause =
    error instanceof Error ? /** @type {{ code?: unknown } | undefined} */ (error.cause)?.code : undefined;
  const code = error instanceof Error && error.name === 'TimeoutError' ? 'timeout' : cause;
  const why = typeof code === 'string' && /^\w+$/.test(code) ? ` (${code})` : '';
  return new RequestError(`${name} did not answer ${request}${why}`, null);
}

/**
 * @param {string} name
 * @param {string} base
 */
function checkBase(name, base) {
  const url = URL.canParse(base) ? new URL(base) : null;
  const isLoopback = url !== null && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
  const isSound =
    url !== null && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (isSound && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback)))
    return base.replace(/\/+$/, '');
  throw new JobError(
    `the URL of the API of ${name} is not an https URL`,
    'the runner sets it; do not set it by hand',
  );
}
