import { describe, expect, test } from 'vitest';
import { describeApi } from '../support/openapi.ts';
import type { Operation } from '../support/openapi-operations.ts';
import { readMessage, UNKNOWN_ID, type Service } from './service-target.ts';

const WRONG = 'User invalid, Organization invalid, Element invalid';
const UNAUTHORIZED = 'Invalid Organization or User secret, or invalid Element token provided.';
const PLACES = {
  elementId: '23',
  hub: 'crm',
  objectName: 'contacts',
};

/** The path of an operation, about things that do not exist wherever it takes an id. */
function fillPath({ template }: Operation, element: string): string {
  const places = { ...PLACES, keyOrId: element };
  return template.replace(/\{(\w+)\}/g, (_all, name: string) =>
    String(Object.hasOwn(places, name) ? places[name as keyof typeof places] : UNKNOWN_ID),
  );
}

/** What every operation of a file turns down, whatever it is about. */
export function describeRefusals(service: Service, source: Operation['source']): void {
  const { target, run, secrets, answers, make } = service;
  const operations = describeApi().operations.filter((operation) => operation.source === source);
  const closed = operations.filter(({ security }) => security.length > 0);

  describe('refusals', () => {
    test('wrong secrets are 401 in words that clients know, on every operation (docs: known texts, CHI issues/274)', async () => {
      for (const operation of closed) {
        const options = { as: WRONG, ...(operation.body === null ? {} : { body: { name: run } }) };
        const answer = await answers(401, operation.method, fillPath(operation, target.element), options);
        expect(readMessage(answer), operation.name).toBe(UNAUTHORIZED);
      }
    });

    test('no secrets at all are 401 as well', async () => {
      for (const path of ['/instances', '/elements']) await answers(401, 'GET', path, { as: '' });
    });

    test('an id of nothing is 404, and its text names it (docs: operations, SW19)', async () => {
      const byId = closed.filter(({ template }) => template.startsWith('/instances/{id}'));
      for (const operation of byId) {
        const body = operation.body === null ? {} : { body: { name: run, propertyValue: 'x' } };
        const answer = await service.infers(404, operation.method, fillPath(operation, target.element), body);
        if (!target.isLive)
          expect(readMessage(answer)).toBe(`No element instance found with ID ${UNKNOWN_ID}`);
      }
    });

    describe.skipIf(target.isLive)('that need not be tried on a tenant', () => {
      /** Secrets that are good for an operation. */
      const openFor = ({ security }: Operation, token: string): string =>
        security.every((parts) => parts.includes('element')) ? secrets(token) : secrets();

      test('a client that takes no JSON is 406 (docs: status codes, SW19)', async () => {
        const { token } = await make();
        for (const operation of operations) {
          const headers = { accept: 'text/html' };
          await answers(406, operation.method, fillPath(operation, target.element), {
            as: openFor(operation, token),
            headers,
          });
        }
      });

      test('a body that is no JSON is 400, and one that says so is 415 (docs: status codes, SW19)', async () => {
        const { id, token } = await make();
        const taking = operations.filter(({ body }) => body !== null);
        for (const operation of taking) {
          const path = fillPath(operation, target.element).replace(
            `/instances/${UNKNOWN_ID}`,
            `/instances/${id}`,
          );
          const as = openFor(operation, token);
          const xml = { 'content-type': 'application/xml' };
          await answers(415, operation.method, path, { as, body: '<a/>', headers: xml });
          // Beyond the service's own operations it is often the name of nothing that counts first.
          if (source === 'beyond' || path.includes(String(UNKNOWN_ID))) continue;
          await answers(400, operation.method, path, { as, body: '{"broken' });
        }
      });
    });
  });
}
