import { describe, expect, test } from 'vitest';
import { readMessage, UNKNOWN_ID, type Seen, type Service } from './service-target.ts';

const definition = { fields: [{ path: 'name', type: 'string' }] };
const transformation = { ...definition, vendorName: 'Contact' };

/** Object definitions and transformations: of an instance by id and by token, and of the organization. */
export function describeShelves(service: Service): void {
  const { secrets, answers, make } = service;
  const byId = ({ id }: Seen): readonly [string, string] => [`/instances/${id}`, secrets()];
  const byToken = ({ token }: Seen): readonly [string, string] => ['/instances', secrets(token)];
  const ofOrganization = (): readonly [string, string] => ['/organizations', secrets()];

  const ofElement = (): readonly [string, string] => ['/organizations/elements/closeio', secrets()];
  const places = [
    ['definitions of an instance by id', byId, '/objects/definitions', '/objects/o/definitions', definition],
    ['definitions by token', byToken, '/objects/definitions', '/objects/o/definitions', definition],
    ['definitions of all', ofOrganization, '/objects/definitions', '/objects/o/definitions', definition],
    ['transformations by id', byId, '/transformations', '/transformations/o', transformation],
    ['transformations by token', byToken, '/transformations', '/transformations/o', transformation],
    ['transformations of all', ofElement, '/transformations', '/transformations/o', transformation],
  ] as const;

  describe('common resources', () => {
    test.each(places)('%s are kept one by one (docs: operations, SW19, SDK18)', async (...place) => {
      const [, address, all, one, body] = place;
      const [root, as] = address(await make());
      expect(readMessage(await answers(404, 'GET', `${root}${all}`, { as }))).toMatch(/^No .* found$/);
      const path = `${root}${one}`;
      for (const method of ['GET', 'DELETE']) await answers(404, method, path, { as });
      await answers(404, 'PUT', path, { as, body });
      await answers(400, 'POST', path, { as, body: { fields: 'none' } });
      const made = (await answers(200, 'POST', path, { as, body })).body;
      expect(made).toMatchObject(body);
      await answers(409, 'POST', path, { as, body });
      expect((await answers(200, 'GET', path, { as })).body).toEqual(made);
      expect((await answers(200, 'GET', `${root}${all}`, { as })).body).toEqual({ o: made });
      await answers(200, 'PUT', path, { as, body: { fields: [] } });
      await answers(400, 'PUT', path, { as, body: { fields: 'none' } });
      await answers(200, 'DELETE', path, { as });
      await answers(404, 'GET', path, { as });
    });

    test.each(places)(
      '%s are added, replaced and removed together (docs: operations, SW19)',
      async (...place) => {
        const [, address, all, , body] = place;
        const [root, as] = address(await make());
        const path = `${root}${all}`;
        await answers(404, 'DELETE', path, { as });
        await answers(200, 'POST', path, { as, body: { a: body, b: body } });
        await answers(409, 'POST', path, { as, body: { b: body, c: body } });
        for (const method of ['POST', 'PUT']) await answers(400, method, path, { as, body: { c: 'text' } });
        const names = async () => Object.keys((await answers(200, 'GET', path, { as })).body as object);
        expect(await names()).toEqual(['a', 'b']);
        await answers(200, 'PUT', path, { as, body: { b: body, d: body } });
        expect(await names()).toEqual(['b', 'd']);
        await answers(200, 'DELETE', path, { as });
        await answers(404, 'GET', path, { as });
      },
    );

    test('of the organization tell where an object is transformed (docs: common resources, SDK18, DOC)', async () => {
      const where = '/organizations/objects/o/transformations';
      expect(readMessage(await answers(404, 'GET', where))).toMatch(/^No .* found$/);
      const path = '/organizations/elements/closeio/transformations/o';
      await answers(200, 'POST', path, { body: transformation });
      const found = (await answers(200, 'GET', where)).body;
      expect(found).toMatchObject([{ name: 'o', level: 'organization', element: { key: 'closeio' } }]);
      await answers(200, 'DELETE', path);
    });

    test('of an element that does not exist are 404', async () => {
      const root = `/organizations/elements/${UNKNOWN_ID}/transformations`;
      for (const path of [root, `${root}/o`]) await answers(404, 'GET', path);
      for (const method of ['POST', 'PUT']) {
        await answers(404, method, `${root}/o`, { body: transformation });
        await answers(404, method, root, { body: { o: transformation } });
      }
      await answers(404, 'DELETE', `${root}/o`);
    });
  });
}
