import type { Element, ElementKey } from '../world/catalogue.ts';
import { completeConfiguration, listKeys, maskValue } from '../world/configuration.ts';
import type { Instance } from '../world/model.ts';

/** How much of an instance is shown: all, all but configuration, or all but configuration and tags. */
export type Detail = 'full' | 'tagged' | 'bare';

const shown: Readonly<Record<Detail, WeakMap<Instance, string>>> = {
  full: new WeakMap(),
  tagged: new WeakMap(),
  bare: new WeakMap(),
};

/**
 * The JSON text of an instance as POST, GET, PUT, PATCH and lists show it: token in clear, secrets masked, no
 * providerData (docs: shape, secrets, CH18, DP).
 */
export function showInstance(instance: Instance, detail: Detail): string {
  const known = shown[detail].get(instance);
  if (known !== undefined) return known;
  const text = JSON.stringify(describeInstance(instance, detail));
  shown[detail].set(instance, text);
  return text;
}

/** An element as it stands inside an instance and in the catalogue (docs: Element of the API description). */
export function describeElement(element: Element): Readonly<Record<string, unknown>> {
  const { id, key, name, hub, grant, authentication, origin, retired = false } = element;
  return {
    id,
    name,
    key,
    description: `Connects an account of ${name}.`,
    image: `elements/provider_${key}.png`,
    hub,
    active: !retired,
    deleted: retired,
    typeOauth: grant,
    trialAccount: false,
    transformationsEnabled: true,
    bulkDownloadEnabled: true,
    bulkUploadEnabled: true,
    cloneable: true,
    extendable: true,
    beta: false,
    extended: false,
    private: id !== origin,
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

/** One key of an instance as `/configuration` shows it (docs: shape, SW19). */
export type Entry = ReturnType<typeof describeKey> & { readonly propertyValue: string | null };

/** The entries of an instance's configuration, masked (docs: `configuration` is an array there, SW19). */
export function describeConfiguration(instance: Instance): readonly Entry[] {
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

function describeKey({ key, type, required }: ElementKey, id: number) {
  const name = key.replace(/[._-]+/g, ' ').replace(/\b[a-z]/g, (letter) => letter.toUpperCase());
  return { id, key, name, description: name, type, required, hideFromConsole: false, active: true };
}

function describeInstance(instance: Instance, detail: Detail): Readonly<Record<string, unknown>> {
  const { id, name, createdDate, token, element, tags, disabled, tracedUntil, user } = instance;
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
    ...(detail === 'bare' ? {} : { tags }),
    provisionInteractions: [],
    valid: true,
    disabled,
    maxCacheSize: 0,
    cacheTimeToLive: 0,
    ...(detail === 'full' ? { configuration: masked } : {}),
    eventsEnabled: clear['event.notification.enabled'] === 'true',
    traceLoggingEnabled: tracedUntil !== null,
    cachingEnabled: false,
    externalAuthentication: 'none',
    user,
  };
}
