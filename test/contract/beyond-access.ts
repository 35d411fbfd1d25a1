import { describe, expect, test } from 'vitest';
import { readMessage, UNKNOWN_ID, type Seen, type Service } from './service-target.ts';

/** Logins, accounts, audit logs, clones and the ways to authenticate. */
export function describeAccess(service: Service): void {
  const { run, answers, make } = service;

  describe('access', () => {
    test('a user name and a password lead to secrets that work (docs: authentication, CH18)', async () => {
      const body = { username: run, password: 'p' };
      const { token } = (await answers(200, 'POST', '/authentication', { as: '', body })).body as {
        token: string;
      };
      const as = `Bearer ${token}`;
      const { userSecret, organizationSecret } = (
        await answers(200, 'GET', '/authentication/secrets', { as })
      ).body as Record<string, string>;
      const secrets = `User ${userSecret}, Organization ${organizationSecret}`;
      await answers(200, 'GET', '/accounts', { as: secrets });
      await answers(400, 'POST', '/authentication', { as: '', body: { username: run } });
      await answers(401, 'POST', '/authentication', { as: '', body: { ...body, password: 'invalid' } });
      await answers(401, 'GET', '/authentication/secrets', { as: `${as}x` });
    });

    test('accounts are those of the organization (docs: known texts, CE)', async () => {
      const { user } = await make();
      const list = (await answers(200, 'GET', '/accounts')).body as readonly { id: number }[];
      expect(list.map(({ id }) => id)).toContain(user.id);
      expect((await answers(200, 'GET', `/accounts/${user.id}`)).body).toMatchObject({ id: user.id });
      const unknown = await answers(404, 'GET', `/accounts/${UNKNOWN_ID}`);
      expect(readMessage(unknown)).toBe(`No account found with ID ${UNKNOWN_ID}`);
      await answers(400, 'GET', '/accounts?pageSize=0');
    });

    test('an account goes with its instances, and its tokens are void (docs: delete, SDK18)', async () => {
      const as = `User ${run}-leaver, Organization ${run}-leaver`;
      const body = {
        name: run,
        element: { key: 'closeio' },
        configuration: { username: 'u', password: 'p' },
      };
      const { token, user } = (await answers(200, 'POST', '/instances', { as, body })).body as Seen;
      await answers(404, 'DELETE', `/accounts/${user.id}`);
      await answers(200, 'DELETE', `/accounts/${user.id}`, { as });
      await answers(401, 'GET', '/ping', { as: `${as}, Element ${token}` });
      await answers(404, 'GET', '/instances', { as });
    });

    test('audit logs tell what was done to an instance (docs: operations, SDK18)', async () => {
      const { id } = await make();
      await answers(200, 'DELETE', `/instances/${id}`);
      const logs = '/audit-logs/element-instances';
      const own = (await answers(200, 'GET', `${logs}/${id}`)).body as readonly { method: string }[];
      expect(own.map(({ method }) => method)).toEqual(['POST', 'DELETE']);
      await answers(200, 'GET', logs);
      expect(readMessage(await answers(404, 'GET', `${logs}/${UNKNOWN_ID}`))).toMatch(/^No .* found$/);
      await answers(404, 'GET', logs, { as: `User ${run}, Organization ${run}` });
      for (const path of [logs, `${logs}/${id}`]) await answers(400, 'GET', `${path}?pageSize=0`);
    });
  });

  describe('elements', () => {
    test('an instance moves to a clone of its element, which can then not be deleted (docs: what can change, CH18)', async () => {
      const made = await make();
      const path = `/elements/${made.element.key}/clone`;
      const clone = (await answers(200, 'POST', path)).body as { id: number };
      const own = { body: { name: run, key: `${run}-clone` } };
      const other = (await answers(200, 'POST', path, own)).body as { id: number };
      expect(new Set([made.element.id, clone.id, other.id]).size).toBe(3);
      const body = { element: { id: clone.id } };
      const moved = (await answers(200, 'PATCH', `/instances/${made.id}`, { body })).body as Seen;
      expect([moved.id, moved.element.id]).toEqual([made.id, clone.id]);
      await answers(409, 'DELETE', `/elements/${clone.id}`);
      await answers(200, 'DELETE', `/elements/${other.id}`);
      await answers(404, 'DELETE', `/elements/${other.id}`);
      await answers(403, 'DELETE', `/elements/${made.element.key}`);
      await answers(404, 'POST', '/elements/no-such-element/clone');
      await answers(400, 'PATCH', `/instances/${made.id}`, { body: { element: { key: 'servicenow' } } });
    });

    test('each way to authenticate has its keys (docs: operations, CHI pull/1844)', async () => {
      const path = '/elements/closeio/authentication-types';
      const types = (await answers(200, 'GET', path)).body as readonly { type: string }[];
      expect(types.map(({ type }) => type)).toContain('basic');
      const keys = (await answers(200, 'GET', `${path}/basic/configurations`)).body;
      expect((keys as readonly { key: string }[]).map(({ key }) => key)).toEqual(['username', 'password']);
      await answers(404, 'GET', `${path}/none/configurations`);
      await answers(404, 'GET', '/elements/no-such-element/authentication-types');
    });
  });
}
