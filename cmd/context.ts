import { randomUUID } from 'node:crypto';
import { homedir, hostname, tmpdir, userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Api, ApiOptions } from '../src/api/instances.ts';
import type { Trust } from '../src/api/trust.ts';
import type { StateStore } from '../src/ports.ts';
import type { OpenStateOptions } from '../state/open.ts';
import manifest from '../package.json' with { type: 'json' };
import { captureOutput, runAttached, type Program } from './child-process.ts';
import type { SealedEnvironment } from './environment.ts';

export type { Api };

/** Where text goes. `columns` is 0 where nobody knows. */
export interface Output {
  readonly write: (text: string) => void;
  readonly isTTY: boolean;
  readonly columns: number;
}

export type StopSignal = 'SIGINT' | 'SIGTERM';

/** Everything of the outside world that a command may touch. Tests hand in their own; nothing else reads the process. */
export interface Context {
  readonly version: string;
  readonly cwd: string;
  /** What of the environment is known to be harmless. */
  readonly env: SealedEnvironment['plain'];
  /** The rest of it, for references and the state's key (safety.md E6). */
  readonly sealedEnv: SealedEnvironment['sealed'];
  readonly stdout: Output;
  readonly stderr: Output;
  readonly stdin: {
    readonly isTTY: boolean;
    readonly readAll: () => Promise<string>;
    /** One line; null if the input ended or `stop` fired first. */
    readonly ask: (question: string, stop: AbortSignal) => Promise<string | null>;
  };
  readonly now: () => number;
  readonly monotonic: () => number;
  readonly random: () => number;
  readonly newId: () => string;
  /** Resolves after `ms`, or as soon as `stop` fires. */
  readonly wait: (ms: number, stop: AbortSignal) => Promise<void>;
  readonly who: { readonly pid: number; readonly host: string; readonly user: string };
  /** `~/.config` or what XDG says: the state key lies below it. */
  readonly configFolder: string;
  readonly tempFolder: string;
  /** Calls back on SIGINT and SIGTERM until the returned function is called. */
  readonly onSignal: (handler: (signal: StopSignal) => void) => () => void;
  /** Runs a program and keeps what it writes. */
  readonly capture: typeof captureOutput;
  /** Runs a program on our own streams; answers with its exit code. */
  readonly attach: (program: Program) => ReturnType<typeof runAttached>;
  /** Ends the process at once: the second signal. */
  readonly exit: (code: number) => void;
  readonly openState: (options: OpenStateOptions) => Promise<StateStore>;
  /** Throws `untrusted_host` (safety.md F1). */
  readonly checkHost: (baseUrl: string, trust: Trust) => Promise<void>;
  /** Of an account whose host `checkHost` has passed. */
  readonly openApi: (options: ApiOptions) => Promise<Api>;
}

/** The real world, but for its environment, which `sealEnvironment` has emptied of secrets first. */
export function createContext({ plain, sealed }: SealedEnvironment): Context {
  return {
    version: manifest.version,
    cwd: process.cwd(),
    env: plain,
    sealedEnv: sealed,
    stdout: openOutput(process.stdout),
    stderr: openOutput(process.stderr),
    stdin: { isTTY: process.stdin.isTTY === true, readAll, ask },
    now: () => Date.now(),
    monotonic: () => performance.now(),
    random: () => Math.random(),
    newId: () => randomUUID(),
    wait: waitFor,
    who: { pid: process.pid, host: hostname(), user: readUser() },
    configFolder: findConfigFolder(plain['XDG_CONFIG_HOME']),
    tempFolder: tmpdir(),
    onSignal,
    capture: captureOutput,
    attach: (program) => runAttached(program, onSignal),
    exit: (code) => process.exit(code),
    openState: async (options) => (await import('../state/open.ts')).openState(options),
    checkHost: async (baseUrl, trust) => (await import('../src/api/trust.ts')).checkHost(baseUrl, trust),
    openApi: async (options) => (await import('../src/api/instances.ts')).openApi(options),
  };
}

/** The XDG standard has relative paths ignored: one would lead into whatever project one stands in. */
function findConfigFolder(named: string | undefined): string {
  return named !== undefined && isAbsolute(named) ? named : join(homedir(), '.config');
}

/** Waits on the process's own timer; a stop ends it early, without an error. */
export async function waitFor(ms: number, stop: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal: stop }).catch(() => undefined);
}

function openOutput(stream: NodeJS.WriteStream): Output {
  return { write: (text) => stream.write(text), isTTY: stream.isTTY === true, columns: stream.columns ?? 0 };
}

async function readAll(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString('utf8');
}

async function ask(question: string, stop: AbortSignal): Promise<string | null> {
  const lines = createInterface({
    input: process.stdin,
    output: process.stderr,
    terminal: process.stdin.isTTY,
  });
  // readline keeps Ctrl-C to itself while it reads from a terminal.
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  try {
    return await new Promise<string | null>((resolve) => {
      lines.once('close', () => resolve(null));
      stop.addEventListener('abort', () => resolve(null), { once: true });
      lines.question(question, resolve);
    });
  } finally {
    lines.close();
  }
}

function onSignal(handler: (signal: StopSignal) => void): () => void {
  const [onInt, onTerm] = [() => handler('SIGINT'), () => handler('SIGTERM')];
  process.on('SIGINT', onInt);
  process.on('SIGTERM', onTerm);
  return () => {
    process.off('SIGINT', onInt);
    process.off('SIGTERM', onTerm);
  };
}

function readUser(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}
