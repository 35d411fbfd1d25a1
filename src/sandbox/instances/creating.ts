import {
  answerText,
  isPlainObject,
  isRefusal,
  readObject,
  refuse,
  type Refusal,
  type Reply,
} from '../http/answers.ts';
import type { Call } from '../http/calls.ts';
import { findElement, type Element } from '../world/catalogue.ts';
import { completeConfiguration, normaliseConfiguration } from '../world/configuration.ts';
import type { Configuration, Draft } from '../world/model.ts';
import { cleanName } from '../world/names.ts';
import { showInstance } from './views.ts';
import { insertInstance } from '../world/world.ts';

type Body = Readonly<Record<string, unknown>>;

/** A configuration value that the vendor behind the element is taken to refuse. */
const WRONG = 'wrong';

/**
 * `POST /instances`: not idempotent, and names are not unique, so the same body twice makes two instances (docs: names,
 * CH18). Answers 200 with the whole instance.
 */
export function createInstance(call: Call): Reply {
  const body = readObject(call.text);
  if (isRefusal(body)) return body;
  const draft = readDraft(body);
  if (isRefusal(draft)) return draft;
  const instance = insertInstance(call.world, call.account, draft);
  return { ...answerText(showInstance(instance, true)), instanceId: instance.id };
}

/** Refuses credentials that hold the value `wrong`, as the vendor behind the element would: the words are ours. */
export function refuseWrong(configuration: Configuration): Refusal | null {
  if (!Object.values(configuration).includes(WRONG)) return null;
  return refuse(
    400,
    'The provider refused the credentials of this element instance',
    'Invalid username or password',
  );
}

/** Reads a list of tags; null where none was sent. */
export function readTags(value: unknown): readonly string[] | null | Refusal {
  if (value === undefined || value === null) return null;
  const isList = Array.isArray(value) && value.every((tag) => typeof tag === 'string');
  return isList ? (value as readonly string[]) : refuse(400, 'tags must be a list of strings');
}

/** Checks a body in the order in which the service can know: shape, element, grant, keys, credentials. Texts mostly inferred. */
function readDraft(body: Body): Draft | Refusal {
  const { name, configuration } = body;
  if (typeof name !== 'string' || cleanName(name).trim() === '') return refuse(400, 'name is required');
  const element = readElement(body['element']);
  if (isRefusal(element)) return element;
  if (!isPlainObject(configuration))
    return refuse(400, 'configuration is required and must be a JSON object');
  const tags = readTags(body['tags']);
  if (isRefusal(tags)) return tags;
  const kept = normaliseConfiguration(configuration);
  const refusal =
    refuseOptions(body) ??
    refuseGrant(element, kept, body) ??
    refuseMissing(element, kept, body) ??
    refuseWrong(kept);
  if (refusal !== null) return refusal;
  const cleaned = cleanName(name);
  // Tags left out: the cleaned name is the tag (docs: tags, CH18). That `[]` stays empty is inferred.
  return { name: cleaned, tags: tags ?? [cleaned], element, configuration: kept };
}

/** The element by key or id. Its 404 is inferred from the vendor's `No … found` texts. */
function readElement(value: unknown): Element | Refusal {
  const { key, id } = isPlainObject(value) ? value : {};
  const named = typeof key === 'string' && key !== '' ? key : null;
  const numbered = typeof id === 'number' || (typeof id === 'string' && /^\d+$/.test(id)) ? String(id) : null;
  if (named === null && numbered === null) return refuse(400, 'element.key or element.id is required');
  const element = findElement(named ?? numbered ?? '');
  if (element !== null) return element;
  return refuse(
    404,
    named === null ? `No element found with ID ${numbered}` : `No element found with key ${named}`,
  );
}

function refuseOptions({ providerData, externalAuthentication }: Body): Refusal | null {
  if (providerData !== undefined && providerData !== null && !isPlainObject(providerData)) {
    return refuse(400, 'providerData must be a JSON object');
  }
  if (![undefined, null, 'none', 'initial'].includes(externalAuthentication as string | null | undefined)) {
    return refuse(400, 'externalAuthentication must be none or initial');
  }
  return null;
}

/**
 * OAuth elements take a grant code, a refresh token with `externalAuthentication: initial`, or (OAuth 1) a token and its
 * secret (docs: OAuth without a person, CE, CH18, DP). Another `authentication.type` than OAuth needs none of them.
 */
function refuseGrant(element: Element, configuration: Configuration, body: Body): Refusal | null {
  if (!element.grant || !usesOAuth(configuration)) return null;
  const provider = isPlainObject(body['providerData']) ? body['providerData'] : {};
  const hasCode = isFilled(provider['code']) || isFilled(provider['oauth_verifier']);
  const hasRefresh =
    body['externalAuthentication'] === 'initial' && isFilled(configuration['oauth.user.refresh_token']);
  const hasToken =
    isFilled(configuration['oauth.user.token']) && isFilled(configuration['oauth.user.token.secret']);
  if (hasCode || hasRefresh || hasToken) return null;
  // Word for word (docs: known texts, CHI issues/658).
  return refuse(400, 'You must provide an OAuth code in order to create an instance of this element');
}

/** Names all missing keys in one text (docs: missing required key, DP; the words are inferred). */
function refuseMissing(element: Element, configuration: Configuration, body: Body): Refusal | null {
  const all = completeConfiguration(element, configuration);
  const isExternal = body['externalAuthentication'] === 'initial';
  const missing = element.keys
    .filter(({ required, key }) => required && !isFilled(all[key]))
    .map(({ key }) => key)
    .filter(
      (key) =>
        !key.startsWith('oauth.') ||
        (usesOAuth(configuration) && !(isExternal && key === 'oauth.callback.url')),
    );
  return missing.length === 0
    ? null
    : refuse(400, `Missing required configuration keys: ${missing.join(', ')}`);
}

function usesOAuth(configuration: Configuration): boolean {
  const type = configuration['authentication.type'] ?? '';
  return type === '' || /oauth/i.test(type);
}

function isFilled(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}
