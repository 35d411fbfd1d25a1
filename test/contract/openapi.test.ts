import { describe, expect, test } from 'vitest';
import { routes } from '../../src/sandbox/http/routes.ts';
import { findOperation, readDescriptions } from '../support/openapi-operations.ts';
import { assertExchange, describeApi, type Exchange } from '../support/openapi.ts';

const { operations } = describeApi();
const SOURCES = ['SW19', 'SDK18', 'CH18', 'CHI', 'DP', 'CE', 'SAP', 'DC'];

describe('the two files', () => {
  test('describe what the sandbox serves, and nothing else', () => {
    const served = routes.flatMap(({ template, methods }) =>
      Object.keys(methods).map((method) => `${method} ${template}`),
    );
    expect(operations.map(({ name }) => name).sort()).toEqual(served.sort());
  });

  test('have 41 operations of the service, each with an id of its own, and none twice', () => {
    expect(operations.filter(({ source }) => source === 'service')).toHaveLength(41);
    expect(new Set(operations.map(({ id }) => id)).size).toBe(operations.length);
    expect(new Set(operations.map(({ name }) => name)).size).toBe(operations.length);
  });

  test('ours says of every operation, parameter and schema who names it, or that it is invented', () => {
    const [, ours] = readDescriptions();
    const { schemas } = ours?.root['components'] as { schemas: Record<string, Record<string, unknown>> };
    const marked = [
      ...operations
        .filter(({ source }) => source === 'beyond')
        .map(({ name, node }) => [name, node] as const),
      ...Object.entries(schemas),
    ];
    const isMarked = (node: Readonly<Record<string, unknown>>): boolean => {
      const evidence = (node['x-evidence'] ?? []) as readonly string[];
      return (
        (evidence.length > 0 || node['x-invented'] === true) && evidence.every((tag) => SOURCES.includes(tag))
      );
    };
    expect(marked.filter(([, node]) => !isMarked(node)).map(([name]) => name)).toEqual([]);
  });

  test.each([
    ['GET', '/instances/count', '/instances/count'],
    ['GET', '/instances/7', '/instances/{id}'],
    ['PATCH', '/instances/configuration/7/', '/instances/configuration/{configId}'],
    ['GET', '/accounts/instances', '/accounts/instances'],
    ['GET', '/hubs/crm/ping', '/hubs/{hub}/ping'],
    ['GET', '/hubs/crm/contacts', '/hubs/{hub}/{resource}'],
    ['GET', '/contacts', '/{resource}'],
    ['DELETE', '/contacts/7', '/{resource}/{recordId}'],
    ['PATCH', '/elements/closeio', null],
    ['PUT', '/instances/count', null],
    ['GET', '/ping/7', null],
    ['GET', '/', null],
  ])('%s %s is %s', (method, path, template) => {
    const found = findOperation(operations, method, path);
    // `/instances/count` as an id is no number, which the request's own check says.
    if (path === '/instances/count' && method === 'PUT')
      expect(found?.operation.template).toBe('/instances/{id}');
    else expect(found?.operation.template ?? null).toBe(template);
  });
});

describe('an exchange that is not as described is found', () => {
  const secrets = 'User u, Organization o';
  const error = { requestId: '5b0437c6e4b07731ae39b533', message: 'm' };
  const instance = {
    id: 7,
    name: 'n',
    token: 't',
    valid: true,
    element: { id: 146, key: 'closeio', name: 'Close' },
    configuration: {},
  };
  const find = (changes: Partial<Exchange>, body?: unknown, sent: Record<string, string> = {}) => {
    const exchange = {
      method: 'GET',
      path: '/instances/7',
      sent: new Headers({ authorization: secrets, ...sent }),
      sentBody: null,
      status: 200,
      headers: new Headers({ 'content-type': 'application/json' }),
      text: body === undefined ? '' : JSON.stringify(body),
      ...changes,
    };
    return (): unknown => assertExchange(exchange);
  };
  const create = { method: 'POST', path: '/instances' };
  const sentBody = JSON.stringify({ name: 'n', configuration: {} });

  test.each([
    ['a read', find({}, instance)],
    ['a create', find({ ...create, sentBody }, instance)],
    ['a wrong body that is refused', find({ ...create, sentBody: '{', status: 400 }, error)],
    ['an unknown path that is refused', find({ path: '/instances/7/nothing', status: 404 }, error)],
    ['more secrets than are needed', find({}, instance, { authorization: `${secrets}, Element e` })],
  ])('%s is as described', (_what, check) => {
    expect(check).not.toThrow();
  });

  test.each([
    [
      'a field of the wrong type',
      find({}, { ...instance, id: '7' }),
      'response 200: body /id must be integer',
    ],
    [
      'a field inside',
      find({}, { ...instance, configuration: { a: 1 } }),
      '/configuration/a must be string,null',
    ],
    ['a required field', find({}, { ...instance, token: undefined }), "required property 'token'"],
    ['no JSON', find({ text: '<html>' }), 'body is not valid JSON'],
    ['another type', find({ headers: new Headers() }, instance), 'Content-Type is nothing'],
    ['a success that is not described', find({ status: 201 }, instance), 'response 201: is not described'],
    ['an error without a request id', find({ status: 404 }, { message: 'm' }), 'requestId'],
    [
      'an error without a message',
      find({ status: 500 }, { ...error, message: '' }),
      'message must say something',
    ],
    ['a body that nobody described', find({ method: 'DELETE' }, {}), 'has a body, and none is described'],
    [
      'a header of the wrong type',
      find(
        {
          path: '/instances',
          headers: new Headers({ 'content-type': 'application/json', 'elements-total-count': 'x' }),
        },
        [instance],
      ),
      'header elements-total-count must be integer',
    ],
    ['success on an unknown path', find({ path: '/instances/7/nothing' }, {}), 'must be a 4xx'],
    [
      'a wrong body that is taken',
      find({ ...create, sentBody: '{"name":7}' }, instance),
      'request: body /name',
    ],
    ['a body that is left out', find(create, instance), 'body is required'],
    [
      'secrets that are left out',
      find({}, instance, { authorization: 'User u' }),
      'must have user + organization',
    ],
    [
      'a parameter of the wrong type',
      find({ path: '/instances?pageSize=201' }, [instance]),
      'query parameter pageSize must be <= 200',
    ],
    [
      'a parameter that is left out',
      find({ path: '/elements/zendesk/oauth/url' }, { element: 'zendesk', oauthUrl: 'https://a.example' }),
      'query parameter apiKey is required',
    ],
    [
      'a path that is no number',
      find({ path: '/instances/x' }, instance),
      'path parameter id must be integer',
    ],
  ])('%s', (_what, check, words) => {
    expect(check).toThrow(words);
  });
});
