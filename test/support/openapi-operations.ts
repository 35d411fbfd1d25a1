import { readFileSync } from 'node:fs';
import { load } from 'js-yaml';

/** A JSON object of a description. */
export type Node = Readonly<Record<string, unknown>>;

/** Which of the two files describes an operation: the service's own API, or what the sandbox serves beyond it. */
export type Source = 'service' | 'beyond';

/** A whole description, as its file has it. */
export interface Description {
  readonly source: Source;
  readonly root: Node;
}

/** A path, query or header parameter. */
export interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly schema: Node;
}

/** One method on one path, its `$ref`s followed down to the schemas. */
export interface Operation {
  readonly source: Source;
  readonly method: string;
  readonly template: string;
  /** The template between its slashes. */
  readonly parts: readonly string[];
  /** `GET /instances/{id}`, as the sandbox's statistics count it. */
  readonly name: string;
  readonly id: string;
  readonly node: Node;
  readonly parameters: readonly Parameter[];
  /** Alternatives; each a list of the parts that `Authorization` must have. Empty where nothing is needed. */
  readonly security: readonly (readonly string[])[];
  readonly body: { readonly required: boolean; readonly schema: Node | null } | null;
  readonly responses: ReadonlyMap<string, Node>;
}

/** An operation that a path matched, and the raw values of its `{…}`. */
export interface Found {
  readonly operation: Operation;
  readonly params: Readonly<Record<string, string>>;
}

const FILES: readonly (readonly [Source, string])[] = [
  ['service', '../../docs/api/openapi.yaml'],
  ['beyond', '../../docs/api/sandbox-openapi.yaml'],
];
const METHODS = ['get', 'put', 'post', 'delete', 'patch', 'head', 'options'];
/** The parts of `Authorization` that a security scheme of the files stands for. */
const PARTS: Readonly<Record<string, readonly string[]>> = {
  orgUser: ['user', 'organization'],
  orgUserElement: ['user', 'organization', 'element'],
  userElement: ['user', 'element'],
  bearer: ['bearer'],
};

/** Reads both files. */
export function readDescriptions(): readonly Description[] {
  return FILES.map(([source, file]) => {
    const root = load(readFileSync(new URL(file, import.meta.url), 'utf8')) as Node;
    return { source, root };
  });
}

/** Every operation of a description. Throws on a `$ref` that leads nowhere, and on a security scheme it does not know. */
export function listOperations({ source, root }: Description): readonly Operation[] {
  return Object.entries(root['paths'] as Record<string, Node>).flatMap(([template, item]) =>
    METHODS.filter((method) => item[method] !== undefined).map((method) =>
      readOperation(source, root, template, item, method),
    ),
  );
}

function readOperation(source: Source, root: Node, template: string, item: Node, method: string): Operation {
  const node = item[method] as Node;
  const shared = (item['parameters'] ?? []) as readonly Node[];
  const own = (node['parameters'] ?? []) as readonly Node[];
  const body = node['requestBody'] === undefined ? null : follow(root, node['requestBody']);
  const responses = Object.entries(node['responses'] as Node).map(
    ([status, response]) => [status, follow(root, response)] as const,
  );
  const name = `${method.toUpperCase()} ${template}`;
  return {
    source,
    method: method.toUpperCase(),
    template,
    parts: split(template),
    name,
    id: String(node['operationId']),
    node,
    parameters: [...shared, ...own].map((parameter) => readParameter(follow(root, parameter))),
    security: readSecurity(name, (node['security'] ?? root['security'] ?? []) as readonly Node[]),
    body: body === null ? null : { required: body['required'] === true, schema: findJsonSchema(body) },
    responses: new Map(responses),
  };
}

function readParameter({ name, in: place, required, schema }: Node): Parameter {
  return { name: String(name), in: String(place), required: required === true, schema: schema as Node };
}

function readSecurity(name: string, security: readonly Node[]): Operation['security'] {
  return security.map((alternative) =>
    Object.keys(alternative).flatMap((scheme) => {
      const parts = PARTS[scheme];
      if (parts === undefined) throw new Error(`${name}: security scheme ${scheme} is unknown`);
      return parts;
    }),
  );
}

/** The schema of a body's JSON; null where none is described. */
export function findJsonSchema({ content }: Node): Node | null {
  const json = (content as Record<string, Node> | undefined)?.['application/json'];
  return (json?.['schema'] as Node | undefined) ?? null;
}

/** Follows a `$ref` within its file, if there is one. */
export function follow(root: Node, node: unknown): Node {
  const ref = (node as Node)['$ref'];
  if (ref === undefined) return node as Node;
  let found: unknown = root;
  for (const part of String(ref).replace(/^#\//, '').split('/')) {
    found = (found as Node | undefined)?.[part.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  if (found === undefined) throw new Error(`${String(ref)} leads nowhere`);
  return follow(root, found);
}

/**
 * Finds the operation of a method and a path without its query; null where none is described. Part by part from the
 * left a word wins over a `{…}`, and a path that begins with a word of some template is never a vendor's resource.
 */
export function findOperation(operations: readonly Operation[], method: string, path: string): Found | null {
  const parts = split(path);
  const isWord = operations.some((operation) => operation.parts[0] === parts[0]);
  const [best] = operations
    .filter((operation) => operation.method === method && fits(operation.parts, parts))
    .filter((operation) => !(isWord && isPlace(operation.parts[0])))
    .sort((one, other) => (rank(one.parts) < rank(other.parts) ? -1 : 1));
  if (best === undefined) return null;
  const params = best.parts.flatMap((part, at) =>
    isPlace(part) ? [[part.slice(1, -1), parts[at] ?? ''] as const] : [],
  );
  return { operation: best, params: Object.fromEntries(params) };
}

function fits(own: readonly string[], parts: readonly string[]): boolean {
  return own.length === parts.length && own.every((part, at) => isPlace(part) || part === parts[at]);
}

/** Sorts templates of one length: at the first place where they differ, the word comes first. */
function rank(parts: readonly string[]): string {
  return parts.map((part) => (isPlace(part) ? '1' : '0')).join('');
}

function isPlace(part: string | undefined): boolean {
  return part?.startsWith('{') === true;
}

function split(path: string): readonly string[] {
  return path.split('/').filter((part) => part !== '');
}
