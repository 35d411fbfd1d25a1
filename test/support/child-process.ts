import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { build } from 'esbuild';

const repository = resolve(import.meta.dirname, '../..');

/** A TypeScript program made ready for plain node; `dispose` removes it. */
export interface ChildProgram {
  readonly path: string;
  dispose(): Promise<void>;
}

/** Bundles `entry` (relative to test/) as CommonJS or as a module, native modules left outside. */
export async function buildChildProgram(entry: string, format: 'cjs' | 'esm' = 'cjs'): Promise<ChildProgram> {
  const folder = await mkdtemp(join(tmpdir(), 'instate-child-'));
  const path = join(folder, format === 'cjs' ? 'child.cjs' : 'child.mjs');
  // A module is not looked for in NODE_PATH, and has no `require`.
  const sqlite = join(repository, 'node_modules/better-sqlite3/lib/index.js');
  const js =
    "import { createRequire as childRequire } from 'node:module'; const require = childRequire(import.meta.url);";
  const asModule = { alias: { 'better-sqlite3': sqlite }, external: [sqlite], banner: { js } };
  await build({
    ...(format === 'cjs' ? { external: ['better-sqlite3'] } : asModule),
    entryPoints: [join(repository, 'test', entry)],
    outfile: path,
    bundle: true,
    format,
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
  });
  return { path, dispose: () => rm(folder, { recursive: true, force: true }) };
}

export interface ChildEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** All lines of stdout. */
  readonly lines: readonly string[];
}

/** A running child, read line by line. */
export interface Child {
  readonly pid: number;
  /** Resolves with the first line that begins with `start`, also if it came before; rejects if the child ends without it. */
  untilLine(start: string): Promise<string>;
  /** Resolves with at least `count` lines; rejects if the child ends with fewer. */
  untilLines(count: number): Promise<readonly string[]>;
  kill(signal: NodeJS.Signals): void;
  /** Ends the child's input, which a waiting child takes as its cue. */
  finish(): void;
  ended(): Promise<ChildEnd>;
}

export interface ChildOptions {
  /** The largest file that the child may write, in KiB: the shell's `ulimit -f`. */
  readonly fileLimit?: number;
}

/** Starts a built program with one JSON argument. */
export function startChild(program: ChildProgram, order: unknown, options: ChildOptions = {}): Child {
  const command = [process.execPath, program.path, JSON.stringify(order)];
  const limited = [
    'bash',
    '--norc',
    '-c',
    `ulimit -f ${String(options.fileLimit)}; exec "$0" "$@"`,
    ...command,
  ];
  const [file, ...args] = options.fileLimit === undefined ? command : limited;
  const env = { PATH: process.env['PATH'], NODE_PATH: join(repository, 'node_modules') };
  return watchChild(spawn(file ?? '', args, { env, stdio: ['pipe', 'pipe', 'inherit'] }));
}

function watchChild(child: ChildProcessByStdio<Writable, Readable, null>): Child {
  const lines: string[] = [];
  let wake: () => void = () => undefined;
  const output = createInterface({ input: child.stdout });
  output.on('line', (line) => {
    lines.push(line);
    wake();
  });
  let over = false;
  const end = Promise.all([once(child, 'exit'), once(output, 'close')]).then(([[code, signal]]): ChildEnd => {
    over = true;
    wake();
    return { code: code as number | null, signal: signal as NodeJS.Signals | null, lines };
  });
  const until = async <T>(find: () => T | undefined, what: string): Promise<T> => {
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      if (over) throw new Error(`The child ended without ${what}: ${lines.join(' | ')}`);
      await new Promise<void>((resolveLine) => {
        wake = resolveLine;
      });
    }
  };
  return {
    pid: child.pid ?? 0,
    untilLine: (start) => until(() => lines.find((line) => line.startsWith(start)), `a line "${start}"`),
    untilLines: (count) =>
      until(() => (lines.length < count ? undefined : lines), `${count.toString()} lines`),
    kill: (signal) => child.kill(signal),
    finish: () => child.stdin.end(),
    ended: () => end,
  };
}
