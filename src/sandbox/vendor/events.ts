import { answerJson, isRefusal, refuse, type Refusal, type Reply } from '../http/answers.ts';
import type { Call } from '../http/calls.ts';
import { answerItems } from '../http/items.ts';
import { findTarget } from '../instances/target.ts';
import type { Instance, Kept } from '../world/model.ts';
import { findBelongings, formatDate, nextObjectId } from '../world/world.ts';
import { isSet } from './reaching.ts';

/** Something that happened to a record of the vendor. */
export interface Happening {
  readonly eventType: 'CREATED' | 'UPDATED' | 'DELETED';
  readonly objectType: string;
  readonly objectId: string;
}

/** How many events of an instance are kept: the last ones. */
const KEPT = 1000;

/**
 * Remembers what happened, if the instance's `event.notification.enabled` is true. The shape is the service's (docs: events,
 * SDK18), what its fields say is invented. A real service would see it at its next poll; here it is an event at once.
 */
export function recordEvent({ world, account }: Call, instance: Instance, happening: Happening): void {
  if (!isSet(instance, 'event.notification.enabled')) return;
  const id = nextObjectId(world);
  const date = formatDate(world.now());
  const { key, hub } = instance.element;
  const notified = { elementKey: key, hubKey: hub, date, ...happening };
  const text = JSON.stringify(notified);
  const notification = {
    eventId: id,
    elementInstanceId: instance.id,
    notificationId: `notification-${id}`,
    notifiedData: text,
    createdDate: date,
    updatedDate: date,
  };
  const { events } = findBelongings(account, instance.id);
  events.push({
    id,
    eventElementInstances: [notification],
    providerData: text,
    notifiedData: [notified],
    eventDate: date,
    status: 'NOTIFIED',
  });
  if (events.length > KEPT) events.shift();
}

/** `GET …/events`: oldest first, paged; none is a 404 (docs: operations, SW19; an empty result is 404, CH18). */
export function listEvents(call: Call): Reply {
  const events = findEvents(call);
  if (isRefusal(events)) return events;
  const items = events.map((event) => ({ id: Number(event['id']), event }));
  return answerItems(call, items, ({ event }) => event, refuse(404, 'No events found'));
}

/** `GET …/events/{eventId}` (docs: operations, SW19; the text of the 404 is inferred from those of other ids). */
export function readEvent(call: Call): Reply {
  const events = findEvents(call);
  if (isRefusal(events)) return events;
  const { eventId = '' } = call.params;
  const event = events.find(({ id }) => String(id) === eventId);
  return event === undefined ? refuse(404, `No event found with ID ${eventId}`) : answerJson(event);
}

function findEvents(call: Call): readonly Kept[] | Refusal {
  const instance = findTarget(call);
  if (isRefusal(instance)) return instance;
  return call.account.belongings.get(instance.id)?.events ?? [];
}
