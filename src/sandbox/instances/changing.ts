import { isWrong, refuseWrong } from '../elements/login.ts';
import { lookUpElement } from '../elements/finding.ts';
import { refuseSpent, spendCode } from '../elements/grants.ts';
import {
  answerEmpty,
  answerText,
  isPlainObject,
  isRefusal,
  readObject,
  refuse,
  type Refusal,
  type Reply,
} from '../http/answers.ts';
import type { Call } from '../http/calls.ts';
import type { Element } from '../world/catalogue.ts';
import { mergeConfiguration, normaliseConfiguration } from '../world/configuration.ts';
import type { Account, Configuration, Instance } from '../world/model.ts';
import { cleanName } from '../world/names.ts';
import { insertInstance, isOn, removeInstance, storeInstance, type World } from '../world/world.ts';
import { readTags } from './creating.ts';
import { findTarget } from './target.ts';
import { showInstance } from './views.ts';

type Body = Readonly<Record<string, unknown>>;

/** `GET /instances/{id}`: always with configuration and tags, also while disabled (inferred). */
export function readInstance(call: Call): Reply {
  const instance = findTarget(call);
  if (isRefusal(instance)) return instance;
  if (instance.disabled && !isOn(call.world, 'disabled-readable')) {
    return refuse(403, 'Element instance is disabled');
  }
  return answerText(showInstance(instance, 'full'));
}

/**
 * `PATCH`: configuration is merged key by key; tags are replaced as a whole, and `[]` clears them (docs: what can change,
 * CH18, DP).
 */
export function updateInstance(call: Call): Reply {
  return changeTarget(call, (instance) => instance);
}

/**
 * `PUT`: as PATCH; that it keeps what its body leaves out is inferred, from documented bodies of `{name, tags}` (docs:
 * what can change, DP).
 */
export function replaceInstance(call: Call): Reply {
  if (isOn(call.world, 'put-keeps')) return updateInstance(call);
  return changeTarget(call, (instance) => ({ ...instance, tags: [], configuration: {} }));
}

/** `DELETE`: for good, and the token is void; a second one is a 404 (docs: delete, DP; the number is inferred). */
export function deleteInstance(call: Call): Reply {
  const instance = findTarget(call);
  if (isRefusal(instance)) {
    return isOn(call.world, 'second-delete-404') ? instance : { ...instance, refused: 400 };
  }
  removeInstance(call.world, call.account, instance);
  return answerEmpty(instance.id);
}

/** `PUT …/enabled` (docs: operations, SW19). */
export function enableInstance(call: Call): Reply {
  return setDisabled(call, false);
}

/** `DELETE …/enabled`: calls to the vendor then answer 403 (docs: disable, CH18). */
export function disableInstance(call: Call): Reply {
  return setDisabled(call, true);
}

function setDisabled(call: Call, disabled: boolean): Reply {
  const instance = findTarget(call);
  if (isRefusal(instance)) return instance;
  storeInstance(call.account, { ...instance, disabled });
  return answerEmpty(instance.id);
}

/** Changes the instance that a call is about; `base` is what of it the body is merged into. */
function changeTarget(call: Call, base: (instance: Instance) => Instance): Reply {
  const { world, account } = call;
  const instance = findTarget(call);
  if (isRefusal(instance)) return instance;
  const body = readObject(call.text);
  if (isRefusal(body)) return body;
  const changed = applyBody(call, base(instance), body);
  if (isRefusal(changed)) return changed;
  storeInstance(account, changed);
  if (spendCode(account, body) && !isOn(world, 'single-reprovision')) {
    insertInstance(world, account, changed);
    insertInstance(world, account, changed);
  }
  return { ...answerText(showInstance(changed, 'full')), instanceId: changed.id };
}

function applyBody({ world, account, query }: Call, instance: Instance, body: Body): Instance | Refusal {
  const { name, configuration, traceLoggingEnabled } = body;
  const isNamed = name !== undefined && name !== null;
  if (isNamed && (typeof name !== 'string' || cleanName(name).trim() === '')) {
    return refuse(400, 'name must be a string that is not empty');
  }
  const tags = readTags(body['tags']);
  if (isRefusal(tags)) return tags;
  const element = chooseElement(world, account, instance.element, body['element']);
  if (isRefusal(element)) return element;
  if (configuration !== undefined && configuration !== null && !isPlainObject(configuration)) {
    return refuse(400, 'configuration must be a JSON object');
  }
  const sent = normaliseConfiguration(configuration ?? {});
  // `reAuthenticate=false` changes configuration without a login at the vendor (docs: what can change, CTL).
  const logsIn = query.get('reAuthenticate')?.toLowerCase() !== 'false';
  return (
    refuseSpent(account, body) ??
    (logsIn ? refuseLogin(world, sent) : null) ?? {
      ...instance,
      name: typeof name === 'string' ? cleanName(name) : instance.name,
      tags: tags ?? instance.tags,
      element,
      configuration: mergeConfiguration(instance.configuration, sent, isOn(world, 'mask-dropped')),
      tracedUntil: readTracing(traceLoggingEnabled, instance.tracedUntil),
    }
  );
}

/** What `traceLoggingEnabled` of a body makes of the time until which an instance is traced. */
function readTracing(enabled: unknown, until: number | null): number | null {
  if (typeof enabled !== 'boolean') return until;
  return enabled ? (until ?? Infinity) : null;
}

function refuseLogin(world: World, sent: Configuration): Refusal | null {
  return isWrong(sent) && isOn(world, 'patch-logs-in') ? refuseWrong() : null;
}

/**
 * An instance moves between an element and its clones (docs: what can change, CH18); that it cannot move elsewhere is
 * inferred. A body that names the element it has, by key or by id, changes nothing: a read may be sent back whole.
 */
function chooseElement(world: World, account: Account, own: Element, named: unknown): Element | Refusal {
  if (!isPlainObject(named)) return own;
  const { id, key } = named;
  const wanted = id ?? (key === own.key ? own.id : key);
  if (wanted === undefined || wanted === null || String(wanted) === String(own.id)) return own;
  const element = lookUpElement(account, String(wanted));
  const isKin = element !== null && element.origin === own.origin;
  if (element !== null && (isKin || !isOn(world, 'clone-moves-only'))) return element;
  return refuse(400, 'An element instance can only move to a clone of its element');
}
