import type { DeclaredValue, Json } from './model.ts';

/** What the service answers in place of a secret: exactly eight asterisks (docs/facts: CH18). */
export const mask = '********';

/**
 * Keys that the service sets or changes by itself; never drift. OAuth refreshes rewrite tokens and times nightly, and
 * a webhook subscription gets its id from the vendor (facts: SAP, CH18, DP).
 */
const serviceOwned = [/^oauth\.user\./i, /refresh_time$/i, /^event\.notification\.subscription\.id$/i];

/** Whether a declared configuration key is one that the service changes by itself. */
export function isServiceOwned(key: string): boolean {
  return serviceOwned.some((pattern) => pattern.test(key));
}

/** A value as the service gives it back: a string, or null; objects as JSON text (facts: DP stripe, servicenow). */
export function normaliseValue(value: Json): string | null {
  if (value === null || typeof value === 'string') return value;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** The declared plain values as they are recorded; sensitive ones are left out. */
export function normaliseConfiguration(
  configuration: Readonly<Record<string, DeclaredValue>>,
): Readonly<Record<string, string | null>> {
  return Object.fromEntries(
    Object.entries(configuration).flatMap(([key, declared]) =>
      declared.kind === 'plain' ? [[key, normaliseValue(declared.value)]] : [],
    ),
  );
}

/** Keys that say where a vendor is reached, or where the service calls back: credentials go where these point (safety.md F2). */
const hostLike =
  /(^|[._-])(urls?|uri|hosts?|hostname|host\.(ip|name)|server|site|website|webhook|destination|shop(\.id)?|realm\.id|datacenter|bucket_?name|subdomain|domain|tenant|environment|endpoint(\.?url)?|base\.?url|account(\.?id)?|company\.name)$|address$/i;

/** Whether a configuration key, or a path that ends in one, names a host, an address, or a part of one. */
export function isHostLike(key: string): boolean {
  return hostLike.test(key);
}

/** Whether a field is left out of every comparison by the declaration's `ignore`. */
export function isIgnored(ignore: readonly string[], path: string): boolean {
  return ignore.includes(path) || (path.startsWith('configuration.') && ignore.includes('configuration'));
}
