import type { Exchange } from './openapi.ts';
import { findJsonSchema, follow, type Node, type Operation } from './openapi-operations.ts';
import { coerce, isJson, parse, type Validate } from './openapi-schemas.ts';

/** 24 hexadecimal digits (docs: errors, CE, SAP). */
const REQUEST_ID = /^[0-9a-f]{24}$/;

/** What is wrong with an answer by the operation that gave it: its status, its headers, its body. */
export function checkResponse(
  exchange: Exchange,
  operation: Operation,
  root: Node,
  validate: Validate,
): readonly string[] {
  const { status, headers } = exchange;
  const isError = status >= 400;
  // `default` is for errors: a success that no operation names is a finding.
  const response =
    operation.responses.get(String(status)) ?? (isError ? operation.responses.get('default') : undefined);
  if (response === undefined) return ['is not described'];
  const declared = Object.entries((response['headers'] ?? {}) as Node).flatMap(([name, node]) =>
    checkHeader(headers, name, follow(root, node), (schema, value) =>
      validate(operation.source, schema, value),
    ),
  );
  return [
    ...declared,
    ...checkBody(exchange, response, (schema, value) => validate(operation.source, schema, value)),
  ];
}

/** Whether a success is described that has no body. */
export function hasNoBody(operation: Operation, status: number): boolean {
  const response = operation.responses.get(String(status));
  return response !== undefined && findJsonSchema(response) === null;
}

type ValidateOwn = (schema: Node, value: unknown) => readonly string[];

function checkHeader(headers: Headers, name: string, node: Node, validate: ValidateOwn): readonly string[] {
  const text = headers.get(name);
  if (text === null) return node['required'] === true ? [`header ${name} is required`] : [];
  const schema = node['schema'] as Node;
  return validate(schema, coerce(text, schema)).map((problem) => `header ${name}${problem}`);
}

/** The body by its schema; every error's has a request id and a message; where none is described there is none. */
function checkBody(exchange: Exchange, response: Node, validate: ValidateOwn): readonly string[] {
  const { status, headers, text } = exchange;
  const schema = findJsonSchema(response);
  const isError = status >= 400;
  if (schema === null && !isError) return text === '' ? [] : ['has a body, and none is described'];
  const type = headers.get('content-type') ?? 'nothing';
  if (!isJson(type)) return [`Content-Type is ${type}, not JSON`];
  const value = parse(text);
  if (value === undefined) return ['body is not valid JSON'];
  const problems = schema === null ? [] : validate(schema, value).map((problem) => `body ${problem}`);
  return isError ? [...problems, ...checkError(value)] : problems;
}

/** Every error says `requestId` and `message` (docs: errors, CE, SAP). */
function checkError(value: unknown): readonly string[] {
  const { requestId, message } = (typeof value === 'object' && value !== null ? value : {}) as Node;
  const problems: string[] = [];
  if (typeof requestId !== 'string' || !REQUEST_ID.test(requestId)) {
    problems.push(`body /requestId must be 24 hexadecimal digits, not ${JSON.stringify(requestId)}`);
  }
  if (typeof message !== 'string' || message === '') problems.push('body /message must say something');
  return problems;
}

/** What neither file describes can only be turned down. */
export function checkUndescribed({ method, path, status, headers, text }: Exchange): readonly string[] {
  const name = `${method} ${path}, response ${status}:`;
  if (status < 400 || status > 499) return [`${name} neither file describes it, so it must be a 4xx`];
  const isError = isJson(headers.get('content-type') ?? '');
  const problems = isError ? checkError(parse(text)) : ['Content-Type is not JSON'];
  return problems.map((problem) => `${name} ${problem}`);
}
