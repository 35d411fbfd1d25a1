import { randomBytes } from 'node:crypto';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { afterAll, beforeAll, expect } from 'vitest';
import { assertExchange } from '../support/openapi.ts';

/** A service to hold the contract against: a sandbox, or somebody's tenant. */
export interface Target {
  /** Starts it, or just says where it is. */
  readonly open: () => Promise<{ readonly url: string; readonly close: () => Promise<void> }>;
  readonly userSecret: string;
  readonly organizationSecret: string;
  /** The element that instances are made of. */
  readonly element: string;
  /** What an instance of it takes; null where none may be made. */
  readonly configuration: Readonly<Record<string, unknown>> | null;
  /** A tenant has instances that are not ours, and may do otherwise where we only infer. */
  readonly isLive: boolean;
}

/** An answer, its body parsed as far as it is JSON. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: unknown;
}

/** What a call has beside its method and path. */
export interface Options {
  /** Text goes out as it is, all else as JSON. */
  readonly body?: unknown;
  /** The whole `Authorization`; User and Organization if left out. */
  readonly as?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An instance as the suite reads it. */
export interface Seen {
  readonly id: number;
  readonly name: string;
  readonly token: string;
  readonly createdDate: string;
  readonly element: { readonly id: number; readonly key: string };
  readonly tags: readonly string[];
  readonly configuration: Readonly<Record<string, string | null>>;
  readonly disabled: boolean;
  readonly valid: boolean;
  readonly user: { readonly id: number };
}

type Ask = (status: number, method: string, path: string, options?: Options) => Promise<Answered>;

/** A service while its suite runs. Every exchange is held against the two OpenAPI files. */
export interface Service {
  readonly target: Target;
  /** Begins the name of all that this run makes. */
  readonly run: string;
  /** `User …, Organization …`, and `Element …` if a token is given. */
  readonly secrets: (token?: string) => string;
  /** Calls, and asserts a status that a source names. */
  readonly answers: Ask;
  /** Calls, and asserts a status that is only inferred: a tenant may give another, which is noted instead. */
  readonly infers: Ask;
  /** Makes an instance; it is deleted at the end. */
  readonly make: (changes?: Readonly<Record<string, unknown>>) => Promise<Seen>;
  /** A body to make one with. */
  readonly draft: (changes?: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
  /** What was asserted: statuses by operation, as `GET /instances/{id}`. */
  readonly asserted: ReadonlyMap<string, ReadonlySet<number>>;
  /** Where a tenant does otherwise than inferred. */
  readonly notes: readonly string[];
}

/** No id of anything. */
export const UNKNOWN_ID = 999_999_999_999;
const PATIENCE = 240_000;

/** To be called in a `describe`: opens the service for it, and at the end deletes what was made, whatever happened. */
export function useService(target: Target): Service {
  const run = `instate-contract-${randomBytes(5).toString('hex')}`;
  const asserted = new Map<string, Set<number>>();
  const notes: string[] = [];
  let opened: { readonly url: string; readonly close: () => Promise<void> } | null = null;
  const ids = new Set<number>();
  let drafts = 0;

  const secrets = (token?: string): string => {
    const pair = `User ${target.userSecret}, Organization ${target.organizationSecret}`;
    return token === undefined ? pair : `${pair}, Element ${token}`;
  };
  const call = async (method: string, path: string, options: Options) => {
    const { body, as = secrets() } = options;
    const sent = new Headers({ ...(as === '' ? {} : { authorization: as }), ...options.headers });
    const sentBody = body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await send(`${opened?.url}${path}`, method, sent, sentBody);
    if (method === 'POST' && answer.status === 200 && path.endsWith('/instances')) remember(answer.body);
    const operation = assertExchange(
      { method, path, sent, sentBody, ...answer },
      target.isLive ? 'allowed' : 'refused',
    );
    return { answer, name: operation?.name ?? null };
  };
  /** Before anything is asserted of it: whatever is wrong with the answer, it is to be deleted. */
  const remember = (body: unknown): void => {
    const { id, token } = (body ?? {}) as Partial<Seen>;
    if (typeof id === 'number' && token !== undefined) ids.add(id);
  };
  const record = (name: string | null, status: number): void => {
    if (name !== null) asserted.set(name, (asserted.get(name) ?? new Set()).add(status));
  };
  const answers: Ask = async (status, method, path, options = {}) => {
    const { answer, name } = await call(method, path, options);
    expect(answer.status, `${method} ${path} says "${readMessage(answer)}"`).toBe(status);
    record(name, status);
    return answer;
  };
  const infers: Ask = async (status, method, path, options = {}) => {
    if (!target.isLive) return answers(status, method, path, options);
    const { answer, name } = await call(method, path, options);
    if (answer.status === status) record(name, status);
    else notes.push(`${method} ${path}: ${answer.status} "${readMessage(answer)}", not ${status}`);
    return answer;
  };
  const draft: Service['draft'] = (changes = {}) => {
    const { element, configuration } = target;
    drafts += 1;
    return { name: `${run}-${drafts}`, element: { key: element }, configuration, tags: [run], ...changes };
  };
  const make: Service['make'] = async (changes) => {
    const answer = await answers(200, 'POST', '/instances', { body: draft(changes) });
    return answer.body as Seen;
  };

  beforeAll(async () => {
    opened = await target.open();
  });
  afterAll(async () => {
    try {
      if (opened !== null) await sweep(opened.url, { run, ids }, secrets());
    } finally {
      await opened?.close();
    }
  });
  return { target, run, secrets, answers, infers, make, draft, asserted, notes };
}

/**
 * Deletes what this run made: the ids that it was answered, then what is found by its name, which begins with a word that
 * nobody else has, since an answer may have been lost. Throws if something is left.
 */
async function sweep(
  url: string,
  { run, ids }: { readonly run: string; readonly ids: ReadonlySet<number> },
  authorization: string,
): Promise<void> {
  const sent = new Headers({ authorization });
  const remove = (id: number): Promise<Answered> => send(`${url}/instances/${id}`, 'DELETE', sent, null);
  const list = async (): Promise<readonly Seen[]> => {
    const { status, body } = await send(`${url}/instances?hydrate=true&searchText=${run}`, 'GET', sent, null);
    if (status !== 200 && status !== 404)
      throw new Error(`What is left of ${run} cannot be listed: ${status}`);
    const items = status === 200 ? (body as readonly Seen[]) : [];
    return items.filter(({ name }) => name.startsWith(run));
  };
  for (const id of ids) await remove(id);
  for (const { id } of await list()) await remove(id);
  const left = (await list()).map(({ id, name }) => `${id} ${name}`);
  if (left.length > 0) throw new Error(`Instances of this run are left: ${left.join(', ')}`);
}

/** The message of an error; empty where there is none. */
export function readMessage({ body }: Answered): string {
  const { message = '' } = (body ?? {}) as { readonly message?: string };
  return message;
}

/** Sends with no header but those given, and a body on any method: fetch does neither. */
function send(url: string, method: string, sent: Headers, body: string | null): Promise<Answered> {
  const request = url.startsWith('https:') ? requestHttps : requestHttp;
  const length = body === null ? {} : { 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(PATIENCE);
    const options = { method, headers: { ...Object.fromEntries(sent), ...length }, signal };
    const outgoing = request(url, options, (incoming) => {
      const chunks: Buffer[] = [];
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
      incoming.on('error', reject);
      incoming.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        const headers = new Headers();
        for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, String(value));
        resolve({ status: incoming.statusCode ?? 0, headers, text, body: parse(text) });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body ?? undefined);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
