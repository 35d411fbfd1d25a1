import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { closeio, readMessage, readOne, readSeen, startBench, type Answered, type Bench } from './client.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());
beforeEach(() => bench.control('POST', '/reset'));

const COLLEAGUE = 'User colleague, Organization organization-secret';
const CLOSEIO = 146;

interface SeenElement {
  readonly id: number;
  readonly key: string;
  readonly name: string;
}

const clone = async (keyOrId: string | number = 'closeio', body?: unknown): Promise<SeenElement> =>
  (await bench.call('POST', `/elements/${keyOrId}/clone`, body)).body as SeenElement;
const move = (id: number, element: unknown, method = 'PATCH'): Promise<Answered> =>
  bench.call(method, `/instances/${id}`, { element });

describe('POST /elements/{keyOrId}/clone', () => {
  test('answers a copy with an id of its own', async () => {
    const original = (await bench.call('GET', '/elements/closeio')).body as SeenElement;
    const one = await clone();
    const two = await clone(CLOSEIO, { key: 'closeio-copy', name: 'Copy' });
    expect(one).toMatchObject({ key: 'closeio', name: original.name });
    expect(two).toMatchObject({ key: 'closeio-copy', name: 'Copy' });
    expect(new Set([original.id, one.id, two.id]).size).toBe(3);
    expect((await bench.call('GET', `/elements/${one.id}`)).body).toEqual(one);
    expect((await bench.call('GET', '/elements/closeio-copy')).body).toEqual(two);
    expect((await bench.call('GET', '/elements/closeio')).body).toEqual(original);
  });

  test('adds to GET /elements, where it comes last', async () => {
    const { id } = await clone();
    const list = await bench.call('GET', '/elements');
    expect(list.headers.get('elements-total-count')).toBe('157');
    expect((list.body as readonly SeenElement[]).at(-1)).toMatchObject({ id, key: 'closeio' });
    const { body } = await bench.call('GET', `/elements/${id}/configuration`);
    expect(body).toMatchObject({
      configuration: expect.arrayContaining([expect.objectContaining({ key: 'username', required: true })]),
    });
    expect((await bench.call('GET', `/elements/${id}/metadata`)).body).toMatchObject({ id });
  });

  test('of an unknown element is 404, and a body that is no object 400', async () => {
    expect((await bench.call('POST', '/elements/nosuch/clone')).status).toBe(404);
    expect((await bench.call('POST', '/elements/closeio/clone', [])).status).toBe(400);
  });

  test("is the account's alone", async () => {
    const { id } = await clone('closeio', { key: 'closeio-copy' });
    for (const [method, path] of [
      ['GET', `/elements/${id}`],
      ['GET', '/elements/closeio-copy'],
      ['GET', `/elements/${id}/instances`],
      ['GET', `/elements/${id}/metadata`],
      ['DELETE', `/elements/${id}`],
      ['POST', `/elements/${id}/clone`],
    ] as const) {
      expect((await bench.call(method, path, undefined, COLLEAGUE)).status).toBe(404);
    }
    const list = await bench.call('GET', '/elements', undefined, COLLEAGUE);
    expect(list.headers.get('elements-total-count')).toBe('156');
    const body = { ...closeio, element: { id } };
    expect((await bench.call('POST', '/instances', body, COLLEAGUE)).status).toBe(404);
  });

  test('is found by its id as it is written, and by no other writing of that number', async () => {
    const { id } = await clone();
    expect((await bench.call('GET', `/elements/${id}`)).status).toBe(200);
    for (const written of [`${id}.0`, `0x${id.toString(16)}`, `%20${id}`]) {
      expect((await bench.call('GET', `/elements/${written}`)).status).toBe(404);
    }
  });
});

describe('an instance', () => {
  test.each(['PATCH', 'PUT'])('moves to a clone and back by %s, and stays what it was', async (method) => {
    const made = await bench.create({ tags: ['a'] });
    const { id } = await clone();
    const moved = await move(made.id, { id }, method);
    expect(moved.body).toMatchObject({ id: made.id, token: made.token, elementId: id, element: { id } });
    expect(readOne(moved).configuration).toEqual(made.configuration);
    expect((await bench.call('GET', '/elements/closeio/instances')).status).toBe(404);
    const below = await bench.call('GET', `/elements/${id}/instances`);
    expect(readSeen(below).map((instance) => instance.id)).toEqual([made.id]);
    expect((await bench.call('GET', `/elements/${id}/instances/${made.id}`)).status).toBe(200);
    expect((await move(made.id, { id: CLOSEIO }, method)).body).toEqual(made);
  });

  test('moves between two clones, and to one that the key names', async () => {
    const made = await bench.create();
    const one = await clone();
    const two = await clone(one.id, { key: 'closeio-copy' });
    const asText = { element: { id: String(one.id) } };
    const moved = await bench.callLoosely('PATCH', `/instances/${made.id}`, asText);
    expect(moved.body).toMatchObject({ elementId: one.id });
    expect((await move(made.id, { key: two.key })).body).toMatchObject({ elementId: two.id });
    expect((await move(made.id, { id: one.id })).body).toMatchObject({ elementId: one.id });
  });

  test("does not move to another element, another's clone, or nowhere", async () => {
    const made = await bench.create();
    const foreign = await clone('insightly');
    for (const element of [
      { key: 'insightly' },
      { id: 5993 },
      { id: foreign.id },
      { id: 1 },
      { key: 'nosuch' },
    ]) {
      const answer = await move(made.id, element);
      expect([answer.status, readMessage(answer)]).toEqual([
        400,
        'An element instance can only move to a clone of its element',
      ]);
    }
    expect((await bench.call('GET', `/instances/${made.id}`)).body).toEqual(made);
  });

  test('is made of the clone where the body names id and key of one that kept its key', async () => {
    const { body } = await bench.call('POST', '/elements/closeio/clone', {});
    const { id } = body as { id: number };
    expect((await bench.create({ element: { key: 'closeio', id } })).element.id).toBe(id);
  });

  test('is made of a clone by its id or its key, in the body or in the path', async () => {
    const { id, key } = await clone('closeio', { key: 'closeio-copy' });
    expect((await bench.create({ element: { id } })).elementId).toBe(id);
    expect((await bench.create({ element: { key } })).elementId).toBe(id);
    expect(readOne(await bench.call('POST', `/elements/${id}/instances`, closeio)).elementId).toBe(id);
    const list = await bench.call('GET', `/elements/${key}/instances`);
    expect(list.headers.get('elements-total-count')).toBe('3');
  });
});

describe('DELETE /elements/{keyOrId}', () => {
  test('takes a clone away for good, once no instance has it', async () => {
    const { id } = await clone();
    const made = await bench.create({ element: { id } });
    const used = await bench.call('DELETE', `/elements/${id}`);
    expect([used.status, readMessage(used)]).toEqual([409, `Element ${id} has instances`]);
    await move(made.id, { id: CLOSEIO });
    expect((await bench.call('DELETE', `/elements/${id}`)).status).toBe(200);
    expect((await bench.call('DELETE', `/elements/${id}`)).status).toBe(404);
    expect((await bench.call('GET', `/elements/${id}`)).status).toBe(404);
    expect((await bench.call('GET', '/elements')).headers.get('elements-total-count')).toBe('156');
  });

  test.each(['closeio', CLOSEIO])('of %s, which is in the catalogue, is 403', async (element) => {
    const answer = await bench.call('DELETE', `/elements/${element}`);
    expect([answer.status, readMessage(answer)]).toEqual([403, 'Only a clone of an element can be deleted']);
    expect((await bench.call('GET', `/elements/${element}`)).status).toBe(200);
  });
});
