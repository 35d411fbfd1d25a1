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
/** No id, key or name of an object is longer; a token that somebody put into a path is. */
const MAX_PART = 40;
const MAX_PATH = 400;

/** A path with its query as the page shows it: whatever could be a secret is `…`, and none of it is decoded. */
export function showPath(path: string): string {
  const mark = path.indexOf('?');
  const [place, search] = mark < 0 ? [path, null] : [path.slice(0, mark), path.slice(mark + 1)];
  const parts = place.split('/').map(hideRest).map(hideLong).join('/');
  const pairs = search === null ? '' : `?${search.split('&').map(showPair).join('&')}`;
  return cutText(parts + pairs, MAX_PATH);
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

function hideLong(part: string): string {
  return part.length > MAX_PART ? HIDDEN : part;
}

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
