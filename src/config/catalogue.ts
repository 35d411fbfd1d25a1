import knownKeys from './known-keys.json' with { type: 'json' };

const split = (keys: string): readonly string[] => keys.split(' ');
const common: readonly string[] = split(knownKeys.common);
const elements: ReadonlyMap<string, string> = new Map(Object.entries(knownKeys.elements));
const all: ReadonlySet<string> = new Set([...common, ...[...elements.values()].flatMap(split)]);

/**
 * The configuration keys that the vendor's documentation names for an element, and those that every element takes
 * (facts.md §2.8, §3). Extracted by machine and incomplete: a key that is missing here may well exist.
 */
export function listKnownKeys(element: string | null): readonly string[] {
  const own = element === null ? undefined : elements.get(element);
  return own === undefined ? common : [...split(own), ...common];
}

/** Does the documentation of any element name this key? */
export function isKnownKey(key: string): boolean {
  return all.has(key);
}
