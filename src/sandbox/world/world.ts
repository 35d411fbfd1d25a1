import { createHash } from 'node:crypto';
import type { Element } from './catalogue.ts';
import type { Account, Belongings, Draft, Instance, User } from './model.ts';
import type { QuirksOff, QuirkName } from '../quirks.ts';
import { createTimers, type Timers } from './timers.ts';

/** All that the sandbox remembers. It lives in memory and dies with the process. */
export interface World {
  /** Wall clock, milliseconds. */
  readonly now: () => number;
  readonly timers: Timers;
  /** What is turned off of what is only inferred. */
  readonly off: QuirksOff;
  readonly accounts: Map<string, Account>;
  readonly tokens: Map<string, { readonly account: Account; readonly id: number }>;
  /** Elements that the service offers no longer, by key. */
  readonly retired: Set<string>;
  /** User ids by pair of secrets. They outlive a reset: the same pair is the same user for as long as the sandbox runs. */
  readonly userIds: Map<string, number>;
  /** Counters. They outlive a reset too: an id is never given twice, as the service never gives one twice. */
  readonly last: { instanceId: number; requestId: number; objectId: number };
}

const FIRST_USER_ID = 1001;
const FIRST_INSTANCE_ID = 500_001;
/** Everything that is neither a user nor an instance: clones of elements, formulas and theirs. */
const FIRST_OBJECT_ID = 900_001;

/** Makes an empty world. */
export function createWorld(
  now: () => number,
  off: QuirksOff = new Set(),
  timers: Timers = createTimers(),
): World {
  return {
    now,
    timers,
    off,
    accounts: new Map(),
    tokens: new Map(),
    retired: new Set(),
    userIds: new Map(),
    last: { instanceId: FIRST_INSTANCE_ID - 1, requestId: 0, objectId: FIRST_OBJECT_ID - 1 },
  };
}

/** Whether the service is taken to behave as inferred. */
export function isOn(world: World, quirk: QuirkName): boolean {
  return !world.off.has(quirk);
}

/** The next id of something that is no instance. */
export function nextObjectId(world: World): number {
  world.last.objectId += 1;
  return world.last.objectId;
}

/** An element as it stands today. */
export function seeElement(world: World, element: Element): Element {
  return world.retired.has(element.key) ? { ...element, retired: true } : element;
}

/** The service stops to offer an element; its instances live on, and show it. */
export function retireElement(world: World, key: string): void {
  world.retired.add(key);
  for (const account of world.accounts.values())
    for (const instance of account.instances.values())
      if (instance.element.key === key)
        storeInstance(account, { ...instance, element: seeElement(world, instance.element) });
}

/** Forgets every account and whatever was still to happen. */
export function resetWorld(world: World): void {
  world.timers.clearTimers();
  world.accounts.clear();
  world.tokens.clear();
  world.retired.clear();
}

/** Opens the account of a pair of secrets, an empty one if the pair is new. `isNew` tells which. */
export function openAccount(
  world: World,
  userSecret: string,
  organizationSecret: string,
): { account: Account; isNew: boolean } {
  const pair = isOn(world, 'account-per-user') ? `${userSecret}\n${organizationSecret}` : organizationSecret;
  const found = world.accounts.get(pair);
  if (found !== undefined) return { account: found, isNew: false };
  const id = world.userIds.get(pair) ?? FIRST_USER_ID + world.userIds.size;
  world.userIds.set(pair, id);
  const account: Account = {
    userSecret,
    organizationSecret,
    user: describeUser(id),
    instances: new Map(),
    listed: [],
    clones: new Map(),
    belongings: new Map(),
    definitions: new Map(),
    transformations: new Map(),
    formulas: new Map(),
    formulaInstances: new Map(),
    spentCodes: new Set(),
    audit: [],
  };
  world.accounts.set(pair, account);
  return { account, isNew: true };
}

/** Forgets an account and all that is in it; the same secrets open an empty one again. */
export function closeAccount(world: World, account: Account): void {
  for (const { token } of account.instances.values()) world.tokens.delete(token);
  for (const [secrets, one] of world.accounts) if (one === account) world.accounts.delete(secrets);
}

/**
 * Adds an instance. Ids ascend and are unique over all accounts; the service assigns id and token, a client cannot
 * (docs: identity, DP). Names need not be unique (docs: names, CH18).
 */
export function insertInstance(
  world: World,
  account: Account,
  draft: Draft,
  createdAt: number = world.now(),
): Instance {
  world.last.instanceId += 1;
  const id = world.last.instanceId;
  const instance: Instance = {
    ...draft,
    id,
    token: deriveToken(id),
    createdDate: formatDate(createdAt),
    disabled: false,
    tracedUntil: null,
    user: account.user,
  };
  account.instances.set(id, instance);
  account.listed.push(id);
  world.tokens.set(instance.token, { account, id });
  return instance;
}

/** Puts a changed instance in the place of the old one; id, token, date and user stay (docs: what can change). */
export function storeInstance(account: Account, changed: Instance): Instance {
  account.instances.set(changed.id, changed);
  return changed;
}

/** Deletes an instance for good and voids its token (docs: delete, DP). */
export function removeInstance(world: World, account: Account, instance: Instance): void {
  account.instances.delete(instance.id);
  account.belongings.delete(instance.id);
  world.tokens.delete(instance.token);
  unlistInstance(account, instance.id);
}

/** What belongs to an instance; nothing at first. */
export function findBelongings(account: Account, id: number): Belongings {
  const found = account.belongings.get(id);
  if (found !== undefined) return found;
  const none = { records: new Map(), definitions: new Map(), transformations: new Map(), events: [] };
  account.belongings.set(id, none);
  return none;
}

/** Keeps a living instance out of lists for so many milliseconds, as an index that lags behind would. */
export function hideInstance(world: World, account: Account, id: number, ms: number): void {
  if (!unlistInstance(account, id)) return;
  world.timers.startTimer(ms, () => {
    if (account.instances.has(id)) account.listed.splice(findFirstAfter(account.listed, id), 0, id);
  });
}

/** The newest instance of an account, hidden or not; `null` in an empty one. */
export function findNewest(account: Account): Instance | null {
  let newest: Instance | null = null;
  for (const instance of account.instances.values()) newest = instance;
  return newest;
}

/** Counts the living instances of all accounts. */
export function countInstances(world: World): number {
  let count = 0;
  for (const account of world.accounts.values()) count += account.instances.size;
  return count;
}

/** Makes a request id: 24 hexadecimal digits, the first eight of them the time (docs: errors, CE). */
export function makeRequestId(world: World): string {
  world.last.requestId += 1;
  const seconds = Math.floor(world.now() / 1000) % 2 ** 32;
  return `${seconds.toString(16).padStart(8, '0')}e4b0e5a9b7${world.last.requestId.toString(16).padStart(6, '0').slice(-6)}`;
}

/** The place of the first id above `after` in an ascending list. */
export function findFirstAfter(ids: readonly number[], after: number): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ids[middle] ?? Infinity) <= after) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** ISO 8601 in UTC, to the second, as `createdDate` is written (docs: shape of an instance, DP). */
export function formatDate(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d+Z$/, 'Z');
}

/** Takes an id out of the list; whether it was in it. */
function unlistInstance(account: Account, id: number): boolean {
  const place = findFirstAfter(account.listed, id) - 1;
  if (account.listed[place] !== id) return false;
  account.listed.splice(place, 1);
  return true;
}

/** An opaque token of 44 base64 characters. It follows from the id, so that runs can be repeated; it guards nothing. */
function deriveToken(id: number): string {
  return createHash('sha256').update(`sandbox instance ${id}`).digest('base64');
}

function describeUser(id: number): User {
  return { id, emailAddress: `user-${id}@example.com`, firstName: 'Sandbox', lastName: `User ${id}` };
}
