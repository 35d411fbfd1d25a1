import type { LiveIndex } from './live-index.ts';
import type { LiveInstance } from './model.ts';
import { findUser, listHidden, type Observation } from './observation.ts';

/** Something that stops apply from creating and forgetting until a person has looked. */
export interface Guard {
  readonly code: 'mass_missing';
  readonly text: string;
  readonly recorded: number;
  /** Recorded instances proven gone: the N of `--expect-missing N`. */
  readonly missing: number;
}

/** Something that leaves no plan at all. */
export interface Refusal {
  readonly code: 'incomplete_list' | 'wrong_account' | 'wrong_state';
  readonly text: string;
  readonly hint: string;
}

/** Why no plan may be made from these readings, or null. */
export function findRefusal(observation: Observation): Refusal | null {
  return checkState(observation) ?? checkUsers(observation) ?? checkListing(observation);
}

function checkState({ declarations, recorded }: Observation): Refusal | null {
  if (recorded.project !== null && recorded.project !== declarations.project) {
    return {
      code: 'wrong_state',
      text: `this state is of project ${recorded.project}, the files are of project ${declarations.project}`,
      hint: 'one state is one project: give this project its own with  state:  or  --state',
    };
  }
  if (recorded.account !== null && recorded.account.baseUrl !== declarations.account.baseUrl) {
    return {
      code: 'wrong_account',
      text: `this state is of ${recorded.account.baseUrl}, the files name ${declarations.account.baseUrl}`,
      hint: 'one state is one account: give this account its own with  state:  or  --state',
    };
  }
  return null;
}

function checkListing(observation: Observation): Refusal | null {
  const { listing } = observation;
  const hidden = listHidden(observation);
  if (listing !== null && listing.complete && listing.instances.length === 0 && hidden.length > 0) {
    return {
      code: 'incomplete_list',
      text: `the list of instances is empty, while ${count(hidden.length)} live: the account does not answer for itself now`,
      hint: 'nothing is planned from such a list; try again',
    };
  }
  if (listing === null || listing.complete) return null;
  return {
    code: 'incomplete_list',
    text: `the list of instances did not come whole: ${listing.note ?? 'its pages do not add up'}`,
    hint: 'nothing is planned from a part of it; try again when the account is quiet',
  };
}

function count(instances: number): string {
  return `${String(instances)} recorded ${instances === 1 ? 'instance' : 'instances'}`;
}

/** A4: a bound instance that shows another user is in somebody else's account. */
function checkUsers(observation: Observation): Refusal | null {
  const { declarations, recorded } = observation;
  const { user } = declarations.account;
  const pinned = recorded.account?.user ?? null;
  if (user !== null && pinned !== null && user !== pinned)
    return refuseUser(`account.user is ${String(user)}, the state has seen ${String(pinned)}`);
  const expected = findUser(observation);
  if (expected === null) return null;
  const bound = new Set(recorded.instances.map((row) => row.instanceId));
  for (const { id } of declarations.instances) if (id !== null) bound.add(id);
  const probed = [...observation.probes.values()].flatMap((probe) =>
    probe.kind === 'live' ? [probe.instance] : [],
  );
  const other = [...(observation.listing?.instances ?? []), ...probed].find(
    (instance) => bound.has(instance.id) && instance.user !== null && instance.user !== expected,
  );
  const stranger = other ?? findOwnElsewhere(observation, expected);
  if (stranger === null) return null;
  return refuseUser(
    `instance #${String(stranger.id)} is of user ${String(stranger.user)}, not of user ${String(expected)}`,
  );
}

/** What a create of ours has made in another user's account: a second one would go there too. */
function findOwnElsewhere({ recorded, listing }: Observation, expected: number): LiveInstance | null {
  const rows = new Set(recorded.instances.map((row) => row.address));
  const sent = [...recorded.intents, ...recorded.tombstones.filter(({ address }) => !rows.has(address))];
  return (
    listing?.instances.find(
      (instance) =>
        instance.user !== null &&
        instance.user !== expected &&
        sent.some(
          ({ tag, knownIds }) =>
            tag !== null && instance.tags?.includes(tag) && !knownIds.ids.includes(instance.id),
        ),
    ) ?? null
  );
}

function refuseUser(text: string): Refusal {
  return { code: 'wrong_account', text, hint: 'check which user secret and organization secret are set' };
}

/** A5: recorded instances that vanish in number are more likely a wrong account, region or outage than a fact. */
export function findGuards(observation: Observation, live: LiveIndex): readonly Guard[] {
  if (observation.listing === null) return [];
  const rows = observation.recorded.instances;
  const missing = rows.filter((row) => live.look(row.instanceId) === 'missing').length;
  const none = rows.length >= 2 && missing === rows.length;
  const strangers = missing > 0 && missing === rows.length && isOthersOnly(observation, live);
  if (!none && !strangers && missing <= Math.max(5, rows.length * 0.2)) return [];
  const what = strangers
    ? `This looks like another account: none of ${String(rows.length)} recorded is live, and all that lives there is of other users.`
    : none
      ? `The account looks empty: none of ${String(rows.length)} recorded instances is live.`
      : `${String(missing)} of ${String(rows.length)} recorded instances are gone.`;
  return [{ code: 'mass_missing', text: what, recorded: rows.length, missing }];
}

function isOthersOnly(observation: Observation, live: LiveIndex): boolean {
  const user = findUser(observation);
  return (
    user !== null && live.all.length > 0 && live.all.every((one) => one.user !== null && one.user !== user)
  );
}
