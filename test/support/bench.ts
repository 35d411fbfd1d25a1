import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdtempSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { run } from '../../cmd/cli.ts';
import { createContext, type Context, type StopSignal } from '../../cmd/context.ts';
import { sealEnvironment } from '../../cmd/environment.ts';
import { startSandbox, type SandboxOptions } from '../../src/sandbox/server.ts';

import { holdToSchema } from './answers.ts';

/** What one command left behind. */
export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  readonly json: () => any; // eslint-disable-line @typescript-eslint/no-explicit-any
}

export interface Recorded {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed, keys in the order in which they came. */
  readonly body: unknown;
}

/** A folder, a sandbox, and the command line run in this process against both. All of it real but the streams. */
export async function openBench(options: Partial<SandboxOptions> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'instate-test-'));
  const sandbox = await startSandbox({ now: () => Date.now(), ...options });
  onTestFinished(async () => {
    await sandbox.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const control = sandbox.url.replace('/elements/api-v2', '/__sandbox');
  const env: Record<string, string | undefined> = {
    CE_USER_SECRET: 'user-secret-1',
    CE_ORGANIZATION_SECRET: 'organization-secret-1',
    USERNAME: 'someone@example.com',
    PASSWORD: 'pass-word-1',
    INSTATE_BASE_URL: sandbox.url,
  };
  const authorization = () =>
    `User ${env['CE_USER_SECRET'] ?? ''}, Organization ${env['CE_ORGANIZATION_SECRET'] ?? ''}`;
  const at = (path: string) => join(folder, path);
  return {
    folder,
    sandbox,
    env,
    at,
    write: (path: string, text: string) => {
      mkdirSync(dirname(at(path)), { recursive: true });
      writeFileSync(at(path), text);
    },
    exists: (path: string) => existsSync(at(path)),
    /** Every file below the folder with the hash of its bytes. */
    snapshot: () => hashFiles(folder),
    run: (line: string | readonly string[], overrides: Partial<Context> = {}) =>
      runHere(line, { folder, env, overrides }),
    /** A call to the account, as somebody else makes it. */
    call: async (method: string, path: string, body?: unknown) => {
      const init = body === undefined ? {} : { body: JSON.stringify(body) };
      const answer = await fetch(`${sandbox.url}${path}`, {
        method,
        headers: { authorization: authorization() },
        ...init,
      });
      return { status: answer.status, body: (await answer.json().catch(() => null)) as any }; // eslint-disable-line @typescript-eslint/no-explicit-any
    },
    stats: async (): Promise<{ requests: Record<string, number>; instances: number }> =>
      (await fetch(`${control}/stats`)).json() as never,
    posts: async () =>
      ((await (await fetch(`${control}/stats`)).json()) as { requests: Record<string, number> }).requests[
        'POST /instances'
      ] ?? 0,
    gets: async () =>
      ((await (await fetch(`${control}/stats`)).json()) as { requests: Record<string, number> }).requests[
        'GET /instances'
      ] ?? 0,
    requests: async (): Promise<readonly Recorded[]> => (await fetch(`${control}/requests`)).json() as never,
    clearFaults: async () => void (await fetch(`${control}/faults`, { method: 'POST', body: '[]' })),
    fault: async (...faults: readonly object[]) => {
      const answer = await fetch(`${control}/faults`, { method: 'POST', body: JSON.stringify(faults) });
      if (answer.status !== 200) throw new Error(await answer.text());
    },
  };
}
export type Bench = Awaited<ReturnType<typeof openBench>>;

/** The command line in this process, in a folder; `overrides` change the world that it sees. */
export async function runHere(
  line: string | readonly string[],
  {
    folder,
    env,
    overrides,
  }: { folder: string; env: Record<string, string | undefined>; overrides: Partial<Context> },
): Promise<Outcome> {
  let [out, err] = ['', ''];
  const context: Context = {
    ...createContext(sealEnvironment({ ...env })),
    cwd: folder,
    stdout: { write: (text) => (out += text), isTTY: false, columns: 0 },
    stderr: { write: (text) => (err += text), isTTY: false, columns: 0 },
    stdin: { isTTY: false, readAll: () => Promise.resolve(''), ask: () => Promise.resolve(null) },
    configFolder: join(folder, '.config'),
    onSignal: () => () => undefined,
    ...overrides,
  };
  const argv = typeof line === 'string' ? line.split(' ').filter((word) => word !== '') : line;
  const code = await run(argv, context);
  holdToSchema(out);
  return { code, out, err, json: () => JSON.parse(out) as never };
}

/** A person at a terminal who types these answers. */
export function terminal(
  ...answers: readonly string[]
): Partial<Context> & { readonly asked: string[]; readonly shown: () => string } {
  const asked: string[] = [];
  const left = [...answers];
  let shown = '';
  return {
    asked,
    shown: () => shown,
    stderr: { write: (text) => (shown += text), isTTY: true, columns: 100 },
    stdin: {
      isTTY: true,
      readAll: () => Promise.resolve(''),
      ask: (question) => {
        asked.push(question);
        return Promise.resolve(left.shift() ?? null);
      },
    },
  };
}

/** Waits for nothing: apply's closing looks come at once, so that what is late is not seen in the same run. */
export const impatient: Partial<Context> = { wait: () => Promise.resolve() };

/** A signal that a test sends when it likes. */
export function signals(): {
  readonly overrides: Partial<Context>;
  readonly send: (signal: StopSignal) => void;
  readonly exits: number[];
} {
  let handler: ((signal: StopSignal) => void) | null = null;
  const exits: number[] = [];
  return {
    exits,
    overrides: {
      onSignal: (given) => {
        handler = given;
        return () => (handler = null);
      },
      exit: (code) => void exits.push(code),
    },
    send: (signal) => handler?.(signal),
  };
}

/** Declarations of project crm: `blocks` go under `instances:`. */
export function declarations(blocks: string, top = ''): string {
  return `version: 1\nproject: crm\n${top}instances:\n${blocks.replace(/^/gm, '  ')}\n`;
}

/** One closeio instance with credentials from the bench's environment. */
export function closeio(address: string, more = ''): string {
  const lines = [
    `${address}:`,
    '  element: closeio',
    '  configuration:',
    '    username: "${env:USERNAME}"',
    '    password: "${env:PASSWORD}"',
  ];
  return [
    ...lines,
    ...more
      .split('\n')
      .filter(Boolean)
      .map((line) => `  ${line}`),
  ].join('\n');
}

function hashFiles(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    files.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [path.slice(folder.length + 1), createHash('sha256').update(readFileSync(path)).digest('hex')];
    }),
  );
}
