import type { Element, ElementKey } from '../world/catalogue.ts';
import { completeConfiguration, listKeys, maskValue } from '../world/configuration.ts';
import type { Instance } from '../world/model.ts';

const full = new WeakMap<Instance, string>();
const bare = new WeakMap<Instance, string>();

/**
 * The JSON text of an instance as POST, GET, PUT, PATCH and lists show it: token in clear, secrets masked, no
 * providerData (docs: shape, secrets, CH18, DP). Without `hydrate`, configuration and tags are left out (docs: operations, SW19).
 */
export function showInstance(instance: Instance, hydrate: boolean): string {
  const cache = hydrate ? full : bare;
  const known = cache.get(instance);
  if (known !== undefined) return known;
  const text = JSON.stringify(describeInstance(instance, hydrate));
  cache.set(instance, text);
  return text;
}

/** An element as it stands inside an instance and in the catalogue (docs: Element of the API description). */
export function describeElement(element: Element): Readonly<Record<string, unknown>> {
  const { id, key, name, hub, grant, authentication } = element;
  return {
    id,
    name,
    key,
    description: `Connects an account of ${name}.`,
    image: `elements/provider_${key}.png`,
    hub,
    active: true,
    deleted: false,
    typeOauth: grant,
    trialAccount: false,
    transformationsEnabled: true,
    bulkDownloadEnabled: true,
    bulkUploadEnabled: true,
    cloneable: true,
    extendable: true,
    beta: false,
    extended: false,
    private: false,
    protocolType: 'http',
    authentication: { type: authentication },
    parameters: [],
  };
}

/** The keys of an element, as `/elements/{keyOrId}/configuration` lists them. Ids are ours: unique within one element. */
export function describeKeys(element: Element): readonly Readonly<Record<string, unknown>>[] {
  return listKeys(element).map((item, index) => ({
    ...describeKey(item, element.id * 1000 + index),
    defaultValue: item.defaultValue,
    internal: false,
    groupControl: false,
    companyConfig: false,
    resellerConfig: false,
    displayOrder: index,
  }));
}

/** The entries of an instance's configuration, masked (docs: `configuration` is an array there, SW19). */
export function describeConfiguration(instance: Instance): readonly Readonly<Record<string, unknown>>[] {
  const keys = new Map(listKeys(instance.element).map((item) => [item.key, item]));
  return Object.entries(completeConfiguration(instance.element, instance.configuration)).map(
    ([key, value], index) => ({
      ...describeKey(
        keys.get(key) ?? { key, type: 'TEXTFIELD_128', required: false, defaultValue: null },
        instance.id * 1000 + index,
      ),
      propertyValue: maskValue(key, value),
    }),
  );
}

function describeKey({ key, type, required }: ElementKey, id: number): Readonly<Record<string, unknown>> {
  const name = key.replace(/[._-]+/g, ' ').replace(/\b[a-z]/g, (letter) => letter.toUpperCase());
  return { id, key, name, description: name, type, required, hideFromConsole: false, active: true };
}

function describeInstance(instance: Instance, hydrate: boolean): Readonly<Record<string, unknown>> {
  const { id, name, createdDate, token, element, tags, disabled, traceLoggingEnabled, user } = instance;
  const clear = completeConfiguration(element, instance.configuration);
  const masked = Object.fromEntries(
    Object.entries(clear).map(([key, value]) => [key, maskValue(key, value)]),
  );
  return {
    id,
    name,
    createdDate,
    token,
    element: describeElement(element),
    elementId: element.id,
    ...(hydrate ? { tags } : {}),
    provisionInteractions: [],
    valid: true,
    disabled,
    maxCacheSize: 0,
    cacheTimeToLive: 0,
    ...(hydrate ? { configuration: masked } : {}),
    eventsEnabled: clear['event.notification.enabled'] === 'true',
    traceLoggingEnabled,
    cachingEnabled: false,
    externalAuthentication: 'none',
    user,
  };
}
