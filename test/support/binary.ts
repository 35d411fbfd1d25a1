import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { holdToSchema } from './answers.ts';
import type { Bench } from './bench.ts';

/** The built command line. */
export const binary = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** What a process left behind. `code` is null if a signal ended it. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly done: Promise<Ended>;
  /** What it has said on stderr so far. */
  readonly said: () => string;
}

/** The built command line in a process of its own; only what a bench has in its environment. `before`: words of a tracer. */
export function start(
  bench: Bench,
  line: string,
  { stdin = 'ignore', before = [] }: { stdin?: 'ignore' | 'pipe'; before?: readonly string[] } = {},
): Running {
  const env = {
    ...bench.env,
    PATH: process.env['PATH'],
    HOME: bench.folder,
    XDG_CONFIG_HOME: bench.at('.config'),
  };
  const [program = '', ...words] = [...before, process.execPath, '--', binary, ...line.split(' ')];
  const child = spawn(program, words, { cwd: bench.folder, env, stdio: [stdin, 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let [out, err] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const done = once(child, 'close').then(([code]) => {
    if (code !== null) holdToSchema(out);
    return { code: code as number | null, out, err };
  });
  return { child, done, said: () => err };
}

/** Runs it to its end. */
export function runBinary(bench: Bench, line: string): Promise<Ended> {
  return start(bench, line).done;
}

/** Resolves once `condition` holds. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((done) => setTimeout(done, 5));
}

/** Says what is missing where nothing was built. */
export function requireBinary(): void {
  if (!existsSync(binary)) throw new Error('dist/ is missing: npm run build');
}
