import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readMessage, SECRETS, startBench, type Answered, type Bench } from './client.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());
beforeEach(() => bench.control('POST', '/reset'));

const COLLEAGUE = 'User colleague, Organization organization-secret';
const STRANGER = 'User stranger, Organization another';

const idsOf = async (path: string, authorization: string): Promise<readonly number[]> =>
  ((await bench.call('GET', path, undefined, authorization)).body as readonly { id: number }[]).map(
    ({ id }) => id,
  );

describe('accounts', () => {
  test('are those of the organization, by id, whoever of it asks', async () => {
    const strangers = await idsOf('/accounts', STRANGER);
    const own = (await bench.create()).user.id;
    const ids = await idsOf('/accounts', COLLEAGUE);
    expect(ids).toEqual(await idsOf('/accounts', SECRETS));
    expect(ids).toHaveLength(2);
    expect(ids).toEqual([...ids].sort((one, other) => one - other));
    expect(ids).toContain(own);
    expect(strangers).toHaveLength(1);
    expect(ids).not.toContain(strangers[0]);
  });

  test('read the same in the list and by id; one is the default', async () => {
    await bench.call('GET', '/accounts', undefined, COLLEAGUE);
    const list = (await bench.call('GET', '/accounts')).body as readonly Record<string, unknown>[];
    for (const account of list) {
      expect(account).toEqual({
        id: expect.any(Number),
        name: expect.any(String),
        description: expect.any(String),
        externalId: expect.any(String),
        active: true,
        defaultAccount: expect.any(Boolean),
      });
      expect((await bench.call('GET', `/accounts/${String(account['id'])}`)).body).toEqual(account);
    }
    expect(list.filter((account) => account['defaultAccount'])).toHaveLength(1);
  });

  test("an unknown id, and another organization's, are 404 in the vendor's words", async () => {
    const unknown = await bench.call('GET', '/accounts/123456');
    expect([unknown.status, readMessage(unknown)]).toEqual([404, 'No account found with ID 123456']);
    const [id = 0] = await idsOf('/accounts', STRANGER);
    const foreign = await bench.call('GET', `/accounts/${id}`);
    expect([foreign.status, readMessage(foreign)]).toEqual([404, `No account found with ID ${id}`]);
  });

  test('list instances of the own account and of a colleague, not of a stranger', async () => {
    const { id, user } = await bench.create();
    expect(await idsOf('/accounts/instances', SECRETS)).toEqual([id]);
    expect(await idsOf(`/accounts/${user.id}/instances`, COLLEAGUE)).toEqual([id]);
    expect((await bench.call('GET', `/accounts/${user.id}/instances`, undefined, STRANGER)).status).toBe(404);
    const none = await bench.call('GET', '/accounts/instances', undefined, COLLEAGUE);
    expect([none.status, readMessage(none)]).toEqual([404, 'No element instances found']);
  });
});

describe('audit logs of element instances', () => {
  const readLogs = (rest = ''): Promise<Answered> =>
    bench.call('GET', `/audit-logs/element-instances${rest}`);
  const methodsOf = ({ body }: Answered): readonly unknown[] =>
    (body as readonly Record<string, unknown>[]).map((entry) => entry['method']);

  test('are 404 while there are none; a read and a refused write leave none', async () => {
    await bench.call('GET', '/elements');
    await bench.call('PATCH', '/instances/1', {});
    await bench.call('POST', '/instances', {});
    const answer = await readLogs();
    expect([answer.status, readMessage(answer)]).toEqual([404, 'No audit logs found']);
  });

  test('name what was done to which instance, by id and by token, also once it is deleted', async () => {
    const { id, token, user } = await bench.create();
    const other = await bench.create();
    await bench.call('PATCH', `/instances/${id}`, { name: 'N' });
    await bench.call('DELETE', '/instances/enabled', undefined, `${SECRETS}, Element ${token}`);
    await bench.call('DELETE', `/instances/${id}`);
    expect(methodsOf(await readLogs())).toEqual(['POST', 'POST', 'PATCH', 'DELETE', 'DELETE']);
    const own = await readLogs(`/${id}`);
    expect(methodsOf(own)).toEqual(['POST', 'PATCH', 'DELETE', 'DELETE']);
    expect((own.body as readonly unknown[])[1]).toEqual({
      id: expect.stringMatching(/^\d+$/),
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      method: 'PATCH',
      resource_uri: `/instances/${id}`,
      status: 200,
      entity_id: `${id}`,
      instance_id: id,
      user_id: user.id,
      account_id: user.id,
    });
    expect(methodsOf(await readLogs(`/${other.id}`))).toEqual(['POST']);
    expect((await readLogs('/1')).status).toBe(404);
  });

  test("are paged, one account's alone, and keep the last 1,000", async () => {
    const { id } = await bench.create();
    for (let times = 0; times < 21; times += 1) {
      const calls = Array.from({ length: 50 }, () => bench.call('PUT', `/instances/${id}/enabled`));
      await Promise.all(calls);
    }
    const first = await readLogs('?pageSize=3');
    expect(first.headers.get('elements-total-count')).toBe('1000');
    const next = await readLogs(
      `?pageSize=3&nextPage=${first.headers.get('elements-next-page-token') ?? ''}`,
    );
    expect(methodsOf(next)).toEqual(['PUT', 'PUT', 'PUT']);
    expect(next.body).not.toEqual(first.body);
    expect((await bench.call('GET', '/audit-logs/element-instances', undefined, COLLEAGUE)).status).toBe(404);
  });
});
