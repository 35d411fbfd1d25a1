import type { Json, LiveInstance, Projection } from '../core/model.ts';
import { openSensitive, Sensitive } from '../core/sensitive.ts';
import { InstateError } from '../errors.ts';
import type { Resolved } from '../ports.ts';
import { makeCut, makeScrub, type Cut, type Scrub } from './scrub.ts';

/** How an answer is to be cut down. */
export interface Reading {
  readonly projection: Projection;
  /** Keep the instance's token; else it is dropped here (safety.md E3). */
  readonly tokens: boolean;
}

/** An instance as the API showed it, or what is wrong with the answer. `why` never quotes the answer. */
export type ReadResult =
  | { readonly kind: 'instance'; readonly instance: LiveInstance; readonly token: Sensitive | null }
  | { readonly kind: 'bad'; readonly why: string };

/**
 * `User …, Organization …`, in this order (facts.md §1.2). Throws `unauthorized` for a secret that no header can carry;
 * it is not quoted. Checked before any request.
 */
export function writeAuthorization(userSecret: Sensitive, organizationSecret: Sensitive): string {
  const user = openSecret('user', 'CE_USER_SECRET', userSecret);
  const organization = openSecret('organization', 'CE_ORGANIZATION_SECRET', organizationSecret);
  return `User ${user}, Organization ${organization}`;
}

/** The same, for a call through one instance (facts.md §1.2). A token holds only what a header can carry. */
export function writeElementAuthorization(authorization: string, token: Sensitive): string {
  return `${authorization}, Element ${openSensitive(token)}`;
}

function openSecret(kind: string, variable: string, secret: Sensitive): string {
  const text = openSensitive(secret);
  if (secret.isHeaderText()) return text;
  const fault =
    text === '' ? 'is empty' : 'holds a space, a line break or another character that a header cannot carry';
  throw new InstateError('unauthorized', `the ${kind} secret of the account ${fault}`, {
    hint: `Set ${variable} again, without quotes, spaces or a line break at its end.`,
  });
}

/**
 * The body of `POST /instances`, byte for byte: `element`, `configuration`, `tags`, `name`, and `externalAuthentication`
 * where it is declared (the vendor's documented order). Values go out as declared: a number stays a number. Null for a
 * value that JSON cannot hold, such as one that holds itself.
 */
export function writeCreate(instance: Resolved): string | null {
  const configuration = Object.entries(instance.configuration).map(([key, value]): [string, Json] => [
    key,
    value instanceof Sensitive ? openSensitive(value) : value,
  ]);
  return writeJson({
    element: { key: instance.element },
    configuration: Object.fromEntries(configuration),
    tags: instance.tags,
    name: instance.name,
    ...(instance.externalAuthentication === null
      ? {}
      : { externalAuthentication: instance.externalAuthentication }),
  });
}

function writeJson(value: unknown): string | null {
  try {
    return JSON.stringify(value);
  } catch {
    return null;
  }
}

/** Cuts these secrets out of what the service says; strings inside a secret JSON text count too. */
export function makeSecretCut(secrets: readonly Sensitive[]): Cut {
  return makeCut(openAll(secrets));
}

/** A scrubber for what the service says of a request that held these; `others` cuts out what else is in play. */
export function makeSecretScrub(secrets: readonly Sensitive[], others: Cut): Scrub {
  return makeScrub(openAll(secrets), others);
}

function openAll(secrets: readonly Sensitive[]): readonly string[] {
  return secrets.map(openSensitive).flatMap((text) => [text, ...listStrings(readJson(text))]);
}

/** All values of a create that must not be seen again. */
export function listSecrets(instance: Resolved): readonly Sensitive[] {
  return Object.values(instance.configuration).filter((value) => value instanceof Sensitive);
}

function listStrings(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(listStrings) : [];
}

/** The parsed text, or undefined if it is no JSON. The parser's own error quotes its input and stays here (safety.md E1). */
export function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Whether a JSON value is an object with named parts: not null, not an array. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether a value is a number that the service may have given as an id: positive, and exact in a double. */
export function isId(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0;
}

/**
 * One instance of an answer, cut down to what the projection asks for. It must have a numeric `id`, `element.key` and
 * `name`; everything else may be missing (older answers lack `user` and `tags`, facts.md §2.2).
 */
export function readInstance(value: unknown, reading: Reading): ReadResult {
  if (!isObject(value)) return bad('an instance is not a JSON object');
  const { id, name } = value;
  if (!isId(id)) return bad('an instance has no numeric id');
  const about = isObject(value['element']) ? value['element'] : {};
  const element = about['key'];
  if (typeof element !== 'string' || element === '') {
    return bad(`instance ${String(id)} names no element key`);
  }
  if (typeof name !== 'string') return bad(`instance ${String(id)} has no name`);
  const user = isObject(value['user']) ? value['user']['id'] : undefined;
  return {
    kind: 'instance',
    instance: {
      id,
      element,
      name,
      tags: readTags(value['tags']),
      configuration: readConfiguration(value['configuration'], reading.projection.get(element)),
      disabled: value['disabled'] === true,
      valid: value['valid'] !== false,
      retired: about['active'] === false || about['deleted'] === true,
      user: isId(user) ? user : null,
      createdDate: readDate(value['createdDate']),
    },
    token: reading.tokens ? readToken(value['token']) : null,
  };
}

function bad(why: string): ReadResult {
  return { kind: 'bad', why };
}

/** Strings, or `{id, name}` as an example of 2014 has them (facts.md §2.1). Null unless every one can be read. */
function readTags(value: unknown): readonly string[] | null {
  if (!Array.isArray(value)) return null;
  const tags = value.map((tag: unknown) => (isObject(tag) ? tag['name'] : tag));
  return tags.every((tag) => typeof tag === 'string') ? tags : null;
}

type Kept = ReadonlyMap<string, 'plain' | 'sensitive'>;

function readConfiguration(value: unknown, keep: Kept | undefined): LiveInstance['configuration'] {
  if (!isObject(value)) return null;
  const kept = [...(keep ?? [])].flatMap(([key, kind]): [string, string | Sensitive | null][] =>
    Object.hasOwn(value, key) ? [[key, readValue(value[key], kind)]] : [],
  );
  return Object.fromEntries(kept);
}

/** Exactly eight asterisks stand for a secret that the service keeps to itself (facts.md §2.3). */
const mask = '********';

function readValue(value: unknown, kind: 'plain' | 'sensitive'): string | Sensitive | null {
  if (value === null || value === undefined) return null;
  // The service returns strings, whatever was sent (facts.md §2.2); should it stop doing so, they are still comparable.
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return kind === 'plain' || text === mask ? text : new Sensitive(text);
}

/** Only what can stand in a header and in a shell (safety.md E7). */
function readToken(value: unknown): Sensitive | null {
  return typeof value === 'string' && /^[A-Za-z0-9+/=._~-]{1,1024}$/.test(value)
    ? new Sensitive(value)
    : null;
}

function readDate(value: unknown): string | null {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]{5,18}(?:Z|[+-]\d\d:?\d\d)?$/.test(value)
    ? value
    : null;
}
