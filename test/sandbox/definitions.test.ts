import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readMessage, SECRETS, startBench, type Answered, type Bench, type Seen } from './client.ts';

let bench: Bench;
let instance: Seen;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());
beforeEach(async () => {
  await bench.control('POST', '/reset');
  instance = await bench.create();
});

const definition = { fields: [{ path: 'name', type: 'string' }] };
const transformation = {
  level: 'instance',
  vendorName: 'Contact',
  startDate: '2026-01-02T03:04:05Z',
  configuration: [],
  fields: [{ path: 'name', type: 'string', vendorPath: 'Name', vendorType: 'string' }],
};
type Send = (method: string, rest: string, body?: unknown) => Promise<Answered>;

/** Where things are kept: the root of the path, and who asks. */
const places: readonly (readonly [string, () => string, () => string])[] = [
  ['an instance by id', () => `/instances/${instance.id}`, () => SECRETS],
  ['an instance by token', () => '/instances', () => `${SECRETS}, Element ${instance.token}`],
  ['the organization', () => '/organizations', () => SECRETS],
];

describe.each(places)('object definitions of %s', (_place, root, who) => {
  const send: Send = (method, rest, body) => bench.call(method, `${root()}/objects${rest}`, body, who());

  test('come and go, one by one', async () => {
    const none = await send('GET', '/definitions');
    expect([none.status, readMessage(none)]).toEqual([404, 'No object definitions found']);
    expect((await send('GET', '/person/definitions')).status).toBe(404);
    expect((await send('PUT', '/person/definitions', definition)).status).toBe(404);
    expect((await send('DELETE', '/person/definitions')).status).toBe(404);

    const added = await send('POST', '/person/definitions', definition);
    expect([added.status, added.body]).toEqual([200, definition]);
    expect((await send('GET', '/person/definitions')).body).toEqual(definition);
    expect((await send('GET', '/definitions')).body).toEqual({ person: definition });
    expect((await send('POST', '/person/definitions', definition)).status).toBe(409);

    const changed = { fields: [{ path: 'age', type: 'number' }], note: 'kept' };
    const put = await send('PUT', '/person/definitions', changed);
    expect([put.status, put.body]).toEqual([200, changed]);
    expect((await send('GET', '/person/definitions')).body).toEqual(changed);

    const removed = await send('DELETE', '/person/definitions');
    expect([removed.status, removed.text]).toEqual([200, '']);
    expect((await send('DELETE', '/person/definitions')).status).toBe(404);
    expect((await send('GET', '/definitions')).status).toBe(404);
  });

  test.each([
    '',
    '[]',
    '{"fields": 1}',
    '{"fields": [1]}',
    '{"fields": [{}]}',
    '{"fields": [{"path": 1}]}',
    '{"broken',
  ])('the body %j is a 400', async (body) => {
    expect((await send('POST', '/person/definitions', body)).status).toBe(400);
    await send('POST', '/person/definitions', definition);
    expect((await send('PUT', '/person/definitions', body)).status).toBe(400);
    expect((await send('GET', '/person/definitions')).body).toEqual(definition);
  });

  test('names of the language are as good as any', async () => {
    const odd = { ...definition, refused: 200 };
    for (const name of ['__proto__', 'constructor', 'definitions']) {
      expect((await send('GET', `/${name}/definitions`)).status).toBe(404);
      expect((await send('POST', `/${name}/definitions`, odd)).status).toBe(200);
      expect((await send('GET', `/${name}/definitions`)).body).toEqual(odd);
    }
    expect((await send('GET', '/definitions')).text).toContain('"__proto__":{');
  });

  test('all at once: added together or not at all, and removed', async () => {
    const map = { a: definition, b: { fields: [] } };
    const added = await send('POST', '/definitions', map);
    expect([added.status, added.body]).toEqual([200, map]);
    expect((await send('POST', '/definitions', { c: definition, a: definition })).status).toBe(409);
    expect((await send('POST', '/definitions', { c: definition, d: 1 })).status).toBe(400);
    expect((await send('GET', '/definitions')).body).toEqual(map);
    const removed = await send('DELETE', '/definitions');
    expect([removed.status, removed.text]).toEqual([200, '']);
    expect((await send('DELETE', '/definitions')).status).toBe(404);
  });

  test('no more than 1,000 are kept', async () => {
    const names = Array.from({ length: 1000 }, (_, index) => [`object-${index}`, definition]);
    expect((await send('POST', '/definitions', Object.fromEntries(names))).status).toBe(200);
    expect((await send('POST', '/person/definitions', definition)).status).toBe(400);
    expect((await send('PUT', '/object-0/definitions', { fields: [] })).status).toBe(200);
  });
});

describe.each(places)('transformations of %s', (place, root, who) => {
  const isShared = place === 'the organization';
  const path = (): string => (isShared ? `${root()}/elements/closeio` : root());
  const send: Send = (method, rest, body) =>
    bench.call(method, `${path()}/transformations${rest}`, body, who());

  test('come and go, one by one', async () => {
    const none = await send('GET', '');
    expect([none.status, readMessage(none)]).toEqual([404, 'No transformations found']);
    expect((await send('PUT', '/person', transformation)).status).toBe(404);
    expect((await send('DELETE', '/person')).status).toBe(404);
    const added = await send('POST', '/person', transformation);
    expect([added.status, added.body]).toEqual([200, transformation]);
    expect((await send('POST', '/person', transformation)).status).toBe(409);
    expect((await send('GET', '/person')).body).toEqual(transformation);
    expect((await send('GET', '')).body).toEqual({ person: transformation });
    const changed = { ...transformation, vendorName: 'Lead', script: { body: 'done()' } };
    expect((await send('PUT', '/person', changed)).body).toEqual(changed);
    expect((await send('GET', '')).body).toEqual({ person: changed });
    const removed = await send('DELETE', '/person');
    expect([removed.status, removed.text]).toEqual([200, '']);
    expect((await send('GET', '/person')).status).toBe(404);
  });

  test('what is left out is filled in', async () => {
    expect((await send('POST', '/person', { vendorName: 'Contact' })).body).toEqual({
      level: isShared ? 'organization' : 'instance',
      vendorName: 'Contact',
      startDate: expect.stringMatching(/^\d{4}-.*Z$/),
      configuration: [],
      fields: [],
    });
    expect((await send('POST', '/other', { fields: {} })).status).toBe(400);
  });

  test('all are removed at once', async () => {
    await send('POST', '/person', transformation);
    await send('POST', '/other', transformation);
    expect((await send('DELETE', '')).status).toBe(200);
    expect((await send('GET', '')).status).toBe(404);
  });
});

describe('whose they are', () => {
  const token = (): string => `${SECRETS}, Element ${instance.token}`;

  test('id and token lead to the same ones, and each instance has its own', async () => {
    await bench.call('POST', `/instances/${instance.id}/objects/person/definitions`, definition);
    await bench.call('POST', '/instances/transformations/person', transformation, token());
    const read = await bench.call('GET', '/instances/objects/person/definitions', undefined, token());
    expect(read.body).toEqual(definition);
    expect((await bench.call('GET', `/instances/${instance.id}/transformations`)).status).toBe(200);
    const other = await bench.create();
    expect((await bench.call('GET', `/instances/${other.id}/objects/definitions`)).status).toBe(404);
    expect((await bench.call('GET', '/organizations/objects/definitions')).status).toBe(404);
  });

  test('they go with their instance', async () => {
    await bench.call('POST', `/instances/${instance.id}/objects/person/definitions`, definition);
    await bench.call('DELETE', `/instances/${instance.id}`);
    const gone = await bench.call('GET', `/instances/${instance.id}/objects/definitions`);
    expect(readMessage(gone)).toBe(`No element instance found with ID ${instance.id}`);
    expect((await bench.call('GET', '/instances/transformations', undefined, token())).status).toBe(401);
  });

  test("an organization's transformations are an element's, by key and by id, and its own alone", async () => {
    const root = '/organizations/elements';
    await bench.call('POST', `${root}/closeio/transformations/person`, transformation);
    expect((await bench.call('GET', `${root}/146/transformations/person`)).body).toEqual(transformation);
    expect((await bench.call('GET', `${root}/insightly/transformations`)).status).toBe(404);
    expect((await bench.call('GET', `${root}/nothing/transformations`)).status).toBe(404);
    const other = 'User b, Organization other';
    expect((await bench.call('GET', `${root}/closeio/transformations`, undefined, other)).status).toBe(404);
    await bench.control('POST', '/reset');
    expect((await bench.call('GET', `${root}/closeio/transformations`)).status).toBe(404);
  });
});
