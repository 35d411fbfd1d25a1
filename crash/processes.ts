import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Signal } from './history.ts';

/** Where commands run: a history's folder, and all that they see of the environment. */
export interface Place {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  /** To the process and its children; false if it has ended. */
  readonly send: (signal: Signal) => boolean;
  readonly hasEnded: () => boolean;
  readonly ended: Promise<Ended>;
}

/** The longest that one apply of a few instances may take, ms. */
const patienceMs = 60_000;
const living = new Set<ChildProcess>();

/** Starts a command, a process group of its own, its output in `NAME.out` and `NAME.err` of the folder. */
export function start(command: readonly string[], { folder, env }: Place, name: string): Running {
  const [file = '', ...args] = command;
  const files = [join(folder, `${name}.out`), join(folder, `${name}.err`)] as const;
  const [out, err] = files.map((path) => openSync(path, 'w'));
  const child = spawn(file, args, {
    cwd: folder,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', out, err],
    detached: true,
  });
  for (const fd of [out, err]) if (fd !== undefined) closeSync(fd);
  living.add(child);
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const send = (signal: Signal) => !hasEnded() && sendToGroup(child, signal);
  const timer = setTimeout(() => send('SIGKILL'), patienceMs);
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      living.delete(child);
      const [outText = '', errText = ''] = files.map((path) => readFileSync(path, 'utf8'));
      resolve({ code, signal, out: outText, err: errText });
    });
  });
  return { send, hasEnded, ended };
}

/** Ends every process that the harness has started and that still lives. */
export function endAll(): void {
  for (const child of living) sendToGroup(child, 'SIGKILL');
}

/** A process that is not one of ours to crash, but must not outlive us. */
export function endWithUs(child: ChildProcess): void {
  const end = () => void child.kill('SIGKILL');
  process.once('exit', end);
  child.once('exit', () => process.off('exit', end));
}

function sendToGroup({ pid }: ChildProcess, signal: Signal): boolean {
  if (pid === undefined) return false;
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}

/** Resolves after `ms`. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, Math.max(0, ms));
  });
}
