import {
  isFilled,
  answerText,
  isPlainObject,
  isRefusal,
  readObject,
  refuse,
  type Refusal,
  type Reply,
} from '../http/answers.ts';
import type { Call } from '../http/calls.ts';
import { lookUpElement, refuseElement } from '../elements/finding.ts';
import { refuseGrant, refuseSpent, spendCode, usesOAuth } from '../elements/grants.ts';
import { isWrong, refuseWrong } from '../elements/login.ts';
import type { Element } from '../world/catalogue.ts';
import { completeConfiguration, normaliseConfiguration } from '../world/configuration.ts';
import type { Account, Configuration, Draft } from '../world/model.ts';
import { cleanName } from '../world/names.ts';
import { seeElement, insertInstance, isOn, type World } from '../world/world.ts';
import { showInstance } from './views.ts';

type Body = Readonly<Record<string, unknown>>;

/**
 * `POST /instances`: not idempotent, and names are not unique, so the same body twice makes two instances (docs: names,
 * CH18). Answers 200 with the whole instance.
 */
export function createInstance(call: Call): Reply {
  return createOf(call, null);
}

/** Creates an instance of an element that is known already, or else of the one that the body names. */
export function createOf({ world, account, text }: Call, element: Element | null): Reply {
  const body = readObject(text);
  if (isRefusal(body)) return body;
  const draft = readDraft(world, account, body, element);
  if (isRefusal(draft)) return draft;
  const instance = insertInstance(world, account, draft);
  spendCode(account, body);
  return { ...answerText(showInstance(instance, 'full')), instanceId: instance.id };
}

/** Reads a list of tags; null where none was sent. */
export function readTags(value: unknown): readonly string[] | null | Refusal {
  if (value === undefined || value === null) return null;
  const isList = Array.isArray(value) && value.every((tag) => typeof tag === 'string');
  return isList ? (value as readonly string[]) : refuse(400, 'tags must be a list of strings');
}

/** Checks a body in the order in which the service can know: shape, element, grant, keys, credentials. Texts mostly inferred. */
function readDraft(world: World, account: Account, body: Body, known: Element | null): Draft | Refusal {
  const { name, configuration } = body;
  if (typeof name !== 'string' || cleanName(name).trim() === '') return refuse(400, 'name is required');
  const element = known ?? readElement(account, body['element']);
  if (isRefusal(element)) return element;
  if (!isPlainObject(configuration)) {
    return refuse(400, 'configuration is required and must be a JSON object');
  }
  const tags = readTags(body['tags']);
  if (isRefusal(tags)) return tags;
  const kept = normaliseConfiguration(configuration);
  const refusal =
    refuseOptions(body) ??
    refuseGrant(element, kept, body) ??
    refuseSpent(account, body) ??
    refuseMissing(world, element, kept, body) ??
    (isWrong(kept) && isOn(world, 'create-logs-in') ? refuseWrong() : null);
  if (refusal !== null) return refusal;
  const cleaned = cleanName(name);
  // Tags left out: the cleaned name is the tag (docs: tags, CH18). That `[]` stays empty is not shown anywhere.
  const isUntagged = tags === null || (tags.length === 0 && !isOn(world, 'empty-tags-kept'));
  return {
    name: cleaned,
    tags: isUntagged ? [cleaned] : tags,
    element: seeElement(world, element),
    configuration: kept,
  };
}

/** The element by id, or else by key: a clone has the key of what it is a clone of. */
function readElement(account: Account, value: unknown): Element | Refusal {
  const { key, id } = isPlainObject(value) ? value : {};
  const named = typeof key === 'string' && key !== '' ? key : null;
  const numbered = typeof id === 'number' || (typeof id === 'string' && /^\d+$/.test(id)) ? String(id) : null;
  const wanted = numbered ?? named;
  if (wanted === null) return refuse(400, 'element.key or element.id is required');
  return lookUpElement(account, wanted) ?? refuseElement(wanted);
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

/** Names all missing keys in one text (docs: missing required key, DP; the words are inferred). */
function refuseMissing(
  world: World,
  element: Element,
  configuration: Configuration,
  body: Body,
): Refusal | null {
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
  if (missing.length === 0) return null;
  const named = isOn(world, 'missing-keys-together') ? missing : missing.slice(0, 1);
  return refuse(400, `Missing required configuration keys: ${named.join(', ')}`);
}
