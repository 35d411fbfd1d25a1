import { describe, expect, test } from 'vitest';
import { readMessage, type Answered, type Service } from './service-target.ts';

const readIds = ({ body }: Answered): readonly string[] =>
  (body as readonly { id: string }[]).map(({ id }) => id);

/** What an instance is used for: records of its vendor, and what the platform knows of them. */
export function describeVendor(service: Service): void {
  const { target, run, secrets, answers, make } = service;
  const forms = [
    ['by resource alone', ''],
    ['below a hub', '/hubs/any'],
  ] as const;

  describe.each(forms)('vendor resources %s', (_form, root) => {
    const resource = `${root}/contacts`;

    test('are records that can be read and written (docs: response headers, CH18)', async () => {
      const { id, token } = await make();
      const as = `User ${target.userSecret}, Element ${token}`;
      const first = await answers(200, 'GET', `${resource}?pageSize=2`, { as });
      expect(first.headers.get('elements-element-instance-id')).toBe(String(id));
      expect(readIds(first)).toHaveLength(2);
      const next = first.headers.get('elements-next-page-token') ?? '';
      const second = await answers(200, 'GET', `${resource}?pageSize=2&nextPage=${next}`, { as });
      expect(readIds(second).filter((record) => readIds(first).includes(record))).toEqual([]);
      const made = (await answers(200, 'POST', resource, { as, body: { name: run, note: null } })).body;
      const { id: record } = made as { id: string };
      expect(made).not.toHaveProperty('note');
      const own = `${resource}/${record}`;
      expect((await answers(200, 'GET', own, { as })).body).toEqual(made);
      await answers(200, 'PATCH', own, { as, body: { city: 'Berlin' } });
      const put = (await answers(200, 'PUT', own, { as, body: { city: 'Bonn' } })).body;
      expect(put).toMatchObject({ id: record, city: 'Bonn' });
      expect(put).not.toHaveProperty('name');
      await answers(200, 'DELETE', own, { as });
      for (const method of ['GET', 'DELETE']) await answers(404, method, own, { as });
      for (const method of ['PUT', 'PATCH']) {
        await answers(404, method, own, { as, body: { name: run } });
        await answers(400, method, `${resource}/${readIds(first)[0]}`, { as, body: '[]' });
      }
      await answers(400, 'POST', resource, { as, body: '[]' });
      await answers(400, 'GET', `${resource}?pageSize=0`, { as });
    });

    test('are 403 while the instance is disabled; its objects still read (docs: disable, CH18)', async () => {
      const { id, token } = await make();
      const as = secrets(token);
      await answers(200, 'DELETE', `/instances/${id}/enabled`);
      for (const path of [resource, `${resource}/1001`]) await answers(403, 'GET', path, { as });
      for (const method of ['PUT', 'PATCH']) await answers(403, method, `${resource}/1001`, { as, body: {} });
      await answers(403, 'POST', resource, { as, body: {} });
      await answers(403, 'DELETE', `${resource}/1001`, { as });
      const names = (await answers(200, 'GET', `${root}/objects`, { as })).body as readonly string[];
      expect(names).toContain('contacts');
      const headers = { 'elements-version': 'Helium' };
      const long = (await answers(200, 'GET', `${root}/objects`, { as, headers })).body;
      expect((long as readonly { name: string }[]).map(({ name }) => name)).toEqual(names);
      await answers(200, 'GET', `${root}/objects/contacts/metadata`, { as });
    });
  });

  describe('what happened to an instance', () => {
    test('is told once events are on: one by one, and as figures (docs: operations, SW19)', async () => {
      const none = `User ${run}, Organization ${run}`;
      for (const rest of ['', '/accounts', '/instances']) {
        const figures = `/instances/events/analytics${rest}`;
        expect(readMessage(await answers(404, 'GET', figures, { as: none }))).toMatch(/^No .* found$/);
      }
      const { id, token } = await make({
        configuration: { ...target.configuration, 'event.notification.enabled': true },
      });
      const as = secrets(token);
      await answers(404, 'GET', '/instances/events', { as });
      await answers(200, 'POST', '/contacts', { as, body: { name: run } });
      const events = await answers(200, 'GET', `/instances/${id}/events`);
      expect((await answers(200, 'GET', '/instances/events', { as })).body).toEqual(events.body);
      const [event] = readIds(events);
      for (const path of [`/instances/${id}/events`, '/instances/events']) {
        expect((await answers(200, 'GET', `${path}/${event}`, { as })).body).toMatchObject({ id: event });
        await answers(404, 'GET', `${path}/0`, { as });
        await answers(400, 'GET', `${path}?pageSize=0`, { as });
      }
      for (const rest of ['', '/accounts', '/instances']) {
        await answers(200, 'GET', `/instances/events/analytics${rest}`);
      }
      await answers(400, 'GET', '/instances/events/analytics/instances?pageSize=0');
      await answers(404, 'GET', '/instances/events/dispositions');
      await answers(404, 'GET', '/instances/event-poller-records', { as });
    });

    test('traces go on and off by token', async () => {
      const { token } = await make();
      const as = secrets(token);
      await answers(200, 'PUT', '/instances/trace-logging', { as });
      await answers(400, 'PUT', '/instances/trace-logging', { as, body: { duration: 0 } });
      await answers(200, 'DELETE', '/instances/trace-logging', { as });
    });

    test('its documentation, by operation and by token (docs: operations, SW19)', async () => {
      const { id, token } = await make();
      const as = secrets(token);
      await answers(200, 'GET', '/instances/docs', { as });
      await answers(404, 'GET', '/instances/docs?operationId=none', { as });
      for (const root of ['/instances', `/instances/${id}`]) {
        for (const rest of ['', '/definitions']) {
          await answers(200, 'GET', `${root}/docs/getContacts${rest}`, { as });
          await answers(404, 'GET', `${root}/docs/none${rest}`, { as });
        }
      }
    });
  });
}
