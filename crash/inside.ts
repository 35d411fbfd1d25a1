import { join } from 'node:path';
import { run } from '../cmd/cli.ts';
import { createContext } from '../cmd/context.ts';
import { sealEnvironment } from '../cmd/environment.ts';
import type { Place } from './processes.ts';

export interface Answered {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/**
 * Runs a command that nothing crashes in this process: the same code as in `dist/`, without half a second of starting
 * node and reading modules.
 */
export async function runInside(argv: readonly string[], { folder, env }: Place): Promise<Answered> {
  let [out, err] = ['', ''];
  const code = await run(argv, {
    ...createContext(sealEnvironment({ ...env })),
    cwd: folder,
    stdout: { write: (text) => (out += text), isTTY: false, columns: 0 },
    stderr: { write: (text) => (err += text), isTTY: false, columns: 0 },
    stdin: { isTTY: false, readAll: () => Promise.resolve(''), ask: () => Promise.resolve(null) },
    configFolder: join(folder, '.config'),
    onSignal: () => () => undefined,
  });
  return { code, out, err };
}
