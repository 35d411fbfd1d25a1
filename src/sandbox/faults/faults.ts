import { validateHeaderName, validateHeaderValue } from 'node:http';
import { isPlainObject } from '../http/answers.ts';

/** What a fault does. */
export type FaultKind = (typeof kinds)[number];

/** A scripted fault, its defaults filled in. Which fields count depends on `do`; see `fieldsOf`. */
export interface Fault {
  /** Method and path template: `POST /instances`, `GET /instances/{id}`. */
  readonly on: string;
  /** The first matching request it meets, from 1, counted since it was scripted. */
  readonly nth: number;
  /** How many matching requests in a row it meets. */
  readonly times: number;
  readonly do: FaultKind;
  readonly ms: number;
  readonly code: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined: the vendor's error body. A string goes out as it is, any other value as JSON. */
  readonly body: unknown;
  /** The instance to act on; null for the one that the request is about, or else the newest. */
  readonly id: number | null;
  /** To how many characters tags are cut. */
  readonly length: number;
}

/** Either all faults of a script, or everything that is wrong with it. */
export type ParsedFaults = { readonly faults: readonly Fault[] } | { readonly problems: readonly string[] };

const kinds = [
  /** The request waits for `ms`, then goes on as if it came only now. */
  'delay',
  /** Answers `code` with `headers` and `body`; nothing is done. */
  'status',
  /** The connection is closed; nothing is done. */
  'drop',
  /** The request is done, then the connection is closed. */
  'commit-then-drop',
  /** The request is done, then answered as by `status`. */
  'commit-then-status',
  /** The request is done after `ms`, and never answered. */
  'late-commit',
  /** An instance is missing from lists for `ms`; reading it by id works. A write: the one that it made or changed. */
  'hide-from-list',
  /** The request is done; half of the announced body is sent, then the connection is closed. */
  'truncate',
  /** The request is done; the answer is 200 and not JSON. */
  'garbage',
  /** The page that a `nextPage` asks for is the one before once more. On a first page: the page after it is. */
  'repeat-page',
  /**
   * Between two pages one instance is deleted (`id`, or else the last one seen) and one is added, and as with an offset
   * the next page passes over one that lives: total and count of distinct ids still agree. Not on a listing of one page.
   */
  'drift-pages',
  /** A write stores no tags; a read only shows none. */
  'strip-tags',
  /** The same with tags cut to `length` characters, 10 by default: shorter than any ownership tag. */
  'truncate-tags',
  /** A write: what it made is copied under another id, tags and all. A read: `id` or the newest is, before the answer. */
  'clone',
  /** The 404 of an empty list, word for word, while the instances are there; nothing is done. */
  'empty-404',
  /** The request is done; headers are sent, and then nothing. */
  'stall',
] as const;

/** The fields that a kind takes beside `on`, `nth`, `times` and `do`; those with `!` must be there. */
const fieldsOf: Readonly<Partial<Record<FaultKind, readonly string[]>>> = {
  delay: ['ms!'],
  status: ['code!', 'headers', 'body'],
  'commit-then-status': ['code!', 'headers', 'body'],
  'late-commit': ['ms!'],
  'hide-from-list': ['ms!', 'id'],
  'drift-pages': ['id'],
  'truncate-tags': ['length'],
  clone: ['id'],
};

/** How many operations a message names. */
const MAX_ALIKE = 6;
const DEFAULT_TAG_LENGTH = 10;
/** These say how an answer is cut into pieces, which is for the server alone to say. */
const FRAMING = new Set(['connection', 'content-length', 'trailer', 'transfer-encoding', 'upgrade']);
/** The longest that a timer can run, about 24 days. */
const MAX_MS = 2 ** 31 - 1;

/** For each field, what a value must be, and whether one is. */
const checks: Readonly<Record<string, readonly [string, (value: unknown) => boolean]>> = {
  nth: ['a whole number from 1', (value) => isWhole(value, 1, Infinity)],
  times: ['a whole number from 1', (value) => isWhole(value, 1, Infinity)],
  ms: [
    'a number of milliseconds from 0',
    (value) => typeof value === 'number' && value >= 0 && value <= MAX_MS,
  ],
  code: ['a status code from 200 to 599', (value) => isWhole(value, 200, 599)],
  headers: ['an object of valid header names and values', isHeaders],
  body: ['any JSON', () => true],
  id: ['the id of an instance', (value) => isWhole(value, 1, Infinity)],
  length: ['a whole number from 0', (value) => isWhole(value, 0, Infinity)],
};

/** Reads a script of faults: a list of objects. `operations` are the values that `on` may take. */
export function parseFaults(value: unknown, operations: readonly string[]): ParsedFaults {
  if (!Array.isArray(value)) return { problems: ['faults: must be a list of objects'] };
  const problems = value.flatMap((item, index) =>
    findProblems(item, operations).map(
      ([field, text]) => `faults[${index}]${field === '' ? '' : `.${field}`}: ${text}`,
    ),
  );
  return problems.length > 0 ? { problems } : { faults: value.map(fillFault) };
}

function findProblems(item: unknown, operations: readonly string[]): readonly (readonly [string, string])[] {
  if (!isPlainObject(item)) return [['', 'must be an object']];
  const { on, do: kind } = item;
  const known = kinds.find((name) => name === kind);
  const problems: [string, string][] = [];
  if (typeof on !== 'string' || !operations.includes(on)) {
    problems.push(['on', describeUnknown(on, operations)]);
  }
  if (known === undefined) return [...problems, ['do', `must be one of ${kinds.join(', ')}`]];
  const own = fieldsOf[known] ?? [];
  const allowed = ['on', 'do', 'nth', 'times', ...own.map((field) => field.replace('!', ''))];
  for (const field of own) {
    const name = field.replace('!', '');
    if (field !== name && item[name] === undefined) problems.push([name, `is required by ${known}`]);
  }
  for (const [field, given] of Object.entries(item)) {
    if (!allowed.includes(field)) {
      problems.push([field, `is not a field of ${known}, which takes ${allowed.join(', ')}`]);
      continue;
    }
    const [must, isValid] = checks[field] ?? ['', () => true];
    if (given !== undefined && !isValid(given)) problems.push([field, `must be ${must}`]);
  }
  return problems;
}

/** What to write in the place of an operation that is none: its template, if a slip explains it. */
function describeUnknown(on: unknown, operations: readonly string[]): string {
  if (typeof on !== 'string') return 'must be a method and a path template, for example POST /instances';
  const level = (text: string): string =>
    text
      .trim()
      .replace(/^(\w+) +(\/elements\/api-v2)?/, '$1 ')
      .replace(/\?.*$/, '')
      .replace(/\/\d+(?=\/|$)/g, '/{}')
      .replace(/\{[^}]*\}/g, '{}')
      .toLowerCase();
  const meant = operations.find((operation) => level(operation) === level(on));
  const [method = '', path = ''] = on.trim().split(/\s+/);
  const first = path.split('/')[1] ?? '';
  const alike = operations.filter((operation) => operation.split('/')[1] === first).slice(0, MAX_ALIKE);
  if (meant !== undefined) return `there is no operation ${JSON.stringify(on)}: did you mean ${meant}?`;
  const some = alike.length > 0 && method !== '' ? `, for example ${alike.join(', ')}` : '';
  return `there is no operation ${JSON.stringify(on.slice(0, 80))}${some}; GET /__sandbox/operations lists all`;
}

function fillFault(item: Partial<Fault>): Fault {
  const {
    on = '',
    nth = 1,
    times = 1,
    ms = 0,
    code = 500,
    headers = {},
    id = null,
    length = DEFAULT_TAG_LENGTH,
  } = item;
  const texts = Object.entries(headers).map(([name, text]) => [name.toLowerCase(), String(text)]);
  return {
    on,
    nth,
    times,
    do: item.do ?? 'drop',
    ms,
    code,
    headers: Object.fromEntries(texts),
    body: item.body,
    id,
    length,
  };
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
}

function isHeaders(value: unknown): boolean {
  if (!isPlainObject(value)) return false;
  return Object.entries(value).every(([name, text]) => {
    if (FRAMING.has(name.toLowerCase())) return false;
    if (typeof text !== 'string' && typeof text !== 'number') return false;
    try {
      validateHeaderName(name);
      validateHeaderValue(name, String(text));
      return true;
    } catch {
      return false;
    }
  });
}
