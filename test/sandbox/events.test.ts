import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readMessage, SECRETS, startBench, type Answered, type Bench, type Seen } from './client.ts';

let bench: Bench;
let instance: Seen;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());
const enabled = { username: 'u', password: 'p', 'event.notification.enabled': 'true' };
beforeEach(async () => {
  await bench.control('POST', '/reset');
  instance = await bench.create({ configuration: enabled });
});

const token = (): string => `${SECRETS}, Element ${instance.token}`;
const write = (method: string, path: string, body?: unknown): Promise<Answered> =>
  bench.call(method, path, body, token());

interface Event {
  readonly id: number;
  readonly notifiedData: readonly { readonly eventType: string; readonly objectId: string }[];
}
const readEvents = ({ body }: Answered): readonly Event[] => body as readonly Event[];

describe.each(['by id', 'by token'])('events, %s', (form) => {
  const read = (rest = ''): Promise<Answered> =>
    form === 'by id'
      ? bench.call('GET', `/instances/${instance.id}/events${rest}`)
      : bench.call('GET', `/instances/events${rest}`, undefined, token());

  test('none is a 404', async () => {
    const none = await read();
    expect([none.status, readMessage(none)]).toEqual([404, 'No events found']);
    await write('GET', '/contacts');
    await write('PATCH', '/contacts/1', {});
    expect((await read()).status).toBe(404);
  });

  test('tell of every record that was made, changed or deleted', async () => {
    const created = await write('POST', '/contacts', { name: 'Ada' });
    const { id } = created.body as { id: string };
    await write('PATCH', `/contacts/${id}`, {});
    await write('PUT', `/hubs/crm/contacts/${id}`, {});
    await write('DELETE', `/hubs/crm/contacts/${id}`);
    const answer = await read();
    expect(answer.status).toBe(200);
    const happened = readEvents(answer).map(({ notifiedData }) => notifiedData[0]?.eventType);
    expect(happened).toEqual(['CREATED', 'UPDATED', 'UPDATED', 'DELETED']);
    for (const event of readEvents(answer)) {
      const date = expect.stringMatching(/^\d{4}-.*Z$/) as unknown;
      expect(event).toEqual({
        id: event.id,
        eventElementInstances: [
          {
            eventId: event.id,
            elementInstanceId: instance.id,
            notificationId: expect.any(String),
            notifiedData: expect.any(String),
            createdDate: date,
            updatedDate: date,
          },
        ],
        providerData: expect.any(String),
        notifiedData: [
          {
            elementKey: 'closeio',
            hubKey: 'crm',
            objectType: 'contacts',
            objectId: id,
            eventType: expect.any(String),
            date,
          },
        ],
        eventDate: date,
        status: expect.any(String),
      });
      expect((await read(`/${event.id}`)).body).toEqual(event);
    }
  });

  test('an unknown id is a 404 that does not look like an empty list', async () => {
    const answer = await read('/1');
    expect([answer.status, readMessage(answer)]).toEqual([404, 'No event found with ID 1']);
  });

  test('are paged, and the last 1,000 are kept', async () => {
    for (let round = 0; round < 1002; round += 1) await write('PATCH', '/contacts/1001', { round });
    const first = await read();
    expect(first.headers.get('elements-total-count')).toBe('1000');
    expect(first.headers.get('elements-returned-count')).toBe('200');
    const ids = readEvents(first).map(({ id }) => id);
    for (let next = first.headers.get('elements-next-page-token'); next !== null;) {
      const page = await read(`?pageSize=200&nextPage=${next}`);
      ids.push(...readEvents(page).map(({ id }) => id));
      next = page.headers.get('elements-next-page-token');
    }
    expect(new Set(ids).size).toBe(1000);
    expect(ids).toEqual([...ids].sort((one, other) => one - other));
    expect((await read('?pageSize=0')).status).toBe(400);
  });
});

describe('when', () => {
  test('only while event.notification.enabled is true', async () => {
    const set = (value: unknown): Promise<Answered> =>
      bench.call('PATCH', `/instances/${instance.id}`, {
        configuration: { 'event.notification.enabled': value },
      });
    const count = async (): Promise<string | null> =>
      (await bench.call('GET', `/instances/${instance.id}/events`)).headers.get('elements-total-count');
    await set(false);
    await write('POST', '/contacts', {});
    expect(await count()).toBe(null);
    await set(true);
    await write('POST', '/contacts', {});
    expect(await count()).toBe('1');
    const quiet = await bench.create();
    await bench.call('POST', '/contacts', {}, `User user-secret, Element ${quiet.token}`);
    expect((await bench.call('GET', `/instances/${quiet.id}/events`)).status).toBe(404);
  });

  test('they go with the instance', async () => {
    await write('POST', '/contacts', {});
    await bench.call('DELETE', `/instances/${instance.id}`);
    expect((await bench.call('GET', `/instances/${instance.id}/events`)).status).toBe(404);
    expect((await write('GET', '/instances/events')).status).toBe(401);
    expect((await bench.call('GET', '/instances/events/analytics')).status).toBe(404);
  });
});

describe('figures', () => {
  const get = (path: string): Promise<Answered> => bench.call('GET', path, undefined, token());

  test.each([
    ['/instances/events/analytics', 'No events found'],
    ['/instances/events/analytics/accounts', 'No events found'],
    ['/instances/events/analytics/instances', 'No events found'],
    ['/instances/events/dispositions', 'No event dispositions found'],
    ['/instances/event-poller-records', 'No event poller records found'],
  ])('GET %s is a 404 where there is nothing', async (path, message) => {
    const answer = await get(path);
    expect([answer.status, readMessage(answer)]).toEqual([404, message]);
  });

  test('count events over all, by account and by instance', async () => {
    const other = await bench.create({ configuration: enabled });
    await write('POST', '/contacts', {});
    await bench.call('POST', '/contacts', {}, `User user-secret, Element ${other.token}`);
    await bench.call('DELETE', '/contacts/1001', undefined, `User user-secret, Element ${other.token}`);
    await bench.create();
    expect((await get('/instances/events/analytics')).body).toEqual({ totalEvents: 3 });
    const byAccount = await bench.call('GET', '/instances/events/analytics/accounts');
    expect(byAccount.body).toEqual([{ accountId: instance.user.id, totalEvents: 3 }]);
    const byInstance = await get('/instances/events/analytics/instances');
    expect(byInstance.headers.get('elements-total-count')).toBe('2');
    expect(byInstance.body).toEqual([
      { elementInstanceId: instance.id, totalEvents: 1 },
      { elementInstanceId: other.id, totalEvents: 2 },
    ]);
  });
});
