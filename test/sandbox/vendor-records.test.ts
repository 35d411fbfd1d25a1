import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  readMessage,
  REQUEST_ID,
  SECRETS,
  startBench,
  type Answered,
  type Bench,
  type Seen,
} from './client.ts';

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

const bearer = ({ token }: Seen = instance): string => `User user-secret, Element ${token}`;
const ask = (method: string, path: string, body?: unknown, authorization = bearer()): Promise<Answered> =>
  bench.call(method, path, body, authorization);
const named = ({ headers }: Answered): string | null => headers.get('elements-element-instance-id');

interface Item {
  readonly id: string;
  readonly name?: string;
  readonly createdDate: string;
  readonly lastModifiedDate: string;
}
const readItems = ({ body }: Answered): readonly Item[] => body as readonly Item[];
const readItem = ({ body }: Answered): Item => body as Item;
const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

describe.each([
  ['bare', '/contacts'],
  ['below a hub', '/hubs/anything/contacts'],
])('records, %s', (_, root) => {
  test('a few are there at first, the same each time, in both forms', async () => {
    const answer = await ask('GET', root);
    expect(answer.status).toBe(200);
    expect(answer.body).toHaveLength(5);
    for (const item of readItems(answer)) {
      expect(item).toMatchObject({
        id: expect.any(String),
        name: expect.any(String),
        createdDate: expect.stringMatching(ISO),
        lastModifiedDate: expect.stringMatching(ISO),
      });
      expect((await ask('GET', `${root}/${item.id}`)).body).toEqual(item);
    }
    expect((await ask('GET', '/contacts', undefined, bearer(await bench.create()))).body).toEqual(
      answer.body,
    );
    expect((await ask('GET', '/hubs/crm/contacts')).body).toEqual(answer.body);
  });

  test('pages as large as asked for, with a token only while more remains', async () => {
    const first = await ask('GET', `${root}?pageSize=2`);
    expect(first.headers.get('elements-total-count')).toBe('5');
    expect(first.headers.get('elements-returned-count')).toBe('2');
    const ids = readItems(first).map(({ id }) => id);
    let next = first.headers.get('elements-next-page-token');
    let last = first;
    while (next !== null) {
      last = await ask('GET', `${root}?pageSize=2&nextPage=${next}`);
      ids.push(...readItems(last).map(({ id }) => id));
      next = last.headers.get('elements-next-page-token');
    }
    expect(last.headers.get('elements-returned-count')).toBe('1');
    expect(ids).toEqual(readItems(await ask('GET', root)).map(({ id }) => id));
    for (const size of ['0', '201', 'x'])
      expect((await ask('GET', `${root}?pageSize=${size}`)).status).toBe(400);
    expect((await ask('GET', `${root}?nextPage=x`)).status).toBe(400);
  });

  test('POST answers 200 with the record and a new id', async () => {
    const created = await ask('POST', root, { id: '1001', name: 'Ada', size: { rooms: 2 } });
    expect(created.status).toBe(200);
    expect(created.body).toMatchObject({
      name: 'Ada',
      size: { rooms: 2 },
      createdDate: expect.stringMatching(ISO),
    });
    const { id } = readItem(created);
    expect(id).not.toBe('1001');
    expect((await ask('GET', `${root}/${id}`)).body).toEqual(created.body);
    const all = readItems(await ask('GET', root));
    expect(all.map((item) => item.id)).toEqual(['1001', '1002', '1003', '1004', '1005', id]);
  });

  test('PATCH merges, PUT replaces; id and createdDate stay', async () => {
    const before = readItem(await ask('GET', `${root}/1002`));
    const patched = await ask('PATCH', `${root}/1002`, { id: 'x', colour: 'red', createdDate: 'x' });
    expect(patched.body).toEqual({ ...before, colour: 'red', lastModifiedDate: expect.any(String) });
    expect(readItem(patched).lastModifiedDate > before.lastModifiedDate).toBe(true);
    const put = await ask('PUT', `${root}/1002`, { shape: 'round' });
    expect(put.status).toBe(200);
    expect(put.body).toEqual({
      id: '1002',
      shape: 'round',
      createdDate: before.createdDate,
      lastModifiedDate: expect.any(String),
    });
    expect((await ask('GET', `${root}/1002`)).body).toEqual(put.body);
    expect(readItems(await ask('GET', root)).map(({ id }) => id)).toEqual([
      '1001',
      '1002',
      '1003',
      '1004',
      '1005',
    ]);
  });

  test('DELETE answers 200 with no body; a second one and all else on it is a 404 with a providerMessage', async () => {
    const answer = await ask('DELETE', `${root}/1001`);
    expect([answer.status, answer.text, named(answer)]).toEqual([200, '', `${instance.id}`]);
    for (const method of ['GET', 'PATCH', 'PUT', 'DELETE']) {
      const gone = await ask(method, `${root}/1001`, method === 'GET' ? undefined : {});
      expect(gone.status).toBe(404);
      expect(named(gone)).toBe(`${instance.id}`);
      expect(gone.body).toEqual({
        requestId: expect.stringMatching(REQUEST_ID),
        message: expect.any(String),
        providerMessage: expect.any(String),
      });
      expect(readMessage(gone)).not.toMatch(/^No .* found$/);
    }
  });

  test('an emptied resource is 200 and []', async () => {
    for (const { id } of readItems(await ask('GET', root))) await ask('DELETE', `${root}/${id}`);
    const answer = await ask('GET', root);
    expect([answer.status, answer.text]).toEqual([200, '[]']);
    expect(answer.headers.get('elements-total-count')).toBe('0');
    expect(answer.headers.has('elements-next-page-token')).toBe(false);
  });

  test('other resources and other instances know nothing of it', async () => {
    await ask('DELETE', `${root}/1001`);
    expect((await ask('GET', '/leads/1001')).status).toBe(200);
    expect((await ask('GET', `${root}/1001`, undefined, bearer(await bench.create()))).status).toBe(200);
  });
});

describe('fields that are null', () => {
  const create = (value: string): Promise<Seen> =>
    bench.create({ configuration: { username: 'u', password: 'p', 'filter.response.nulls': value } });

  test.each(['default', 'true'])('are dropped where filter.response.nulls is %s', async (value) => {
    const authorization = bearer(value === 'default' ? instance : await create(value));
    for (const item of readItems(await ask('GET', '/contacts', undefined, authorization))) {
      expect(Object.values(item)).not.toContain(null);
    }
    const sent = { a: null, b: { c: null, d: 1 }, list: [null, 1] };
    const created = await ask('POST', '/contacts', sent, authorization);
    expect(created.body).toMatchObject({ b: { d: 1 }, list: [null, 1] });
    expect(created.text).not.toMatch(/"[ac]":/);
    const { id } = readItem(created);
    expect((await ask('GET', `/contacts/${id}`, undefined, authorization)).body).toEqual(created.body);
  });

  test('are kept where it is false, from one call to the next', async () => {
    const authorization = bearer(await create('false'));
    for (const item of readItems(await ask('GET', '/contacts', undefined, authorization))) {
      expect(Object.values(item)).toContain(null);
    }
    const created = await ask('POST', '/contacts', { a: null }, authorization);
    expect(created.body).toMatchObject({ a: null });
    const configuration = { 'filter.response.nulls': 'true' };
    await bench.call('PATCH', '/instances', { configuration }, `${SECRETS}, ${authorization.slice(18)}`);
    const later = await ask('GET', `/contacts/${readItem(created).id}`, undefined, authorization);
    expect(later.body).not.toHaveProperty('a');
  });
});

/** Adds a record without looking at the answer: thousands are needed. */
const fill = async (resource: string): Promise<void> => {
  const headers = { authorization: bearer() };
  await (await fetch(`${bench.url}/${resource}`, { method: 'POST', headers, body: '{}' })).text();
};

describe('what nobody should send', () => {
  test('fields and resources with names of the language are as good as any', async () => {
    const created = await ask('POST', '/__proto__', '{"__proto__": {"x": 1}, "refused": 200, "headers": 1}');
    expect(created.status).toBe(200);
    expect(created.text).toContain('"__proto__":{"x":1}');
    expect(created.body).toMatchObject({ refused: 200, headers: 1 });
    const { id } = readItem(created);
    expect((await ask('GET', `/__proto__/${id}`)).text).toBe(created.text);
    expect((await ask('PATCH', `/__proto__/${id}`, { refused: 1 })).body).toMatchObject({ refused: 1 });
    expect((await ask('DELETE', `/__proto__/${id}`)).status).toBe(200);
    expect((await ask('GET', '/constructor/toString')).status).toBe(404);
  });

  test.each(['', '[]', 'null', '{"broken', '1'])('the body %j is a 400 and keeps nothing', async (body) => {
    expect((await ask('POST', '/contacts', body)).status).toBe(400);
    expect((await ask('PATCH', '/contacts/1001', body)).status).toBe(400);
    expect((await ask('GET', '/contacts')).headers.get('elements-total-count')).toBe('5');
  });

  test('a record too deep to be written is not kept', async () => {
    const deep = `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect((await ask('POST', '/contacts', deep)).status).toBe(400);
    expect((await ask('GET', '/contacts')).headers.get('elements-total-count')).toBe('5');
  });

  test('no more than 10,000 records of a resource are kept', async () => {
    for (let left = 9995; left > 0; left -= 45) {
      await Promise.all(Array.from({ length: Math.min(45, left) }, () => fill('contacts')));
    }
    const full = await ask('POST', '/contacts', {});
    expect(full.status).toBe(400);
    expect(readMessage(full)).toContain('10000');
    expect((await ask('PATCH', '/contacts/1001', { a: 1 })).status).toBe(200);
    expect((await ask('DELETE', '/contacts/1001')).status).toBe(200);
    expect((await ask('POST', '/contacts', {})).status).toBe(200);
  });

  test('nor changes to more than 1,000 resources', async () => {
    for (let place = 0; place < 1000; place += 50) {
      await Promise.all(Array.from({ length: 50 }, (_, one) => fill(`resource-${place + one}`)));
    }
    expect((await ask('DELETE', '/one-more/1001')).status).toBe(400);
    expect((await ask('GET', '/one-more/1001')).status).toBe(200);
    expect((await ask('DELETE', '/resource-0/1001')).status).toBe(200);
  });
});
