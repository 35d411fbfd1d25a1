import type { IncomingHttpHeaders } from 'node:http';
import type { Answer } from '../http/answers.ts';
import type { Service } from '../http/service.ts';
import { forbidHost } from './guard.ts';
import { gatherPage } from './page-data.ts';
import { renderPage } from './page-html.ts';
import { readPageQuery } from './page-query.ts';
import { pageStyleSource } from './page-style.ts';

/** Where the page is, outside the vendor's paths. */
export const PAGE_PATH = '/';

/** Nothing is loaded from anywhere, no script runs, and no other site may frame the page. */
const safety = {
  'content-security-policy': `default-src 'none'; style-src ${pageStyleSource}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

/** Answers a request for the page: GET and HEAD, to those who call this machine by a name of its own. */
export function answerPage(
  service: Service,
  method: string,
  search: string,
  headers: Readonly<IncomingHttpHeaders>,
): Answer {
  const forbidden = forbidHost(headers);
  if (forbidden !== null) return answerPlain(403, forbidden);
  if (method !== 'GET' && method !== 'HEAD') {
    const refused = answerPlain(405, `The page takes GET and HEAD, not ${method}.`);
    return { ...refused, headers: { ...refused.headers, allow: 'GET, HEAD' } };
  }
  const data = gatherPage(service, headers.host ?? '', readPageQuery(search));
  const isUnknown = data.query.account !== null && data.account === null;
  return {
    status: isUnknown ? 404 : 200,
    headers: { 'content-type': 'text/html; charset=utf-8', ...safety },
    body: renderPage(data),
    instanceId: null,
  };
}

function answerPlain(status: number, message: string): Answer {
  const headers = { 'content-type': 'text/plain; charset=utf-8', ...safety };
  return { status, headers, body: `${message}\n`, instanceId: null };
}
