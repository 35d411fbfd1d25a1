import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { constants } from 'node:os';

/** A program to start; no shell reads its words. */
export interface Program {
  readonly words: readonly string[];
  readonly cwd: string;
  /** All that it gets; what is not listed it does not see (safety.md E6). */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** What a program wrote to stdout, or why that counts for nothing. What it wrote to stderr is thrown away: it may hold a secret. */
export type Captured =
  { readonly kind: 'output'; readonly bytes: Uint8Array } | { readonly kind: 'failed'; readonly why: string };

export interface CaptureTerms {
  readonly timeoutMs: number;
  readonly mostBytes: number;
  /** Ends the program, and what it started. */
  readonly stop: AbortSignal;
}

/** A program that has ended is given this long to have its last words read: what it left behind may hold the pipe open. */
const lastWordsMs = 200;

/** Runs a program to its end and keeps what it writes. Never throws; `why` quotes nothing of what it wrote. */
export function captureOutput(program: Program, terms: CaptureTerms): Promise<Captured> {
  return new Promise((resolve) => {
    // A group of its own: what it has started in turn is ended with it.
    const child = start(program, { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
    if (typeof child === 'string') {
      resolve({ kind: 'failed', why: child });
      return;
    }
    const chunks: Buffer[] = [];
    let total = 0;
    let why: string | null = null;
    const finish = (): void => {
      clearTimeout(timer);
      terms.stop.removeEventListener('abort', onStop);
      child.stdout?.destroy();
      resolve(why === null ? { kind: 'output', bytes: Buffer.concat(chunks) } : { kind: 'failed', why });
    };
    const end = (reason: string): void => {
      why ??= reason;
      killGroup(child);
    };
    const onStop = (): void => end('the run was stopped');
    const timer = setTimeout(
      () => end(`it took longer than ${String(terms.timeoutMs / 1000)} s`),
      terms.timeoutMs,
    );
    terms.stop.addEventListener('abort', onStop, { once: true });
    child.stdout?.on('data', (chunk: Buffer) => {
      total += chunk.length;
      if (total > terms.mostBytes) end(`it wrote more than ${String(terms.mostBytes / 1024)} KiB`);
      else chunks.push(chunk);
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      why ??= describeStart(error.code);
      finish();
    });
    child.on('exit', (code, signal) => {
      if (code !== 0)
        why ??= code === null ? `${String(signal)} ended it` : `it ended with exit code ${String(code)}`;
      killGroup(child);
      setTimeout(finish, lastWordsMs).unref();
    });
    child.on('close', finish);
    if (terms.stop.aborted) onStop();
  });
}

/** The process, or why there is none. */
function start({ words, cwd, env }: Program, options: SpawnOptions): ChildProcess | string {
  const [file = '', ...rest] = words;
  try {
    return spawn(file, rest, { ...options, cwd, env });
  } catch (error) {
    return describeStart((error as NodeJS.ErrnoException).code);
  }
}

/**
 * Runs a program on our own streams, hands it the signals that we get, and answers with its exit code: 128 and the signal's number
 * where one ended it. `failed`: it could not be started.
 */
export function runAttached(
  program: Program,
  onSignal: (handler: (signal: 'SIGINT' | 'SIGTERM') => void) => () => void,
): Promise<{ readonly code: number } | { readonly failed: string }> {
  return new Promise((resolve) => {
    const child = start(program, { stdio: 'inherit' });
    if (typeof child === 'string') {
      resolve({ failed: child });
      return;
    }
    // Ctrl-C at a terminal reaches the whole group by itself; any other signal is for us alone.
    const release = onSignal((signal) => {
      if (signal === 'SIGTERM' || !process.stdin.isTTY) child.kill(signal);
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      release();
      resolve({ failed: describeStart(error.code) });
    });
    child.on('close', (code, signal) => {
      release();
      resolve({ code: code ?? 128 + (signal === null ? 0 : constants.signals[signal]) });
    });
  });
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

function describeStart(code: string | undefined): string {
  if (code === 'ENOENT') return 'its program was not found';
  if (code === 'ENOTDIR') return 'its path leads through a file';
  if (code === 'EACCES') return 'its program may not be run';
  return `it could not be started (${code ?? 'unknown cause'})`;
}
