import { describe, expect, test } from 'vitest';
import { readMessage, UNKNOWN_ID, type Answered, type Seen, type Service } from './service-target.ts';

interface Entry {
  readonly id: number;
  readonly key: string;
  readonly propertyValue: string | null;
}

const readEntries = ({ body }: Answered): readonly Entry[] => body as readonly Entry[];

/** What belongs to one instance: its entries, whether it is enabled, its traces, its documentation, its events. */
export function describeParts(service: Service): void {
  const { run, secrets, answers, infers, make } = service;
  const forms = [
    ['by id', ({ id }: Seen) => [`/instances/${id}`, secrets()]],
    ['by token', ({ token }: Seen) => ['/instances', secrets(token)]],
  ] as const;

  describe.each(forms)('parts %s', (_form, address) => {
    test('configuration is a list of entries; PATCH sets one value (docs: shape, operations, SW19, CH18)', async () => {
      const made = await make();
      const [root = '', as = ''] = address(made);
      const entries = readEntries(await answers(200, 'GET', `${root}/configuration`, { as }));
      expect(entries.map(({ key }) => key).sort()).toEqual(Object.keys(made.configuration).sort());
      const entry = entries.find(({ key }) => key === 'event.poller.refresh_interval');
      const path = `${root}/configuration/${entry?.id}`;
      expect((await answers(200, 'GET', path, { as })).body).toEqual(entry);
      const body = { propertyValue: '30' };
      expect((await answers(200, 'PATCH', path, { as, body })).body).toEqual({ ...entry, ...body });
      await answers(200, 'PATCH', path, { as, body: { ...entry, propertyValue: '45' } });
      const { configuration } = (await answers(200, 'GET', `/instances/${made.id}`)).body as Seen;
      expect(configuration['event.poller.refresh_interval']).toBe('45');
      await infers(400, 'PATCH', path, { as, body: {} });
      await infers(404, 'GET', `${root}/configuration/${UNKNOWN_ID}`, { as });
      await infers(404, 'PATCH', `${root}/configuration/${UNKNOWN_ID}`, { as, body });
    });

    test('disabled: calls to the vendor are 403, until it is enabled (docs: disable, CH18)', async () => {
      const made = await make();
      const [root = '', as = ''] = address(made);
      const bearer = { as: secrets(made.token) };
      await answers(200, 'DELETE', `${root}/enabled`, { as });
      await answers(403, 'GET', '/hubs/crm/ping', bearer);
      await infers(403, 'GET', '/ping', bearer);
      const read = await infers(200, 'GET', `/instances/${made.id}`);
      if (read.status === 200) expect((read.body as Seen).disabled).toBe(true);
      await answers(200, 'PUT', `${root}/enabled`, { as });
      expect(((await answers(200, 'GET', `/instances/${made.id}`)).body as Seen).disabled).toBe(false);
    });
  });

  describe('the rest of an instance', () => {
    test('trace logging goes on and off (docs: operations, SW19)', async () => {
      const { id } = await make();
      const isTraced = async (): Promise<unknown> =>
        ((await answers(200, 'GET', `/instances/${id}`)).body as Record<string, unknown>)[
          'traceLoggingEnabled'
        ];
      await answers(200, 'PUT', `/instances/${id}/trace-logging`, { body: { duration: 5 } });
      expect(await isTraced()).toBe(true);
      await answers(200, 'DELETE', `/instances/${id}/trace-logging`);
      expect(await isTraced()).toBe(false);
      await answers(200, 'PUT', `/instances/${id}/trace-logging`);
      await infers(400, 'PUT', `/instances/${id}/trace-logging`, { body: { duration: 'long' } });
    });

    test('its documentation is Swagger 2.0 (docs: operations, SW19)', async () => {
      const { id } = await make();
      const { body } = await answers(200, 'GET', `/instances/${id}/docs?version=-1`);
      expect(body).toMatchObject({ swagger: '2.0' });
    });

    test('its events are a list; none is a 404 as of every list', async () => {
      const { id } = await make();
      expect(readMessage(await infers(404, 'GET', `/instances/${id}/events`))).toMatch(/^No .* found$/);
    });

    test.each(['/hubs/crm/ping', '/hubs/any-hub/ping', '/ping'])(
      'GET %s reaches the vendor; whatever hub is named, the token decides (docs: ping, CTL, CH18)',
      async (path) => {
        const { id, token } = await make();
        const element = `User ${service.target.userSecret}, Element ${token}`;
        for (const as of [secrets(token), element]) {
          const ping = await infers(200, 'GET', path, { as });
          if (ping.status !== 200) continue;
          expect(ping.body).toMatchObject({ dateTime: expect.any(String), endpoint: expect.any(String) });
          expect(ping.headers.get('elements-element-instance-id')).toBe(String(id));
        }
      },
    );

    test('User and Organization may change places, and an Element part may be there for nothing (docs: authentication headers, CE)', async () => {
      const { id } = await make();
      const { userSecret, organizationSecret } = service.target;
      const swapped = `Organization ${organizationSecret}, User ${userSecret}`;
      for (const as of [swapped, `${secrets()}, Element void-${run}`]) {
        await infers(200, 'GET', `/instances/${id}`, { as, body: {} });
      }
    });
  });
}
