import entries from './catalogue.json' with { type: 'json' };

/** A configuration key that an element takes. `required` only where its documentation makes that safe. */
export interface ElementKey {
  readonly key: string;
  readonly type: string;
  readonly required: boolean;
  readonly defaultValue: string | null;
}

/** An element of the catalogue: a kind of connector. */
export interface Element {
  readonly id: number;
  readonly key: string;
  readonly name: string;
  /** A guess by kind of product; the service ignores a hub's name once a token is given (docs: ping, CH18). */
  readonly hub: string;
  readonly authentication: string;
  /** Whether a create needs a grant code, or tokens in its place (docs: OAuth without a person). */
  readonly grant: boolean;
  /** In display order. */
  readonly keys: readonly ElementKey[];
  /** The id of the element that it is a clone of, or else its own: instances move between elements of one origin. */
  readonly origin: number;
  /** The service offers it no longer. */
  readonly retired?: boolean;
}

interface Entry {
  readonly key: string;
  readonly alias?: string;
  readonly id: number;
  readonly name: string;
  readonly hub: string;
  readonly authentication: string;
  readonly grant?: boolean;
  readonly configuration: readonly { key: string; type: string; required?: boolean; default?: string }[];
}

/** Ids of elements under their second name lie this far above the first, so that none collide. */
const ALIAS_OFFSET = 10_000;

/**
 * The elements that the vendor's documentation describes, by id. The ids of insightly, stripe, servicenow, freshdeskv2,
 * bamboohr, closeio, sfdc and dropbox are the vendor's (docs: configuration keys, DP); all others are ours.
 */
export const elements: readonly Element[] = (entries as readonly Entry[])
  .map(readEntry)
  .sort((a, b) => a.id - b.id);

const byKey = new Map(elements.map((element) => [element.key, element]));
const byId = new Map(elements.map((element) => [String(element.id), element]));
for (const entry of entries as readonly Entry[]) {
  const element = byKey.get(entry.key);
  if (element === undefined || entry.alias === undefined) continue;
  const id = element.id + ALIAS_OFFSET;
  const alias = { ...element, key: entry.alias, id, origin: id };
  byKey.set(alias.key, alias);
  byId.set(String(alias.id), alias);
}

/**
 * Finds an element by key or numeric id; `null` where there is none. A second name from the documentation (`basecrm` for
 * `base`) is an element with that very key, so an instance always shows the key that it was made with.
 */
export function findElement(keyOrId: string): Element | null {
  return byKey.get(keyOrId) ?? byId.get(keyOrId) ?? null;
}

/** The host of the vendor behind an element: one that nobody has. */
export function nameHost({ key }: Element): string {
  return `${key.toLowerCase().replace(/[^a-z0-9-]/g, '-')}.example.com`;
}

function readEntry(entry: Entry): Element {
  const { id, key, name, hub, authentication, grant = false } = entry;
  const keys = entry.configuration.map((item) => ({
    key: item.key,
    type: item.type,
    required: item.required ?? false,
    defaultValue: item.default ?? null,
  }));
  return { id, key, name, hub, authentication, grant, keys, origin: id };
}
