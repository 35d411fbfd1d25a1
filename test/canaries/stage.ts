import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { startSandbox, type SandboxOptions } from '../../src/sandbox/server.ts';
import { binary } from '../support/binary.ts';
import { isExcluded } from './exclusions.ts';
import { listNeedles, type Canary } from './forms.ts';
import { listFiles, listWords, type Place } from './places.ts';
import { makeSearch } from './search.ts';
import { canaries, environment, makeCanary, values } from './secrets.ts';
import type { Tally } from './tally.ts';

/** One run of the command line, and what must come of it so that it is the path that its name says. */
export interface Path {
  readonly line: string | readonly string[];
  /** What is new about it, beside its words. */
  readonly with?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** 0 by default; null where a signal ends it; `any` where that depends on the moment. */
  readonly code?: number | null | 'any';
  /** Must stand on stdout or stderr. */
  readonly says?: string | RegExp;
  /** Names of canaries that it is asked to show on stdout, or in the files that `exclusions` names. */
  readonly asks?: readonly string[];
  /** `entry`: through dist/main.js itself, as an installed command starts. */
  readonly through?: 'node' | 'entry';
  /** Words of a tracer. */
  readonly before?: readonly string[];
  readonly stdin?: string;
}

export interface Running {
  readonly child: ChildProcess;
  /** Resolves once it has ended and everything that it left has been searched; with its stdout. */
  readonly done: Promise<string>;
  readonly said: () => string;
}

/**
 * A folder that holds all that a process may write to (its project, home, configuration and temporary files), a sandbox in
 * this process, and runs of the built command line. After each run everything is searched; hits and paths that were not
 * what their name says gather in `problems`.
 */
export async function openStage(story: string, tally: Tally, options: Partial<SandboxOptions> = {}) {
  const root = mkdtempSync(join(tmpdir(), 'instate-canaries-'));
  for (const name of ['project', 'home', 'config', 'temp']) mkdirSync(join(root, name), { mode: 0o700 });
  const sandbox = await startSandbox({ now: () => Date.now(), ...options });
  const control = sandbox.url.replace('/elements/api-v2', '/__sandbox');
  const problems: string[] = [];
  const planted = new Map<string, Buffer>();
  const known: Canary[] = [...canaries];
  const kept: Place[] = [];
  let search = makeSearch(listNeedles(known));
  let isListed = true;
  const at = (path: string) => join(root, path);

  const learn = (canary: Canary): void => {
    if (known.some(({ name }) => name === canary.name)) return;
    known.push(canary);
    tally.secrets.add(canary.name);
    search = makeSearch(listNeedles(known));
  };
  const call = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const authorization = `User ${values['user secret']}, Organization ${values['organization secret']}`;
    const init = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await fetch(`${sandbox.url}${path}`, { method, headers: { authorization }, ...init });
    return answer.json().catch(() => null);
  };
  /** Every token that the service has given out becomes a canary; not while its lists are scripted to fail. */
  const learnTokens = async (): Promise<void> => {
    if (!isListed) return;
    const live: unknown = await call('GET', '/instances?hydrate=true&pageSize=200');
    for (const { id, token } of Array.isArray(live) ? (live as { id: number; token: string }[]) : [])
      learn(makeCanary(`token of #${String(id)}`, Buffer.from(token)));
  };
  const report = (problem: string): void => void problems.push(problem);
  /** Searches places; answers with the canaries that were found where they may stand. */
  const examine = (
    label: string,
    places: readonly Place[],
    asked: readonly string[],
  ): ReadonlySet<string> => {
    const allowed = new Set<string>();
    for (const { name, bytes } of places) {
      tally.bytes += bytes.length;
      const isPlanted = planted.get(name)?.equals(bytes) ?? false;
      for (const { canary, form } of search(bytes)) {
        if (isExcluded(name, canary, { asked, isPlanted })) allowed.add(canary);
        else {
          const hit = `${story}, ${label}: ${canary} (${form}) in ${name}`;
          if (!problems.includes(hit)) tally.hits.push(hit);
          report(hit);
        }
      }
    }
    return allowed;
  };

  const start = (path: Path): Running => {
    const words = typeof path.line === 'string' ? path.line.split(' ').filter(Boolean) : path.line;
    const label = [words.join(' '), ...(path.with === undefined ? [] : [path.with])].join(', ');
    tally.paths.push(`${story}, ${label}`);
    const command = path.through === 'entry' ? [binary] : [process.execPath, '--', binary];
    const [program = '', ...rest] = [...(path.before ?? []), ...command, ...words];
    const env = {
      ...environment,
      ...{ PATH: process.env['PATH'], HOME: at('home'), XDG_CONFIG_HOME: at('config'), TMPDIR: at('temp') },
      ...{ INSTATE_BASE_URL: sandbox.url, ...path.env },
    };
    const child = spawn(program, rest, { cwd: at('project'), env, stdio: ['pipe', 'pipe', 'pipe'] });
    // A run that ends before it has read what it is given is no failure of ours.
    child.stdin.on('error', () => undefined);
    child.stdin.end(path.stdin ?? '');
    const chunks: { readonly out: Buffer[]; readonly err: Buffer[] } = { out: [], err: [] };
    child.stdout.on('data', (chunk: Buffer) => chunks.out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.err.push(chunk));
    const done = once(child, 'close').then(async ([code]) => {
      await learnTokens();
      const [stdout, stderr] = [Buffer.concat(chunks.out), Buffer.concat(chunks.err)];
      const streams = [
        { name: 'stdout', bytes: stdout },
        { name: 'stderr', bytes: stderr },
      ];
      const asked = path.asks ?? [];
      const shown = examine(label, [...streams, ...listFiles(root)], asked);
      for (const name of asked)
        if (!shown.has(name)) report(`${label}: ${name} was asked for, and is not shown`);
      if (asked.length === 0)
        kept.push(...streams.map((one) => ({ ...one, name: `${one.name} of ${label}` })));
      const text = `${stdout.toString()}${stderr.toString()}`;
      const { says = '' } = path;
      const isSaid = typeof says === 'string' ? text.includes(says) : says.test(text);
      const isRight = path.code === 'any' || code === (path.code === undefined ? 0 : path.code);
      if (!isRight || !isSaid)
        report(`${label}: ended with ${String(code)}, not as it should: ${text.slice(0, 2_000)}`);
      return stdout.toString();
    });
    return { child, done, said: () => Buffer.concat([...chunks.out, ...chunks.err]).toString() };
  };

  return {
    ...{ root, sandbox, problems, at, learn, call, start, examine },
    run: (path: Path | string) => start(typeof path === 'string' ? { line: path } : path).done,
    /** Writes a file that holds secrets; `exclusions` must have a row for it. */
    plant: (path: string, text: string | Buffer, mode = 0o600): void => {
      mkdirSync(dirname(at(path)), { recursive: true });
      writeFileSync(at(path), text, { mode });
      chmodSync(at(path), mode);
      planted.set(path, readFileSync(at(path)));
    },
    /** Writes a file without secrets. */
    write: (path: string, text: string): void => {
      mkdirSync(dirname(at(path)), { recursive: true });
      writeFileSync(at(path), text);
    },
    /** Searches, in the middle of a run, every file and the words of its processes; answers with those words. */
    look: (label: string, { child }: Pick<Running, 'child'>): string => {
      const words = listWords(child.pid ?? 0);
      examine(label, [...listFiles(root), ...words], []);
      return words.map(({ bytes }) => bytes.toString().replaceAll('\0', ' ')).join('\n');
    },
    /** Whether a private copy of a state lies in the temporary folder. */
    isCopied: (): boolean => readdirSync(at('temp'), { recursive: true }).length > 0,
    posts: async (): Promise<number> => {
      const stats = (await (await fetch(`${control}/stats`)).json()) as { requests: Record<string, number> };
      return stats.requests['POST /instances'] ?? 0;
    },
    /** What the sandbox does from here on; nothing else does it any more. */
    fault: async (...faults: readonly { readonly on: string; readonly [key: string]: unknown }[]) => {
      for (const body of ['[]', JSON.stringify(faults)]) {
        const answer = await fetch(`${control}/faults`, { method: 'POST', body });
        if (answer.status !== 200) throw new Error(await answer.text());
      }
      isListed = !faults.some(({ on }) => on.startsWith('GET /instances'));
    },
    /** Searches everything once more with what has been learnt since, and takes the stage down. */
    close: async (): Promise<void> => {
      await fetch(`${control}/faults`, { method: 'POST', body: '[]' });
      isListed = true;
      await learnTokens();
      examine('at the end', [...kept, ...listFiles(root)], []);
      await sandbox.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
export type Stage = Awaited<ReturnType<typeof openStage>>;

/** Resolves once `condition` holds. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((done) => setTimeout(done, 5));
}
