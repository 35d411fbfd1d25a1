import { answerJson, isRefusal, readObject, refuse, type Refusal, type Reply } from '../http/answers.ts';
import type { Call } from '../http/calls.ts';
import { mergeConfiguration, normaliseConfiguration } from '../world/configuration.ts';
import type { Instance } from '../world/model.ts';
import { isOn, storeInstance } from '../world/world.ts';
import { findTarget } from './target.ts';
import { describeConfiguration, type Entry } from './views.ts';

/** `GET …/configuration`: a list of entries, each with an id (docs: shape, SW19). */
export function listEntries(call: Call): Reply {
  const instance = findTarget(call);
  return isRefusal(instance) ? instance : answerJson(describeConfiguration(instance));
}

/** `GET …/configuration/{configId}` (docs: operations, SW19). */
export function readEntry(call: Call): Reply {
  const instance = findTarget(call);
  if (isRefusal(instance)) return instance;
  const entry = findEntry(instance, call);
  return isRefusal(entry) ? entry : answerJson(entry);
}

/**
 * `PATCH …/configuration/{configId}`: sets one value, `propertyValue`, and nothing else; a whole entry as read is taken too
 * (docs: operations, SW19, CH18).
 */
export function updateEntry(call: Call): Reply {
  const { world, account, text } = call;
  const instance = findTarget(call);
  if (isRefusal(instance)) return instance;
  const entry = findEntry(instance, call);
  if (isRefusal(entry)) return entry;
  const body = readObject(text);
  if (isRefusal(body)) return body;
  if (body['propertyValue'] === undefined) return refuse(400, 'propertyValue is required');
  const sent = normaliseConfiguration({ [entry.key]: body['propertyValue'] });
  const changed = {
    ...instance,
    configuration: mergeConfiguration(instance.configuration, sent, isOn(world, 'mask-dropped')),
  };
  storeInstance(account, changed);
  return { ...answerJson(findEntry(changed, call)), instanceId: instance.id };
}

/** The text of the 404 is inferred from those of the other ids. */
function findEntry(instance: Instance, { params }: Call): Entry | Refusal {
  const { configId = '' } = params;
  const entry = describeConfiguration(instance).find(({ id }) => String(id) === configId);
  return entry ?? refuse(404, `No element instance configuration found with ID ${configId}`);
}
