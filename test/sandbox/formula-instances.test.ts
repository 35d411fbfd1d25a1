import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readMessage, startBench, type Answered, type Bench } from './client.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());
beforeEach(() => bench.control('POST', '/reset'));

const sync = {
  name: 'Sync',
  configuration: [
    { key: 'crm.instance.id', name: 'CRM', type: 'elementInstance' },
    { key: 'limit', name: 'Limit', type: 'value' },
  ],
};

const makeFormula = async (): Promise<{ readonly id: number }> =>
  (await bench.call('POST', '/formulas', sync)).body as { id: number };
const makeInstance = async (formulaId: number, configuration: object, name = 'Run'): Promise<number> => {
  const answer = await bench.call('POST', `/formulas/${formulaId}/instances`, { name, configuration });
  return (answer.body as { id: number }).id;
};
const idsOf = ({ body }: Answered): readonly number[] =>
  (body as readonly { id: number }[]).map(({ id }) => id);
const expectRefusal = (answer: Answered, status: number, message: string): void =>
  expect([answer.status, readMessage(answer)]).toEqual([status, message]);

describe('instances of formulas', () => {
  test('are made of name, configuration and settings, values as strings or null', async () => {
    const { id } = await makeFormula();
    const body = {
      name: 'Run',
      active: false,
      configuration: { 'crm.instance.id': 500_001, limit: null, flag: true, more: { a: 1 } },
      settings: { 'notification.email': 'a@example.com', api: 'v2' },
    };
    const answer = await bench.call('POST', `/formulas/${id}/instances`, body);
    expect(answer.body).toEqual({
      ...body,
      configuration: { 'crm.instance.id': '500001', limit: null, flag: 'true', more: '{"a":1}' },
      id: expect.any(Number),
      createdDate: expect.stringMatching(/Z$/),
      formula: expect.objectContaining({ id, name: 'Sync', active: true }),
    });
    const own = (answer.body as { id: number }).id;
    for (const path of [`/formulas/${id}/instances/${own}`, `/formulas/instances/${own}`]) {
      expect((await bench.call('GET', path)).body).toEqual(answer.body);
    }
    for (const path of [`/formulas/${id}/instances`, '/formulas/instances']) {
      expect((await bench.call('GET', path)).body).toEqual([answer.body]);
    }
  });

  test.each([
    [{}, 'name is required'],
    [{ name: 'x', active: 1 }, 'active must be true or false'],
    [{ name: 'x', configuration: [] }, 'configuration must be a JSON object'],
    [{ name: 'x', settings: 'x' }, 'settings must be a JSON object'],
  ])('refuse %j', async (body, message) => {
    const { id } = await makeFormula();
    expectRefusal(await bench.call('POST', `/formulas/${id}/instances`, body), 400, message);
    expectRefusal(await bench.call('GET', '/formulas/instances'), 404, 'No formula instances found');
  });

  test('PUT replaces configuration and settings; /active turns on and off', async () => {
    const { id } = await makeFormula();
    const own = await makeInstance(id, { 'crm.instance.id': '1' });
    const path = `/formulas/${id}/instances/${own}`;
    const off = await bench.call('DELETE', `${path}/active`);
    expect([off.status, off.text]).toEqual([200, '']);
    expect((await bench.call('PUT', path, { name: 'New', configuration: { limit: 7 } })).body).toMatchObject({
      id: own,
      name: 'New',
      active: false,
      configuration: { limit: '7' },
      settings: {},
      updatedDate: expect.stringMatching(/Z$/),
    });
    expect((await bench.call('PUT', `${path}/active`)).status).toBe(200);
    const after = (await bench.call('GET', path)).body as { active: boolean; configuration: object };
    expect([after.active, after.configuration]).toEqual([true, { limit: '7' }]);
  });

  test('DELETE is for good', async () => {
    const { id } = await makeFormula();
    const own = await makeInstance(id, {});
    const path = `/formulas/${id}/instances/${own}`;
    expect((await bench.call('DELETE', path)).status).toBe(200);
    for (const [method, rest] of [
      ['DELETE', ''],
      ['GET', ''],
      ['PUT', '/active'],
      ['DELETE', '/active'],
    ] as const) {
      expectRefusal(
        await bench.call(method, `${path}${rest}`),
        404,
        `No formula instance found with ID ${own}`,
      );
    }
    expectRefusal(await bench.call('GET', `/formulas/${id}/instances`), 404, 'No formula instances found');
  });

  test('of another formula are unknown below this one', async () => {
    const [one, other] = [await makeFormula(), await makeFormula()];
    const own = await makeInstance(one.id, {});
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const answer = await bench.call(
        method,
        `/formulas/${other.id}/instances/${own}`,
        method === 'PUT' ? { name: 'x' } : undefined,
      );
      expectRefusal(answer, 404, `No formula instance found with ID ${own}`);
    }
    expect(idsOf(await bench.call('GET', `/formulas/${one.id}/instances`))).toEqual([own]);
    expect((await bench.call('GET', `/formulas/${other.id}/instances`)).status).toBe(404);
    expectRefusal(await bench.call('GET', '/formulas/1/instances'), 404, 'No formula found with ID 1');
  });
});

describe('GET /formulas/instances?elementInstanceId=', () => {
  const users = (id: number | string): Promise<Answered> =>
    bench.call('GET', `/formulas/instances?elementInstanceId=${id}`);

  test('finds those that name the instance, under any key but one that is declared a value', async () => {
    const { id } = await bench.create();
    const formula = await makeFormula();
    const declared = await makeInstance(formula.id, { 'crm.instance.id': id });
    const undeclared = await makeInstance(formula.id, { 'other.instance.id': `${id}` });
    await makeInstance(formula.id, { limit: id, 'crm.instance.id': '5' });
    await makeInstance(formula.id, { 'crm.instance.id': `${id}1`, 'other.instance.id': null });
    expect(idsOf(await users(id))).toEqual([declared, undeclared]);
    expect(idsOf(await users(5))).toHaveLength(1);
    expectRefusal(await users(7), 404, 'No formula instances found');
  });

  test('is paged, and narrowed by name', async () => {
    const formula = await makeFormula();
    const ids = [
      await makeInstance(formula.id, { a: 1 }, 'One'),
      await makeInstance(formula.id, { a: 1 }, 'Two'),
    ];
    const first = await bench.call('GET', '/formulas/instances?elementInstanceId=1&pageSize=1');
    const token = first.headers.get('elements-next-page-token') ?? '';
    const next = await bench.call(
      'GET',
      `/formulas/instances?elementInstanceId=1&pageSize=1&nextPage=${token}`,
    );
    expect([...idsOf(first), ...idsOf(next)]).toEqual(ids);
    expect(idsOf(await bench.call('GET', '/formulas/instances?searchText=tw'))).toEqual([ids[1]]);
  });

  test('still finds them once the instance is deleted: the formula instance names a dead id', async () => {
    const { id } = await bench.create();
    const own = await makeInstance((await makeFormula()).id, { 'crm.instance.id': id });
    expect((await bench.call('DELETE', `/instances/${id}`)).status).toBe(200);
    expect(idsOf(await users(id))).toEqual([own]);
  });

  test.each(['abc', '', '1.5', '-1'])('refuses "%s"', async (id) => {
    expectRefusal(await users(id), 400, `Invalid elementInstanceId '${id}': it must be a number`);
  });
});
