import type { Route } from './route.ts';

/** A route that a path matched, and the values of its `{…}`. */
export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

/** Finds the route of a path; null where nothing is served. */
export type MatchRoute = (path: string) => Match | null;

interface Node {
  readonly words: Map<string, Node>;
  readonly values: { readonly name: string; readonly node: Node }[];
  route: Route | null;
}

/** These take whole numbers only. */
const NUMBERS = new Set(['id', 'configId', 'accountId', 'elementId', 'formulaId', 'formulaInstanceId']);

/**
 * Sorts routes into a tree, so that finding one takes as long as its path has parts, however many there are. A word wins
 * over a `{…}` in its place; routes of one template are joined. A path whose first part is a word of some route never matches a route that begins with `{…}`:
 * `/instances/x` is no resource of a vendor.
 */
export function plantRoutes(routes: readonly Route[]): MatchRoute {
  const root = plantNode();
  for (const { template, methods } of routes) {
    const place = findPlace(root, split(template));
    place.route = { template, methods: { ...place.route?.methods, ...methods } };
  }
  return (path) => {
    const parts = split(path);
    const first = root.words.get(parts[0] ?? '');
    if (first !== undefined) return matchParts(first, parts, 1, {});
    return matchParts(root, parts, 0, {});
  };
}

function plantNode(): Node {
  return { words: new Map(), values: [], route: null };
}

function findPlace(root: Node, parts: readonly string[]): Node {
  let node = root;
  for (const part of parts) {
    const isValue = part.startsWith('{');
    const name = part.slice(1, -1);
    let next = isValue ? node.values.find((value) => value.name === name)?.node : node.words.get(part);
    if (next === undefined) {
      next = plantNode();
      if (isValue) node.values.push({ name, node: next });
      else node.words.set(part, next);
    }
    node = next;
  }
  return node;
}

function matchParts(
  node: Node,
  parts: readonly string[],
  place: number,
  params: Readonly<Record<string, string>>,
): Match | null {
  const part = parts[place];
  if (part === undefined) return node.route === null ? null : { route: node.route, params };
  const word = node.words.get(part);
  const found = word === undefined ? null : matchParts(word, parts, place + 1, params);
  if (found !== null) return found;
  const text = decodePart(part);
  if (text === null) return null;
  for (const { name, node: next } of node.values) {
    if (NUMBERS.has(name) && !/^\d+$/.test(text)) continue;
    const match = matchParts(next, parts, place + 1, { ...params, [name]: text });
    if (match !== null) return match;
  }
  return null;
}

function split(path: string): readonly string[] {
  return path.split('/').filter((part) => part !== '');
}

function decodePart(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}
