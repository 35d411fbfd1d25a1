import Database from 'better-sqlite3';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { waitFor } from '../../cmd/context.ts';
import { closeio, declarations, openBench, type Bench } from '../support/bench.ts';

const files = (...addresses: readonly string[]) =>
  declarations(addresses.map((one) => closeio(one)).join('\n'));

async function applied(): Promise<Bench> {
  const bench = await openBench();
  bench.write('instate.yaml', files('a', 'b'));
  expect((await bench.run('apply --yes')).code).toBe(0);
  bench.write('instate.yaml', files('a', 'b', 'c'));
  return bench;
}

/** Spoils a state, and looks at what each command says of it, with no request and no byte changed. */
async function expectRefused(bench: Bench, code: string, hint: RegExp): Promise<void> {
  const [before, stats] = [bench.snapshot(), await bench.stats()];
  for (const line of ['apply --yes', 'plan', 'drift', 'output', 'state list', 'recover --list']) {
    const { code: exit, err } = await bench.run(line);
    expect([line, exit]).toEqual([line, 1]);
    expect(err).toContain(`[${code}]`);
    expect(err).toMatch(hint);
  }
  const doctor = (await bench.run('state doctor --json')).json();
  expect(doctor.sound).toBe(false);
  expect(doctor.diagnostics[0]).toMatchObject({ severity: 'error', code });
  expect(doctor.diagnostics[0].detail).toMatch(hint);
  expect(await bench.stats()).toEqual(stats);
  // A lock may have been made, and its file be empty: nothing of the state itself.
  expect(bench.snapshot()).toMatchObject(before);
}

describe('a state that cannot be used', () => {
  it('a file that is no database: every command says so, and touches nothing', async () => {
    const bench = await applied();
    const whole = readFileSync(bench.at('.instate/state.db'));
    writeFileSync(bench.at('.instate/state.db'), 'somebody was here, and left a text');
    await expectRefused(bench, 'state_corrupt', /restore a backup, or move the file away/);
    writeFileSync(bench.at('.instate/state.db'), whole);
    expect((await bench.run('apply --yes')).code).toBe(0);
    expect(await bench.posts()).toBe(3);
  });

  it('moved away as the hint says: apply finds what it made, and makes the rest', async () => {
    const bench = await applied();
    rmSync(bench.at('.instate/state.db'));
    expect((await bench.run('apply --yes')).code).toBe(0);
    expect(await bench.stats()).toMatchObject({ requests: { 'POST /instances': 3 }, instances: 3 });
  });

  it('of a later release: every command says so, and touches nothing', async () => {
    const bench = await applied();
    const db = new Database(bench.at('.instate/state.db'));
    db.pragma('user_version = 99');
    db.close();
    await expectRefused(bench, 'state_newer', /update instate/);
  });
});

describe('what happens to a state during a run', () => {
  it('D2: deleted with creates in flight: nothing more is sent, each is named, and the next run records them', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', files('a'));
    expect((await bench.run('apply --yes')).code).toBe(0);
    bench.write('instate.yaml', files('a', 'b', 'c', 'd', 'e'));
    await bench.fault({ on: 'POST /instances', do: 'delay', ms: 400, times: 9 });
    const running = bench.run('apply --yes --parallelism 2 --json');
    while ((await bench.posts()) < 3) await new Promise((done) => setTimeout(done, 5));
    rmSync(bench.at('.instate'), { recursive: true });
    const { code, json } = await running;
    expect(code).toBe(1);
    const { results } = json();
    const flown = results.filter((one: { status: string }) => one.status === 'uncertain');
    expect(flown).toHaveLength(2);
    for (const { instanceId, error } of flown) {
      expect(instanceId).toEqual(expect.any(Number));
      expect(error).toMatchObject({
        code: 'state_locked',
        hint: expect.stringMatching(/run this again/) as string,
      });
    }
    expect(await bench.posts()).toBe(3);
    expect(bench.exists('.instate')).toBe(false);
    await bench.clearFaults();
    expect((await bench.run('apply --yes')).code).toBe(0);
    expect(await bench.stats()).toMatchObject({ requests: { 'POST /instances': 5 }, instances: 5 });
    expect((await bench.run('plan --detailed-exitcode')).code).toBe(0);
  });

  it.each([3_600_000, -600_000])(
    'C2: the clock went back by %i ms, with an intent open: the whole period is waited here, and what arrives is adopted',
    async (back) => {
      const bench = await openBench();
      bench.write('instate.yaml', files('a'));
      const limits = '--timeout 0.4 --grace 3';
      await bench.fault(
        { on: 'POST /instances', do: 'late-commit', ms: 2_000 },
        { on: 'GET /instances', nth: 3, times: 99, do: 'status', code: 403 },
      );
      // Negative: it ran ahead as the intent was opened, and is right again now.
      const ahead = { now: () => Date.now() - Math.min(0, back) };
      expect((await bench.run(`apply --yes ${limits}`, ahead)).code).toBe(1);
      await bench.clearFaults();
      const waits: number[] = [];
      const behind = {
        now: () => Date.now() - Math.max(0, back),
        wait: (ms: number, stop: AbortSignal) => {
          waits.push(ms);
          return waitFor(ms, stop);
        },
      };
      const { code } = await bench.run(`apply --yes ${limits}`, behind);
      expect(code).toBe(0);
      // sendBy + timeout + grace from the look on: 250 + 400 + 3,000 ms and five more, never the hours that the clocks differ by.
      const [whole = 0, ...more] = waits.filter((ms) => ms > 1_000);
      expect([whole > 2_651 && whole <= 3_655, more]).toEqual([true, []]);
      expect(await bench.stats()).toMatchObject({ requests: { 'POST /instances': 1 }, instances: 1 });
    },
  );
});
