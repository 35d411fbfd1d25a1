import { answerJson, isRefusal, refuse, type Reply } from '../http/answers.ts';
import type { Call } from '../http/calls.ts';
import { findTarget } from '../instances/target.ts';
import type { Element } from '../world/catalogue.ts';
import { listObjects } from './objects.ts';
import { sampleFields } from './samples.ts';

/** One thing that an instance can be asked to do. */
interface Operation {
  readonly operationId: string;
  readonly method: 'get' | 'post';
  readonly path: string;
  readonly object: string;
}

type Json = Readonly<Record<string, unknown>>;

/**
 * `GET …/docs`: Swagger 2.0 of what an instance offers, of one operation if the query names it (docs: operations, SW19, CH18).
 * There is one version of it, whatever `version` says.
 */
export function readDocs(call: Call): Reply {
  const operationId = call.query.get('operationId');
  return answerDocs(call, operationId === '' ? null : operationId, describeOffer);
}

/** `GET …/docs/{operationId}`: the same document, of one operation alone (docs: operations, SW19; the shape is inferred). */
export function readOperationDocs(call: Call): Reply {
  return answerDocs(call, call.params['operationId'] ?? '', describeOffer);
}

/** `GET …/docs/{operationId}/definitions`: the schemas that an operation needs, by name (docs: operations, SW19; the shape is inferred). */
export function readOperationDefinitions(call: Call): Reply {
  return answerDocs(call, call.params['operationId'] ?? '', (_, operations) => describeSchemas(operations));
}

function answerDocs(
  call: Call,
  operationId: string | null,
  describe: (element: Element, operations: readonly Operation[]) => Json,
): Reply {
  const instance = findTarget(call);
  if (isRefusal(instance)) return instance;
  const operations = listOperations(instance.element).filter(
    (operation) => operationId === null || operation.operationId === operationId,
  );
  if (operations.length === 0) return refuse(404, `No operation found with ID ${operationId}`);
  return answerJson(describe(instance.element, operations));
}

/** Paths name the hub: without it some objects, `accounts` for one, are words of the platform's own. */
function listOperations({ hub }: Element): readonly Operation[] {
  return listObjects(hub).flatMap((object): readonly Operation[] => {
    const word = object.replace(/(^|-)([a-z])/g, (_, __, letter: string) => letter.toUpperCase());
    const path = `/hubs/${hub}/${object}`;
    return [
      { operationId: `get${word}`, method: 'get', path, object },
      { operationId: `create${word}`, method: 'post', path, object },
    ];
  });
}

function describeOffer(element: Element, operations: readonly Operation[]): Json {
  const paths = new Map<string, Json>();
  for (const operation of operations) {
    const { path, method } = operation;
    paths.set(path, { ...paths.get(path), [method]: describeOperation(operation) });
  }
  return {
    swagger: '2.0',
    info: { title: element.name, version: '1.0' },
    basePath: '/elements/api-v2',
    consumes: ['application/json'],
    produces: ['application/json'],
    securityDefinitions: { secrets: { type: 'apiKey', in: 'header', name: 'Authorization' } },
    security: [{ secrets: [] }],
    paths: Object.fromEntries(paths),
    definitions: describeSchemas(operations),
  };
}

function describeOperation({ operationId, method, object }: Operation): Json {
  const record = { $ref: `#/definitions/${object}` };
  const isList = method === 'get';
  const parameters = isList
    ? [
        { name: 'pageSize', in: 'query', type: 'integer', minimum: 1, maximum: 200 },
        { name: 'nextPage', in: 'query', type: 'string' },
      ]
    : [{ name: 'body', in: 'body', required: true, schema: record }];
  return {
    operationId,
    summary: `${isList ? 'List' : 'Create one of'} ${object}`,
    tags: [object],
    parameters,
    responses: {
      200: { description: 'OK', schema: isList ? { type: 'array', items: record } : record },
      default: { description: 'An error' },
    },
  };
}

function describeSchemas(operations: readonly Operation[]): Json {
  const properties = Object.fromEntries(
    sampleFields.map(({ path, type }) => [
      path,
      type === 'date' ? { type: 'string', format: 'date-time' } : { type },
    ]),
  );
  return Object.fromEntries(operations.map(({ object }) => [object, { type: 'object', properties }]));
}
