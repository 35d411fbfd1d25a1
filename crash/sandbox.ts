import { createInterface } from 'node:readline';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Fault } from './history.ts';
import { endWithUs } from './processes.ts';

/** A request as the sandbox remembers it. */
export interface Request {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly faults: readonly string[];
  readonly status: number | 'closed' | null;
  /** ISO 8601. */
  readonly at: string;
}

export interface Live {
  readonly id: number;
  readonly name: string;
  readonly token: string;
  readonly tags: readonly string[];
}

/** A sandbox process, one for each worker. */
export interface Sandbox {
  readonly url: string;
  readonly reset: () => Promise<void>;
  readonly addFaults: (faults: readonly Fault[]) => Promise<void>;
  readonly clearFaults: () => Promise<void>;
  readonly listRequests: () => Promise<readonly Request[]>;
  /** What lives in the account of these secrets, each read by its id. */
  readonly listLive: (account: string) => Promise<readonly Live[]>;
  readonly create: (account: string, name: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** How many creates it has had since its reset, those of other people included. */
export async function countPosts(sandbox: Sandbox): Promise<number> {
  return (await sandbox.listRequests()).filter(({ method }) => method === 'POST').length;
}

/** Starts one on a free port. */
export async function openSandbox(binary: string): Promise<Sandbox> {
  const child = spawn(process.execPath, ['--', binary, 'sandbox', '--port', '0'], {
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  endWithUs(child);
  const gone = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  const [line] = (await Promise.race([once(lines, 'line'), gone.then(() => [''])])) as [string];
  const url = /^Sandbox listening on (\S+)$/.exec(line)?.[1];
  if (url === undefined) throw new Error('the sandbox did not start');
  const control = async (path: string, body?: unknown): Promise<unknown> => {
    const init = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) };
    const answer = await fetch(`${url.replace('/elements/api-v2', '/__sandbox')}${path}`, init);
    if (answer.status !== 200) throw new Error(`${path}: ${await answer.text()}`);
    return answer.json();
  };
  const call = async (account: string, path: string, body?: unknown): Promise<unknown> => {
    const headers = { authorization: `User ${account}, Organization harness` };
    const init = body === undefined ? { headers } : { headers, method: 'POST', body: JSON.stringify(body) };
    return (await fetch(`${url}${path}`, init)).json();
  };
  return {
    url,
    reset: async () => void (await control('/reset', {})),
    addFaults: async (faults) => void (faults.length > 0 && (await control('/faults', faults))),
    clearFaults: async () => void (await control('/faults', [])),
    listRequests: async () => (await control('/requests')) as readonly Request[],
    listLive: async (account) => {
      const list = await call(account, '/instances?hydrate=true&pageSize=200');
      return Array.isArray(list) ? (list as readonly Live[]) : [];
    },
    create: async (account, name) => {
      const configuration = { username: 'x', password: 'y' };
      await call(account, '/instances', { name, element: { key: 'closeio' }, tags: [], configuration });
    },
    close: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGKILL');
        await gone;
      }
    },
  };
}
