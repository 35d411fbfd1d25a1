import { request } from 'node:http';
import { startSandbox, type Sandbox, type SandboxOptions } from '../../src/sandbox/server.ts';
import { assertAnswer, assertExchange, type Exchange } from '../support/openapi.ts';

/** An answer with its body parsed, as far as it is JSON. */
export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: unknown;
}

/** An instance as the tests read it. */
export interface Seen {
  readonly id: number;
  readonly name: string;
  readonly token: string;
  readonly createdDate: string;
  readonly element: { readonly id: number; readonly key: string; readonly name: string };
  readonly elementId: number;
  readonly tags: readonly string[];
  readonly configuration: Readonly<Record<string, string | null>>;
  readonly disabled: boolean;
  readonly user: { readonly id: number };
}

/** A sandbox and a client of its own that knows nothing of the project's. */
export interface Bench extends Sandbox {
  /**
   * Holds request and answer against docs/api/openapi.yaml and docs/api/sandbox-openapi.yaml. What is wrong on purpose
   * may be sent: then the answer must be a 4xx.
   */
  readonly call: (method: string, path: string, body?: unknown, authorization?: string) => Promise<Answered>;
  /** The same for a request that goes beyond what the files describe and is taken all the same: only its answer is held. */
  readonly callLoosely: Bench['call'];
  /** The same for an answer that a scripted fault spoils, as no file describes it: nothing is held. */
  readonly callUnchecked: Bench['call'];
  readonly control: (method: string, path: string, body?: unknown) => Promise<Answered>;
  readonly script: (...faults: readonly unknown[]) => Promise<void>;
  /** Creates an instance and gives it as answered. */
  readonly create: (changes?: Readonly<Record<string, unknown>>) => Promise<Seen>;
  /** The ids of all pages, in order of arrival. */
  readonly listAll: (query?: string) => Promise<readonly number[]>;
}

export const SECRETS = 'User user-secret, Organization organization-secret';
export const REQUEST_ID = /^[0-9a-f]{24}$/;

/** A body that the service takes. */
export const closeio = {
  name: 'Sales',
  element: { key: 'closeio' },
  configuration: { username: 'u', password: 'p' },
};

/** Starts a sandbox for one test file. */
export async function startBench(options: Partial<SandboxOptions> = {}): Promise<Bench> {
  const sandbox = await startSandbox({ now: () => Date.now(), ...options });
  const root = `http://127.0.0.1:${sandbox.port}`;
  const callUnchecked: Bench['call'] = (method, path, body, authorization = SECRETS) =>
    send(`${sandbox.url}${path}`, method, body, { authorization });
  const callAnd =
    (assert: (exchange: Exchange) => void): Bench['call'] =>
    async (method, path, body, authorization = SECRETS) => {
      const answer = await callUnchecked(method, path, body, authorization);
      const sent = new Headers({ authorization });
      assert({ ...answer, method, path, sent, sentBody: body === undefined ? null : writeBody(body) });
      return answer;
    };
  const call = callAnd(assertExchange);
  const control: Bench['control'] = (method, path, body) =>
    send(`${root}/__sandbox${path}`, method, body, {});
  return {
    ...sandbox,
    call,
    callLoosely: callAnd(assertAnswer),
    callUnchecked,
    control,
    script: async (...faults) => {
      const { status, text } = await control('POST', '/faults', faults);
      if (status !== 200) throw new Error(text);
    },
    create: async (changes = {}) => {
      const { status, text, body } = await call('POST', '/instances', { ...closeio, ...changes });
      if (status !== 200) throw new Error(text);
      return body as Seen;
    },
    listAll: async (query = '') => {
      const ids: number[] = [];
      let next: string | null = '';
      while (next !== null) {
        const cursor: string = next === '' ? '' : `&nextPage=${next}`;
        const page = await call('GET', `/instances?hydrate=true${query}${cursor}`);
        if (page.status !== 200) throw new Error(page.text);
        ids.push(...readSeen(page).map(({ id }) => id));
        next = page.headers.get('elements-next-page-token');
      }
      return ids;
    },
  };
}

/** The instances of a list's answer. */
export function readSeen({ body }: Answered): readonly Seen[] {
  return body as readonly Seen[];
}

/** The one instance of an answer. */
export function readOne({ body }: Answered): Seen {
  return body as Seen;
}

/** The message of an error's body. */
export function readMessage({ body }: Answered): string {
  return (body as { message: string }).message;
}

/** Sends what fetch will not: a body on GET, headers left out. Gives status and text. */
export function sendRaw(
  url: string,
  options: {
    readonly method: string;
    /** In the place of the path of `url`: the request target as it goes out. */
    readonly path?: string;
    readonly headers: Record<string, string>;
    readonly body?: string;
  },
): Promise<{ readonly status: number; readonly text: string }> {
  const { method, headers, body, path } = options;
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      { method, headers, ...(path === undefined ? {} : { path }) },
      (incoming) => {
        let text = '';
        incoming.setEncoding('utf8');
        incoming.on('data', (chunk: string) => (text += chunk));
        incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, text }));
        incoming.on('error', reject);
      },
    );
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

/** Waits until something holds, for as long as a fault may take. */
export async function waitFor(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (await holds()) return;
    await pause(10);
  }
  throw new Error('It never held');
}

/** Lets some milliseconds go by. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function send(
  url: string,
  method: string,
  body: unknown,
  headers: Record<string, string>,
): Promise<Answered> {
  const payload = body === undefined ? {} : { body: Buffer.from(writeBody(body)) };
  const response = await fetch(url, { method, headers, ...payload });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: parse(text) };
}

/** Text goes out as it is, broken or not; all else as JSON. */
function writeBody(body: unknown): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
