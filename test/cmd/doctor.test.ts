import Database from 'better-sqlite3';
import { chmodSync, closeSync, openSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { closeio, declarations, openBench, signals, type Bench } from '../support/bench.ts';

async function applied(): Promise<Bench> {
  const bench = await openBench();
  bench.write('instate.yaml', declarations([closeio('a'), closeio('b')].join('\n')));
  expect((await bench.run('apply --yes')).code).toBe(0);
  return bench;
}

const examine = async (bench: Bench) => {
  const { code, json } = await bench.run('state doctor --json');
  const { sound, diagnostics } = json();
  return { code, sound, codes: diagnostics.map((one: { code: string }) => one.code) as string[] };
};

describe('instate state doctor', () => {
  it('D1: a sound state: exit 0, and not a byte of it changed', async () => {
    const bench = await applied();
    const before = bench.snapshot();
    expect(await examine(bench)).toEqual({ code: 0, sound: true, codes: ['state_content'] });
    expect(bench.snapshot()).toMatchObject(before);
    const { out, err } = await bench.run('state doctor');
    expect(out).toBe('The state is sound.\n');
    expect(err).toMatch(
      /2 instances of project crm on http:\/\/127\.0\.0\.1:\d+\/elements\/api-v2, serial \d+/,
    );
  });

  it('no state yet is no fault, and none is made', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', declarations(closeio('a')));
    expect(await examine(bench)).toEqual({ code: 0, sound: true, codes: ['state_missing'] });
    expect(bench.exists('.instate')).toBe(false);
  });

  it.each([
    ['a path below a file', 'instate.yaml/state.db', /ENOTDIR/],
    ['a device', '/dev/null', /no plain file/],
  ])('%s: says what is wrong, and advises nothing that would harm', async (_, place, words) => {
    const bench = await applied();
    const { code, err, out } = await bench.run(`state doctor --state ${place}`);
    expect([code, out]).toEqual([1, 'The state is not sound.\n']);
    expect(err).toMatch(words);
    expect(err).not.toMatch(/chmod|internal/);
  });

  it('a file that is no database, and one that is cut short', async () => {
    const bench = await applied();
    const path = bench.at('.instate/state.db');
    const whole = readFileSync(path);
    writeFileSync(path, 'somebody was here');
    const { code, out, err } = await bench.run('state doctor');
    expect(code).toBe(1);
    expect(out).toBe('The state is not sound.\n');
    expect(err).toMatch(/restore a backup, or move the file away/);
    writeFileSync(path, whole.subarray(0, 4096 * 2));
    expect((await examine(bench)).sound).toBe(false);
  });

  it('a page of rubbish in the middle is found, and apply does not write to it', async () => {
    const bench = await applied();
    const path = bench.at('.instate/state.db');
    const handle = openSync(path, 'r+');
    const pages = statSync(path).size / 4096;
    for (let page = 2; page < pages; page++)
      writeSync(handle, Buffer.alloc(2048, 0x5a), 0, 2048, page * 4096);
    closeSync(handle);
    expect(await examine(bench)).toMatchObject({ code: 1, sound: false });
    const apply = await bench.run('apply --yes');
    expect(apply.code).toBe(1);
    expect(apply.err).toContain('[state_corrupt]');
    expect(await bench.posts()).toBe(2);
  });

  it('a newer schema', async () => {
    const bench = await applied();
    const db = new Database(bench.at('.instate/state.db'));
    db.pragma('user_version = 99');
    db.close();
    expect(await examine(bench)).toEqual({ code: 1, sound: false, codes: ['state_newer'] });
  });

  it('E4, E5: another key, permissions, and what was left open', async () => {
    const bench = await applied();
    chmodSync(bench.at('.instate/state.db'), 0o644);
    chmodSync(bench.at('.instate'), 0o777);
    bench.env['INSTATE_STATE_KEY'] = `base64:${Buffer.alloc(32, 7).toString('base64')}`;
    bench.write('instate.yaml', declarations(['a', 'b', 'c'].map((one) => closeio(one)).join('\n')));
    await bench.fault({ on: 'POST /instances', do: 'drop' });
    await bench.run('apply --yes --timeout 0.4 --grace 600');
    const { code, codes } = await examine(bench);
    expect(code).toBe(0);
    expect(codes.sort()).toEqual(
      ['pending', 'state_content', 'state_file_open', 'state_folder_open', 'wrong_state_key'].sort(),
    );
    expect((await bench.run('state doctor')).out).toBe('The state is sound, with 3 warnings.\n');
  });
});

describe('instate state unlock', () => {
  it('D2: says that none is ever left', async () => {
    const bench = await applied();
    const { code, out } = await bench.run('state unlock');
    expect(code).toBe(0);
    expect(out).toMatch(/^The state is not locked\. A lock ends with the process that holds it/);
  });

  it('D2: names the holder, what ends it, and breaks nothing', async () => {
    const bench = await applied();
    bench.write('instate.yaml', declarations(['a', 'b', 'c'].map((one) => closeio(one)).join('\n')));
    bench.env['CI_JOB_URL'] = 'https://ci.example.com/jobs/7';
    await bench.fault({ on: 'POST /instances', do: 'stall' });
    const stopper = signals();
    const posts = await bench.posts();
    const running = bench.run('apply --yes --timeout 5', stopper.overrides);
    while ((await bench.posts()) === posts) await new Promise((done) => setTimeout(done, 20));
    const { code, out } = await bench.run('state unlock');
    expect(code).toBe(1);
    expect(out).toContain(`locked by instate apply (process ${String(process.pid)} of `);
    expect(out).toContain('https://ci.example.com/jobs/7');
    expect(out).toContain(`kill ${String(process.pid)}`);
    expect((await bench.run('state unlock --json')).json().heldBy.pid).toBe(process.pid);
    const other = await bench.run('apply --yes --lock-timeout 0');
    expect(other.err).toContain('[state_locked]');
    await running;
    expect((await bench.run('state unlock')).code).toBe(0);
  });
});
