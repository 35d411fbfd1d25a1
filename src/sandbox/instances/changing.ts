import {
  answerEmpty,
  answerJson,
  answerText,
  isPlainObject,
  isRefusal,
  readObject,
  refuse,
  type Refusal,
  type Reply,
} from '../http/answers.ts';
import type { Call } from '../http/calls.ts';
import { mergeConfiguration, normaliseConfiguration } from '../world/configuration.ts';
import { readTags, refuseWrong } from './creating.ts';
import type { Instance } from '../world/model.ts';
import { cleanName } from '../world/names.ts';
import { describeConfiguration, showInstance } from './views.ts';
import { removeInstance, replaceInstance } from '../world/world.ts';

/** `GET /instances/{id}`: always with configuration and tags. Another account's id is as unknown as any other. */
export function readInstance(call: Call): Reply {
  const instance = findInstance(call);
  return isRefusal(instance) ? instance : answerText(showInstance(instance, true));
}

/** `GET /instances/{id}/configuration`: a list of entries, each with an id (docs: shape, SW19). */
export function readConfiguration(call: Call): Reply {
  const instance = findInstance(call);
  return isRefusal(instance) ? instance : answerJson(describeConfiguration(instance));
}

/**
 * `PATCH` and `PUT /instances/{id}`: both merge; tags are replaced as a whole, and `[]` clears them (docs: what can
 * change, CH18, DP). That PUT keeps what is left out is inferred.
 */
export function updateInstance(call: Call): Reply {
  const instance = findInstance(call);
  if (isRefusal(instance)) return instance;
  const body = readObject(call.text);
  if (isRefusal(body)) return body;
  const changed = changeInstance(instance, body);
  if (isRefusal(changed)) return changed;
  replaceInstance(call.account, changed);
  return { ...answerText(showInstance(changed, true)), instanceId: changed.id };
}

/** `DELETE /instances/{id}`: for good; a second one is a 404 (docs: delete; the number is inferred). */
export function deleteInstance(call: Call): Reply {
  const instance = findInstance(call);
  if (isRefusal(instance)) return instance;
  removeInstance(call.world, call.account, instance);
  return answerEmpty(instance.id);
}

/** `PUT /instances/{id}/enabled` (docs: operations, SW19). */
export function enableInstance(call: Call): Reply {
  return setDisabled(call, false);
}

/** `DELETE /instances/{id}/enabled`: calls to the vendor then answer 403 (docs: disable, CH18). */
export function disableInstance(call: Call): Reply {
  return setDisabled(call, true);
}

function setDisabled(call: Call, disabled: boolean): Reply {
  const instance = findInstance(call);
  if (isRefusal(instance)) return instance;
  replaceInstance(call.account, { ...instance, disabled });
  return answerEmpty(instance.id);
}

/** The text follows `No account found with ID 123456` (docs: known texts, CE). */
function findInstance({ account, params }: Call): Instance | Refusal {
  const id = params['id'] ?? '';
  return account.instances.get(Number(id)) ?? refuse(404, `No element instance found with ID ${id}`);
}

function changeInstance(instance: Instance, body: Readonly<Record<string, unknown>>): Instance | Refusal {
  const { name, configuration, element, traceLoggingEnabled } = body;
  const isNamed = name !== undefined && name !== null;
  if (isNamed && (typeof name !== 'string' || cleanName(name).trim() === '')) {
    return refuse(400, 'name must be a string that is not empty');
  }
  const tags = readTags(body['tags']);
  if (isRefusal(tags)) return tags;
  if (isPlainObject(element) && !namesSame(instance, element)) {
    return refuse(400, 'An element instance can only move to a clone of its element');
  }
  if (configuration !== undefined && configuration !== null && !isPlainObject(configuration)) {
    return refuse(400, 'configuration must be a JSON object');
  }
  const sent = normaliseConfiguration(configuration ?? {});
  return (
    refuseWrong(sent) ?? {
      ...instance,
      name: typeof name === 'string' ? cleanName(name) : instance.name,
      tags: tags ?? instance.tags,
      configuration: mergeConfiguration(instance.configuration, sent),
      traceLoggingEnabled:
        typeof traceLoggingEnabled === 'boolean' ? traceLoggingEnabled : instance.traceLoggingEnabled,
    }
  );
}

function namesSame({ element }: Instance, { id, key }: Readonly<Record<string, unknown>>): boolean {
  return (id === undefined || id === element.id) && (key === undefined || key === element.key);
}
