import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { closeio, readMessage, readOne, SECRETS, startBench, type Bench } from './client.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());
beforeEach(() => bench.control('POST', '/reset'));

const calls: readonly (readonly [string, string])[] = [
  ['GET', ''],
  ['PUT', ''],
  ['PATCH', ''],
  ['DELETE', ''],
  ['GET', '/configuration'],
  ['PUT', '/enabled'],
  ['DELETE', '/enabled'],
];

describe('an id that is not there', () => {
  test.each(calls)('%s /instances/{id}%s answers 404 with the id', async (method, rest) => {
    const answer = await bench.call(method, `/instances/123${rest}`, method === 'GET' ? undefined : {});
    expect([answer.status, readMessage(answer)]).toEqual([404, 'No element instance found with ID 123']);
  });

  test.each(calls)("%s /instances/{id}%s of another account's instance is the same", async (method, rest) => {
    const { id } = await bench.create();
    const other = 'User another, Organization organization-secret';
    const answer = await bench.call(
      method,
      `/instances/${id}${rest}`,
      method === 'GET' ? undefined : {},
      other,
    );
    expect([answer.status, readMessage(answer)]).toEqual([404, `No element instance found with ID ${id}`]);
    expect((await bench.call('GET', `/instances/${id}`)).body).toMatchObject({ disabled: false });
  });
});

describe.each(['PATCH', 'PUT'])('%s /instances/{id}', (method) => {
  test('merges configuration, replaces tags, cleans the name, and shows the whole', async () => {
    const made = await bench.create({ tags: ['a', 'b'] });
    const answer = await bench.call(method, `/instances/${made.id}`, {
      name: '<b>New</b>',
      tags: ['c'],
      configuration: { 'event.objects': 'contacts', 'pagination.max': 7 },
    });
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      ...made,
      name: 'New',
      tags: ['c'],
      configuration: { ...made.configuration, 'event.objects': 'contacts', 'pagination.max': '7' },
    });
    expect((await bench.call('GET', `/instances/${made.id}`)).body).toEqual(answer.body);
  });

  test('keeps what is left out, and clears tags with []', async () => {
    const made = await bench.create({ tags: ['a'] });
    expect((await bench.call(method, `/instances/${made.id}`, { name: 'N' })).body).toEqual({
      ...made,
      name: 'N',
    });
    expect((await bench.call(method, `/instances/${made.id}`, { tags: [] })).body).toMatchObject({
      tags: [],
    });
  });

  test('takes its own answer back, masks and all', async () => {
    const made = await bench.create();
    expect((await bench.call(method, `/instances/${made.id}`, { ...made, tags: ['x'] })).body).toEqual({
      ...made,
      tags: ['x'],
    });
  });

  test.each([
    [{ name: '' }, 'name'],
    [{ tags: [1] }, 'tags'],
    [{ configuration: 'x' }, 'configuration'],
    [{ element: { key: 'servicenow' } }, 'clone'],
    [{ configuration: { password: 'wrong' } }, 'refused'],
  ])('refuses %j', async (body, word) => {
    const made = await bench.create();
    const answer = await bench.call(method, `/instances/${made.id}`, body);
    expect(answer.status).toBe(400);
    expect(readMessage(answer)).toContain(word);
    expect((await bench.call('GET', `/instances/${made.id}`)).body).toEqual(made);
  });
});

test.each([
  ['?reAuthenticate=false', 200],
  ['?reAuthenticate=true', 400],
])('PUT%s with credentials that the vendor refuses is %i', async (query, status) => {
  const { id } = await bench.create();
  const body = { configuration: { password: 'wrong' } };
  expect((await bench.call('PUT', `/instances/${id}${query}`, body)).status).toBe(status);
});

test('DELETE answers 200 with nothing; a second one is a 404, and the list is empty', async () => {
  const { id } = await bench.create();
  const answer = await bench.call('DELETE', `/instances/${id}`);
  expect([answer.status, answer.text]).toEqual([200, '']);
  expect((await bench.call('DELETE', `/instances/${id}`)).status).toBe(404);
  expect((await bench.call('GET', `/instances/${id}`)).status).toBe(404);
  expect((await bench.call('GET', '/instances')).status).toBe(404);
});

test('the configuration of an instance is a list of entries with ids that last', async () => {
  const { id } = await bench.create();
  const before = (await bench.call('GET', `/instances/${id}/configuration`)).body as readonly object[];
  expect(before).toContainEqual(
    expect.objectContaining({
      key: 'password',
      propertyValue: '********',
      type: 'PASSWORD',
      required: true,
      active: true,
    }),
  );
  expect(before).toContainEqual(
    expect.objectContaining({ key: 'username', propertyValue: 'u', hideFromConsole: false }),
  );
  await bench.call('PATCH', `/instances/${id}`, { configuration: { 'another.key': 'x' } });
  const after = (await bench.call('GET', `/instances/${id}/configuration`)).body as readonly object[];
  expect(after.slice(0, before.length)).toEqual(before);
  expect(after.at(-1)).toMatchObject({ key: 'another.key', propertyValue: 'x' });
});

describe('a ping with an Element token', () => {
  const ping = (token: string, path = '/hubs/any/ping'): ReturnType<Bench['call']> =>
    bench.call('GET', path, undefined, `User user-secret, Element ${token}`);

  test.each(['/hubs/crm/ping', '/hubs/anything/ping', '/ping'])('%s reaches the vendor', async (path) => {
    const { id, token } = await bench.create();
    const answer = await ping(token, path);
    expect(answer.body).toEqual({
      dateTime: expect.stringMatching(/^\d{4}-/),
      endpoint: closeio.element.key,
    });
    expect(answer.headers.get('elements-element-instance-id')).toBe(`${id}`);
  });

  test('is 403 while the instance is disabled, 200 when it is enabled again', async () => {
    const { id, token } = await bench.create();
    expect((await bench.call('DELETE', `/instances/${id}/enabled`)).status).toBe(200);
    expect(readOne(await bench.call('GET', `/instances/${id}`)).disabled).toBe(true);
    expect((await ping(token)).status).toBe(403);
    expect((await bench.call('PUT', `/instances/${id}/enabled`)).status).toBe(200);
    expect((await ping(token)).status).toBe(200);
  });

  test('is 401 with the token of a deleted instance, of nobody, of another user, and with none', async () => {
    const { id, token } = await bench.create();
    const asOther = await bench.call('GET', '/ping', undefined, `User other, Element ${token}`);
    expect([asOther.status, (await bench.call('GET', '/ping')).status, (await ping('void')).status]).toEqual([
      401, 401, 401,
    ]);
    await bench.call('DELETE', `/instances/${id}`);
    expect((await bench.call('GET', '/ping', undefined, `${SECRETS}, Element ${token}`)).status).toBe(401);
  });
});
