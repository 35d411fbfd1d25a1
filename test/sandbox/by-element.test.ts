import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { closeio, readMessage, readOne, readSeen, startBench, type Answered, type Bench } from './client.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());
beforeEach(() => bench.control('POST', '/reset'));

const CLOSEIO = 146;
const { name, configuration } = closeio;
const expectRefusal = (answer: Answered, status: number, message: string): void =>
  expect([answer.status, readMessage(answer)]).toEqual([status, message]);

describe('/elements/{keyOrId}/instances', () => {
  test('lists those of the element, by key and by id, as GET /instances does', async () => {
    const ids = [(await bench.create()).id, (await bench.create({ tags: ['x'] })).id];
    await bench.create({ element: { key: 'insightly' } });
    for (const element of ['closeio', CLOSEIO]) {
      const list = await bench.call('GET', `/elements/${element}/instances`);
      expect(readSeen(list).map(({ id }) => id)).toEqual(ids);
      expect(list.headers.get('elements-total-count')).toBe('2');
    }
    const bare = readSeen(await bench.call('GET', '/elements/closeio/instances'))[0];
    expect(bare).not.toHaveProperty('configuration');
    const tagged = await bench.call('GET', '/elements/closeio/instances?hydrate=true&tags[]=x');
    expect(readSeen(tagged)).toEqual([(await bench.call('GET', `/instances/${ids[1]}`)).body]);
    const page = await bench.call('GET', '/elements/closeio/instances?pageSize=1');
    const token = page.headers.get('elements-next-page-token') ?? '';
    const next = await bench.call('GET', `/elements/closeio/instances?pageSize=1&nextPage=${token}`);
    expect(readSeen(next).map(({ id }) => id)).toEqual([ids[1]]);
    expect(next.headers.has('elements-next-page-token')).toBe(false);
  });

  test('is 404 where there are none, and otherwise where there is no such element', async () => {
    await bench.create();
    expectRefusal(
      await bench.call('GET', '/elements/insightly/instances'),
      404,
      'No element instances found',
    );
    for (const method of ['GET', 'POST']) {
      const body = method === 'POST' ? { name, configuration } : undefined;
      const byKey = await bench.call(method, '/elements/nosuch/instances', body);
      expectRefusal(byKey, 404, 'No element found with key nosuch');
      const byId = await bench.call(method, '/elements/999999/instances', body);
      expectRefusal(byId, 404, 'No element found with ID 999999');
    }
  });

  test.each([
    ['left out', {}],
    ['the same', { element: { key: 'closeio' } }],
    ['another, which is not looked at', { element: { key: 'insightly' } }],
  ])('creates an instance of the element in the path; element in the body: %s', async (_what, extra) => {
    for (const element of ['closeio', CLOSEIO]) {
      const answer = await bench.call('POST', `/elements/${element}/instances`, {
        name,
        configuration,
        ...extra,
      });
      expect(answer.status).toBe(200);
      const made = readOne(answer);
      expect(made.element).toMatchObject({ id: CLOSEIO, key: 'closeio' });
      expect((await bench.call('GET', `/instances/${made.id}`)).body).toEqual(made);
    }
  });

  test.each([
    [{ configuration }, 'name is required'],
    [{ name }, 'configuration is required and must be a JSON object'],
    [{ name, configuration: { username: 'u' } }, 'Missing required configuration keys: password'],
  ])('refuses %j as POST /instances does', async (body, message) => {
    expectRefusal(await bench.call('POST', '/elements/closeio/instances', body), 400, message);
    expect((await bench.call('GET', '/instances')).status).toBe(404);
  });
});

describe('/elements/{keyOrId}/instances/{id}', () => {
  test('reads, replaces and deletes as /instances/{id} does', async () => {
    const made = await bench.create({ tags: ['a'] });
    const path = `/elements/closeio/instances/${made.id}`;
    expect((await bench.call('GET', path)).body).toEqual(made);
    expect((await bench.call('GET', `/elements/${CLOSEIO}/instances/${made.id}`)).body).toEqual(made);
    const changed = { ...made, name: 'New', tags: [] };
    expect((await bench.call('PUT', path, { name: 'New', tags: [] })).body).toEqual(changed);
    expect((await bench.call('GET', `/instances/${made.id}`)).body).toEqual(changed);
    const answer = await bench.call('DELETE', path);
    expect([answer.status, answer.text]).toEqual([200, '']);
    expectRefusal(await bench.call('DELETE', path), 404, `No element instance found with ID ${made.id}`);
    expect((await bench.call('GET', '/instances')).status).toBe(404);
  });

  test('has no PATCH', async () => {
    const answer = await bench.call('PATCH', '/elements/closeio/instances/1', {});
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, PUT, DELETE']);
  });

  test.each(['GET', 'PUT', 'DELETE'])('%s of what is not there below the element is 404', async (method) => {
    const made = await bench.create();
    const body = method === 'PUT' ? { name: 'N' } : undefined;
    const foreign = await bench.call(method, `/elements/insightly/instances/${made.id}`, body);
    expectRefusal(foreign, 404, `No element instance found with ID ${made.id}`);
    const unknown = await bench.call(method, '/elements/closeio/instances/1', body);
    expectRefusal(unknown, 404, 'No element instance found with ID 1');
    const nowhere = await bench.call(method, `/elements/nosuch/instances/${made.id}`, body);
    expectRefusal(nowhere, 404, 'No element found with key nosuch');
    expect((await bench.call('GET', `/instances/${made.id}`)).body).toEqual(made);
  });
});

describe('/elements/{elementId}/metadata', () => {
  test('tells of events; expand adds what is polled', async () => {
    const short = await bench.call('GET', '/elements/5993/metadata');
    expect(short.body).toEqual({
      id: 5993,
      key: 'insightly',
      name: 'Insightly',
      description: expect.any(String),
      events: { supported: true, methods: ['polling'] },
    });
    const whole = await bench.call('GET', '/elements/5993/metadata?expand=true');
    expect(whole.body).toMatchObject({
      events: { polling: { contacts: { eventTypes: ['CREATED', 'UPDATED', 'DELETED'] } } },
    });
    expect((await bench.call('GET', '/elements/5993/metadata?expand=false')).body).toEqual(short.body);
  });

  test('is 404 for an unknown id, and for a key: it takes the number alone', async () => {
    const unknown = await bench.call('GET', '/elements/999999/metadata');
    expectRefusal(unknown, 404, 'No element found with ID 999999');
    expect((await bench.call('GET', '/elements/insightly/metadata')).status).toBe(404);
  });
});
