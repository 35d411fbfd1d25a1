import { answerJson, refuse, type Reply } from '../http/answers.ts';
import type { Call } from '../http/calls.ts';
import { answerItems } from '../http/items.ts';
import type { Account } from '../world/model.ts';

/** `GET /instances/events/analytics`: how many events the account's instances have (docs: operations, SW19; all shapes here are invented). */
export function countEvents({ account }: Call): Reply {
  const totalEvents = sumEvents(account);
  return totalEvents === 0 ? refuse(404, 'No events found') : answerJson({ totalEvents });
}

/** `GET /instances/events/analytics/accounts`: the same by account, of which the caller sees its own. */
export function countEventsByAccount({ account }: Call): Reply {
  const totalEvents = sumEvents(account);
  return totalEvents === 0
    ? refuse(404, 'No events found')
    : answerJson([{ accountId: account.user.id, totalEvents }]);
}

/** `GET /instances/events/analytics/instances`: the same by instance, for those that have any; paged. */
export function countEventsByInstance(call: Call): Reply {
  const counts = [...call.account.belongings]
    .map(([id, { events }]) => ({ id, totalEvents: events.length }))
    .filter(({ totalEvents }) => totalEvents > 0)
    .sort((one, other) => one.id - other.id);
  const show = ({ id, totalEvents }: (typeof counts)[number]): unknown => ({
    elementInstanceId: id,
    totalEvents,
  });
  return answerItems(call, counts, show, refuse(404, 'No events found'));
}

/** `GET /instances/events/dispositions`: nobody receives events of the sandbox, so there never is one. */
export function listDispositions(): Reply {
  return refuse(404, 'No event dispositions found');
}

/** `GET /instances/event-poller-records`: the sandbox polls nothing, so there never is one (docs: operations, CH18). */
export function listPollerRecords(): Reply {
  return refuse(404, 'No event poller records found');
}

function sumEvents({ belongings }: Account): number {
  let sum = 0;
  for (const { events } of belongings.values()) sum += events.length;
  return sum;
}
