import { nameHost, type Element, type ElementKey } from './catalogue.ts';
import type { Configuration } from './model.ts';

/** What a masked value reads as: exactly eight asterisks (docs: secrets, CH18). */
export const MASK = '********';

/** Keys that every element has and nobody sends (docs: about twenty keys are added, DP; event keys, DP, SW19). */
const commonKeys: readonly ElementKey[] = [
  describe('base.url', 'TEXTFIELD_1000', null),
  describe('bulk.add_metadata', 'TEXTFIELD_128', null),
  describe('bulk.attribute.created_time', 'TEXTFIELD_128', null),
  describe('bulk.query.date_mask', 'TEXTFIELD_128', "yyyy-MM-dd'T'HH:mm:ss'Z'"),
  describe('bulk.query.download_format', 'TEXTFIELD_128', 'json'),
  describe('bulk.query.field_name', 'TEXTFIELD_128', null),
  describe('bulk.query.operator', 'TEXTFIELD_128', '>='),
  describe('bulk.relations', 'TEXTAREA', '{}'),
  describe('event.helper.key', 'TEXTFIELD_128', null),
  describe('event.metadata', 'TEXTAREA', null),
  describe('event.notification.callback.url', 'TEXTFIELD_1000', null),
  describe('event.notification.enabled', 'BOOLEAN', 'false'),
  describe('event.notification.instance.finder', 'TEXTFIELD_1000', null),
  describe('event.notification.signature.key', 'TEXTFIELD_128', null),
  describe('event.notification.subscription.id', 'TEXTFIELD_128', null),
  describe('event.objects', 'TEXTAREA', null),
  describe('event.poller.configuration', 'CODE_EDITOR', '{}'),
  describe('event.poller.refresh_interval', 'TEXTFIELD_32', '15'),
  describe('event.poller.urls', 'TEXTAREA', null),
  describe('event.vendor.type', 'TEXTFIELD_32', 'polling'),
  describe('filter.response.nulls', 'BOOLEAN', 'true'),
  describe('pagination.max', 'TEXTFIELD_32', '100'),
  describe('pagination.page.startindex', 'TEXTFIELD_32', '1'),
  describe('pagination.type', 'TEXTFIELD_32', 'page'),
];

const known = new Map<Element, readonly ElementKey[]>();
const defaults = new Map<Element, Configuration>();

function describe(key: string, type: string, defaultValue: string | null): ElementKey {
  return { key, type, required: false, defaultValue };
}

/** All keys of an element: its own in display order, then the common ones. */
export function listKeys(element: Element): readonly ElementKey[] {
  const found = known.get(element);
  if (found !== undefined) return found;
  const own = new Set(element.keys.map(({ key }) => key));
  const base = `https://${nameHost(element)}/api`;
  const common = commonKeys
    .filter(({ key }) => !own.has(key))
    .map((item) => (item.key === 'base.url' ? { ...item, defaultValue: base } : item));
  const keys = [...element.keys, ...common];
  known.set(element, keys);
  return keys;
}

/** Turns what was sent into strings and null: `true` to `"true"`, 15 to `"15"`, an object to JSON text (docs: DP stripe, servicenow). */
export function normaliseConfiguration(sent: Readonly<Record<string, unknown>>): Configuration {
  return Object.fromEntries(Object.entries(sent).map(([key, value]) => [key, normaliseValue(value)]));
}

/** Merges sent keys into stored ones (docs: PATCH merges, CH18). That a mask which is sent back is dropped, not stored, is inferred. */
export function mergeConfiguration(
  stored: Configuration,
  sent: Configuration,
  dropsMasks: boolean,
): Configuration {
  const kept = Object.entries(sent).filter(
    ([key, value]) => !(dropsMasks && value === MASK && isMasked(key)),
  );
  return { ...stored, ...Object.fromEntries(kept) };
}

/** The whole configuration in clear: every key of the element with its default, then what was sent. */
export function completeConfiguration(element: Element, sent: Configuration): Configuration {
  let added = defaults.get(element);
  if (added === undefined) {
    added = Object.fromEntries(listKeys(element).map(({ key, defaultValue }) => [key, defaultValue]));
    defaults.set(element, added);
  }
  return { ...added, ...sent };
}

/** The value as it is read: masked or not. A null stays null. */
export function maskValue(key: string, value: string | null): string | null {
  return value !== null && isMasked(key) ? MASK : value;
}

/**
 * Whether a key reads as a mask: `password`, `*.password`, `oauth.api.key`, `oauth.api.secret` (docs: secrets, CH18, DP).
 * All others read in clear, also where they hold a secret: `username` of freshdeskv2, `api.key`, `oauth.user.refresh_token`.
 */
export function isMasked(key: string): boolean {
  return /(^|\.)password$/.test(key) || key === 'oauth.api.key' || key === 'oauth.api.secret';
}

function normaliseValue(value: unknown): string | null {
  if (value === null || typeof value === 'string') return value;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
