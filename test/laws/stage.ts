import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Context } from '../../cmd/context.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import { runHere, type Outcome } from '../support/bench.ts';
import { createVirtualClock } from '../support/virtual-clock.ts';
import { openWire, type Cut } from '../support/wire.ts';

/** A request of instate's that reached the service. */
export interface Seen {
  readonly method: string;
  readonly body: { readonly tags?: readonly string[] } | null;
  readonly faults: readonly string[];
  readonly at: string;
}

/** What one run did. */
export interface Run extends Outcome {
  /** The power was cut: the run is as if it had never ended, and the state is what was on the disk then. */
  readonly cut: boolean;
  /** Creates that reached the service. */
  readonly posts: readonly Seen[];
}

export type Stage = Awaited<ReturnType<typeof openStage>>;

const secrets = { authorization: 'User user-secret-1, Organization organization-secret-1' };

/** A sandbox, a wire to it, a folder with declarations and state, and the command line: all real but the time. */
export async function openStage() {
  const root = mkdtempSync(join(tmpdir(), 'instate-laws-'));
  const clock = createVirtualClock(Date.UTC(2026, 0, 1));
  const sandbox = await startSandbox({ now: clock.now, startTimer: clock.startTimer });
  const wire = await openWire(sandbox.port);
  const control = sandbox.url.replace('/elements/api-v2', '/__sandbox');
  const env = {
    CE_USER_SECRET: 'user-secret-1',
    CE_ORGANIZATION_SECRET: 'organization-secret-1',
    USERNAME: 'someone@example.com',
    PASSWORD: 'pass-word-1',
    INSTATE_BASE_URL: sandbox.url.replace(String(sandbox.port), String(wire.port)),
  };
  let [life, seen, ids] = [0, 0, 0];
  let files = '';
  const folder = () => join(root, String(life));
  const openFolder = (): void => {
    mkdirSync(folder());
    writeFileSync(join(folder(), 'instate.yaml'), files);
  };
  openFolder();
  const state = (name: string, at = folder()) => join(at, '.instate', name);

  /** What a power cut leaves in this very instant: database and journal, neither shared memory nor lock. */
  const cutPower = (): void => {
    const dead = folder();
    life++;
    openFolder();
    mkdirSync(join(folder(), '.instate'), { mode: 0o700 });
    for (const name of ['state.db', 'state.db-wal'])
      if (existsSync(state(name, dead))) copyFileSync(state(name, dead), state(name));
  };
  const listSeen = async (): Promise<readonly Seen[]> => {
    for (let looks = 0; looks < 1_000; looks++) {
      const all = (await (await fetch(`${control}/requests`)).json()) as (Seen & { headers: object })[];
      const ours = all.filter(({ headers }) =>
        String((headers as never)['user-agent']).startsWith('instate'),
      );
      if (ours.length >= wire.countForwarded()) return ours;
    }
    throw new Error('a request was lost between the wire and the sandbox');
  };
  const run = async (line: string, cut: Cut | null = null): Promise<Run> => {
    const place = folder();
    // Time stands still for the world while a dead run plays on.
    let alone = 0;
    const overrides: Partial<Context> = {
      now: () => clock.now() + alone,
      monotonic: () => clock.now() + alone,
      random: () => 0.5,
      newId: () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`,
      wait: async (ms) => {
        if (wire.isCut()) alone += ms;
        else clock.pass(ms);
      },
      configFolder: join(root, 'config'),
    };
    wire.begin(cut, cutPower);
    const outcome = await runHere(line, { folder: place, env, overrides });
    const wasCut = wire.isCut();
    wire.begin(null, () => undefined);
    const all = await listSeen();
    wire.end();
    const posts = all.slice(seen).filter(({ method }) => method === 'POST');
    seen = all.length;
    if (wasCut) rmSync(place, { recursive: true, force: true });
    return { ...outcome, cut: wasCut, posts };
  };
  return {
    clock,
    run,
    write: (text: string) => {
      files = text;
      writeFileSync(join(folder(), 'instate.yaml'), files);
    },
    forgetState: () => rmSync(join(folder(), '.instate'), { recursive: true, force: true }),
    /** Hashes of the state's content: the database and what its journal holds. */
    hashState: () =>
      ['state.db', 'state.db-wal'].map((name) => {
        const text = existsSync(state(name)) ? readFileSync(state(name)) : Buffer.alloc(0);
        return createHash('sha256').update(text).digest('hex');
      }),
    /** A call to the account, as somebody else makes it. */
    call: async (method: string, path: string, body?: unknown) => {
      const init = body === undefined ? {} : { body: JSON.stringify(body) };
      const answer = await fetch(`${sandbox.url}${path}`, { method, headers: secrets, ...init });
      return { status: answer.status, body: (await answer.json().catch(() => null)) as any }; // eslint-disable-line @typescript-eslint/no-explicit-any
    },
    fault: async (faults: readonly object[]) => {
      await fetch(`${control}/faults`, { method: 'POST', body: '[]' });
      if (faults.length === 0) return;
      const answer = await fetch(`${control}/faults`, { method: 'POST', body: JSON.stringify(faults) });
      if (answer.status !== 200) throw new Error(await answer.text());
    },
    close: async () => {
      await wire.close();
      await sandbox.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
