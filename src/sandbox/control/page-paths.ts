import { cutText } from './escaping.ts';

/** Parameters whose values are shown. Anything else may be a secret: `apiSecret`, codes and authorizations travel in queries. */
const SHOWN = new Set([
  'pageSize',
  'nextPage',
  'hydrate',
  'tags[]',
  'searchText',
  'elementInstanceId',
  'expand',
]);
const HIDDEN = '…';
const MAX_PATH = 400;

/**
 * A path with its query as the page shows it: the template of its operation with ids and keys filled in, `…` for whatever
 * else stands there, since a token may have been put into a path. Nothing is decoded.
 */
export function showPath(path: string, operation: string): string {
  const mark = path.indexOf('?');
  const [place, search] = mark < 0 ? [path, null] : [path.slice(0, mark), path.slice(mark + 1)];
  const template = operation.slice(operation.indexOf(' ') + 1);
  const parts = place.split('/').filter((part) => part !== '');
  const shown = template.startsWith('/')
    ? template
        .split('/')
        .slice(1)
        .map((part, index) => (part.startsWith('{') ? showValue(parts[index] ?? '') : part))
    : [HIDDEN];
  const pairs = search === null ? '' : `?${search.split('&').map(showPair).join('&')}`;
  return cutText(`/${shown.join('/')}${pairs}`, MAX_PATH);
}

/** A number, or a key in small letters as elements, hubs and resources have them. */
function showValue(part: string): string {
  return /^(\d{1,16}|[a-z][a-z0-9_-]{0,29})$/.test(part) ? part : HIDDEN;
}

function showPair(pair: string): string {
  const mark = pair.indexOf('=');
  if (mark < 0) return pair === '' ? '' : HIDDEN;
  const name = pair.slice(0, mark);
  if (!/^[\w.%[\]-]{1,40}$/.test(name)) return `${HIDDEN}=${HIDDEN}`;
  const value = pair.slice(mark + 1);
  if (SHOWN.has(decodeName(name))) return `${name}=${hideRest(value)}`;
  // What stands alone before a `=` is a value rather than a name, base64 for example.
  return /^=*$/.test(value) ? `${HIDDEN}=` : `${name}=${HIDDEN}`;
}

/** What follows `;`, `=` or `?` may be a parameter to whoever splits queries in another way. */
function hideRest(text: string): string {
  const place = text.search(/[;=?]/);
  return place < 0 ? text : `${text.slice(0, place + 1)}${HIDDEN}`;
}

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
