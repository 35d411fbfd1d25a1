import { describe, expect, test } from 'vitest';
import { readMessage, UNKNOWN_ID, type Answered, type Service } from './service-target.ts';

const readId = ({ body }: Answered): number => (body as { id: number }).id;

/** Formulas and their instances: what depends on an instance. */
export function describeFormulas(service: Service): void {
  const { run, answers, make } = service;
  const draft = {
    name: run,
    configuration: [{ key: 'crm.instance.id', name: 'CRM', type: 'elementInstance', required: true }],
    steps: [{ name: 'read', type: 'elementRequest', properties: { api: '/contacts' } }],
    triggers: [{ type: 'manual' }],
  };
  const create = async (): Promise<string> =>
    `/formulas/${readId(await answers(200, 'POST', '/formulas', { body: draft }))}`;

  describe('formulas', () => {
    test('are made, read, changed, sent on and deleted (docs: formulas, SDK18)', async () => {
      expect(readMessage(await answers(404, 'GET', '/formulas'))).toMatch(/^No .* found$/);
      const path = await create();
      const read = (await answers(200, 'GET', path)).body;
      expect((await answers(200, 'GET', '/formulas')).body).toEqual([read]);
      await answers(200, 'PATCH', path, { body: { active: false } });
      expect((await answers(200, 'GET', path)).body).toMatchObject({ name: run, active: false });
      await answers(200, 'PUT', path, { body: { name: `${run}-put` } });
      const { body } = await answers(200, 'GET', `${path}/export`);
      const copy = readId(await answers(200, 'POST', '/formulas', { body }));
      await answers(200, 'DELETE', `/formulas/${copy}`);
      await answers(200, 'DELETE', path);
      for (const method of ['GET', 'DELETE']) await answers(404, method, path);
      for (const method of ['PUT', 'PATCH']) await answers(404, method, path, { body: draft });
      await answers(404, 'GET', `${path}/export`);
      await answers(400, 'POST', '/formulas', { body: { name: '' } });
      await answers(400, 'GET', '/formulas?pageSize=0');
    });

    test.each([
      ['steps', { name: 'more' }, { name: 7 }],
      ['triggers', { type: 'manual' }, '"text"'],
      ['configuration', { key: 'more' }, { key: 'k', type: 'other' }],
    ])('have %s, one by one (docs: formulas, SDK18)', async (part, good, bad) => {
      const path = await create();
      const added = (await answers(200, 'POST', `${path}/${part}`, { body: good })).body;
      const all = (await answers(200, 'GET', `${path}/${part}`)).body as readonly unknown[];
      expect(all).toHaveLength(2);
      expect(all).toContainEqual(added);
      await answers(400, 'POST', `${path}/${part}`, { body: bad });
      const bare = readId(await answers(200, 'POST', '/formulas', { body: { name: run } }));
      expect(readMessage(await answers(404, 'GET', `/formulas/${bare}/${part}`))).toMatch(/^No .* found$/);
      await answers(404, 'POST', `/formulas/${UNKNOWN_ID}/${part}`, { body: good });
    });

    test('name the instances that they run over (docs: formulas, SDK18, DP, CH18)', async () => {
      const path = await create();
      const { id } = await make();
      const using = `/formulas/instances?elementInstanceId=${id}`;
      expect(readMessage(await answers(404, 'GET', using))).toMatch(/^No .* found$/);
      const settings = { 'notification.email': 'someone@example.com' };
      const body = { name: run, configuration: { 'crm.instance.id': id }, settings };
      const made = await answers(200, 'POST', `${path}/instances`, { body });
      expect(made.body).toMatchObject({
        name: run,
        configuration: { 'crm.instance.id': String(id) },
        settings,
      });
      for (const list of [using, `${path}/instances`, '/formulas/instances']) {
        expect((await answers(200, 'GET', list)).body, list).toEqual([made.body]);
      }
      await answers(400, 'GET', '/formulas/instances?elementInstanceId=none');
      await answers(400, 'POST', `${path}/instances`, { body: { configuration: {} } });
      await answers(400, 'GET', `${path}/instances?pageSize=0`);
      await answers(404, 'GET', `/formulas/${UNKNOWN_ID}/instances`);
      await answers(404, 'POST', `/formulas/${UNKNOWN_ID}/instances`, { body });
      await answers(200, 'DELETE', `${path}/instances/${readId(made)}`);
      await answers(404, 'GET', using);
    });

    test('have instances that are read, changed, stopped and deleted (docs: formulas, SDK18)', async () => {
      const path = await create();
      const body = { name: run, configuration: { a: 'b' } };
      const id = readId(await answers(200, 'POST', `${path}/instances`, { body }));
      const own = `${path}/instances/${id}`;
      const isActive = async (): Promise<unknown> =>
        ((await answers(200, 'GET', own)).body as { active: boolean }).active;
      await answers(200, 'DELETE', `${own}/active`);
      expect(await isActive()).toBe(false);
      await answers(200, 'PUT', `${own}/active`);
      expect(await isActive()).toBe(true);
      const put = (await answers(200, 'PUT', own, { body: { name: `${run}-put` } })).body;
      expect(put).toMatchObject({ id, name: `${run}-put`, configuration: {} });
      expect((await answers(200, 'GET', `/formulas/instances/${id}`)).body).toEqual(put);
      await answers(400, 'PUT', own, { body: { name: 7 } });
      await answers(200, 'DELETE', own);
      for (const gone of [own, `/formulas/instances/${id}`]) await answers(404, 'GET', gone);
      for (const rest of ['', '/active']) await answers(404, 'DELETE', `${own}${rest}`);
      await answers(404, 'PUT', own, { body });
      await answers(404, 'PUT', `${own}/active`);
    });
  });
}
