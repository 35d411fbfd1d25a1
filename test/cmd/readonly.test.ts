import { chmodSync, chownSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { closeio, declarations, openBench, type Bench } from '../support/bench.ts';
import { buildChildProgram, startChild, type ChildProgram } from '../support/child-process.ts';

const files = (...addresses: readonly string[]) =>
  declarations(addresses.map((one) => closeio(one)).join('\n'));

describe('a state that may only be read', () => {
  const uid = process.getuid?.() === 0 ? 65_534 : null;
  let program: ChildProgram;
  beforeAll(async () => {
    program = await buildChildProgram('support/cli-child.ts', 'esm');
  });
  afterAll(() => program.dispose());

  /** A user who owns the declarations and the state, and has no rights beyond what the files' modes give. */
  async function owned(): Promise<Bench> {
    const bench = await openBench();
    bench.write('instate.yaml', files('a'));
    expect((await bench.run('apply --yes')).code).toBe(0);
    bench.write('instate.yaml', files('a', 'b'));
    const paths = ['', ...Object.keys(bench.snapshot()), '.instate', '.config', '.config/instate'];
    if (uid !== null) for (const path of paths) chownSync(bench.at(path), uid, uid);
    return bench;
  }
  async function runAs(bench: Bench, line: string) {
    const child = startChild(program, { argv: line.split(' '), cwd: bench.folder, env: bench.env, uid });
    const { code, lines } = await child.ended();
    return { code, out: lines.join('\n') };
  }

  it.each([
    ['the database', '.instate/state.db', 0o400, 0o600],
    ['the lock file', '.instate/state.db.lock', 0o400, 0o600],
    ['the folder', '.instate', 0o500, 0o700],
  ])('%s: plan works, apply says so and sends nothing, nothing is changed', async (_, path, mode, well) => {
    const bench = await owned();
    chmodSync(bench.at(path), mode);
    const before = bench.snapshot();
    const plan = await runAs(bench, 'plan --detailed-exitcode');
    expect(plan).toMatchObject({ code: 2, out: expect.stringContaining('b') as string });
    const apply = await runAs(bench, 'apply --yes');
    expect(apply.code).toBe(1);
    expect(apply.out).toMatch(/cannot be written: it may only be read[^]*permissions[^]*/);
    expect(apply.out).toContain('[state_unwritable]');
    expect(await bench.posts()).toBe(1);
    expect(bench.snapshot()).toMatchObject(before);
    const doctor = await runAs(bench, 'state doctor');
    expect(doctor).toMatchObject({
      code: 0,
      out: expect.stringMatching(/may read [^]*apply would refuse/) as string,
    });
    chmodSync(bench.at(path), well);
    expect((await runAs(bench, 'apply --yes')).code).toBe(0);
    expect(await bench.stats()).toMatchObject({ requests: { 'POST /instances': 2 }, instances: 2 });
  });
});
