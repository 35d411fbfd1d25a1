import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readMessage, startBench, type Answered, type Bench } from './client.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());
beforeEach(() => bench.control('POST', '/reset'));

interface SeenFormula {
  readonly id: number;
  readonly configuration: readonly { readonly id: number; readonly key: string }[];
}

const COLLEAGUE = 'User colleague, Organization organization-secret';
const sync = {
  name: 'Sync',
  description: 'Copies contacts',
  configuration: [
    { key: 'crm.instance.id', name: 'CRM', type: 'elementInstance' },
    { key: 'limit', name: 'Limit', type: 'value' },
  ],
  steps: [{ name: 'get', type: 'elementRequest', onSuccess: ['put'], properties: { method: 'GET' } }],
  triggers: [{ type: 'event', onSuccess: ['get'], properties: {} }],
};

const makeFormula = async (changes: Readonly<Record<string, unknown>> = {}): Promise<SeenFormula> =>
  (await bench.call('POST', '/formulas', { ...sync, ...changes })).body as SeenFormula;
const makeInstance = async (formulaId: number, configuration: object): Promise<number> => {
  const answer = await bench.call('POST', `/formulas/${formulaId}/instances`, { name: 'Run', configuration });
  return (answer.body as { id: number }).id;
};
const idsOf = ({ body }: Answered): readonly number[] =>
  (body as readonly { id: number }[]).map(({ id }) => id);
const expectRefusal = (answer: Answered, status: number, message: string): void =>
  expect([answer.status, readMessage(answer)]).toEqual([status, message]);

describe('formulas', () => {
  test('are made with numeric ids for all their parts, and read the same', async () => {
    const answer = await bench.call('POST', '/formulas', sync);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      id: expect.any(Number),
      name: 'Sync',
      description: 'Copies contacts',
      active: true,
      accountId: expect.any(Number),
      userId: expect.any(Number),
      createdDate: expect.stringMatching(/Z$/),
      configuration: sync.configuration.map((item) => ({ id: expect.any(Number), ...item })),
      steps: [{ id: expect.any(Number), onFailure: [], ...sync.steps[0] }],
      triggers: [{ id: expect.any(Number), onFailure: [], async: true, ...sync.triggers[0] }],
    });
    const { id } = answer.body as SeenFormula;
    expect((await bench.call('GET', `/formulas/${id}`)).body).toEqual(answer.body);
    expect((await bench.call('GET', '/formulas')).body).toEqual([answer.body]);
  });

  test.each([
    [{}, 'name is required'],
    [{ ...sync, name: ' ' }, 'name is required'],
    [{ ...sync, active: 'yes' }, 'active must be true or false'],
    [{ ...sync, description: 1 }, 'description must be a string'],
    [{ ...sync, steps: {} }, 'steps must be a list'],
    [{ ...sync, steps: ['x'] }, 'steps must be JSON objects'],
    [{ ...sync, steps: [{}] }, 'name is required in steps'],
    [{ ...sync, configuration: [{ name: 'n' }] }, 'key is required in configuration'],
    [
      { ...sync, configuration: [{ key: 'k', type: 'x' }] },
      'type in configuration must be value or elementInstance',
    ],
  ])('refuses %j', async (body, message) => {
    expectRefusal(await bench.call('POST', '/formulas', body), 400, message);
    expect((await bench.call('GET', '/formulas')).status).toBe(404);
  });

  test('are paged, with a token only while more remains; none is 404', async () => {
    expectRefusal(await bench.call('GET', '/formulas'), 404, 'No formulas found');
    const ids = [(await makeFormula()).id, (await makeFormula()).id, (await makeFormula()).id];
    const first = await bench.call('GET', '/formulas?pageSize=2');
    const token = first.headers.get('elements-next-page-token') ?? '';
    const second = await bench.call('GET', `/formulas?pageSize=2&nextPage=${token}`);
    expect([...idsOf(first), ...idsOf(second)]).toEqual(ids);
    expect(first.headers.get('elements-total-count')).toBe('3');
    expect(second.headers.get('elements-returned-count')).toBe('1');
    expect(second.headers.has('elements-next-page-token')).toBe(false);
    expect((await bench.call('GET', '/formulas?pageSize=3')).headers.has('elements-next-page-token')).toBe(
      false,
    );
  });

  test('PATCH keeps what is left out, and the ids of parts that are sent back', async () => {
    const made = await makeFormula();
    const answer = await bench.call('PATCH', `/formulas/${made.id}`, {
      name: 'Other',
      configuration: [made.configuration[1], { key: 'new', name: 'New', type: 'value', id: 1 }],
    });
    const { configuration, ...rest } = answer.body as SeenFormula;
    expect(rest).toEqual({
      ...made,
      configuration: undefined,
      name: 'Other',
      updatedDate: expect.stringMatching(/Z$/),
    });
    expect(configuration[0]).toEqual(made.configuration[1]);
    expect(configuration[1]?.id).toBeGreaterThan(made.id);
  });

  test('PUT replaces: a name is required, what is left out is cleared', async () => {
    const { id } = await makeFormula();
    expectRefusal(await bench.call('PUT', `/formulas/${id}`, { active: true }), 400, 'name is required');
    const answer = await bench.call('PUT', `/formulas/${id}`, { name: 'Bare', active: false });
    expect(answer.body).toMatchObject({
      id,
      name: 'Bare',
      active: false,
      configuration: [],
      steps: [],
      triggers: [],
    });
    expect(answer.body).not.toHaveProperty('description');
    expect((await bench.call('PUT', `/formulas/${id}`, { name: 'Still' })).body).toMatchObject({
      active: false,
    });
  });

  test('an export can be sent again: POSTed as another, PUT whole', async () => {
    const made = await makeFormula();
    const exported = (await bench.call('GET', `/formulas/${made.id}/export`)).body;
    expect(exported).toEqual({
      name: sync.name,
      description: sync.description,
      active: true,
      configuration: sync.configuration,
      steps: [{ ...sync.steps[0], onFailure: [] }],
      triggers: [{ ...sync.triggers[0], onFailure: [], async: true }],
    });
    const copy = (await bench.call('POST', '/formulas', exported)).body as SeenFormula;
    expect(copy.id).not.toBe(made.id);
    expect((await bench.call('GET', `/formulas/${copy.id}/export`)).body).toEqual(exported);
    expect((await bench.call('PUT', `/formulas/${made.id}`, exported)).status).toBe(200);
    expect((await bench.call('PUT', `/formulas/${made.id}`, made)).status).toBe(200);
    expect((await bench.call('GET', `/formulas/${made.id}/export`)).body).toEqual(exported);
  });

  test('DELETE takes their instances with it; a second one is a 404', async () => {
    const { id } = await makeFormula();
    const other = await makeFormula();
    await makeInstance(id, {});
    const kept = await makeInstance(other.id, {});
    const answer = await bench.call('DELETE', `/formulas/${id}`);
    expect([answer.status, answer.text]).toEqual([200, '']);
    expectRefusal(await bench.call('DELETE', `/formulas/${id}`), 404, `No formula found with ID ${id}`);
    expect(idsOf(await bench.call('GET', '/formulas/instances'))).toEqual([kept]);
  });
});

describe.each([
  ['steps', { name: 'put', type: 'script' }],
  ['triggers', { type: 'request' }],
  ['configuration', { key: 'k', name: 'K', type: 'value' }],
] as const)('/formulas/{formulaId}/%s', (kind, item) => {
  test('lists, and POST appends with an id', async () => {
    const { id } = await makeFormula({ steps: [], triggers: [], configuration: [] });
    const path = `/formulas/${id}/${kind}`;
    expectRefusal(await bench.call('GET', path), 404, `No formula ${kind} found`);
    const one = (await bench.call('POST', path, item)).body;
    const two = (await bench.call('POST', path, { ...item, id: 5 })).body;
    expect(one).toMatchObject({ ...item, id: expect.any(Number) });
    expect((two as { id: number }).id).toBeGreaterThan((one as { id: number }).id);
    expect((await bench.call('GET', path)).body).toEqual([one, two]);
    expect((await bench.call('GET', `/formulas/${id}`)).body).toMatchObject({ [kind]: [one, two] });
  });

  test('refuses what is no object, and an unknown formula', async () => {
    const { id } = await makeFormula();
    expect((await bench.call('POST', `/formulas/${id}/${kind}`, [])).status).toBe(400);
    for (const method of ['GET', 'POST']) {
      const answer = await bench.call(method, `/formulas/1/${kind}`, method === 'POST' ? item : undefined);
      expectRefusal(answer, 404, 'No formula found with ID 1');
    }
  });
});

test("another account's formulas are as unknown as any", async () => {
  const { id } = await makeFormula();
  const own = await makeInstance(id, { 'crm.instance.id': 1 });
  for (const path of [
    `/formulas/${id}`,
    `/formulas/${id}/export`,
    `/formulas/${id}/instances`,
    `/formulas/instances/${own}`,
    '/formulas',
    '/formulas/instances?elementInstanceId=1',
  ]) {
    expect((await bench.call('GET', path, undefined, COLLEAGUE)).status).toBe(404);
  }
  expect((await bench.call('DELETE', `/formulas/${id}`, undefined, COLLEAGUE)).status).toBe(404);
  expect((await bench.call('GET', `/formulas/${id}`)).status).toBe(200);
});

test('a formula that is nested too deeply is a 400, and spoils nothing', async () => {
  const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
  const text = `{"name":"F","steps":[{"name":"s","type":"script","properties":{"x":${deep}}}]}`;
  expect((await bench.callUnchecked('POST', '/formulas', text)).status).toBe(400);
  expect((await bench.call('GET', '/formulas')).status).toBe(404);
});
