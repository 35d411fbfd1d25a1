import type { Exchange } from './openapi.ts';
import type { Found, Node, Operation, Parameter } from './openapi-operations.ts';
import { coerce, isJson, parse, type Validate } from './openapi-schemas.ts';

/** What is wrong with a request by the operation that it is for: its secrets, its parameters, its body. */
export function checkRequest(exchange: Exchange, found: Found, validate: Validate): readonly string[] {
  const { operation } = found;
  return [
    ...checkSecurity(operation, exchange.sent.get('authorization') ?? ''),
    ...operation.parameters.flatMap((parameter) => checkParameter(exchange, found, parameter, validate)),
    ...checkRequestBody(exchange, operation, validate),
  ];
}

/** Whether the parts of `Authorization` are there that one of the alternatives needs; more of them are fine. */
function checkSecurity({ security }: Operation, authorization: string): readonly string[] {
  const parts = authorization
    .split(',')
    .map((part) => /^\s*(\w+)\s+\S/.exec(part)?.[1]?.toLowerCase())
    .filter((part) => part !== undefined);
  const isMet = security.some((needed) => needed.every((part) => parts.includes(part)));
  if (security.length === 0 || isMet) return [];
  const needs = security.map((needed) => needed.join(' + ')).join(' or ');
  return [`Authorization must have ${needs}; it has ${parts.join(' + ') || 'nothing'}`];
}

function checkParameter(
  exchange: Exchange,
  { operation, params }: Found,
  parameter: Parameter,
  validate: Validate,
): readonly string[] {
  const { name, schema, required } = parameter;
  const place = `${parameter.in} parameter ${name}`;
  const values = readParameter(exchange, params, parameter);
  if (values === null) return [`${place} is not percent-encoded as it should be`];
  if (values.length === 0) return required ? [`${place} is required`] : [];
  const isList = schema['type'] === 'array';
  const items = (schema['items'] ?? {}) as Node;
  const value = isList ? values.map((text) => coerce(text, items)) : coerce(values[0] ?? '', schema);
  return validate(operation.source, schema, value).map((text) => `${place}${text}`);
}

function readParameter(
  { path, sent }: Exchange,
  params: Found['params'],
  { name, in: place }: Parameter,
): readonly string[] | null {
  if (place === 'query') {
    const mark = path.indexOf('?');
    return mark < 0 ? [] : new URLSearchParams(path.slice(mark + 1)).getAll(name);
  }
  const value = place === 'header' ? sent.get(name) : (params[name] ?? null);
  if (value === null) return [];
  if (place === 'header') return [value];
  try {
    return [decodeURIComponent(value)];
  } catch {
    return null;
  }
}

/** A body where none is described is fine: clients send `{}` on GET and DELETE (docs: what clients send). */
function checkRequestBody(
  { sentBody: body, sent }: Exchange,
  operation: Operation,
  validate: Validate,
): readonly string[] {
  const described = operation.body;
  if (described === null) return [];
  if (body === null || body === '') return described.required ? ['body is required'] : [];
  const type = sent.get('content-type');
  if (type !== null && !isJson(type)) return [`body is ${type}, not JSON`];
  const value = parse(body);
  if (value === undefined) return ['body is not valid JSON'];
  const { schema } = described;
  return schema === null ? [] : validate(operation.source, schema, value).map((text) => `body ${text}`);
}
