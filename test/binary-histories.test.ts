import { cpSync, existsSync, readFileSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { beforeAll, describe, expect, it } from 'vitest';
import { hasStrace, traceInto } from '../crash/strace.ts';
import { closeio, declarations, openBench, type Bench } from './support/bench.ts';
import { requireBinary, runBinary, start, until, type Running } from './support/binary.ts';

const name = (at: number) => `i${String(at).padStart(3, '0')}`;
const many = (n: number) => declarations(Array.from({ length: n }, (_, at) => closeio(name(at))).join('\n'));

/** Every live instance's ownership tag, from the service's own list. */
async function listTags(bench: Bench): Promise<readonly string[]> {
  const tags: string[] = [];
  for (let next: string | null = ''; next !== null;) {
    const page: string = next === '' ? '' : `&nextPage=${encodeURIComponent(next)}`;
    const answer: Response = await fetch(`${bench.sandbox.url}/instances?hydrate=true&pageSize=200${page}`, {
      headers: { authorization: 'User user-secret-1, Organization organization-secret-1' },
    });
    for (const one of (await answer.json()) as { tags: string[] }[]) tags.push(...one.tags);
    next = answer.headers.get('elements-next-page-token');
  }
  return tags;
}

const countRecords = async (bench: Bench): Promise<number> =>
  (JSON.parse((await runBinary(bench, 'state list --json')).out) as { instances: unknown[] }).instances
    .length;

beforeAll(requireBinary);

describe('two runs', () => {
  it('D2: of one state, at the same instant: one works, the other says who holds the lock', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', many(20));
    await bench.fault({ on: 'POST /instances', nth: 1, do: 'delay', ms: 1_000 });
    const runs = [start(bench, 'apply --yes'), start(bench, 'apply --yes')];
    const ended = await Promise.all(runs.map(({ done }) => done));
    expect(ended.map(({ code }) => code).sort()).toEqual([0, 1]);
    const winner = runs[ended.findIndex(({ code }) => code === 0)]?.child.pid ?? 0;
    const loser = ended.find(({ code }) => code === 1);
    expect(loser?.err).toMatch(
      new RegExp(`instate apply \\(process ${String(winner)} of .*\\[state_locked\\]`, 's'),
    );
    expect(await bench.stats()).toMatchObject({ requests: { 'POST /instances': 20 }, instances: 20 });
  });

  it('D2: of one state, both willing to wait: one after the other', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', many(20));
    bench.env['CI_JOB_URL'] = 'https://ci.example.com/jobs/7';
    await bench.fault({ on: 'POST /instances', nth: 1, do: 'delay', ms: 1_000 });
    const line = 'apply --yes --lock-timeout 60';
    const ended = await Promise.all([runBinary(bench, line), runBinary(bench, line)]);
    expect(ended.map(({ code }) => code)).toEqual([0, 0]);
    expect(ended.map(({ err }) => err).join('')).toMatch(
      /waiting for the state lock: held by instate apply \(process \d+ of .*https:\/\/ci\.example\.com\/jobs\/7\)/,
    );
    expect(await bench.stats()).toMatchObject({ requests: { 'POST /instances': 20 }, instances: 20 });
  });

  it('C6: of two copies of a state, on one account: each double is reported with both ids, and none is made worse', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', many(1));
    await runBinary(bench, 'apply --yes');
    cpSync(bench.at('.instate'), bench.at('copy'), { recursive: true });
    bench.write('instate.yaml', many(3));
    await bench.fault({ on: 'POST /instances', times: 4, do: 'delay', ms: 1_500 });
    const lines = ['apply --yes --json', 'apply --yes --json --state copy/state.db'];
    const told = (out: string) =>
      (JSON.parse(out) as { diagnostics: { code: string; summary: string }[] }).diagnostics
        .filter(({ code, summary }) => code === 'duplicate' && /#\d+.*#\d+/.test(summary))
        .map(({ summary }) => /stand for (\w+)/.exec(summary)?.[1]);
    const ended = await Promise.all(lines.map((line) => runBinary(bench, line)));
    const reports = ended.filter(({ code, out }) => code === 1 && told(out).length > 0);
    expect(reports.length).toBeGreaterThan(0);
    expect(new Set(reports.flatMap(({ out }) => told(out)))).toEqual(new Set([name(1), name(2)]));
    for (const line of lines) {
      const again = await runBinary(bench, line);
      expect([again.code, told(again.out)]).toEqual([1, [name(1), name(2)]]);
    }
    expect(await bench.stats()).toMatchObject({ requests: { 'POST /instances': 5 }, instances: 5 });
  });
});

describe('one run that is cut off', () => {
  it('C: kill -9 of an apply of 500 with 50 in flight: one more run, and each lives once', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', many(500));
    // Of the 50 in flight, one half is done and its answer never ends; the other is done while the next run waits.
    await bench.fault(
      { on: 'POST /instances', nth: 151, times: 25, do: 'stall' },
      { on: 'POST /instances', nth: 176, times: 25, do: 'delay', ms: 3_000 },
    );
    const line = 'apply --yes --parallelism 50 --timeout 5 --grace 1';
    const { child, done } = start(bench, line);
    await until(async () => (await bench.posts()) >= 200);
    child.kill('SIGKILL');
    await done;
    const posts = await bench.posts();
    const recorded = await countRecords(bench);
    expect([posts, posts - recorded >= 50]).toEqual([200, true]);
    const again = await runBinary(bench, line);
    expect(again.code, again.err).toBe(0);
    expect(again.out).toMatch(/Apply complete: 300 created, 50 adopted, 0 forgotten\.\n$/);
    expect(await bench.posts()).toBe(500);
    const tags = await listTags(bench);
    expect([tags.length, new Set(tags).size]).toEqual([500, 500]);
    expect(await countRecords(bench)).toBe(500);
    expect((await runBinary(bench, 'plan --detailed-exitcode')).code).toBe(0);
  }, 60_000);

  it('a second SIGINT ends it at once; the lock is free, and the next run finds what was made', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', many(2));
    await bench.fault({ on: 'POST /instances', do: 'stall' });
    const { child, done, said } = start(bench, 'apply --yes');
    await until(async () => (await bench.posts()) >= 1);
    child.kill('SIGINT');
    await until(() => said().includes('once more to end at once'));
    child.kill('SIGINT');
    expect((await done).code).toBe(130);
    const again = await runBinary(bench, 'apply --yes');
    expect(again.out).toMatch(/Apply complete: 1 created, 1 adopted, 0 forgotten\.\n$/);
    expect(await bench.stats()).toMatchObject({ requests: { 'POST /instances': 2 }, instances: 2 });
  });
});

/** An intent is durable and its create has not left: the process is suspended there, for longer than `sendBy`. */
describe.skipIf(!hasStrace())('one run that sleeps between intent and send', () => {
  const line = 'apply --yes --timeout 1 --grace 0.5';

  const tracing = ['-e', 'trace=fcntl,write,writev,sendto,sendmsg'];

  /** Resolves once the process is stopped as SQLite has let go of the state, its first intent written and synced. */
  async function suspend(bench: Bench): Promise<Running & { readonly wake: () => void }> {
    const log = bench.at('strace');
    const twin = await openBench();
    twin.write('instate.yaml', many(2));
    await start(twin, line, { before: [...traceInto(twin.at('strace'), null), ...tracing] }).done;
    const calls = readFileSync(twin.at('strace'), 'utf8').split('\n');
    const sent = calls.findIndex((call) => call.includes('"POST '));
    const locks = calls.slice(0, sent).filter((call) => call.startsWith('fcntl('));
    const k = locks.findLastIndex((call) => /state\.db-shm>, F_SETLK, .*F_UNLCK/.test(call)) + 1;
    if (k === 0) throw new Error('the state is never let go before a create leaves');
    const stop = [...tracing, '-e', 'signal=SIGSTOP', '-e', `inject=fcntl:signal=STOP:when=${String(k)}`];
    const running = start(bench, line, { before: [...traceInto(log, null), ...stop] });
    const tracer = String(running.child.pid);
    await until(() => existsSync(log) && readFileSync(log, 'utf8').includes('--- stopped by SIGSTOP ---'));
    const child = Number(readFileSync(`/proc/${tracer}/task/${tracer}/children`, 'utf8').trim());
    return { ...running, wake: () => void process.kill(child, 'SIGCONT') };
  }
  const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms));

  it('C1: another run waits for the lock; the first one sends nothing late, and opens its create anew', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', many(2));
    const first = await suspend(bench);
    expect(await bench.posts()).toBe(0);
    const second = start(bench, `${line} --lock-timeout 60`);
    await until(() => second.said().includes('waiting for the state lock'));
    await sleep(600);
    first.wake();
    expect((await first.done).code).toBe(0);
    expect((await second.done).code).toBe(0);
    expect(await bench.stats()).toMatchObject({ requests: { 'POST /instances': 2 }, instances: 2 });
    const db = new Database(bench.at('.instate/state.db'), { readonly: true });
    const settlements = db.prepare('SELECT settlement FROM intents ORDER BY opened_at').pluck().all();
    db.close();
    expect(settlements).toEqual(['not-sent', 'created', 'created']);
  }, 30_000);

  it('C1, D2: where somebody took its lock away meanwhile, it sends nothing and writes nothing', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', many(2));
    const first = await suspend(bench);
    rmSync(bench.at('.instate/state.db.lock'));
    const second = await runBinary(bench, line);
    expect(second.code, second.err).toBe(0);
    first.wake();
    const ended = await first.done;
    expect(ended.code).toBe(1);
    expect(ended.out).toContain('[state_locked]');
    expect(await bench.stats()).toMatchObject({ requests: { 'POST /instances': 2 }, instances: 2 });
    expect((await runBinary(bench, 'plan')).out).toContain('No changes.');
  }, 30_000);
});
