import { refuse, type Refusal } from './answers.ts';
import type { Needs } from './route.ts';
import type { Account, Instance } from '../world/model.ts';
import { seedAccount } from '../world/seed.ts';
import { isOn, openAccount, type World } from '../world/world.ts';

/** The parts of an `Authorization` header. */
export interface Credentials {
  readonly user: string | null;
  readonly organization: string | null;
  readonly element: string | null;
  /** Whether a part is there that no secret can be: empty, or `invalid`. */
  readonly isSpoilt: boolean;
}

/** A value that stands for wrong secrets wherever the sandbox sees it in the header, or in a login. */
export const INVALID = 'invalid';

const KINDS = new Set(['user', 'organization', 'element']);

/** The vendor's 401, word for word (docs: known texts, CHI issues/274). */
export const unauthorized: Refusal = refuse(
  401,
  'Invalid Organization or User secret, or invalid Element token provided.',
);

/**
 * Reads `User …, Organization …, Element …` in any order (docs: authentication headers, SW19, CE). A part that is
 * missing, empty or `invalid` is null.
 */
export function readCredentials(header: string | undefined): Credentials {
  const parts = new Map<string, string>();
  let isSpoilt = false;
  for (const part of (header ?? '').split(',')) {
    const [word = '', ...rest] = part.trim().split(/\s+/);
    const kind = word.toLowerCase();
    if (!KINDS.has(kind)) continue;
    const value = rest.join(' ');
    if (value === '' || value === INVALID) isSpoilt = true;
    else parts.set(kind, value);
  }
  return {
    user: parts.get('user') ?? null,
    organization: parts.get('organization') ?? null,
    element: parts.get('element') ?? null,
    isSpoilt,
  };
}

/** Whether a header has an Element part at all, be it good, void or empty. */
export function namesElement(header: string | undefined): boolean {
  return /(^|,)\s*element(\s|,|$)/i.test(header ?? '');
}

/**
 * Finds the account of a platform call. Any pair of secrets is an account of its own, made and seeded when first seen.
 * An Element part on a call that does not need it is not looked at (docs: what clients send).
 */
function findAccount(world: World, seed: number, { user, organization }: Credentials): Account | null {
  if (user === null || organization === null) return null;
  const { account, isNew } = openAccount(world, user, organization);
  if (isNew) seedAccount(world, account, seed);
  return account;
}

/**
 * Finds the instance that an Element token names. `User x, Element y` is enough for calls that go to the vendor (docs:
 * authentication headers, DP); the token of a deleted instance names nothing (docs: delete, CH18).
 */
function findBearer(world: World, { user, element }: Credentials): Caller | null {
  const found = element === null ? undefined : world.tokens.get(element);
  const instance = found?.account.instances.get(found.id);
  if (user === null || found === undefined || instance === undefined) return null;
  if (isOn(world, 'account-per-user') && found.account.userSecret !== user) return null;
  return { account: found.account, bearer: instance };
}

/** Who sends a request: an account, and the instance that its Element token names if the call is about that. */
export interface Caller {
  readonly account: Account;
  readonly bearer: Instance | null;
}

/** Finds who sends a request; null for secrets or a token that are not good for it. */
export function findCaller(
  world: World,
  seed: number,
  needs: Exclude<Needs, 'nobody'>,
  header: string | undefined,
): Caller | null {
  const credentials = readCredentials(header);
  const { organization, element, isSpoilt } = credentials;
  if (needs === 'account') {
    const account = findAccount(world, seed, credentials);
    const isVoid =
      element !== null && !isOn(world, 'void-token-ignored') && findBearer(world, credentials) === null;
    return account === null || isVoid ? null : { account, bearer: null };
  }
  const caller = findBearer(world, credentials);
  // A call to the vendor may leave the organization out, but not name another one.
  const isElsewhere = caller?.account.organizationSecret !== organization;
  const mayLeaveOut = needs === 'vendor' && organization === null && !isSpoilt;
  return isElsewhere && !mayLeaveOut ? null : caller;
}
