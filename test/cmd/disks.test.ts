import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { hasStrace, readEntries } from '../../crash/strace.ts';
import { requireBinary, start } from '../support/binary.ts';
import { closeio, declarations, openBench, type Bench } from '../support/bench.ts';

const posts = { on: 'POST /instances' };
const files = (...addresses: readonly string[]) =>
  declarations(addresses.map((one) => closeio(one)).join('\n'));

/** The built command line under strace, which lets calls of the kernel fail. */
async function traced(bench: Bench, line: string, strace: readonly string[]) {
  const before = ['strace', '-qq', '-y', '-o', bench.at('log'), ...strace];
  const ended = await start(bench, line, { before }).done;
  return { ...ended, log: readFileSync(bench.at('log'), 'utf8') };
}

/** Calls on one file of the state fail from the `k`th on. */
const failing = (bench: Bench, ending: string, calls: string, error: string, k = 1) => [
  ...['-P', bench.at(`.instate/state.db${ending}`), '-e', `trace=${calls}`],
  ...['-e', `inject=${calls}:error=${error}:when=${String(k)}+`],
];

/** How many writes to the WAL come before the first create leaves; the same in every fresh folder. */
async function countWalWrites(until: string): Promise<number> {
  const bench = await openBench();
  bench.write('instate.yaml', files('a'));
  const calls = 'pwrite64,write,writev,sendto,sendmsg';
  const { log } = await traced(bench, 'apply --yes', ['-s', '24', '-e', `trace=${calls}`]);
  const entries = readEntries(log);
  const sent = entries.findIndex(({ path, text }) => path.startsWith('socket:') && text.includes(until));
  expect(sent).toBeGreaterThan(0);
  return entries.slice(0, sent).filter(({ path }) => path.endsWith('-wal')).length;
}

/** With the disk well again: what was made is recorded, what was not is made, and nothing lives twice. */
async function expectHealed(bench: Bench, count: number, sent: number): Promise<void> {
  await bench.clearFaults();
  expect((await bench.run('apply --yes')).code).toBe(0);
  expect(await bench.stats()).toMatchObject({ requests: { 'POST /instances': sent }, instances: count });
  expect((await bench.run('plan --detailed-exitcode')).code).toBe(0);
  expect((await bench.run('state doctor --json')).json().sound).toBe(true);
}

beforeAll(requireBinary);

describe.skipIf(!hasStrace())('a disk that fails under a real apply (strace)', () => {
  it('full before the first intent: nothing is sent, and the disk is named as full', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', files('a', 'b'));
    const k = (await countWalWrites('POST /')) - 1;
    const { code, out } = await traced(bench, 'apply --yes', failing(bench, '-wal', 'pwrite64', 'ENOSPC', k));
    expect(code).toBe(1);
    expect(out).toMatch(/state\.db cannot be written: the disk is full/);
    expect(out).toMatch(/free some space/);
    expect(await bench.posts()).toBe(0);
    await expectHealed(bench, 2, 2);
  });

  it('full as the state is made: not called a file system without locks', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', files('a'));
    const { code, err } = await traced(bench, 'apply --yes', failing(bench, '-shm', 'pwrite64', 'ENOSPC'));
    expect(code).toBe(1);
    expect(err).toMatch(/cannot be written: the disk is full.*\[state_unwritable\]/);
    await expectHealed(bench, 1, 1);
  });

  it('full between intent and settlement: uncertain, its id named, nothing more sent; the next run records it', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', files('a', 'b', 'c'));
    const k = (await countWalWrites('POST /')) + 1;
    const strace = failing(bench, '-wal', 'pwrite64', 'ENOSPC', k);
    const { code, out } = await traced(bench, 'apply --yes --json', strace);
    expect(code).toBe(1);
    const [first, ...rest] = (JSON.parse(out) as { results: readonly object[] }).results;
    const [{ id }] = (await bench.call('GET', '/instances')).body as [{ id: number }];
    const error = { code: 'state_unwritable', hint: expect.stringMatching(/free some space/) as string };
    expect(first).toMatchObject({ address: 'a', status: 'uncertain', instanceId: id, error });
    expect(rest).toEqual([
      expect.objectContaining({ address: 'b', status: 'not-attempted', instanceId: null }),
      expect.objectContaining({ address: 'c', status: 'not-attempted', instanceId: null }),
    ]);
    expect(await bench.posts()).toBe(1);
    await expectHealed(bench, 3, 3);
  });

  it('a sync that fails: the settlement is not believed, and the next run finds the instance', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', files('a'));
    await bench.fault({ ...posts, do: 'delay', ms: 300 });
    const running = traced(bench, 'apply --yes', failing(bench, '-wal', 'fsync,fdatasync', 'EIO', 4));
    const { code, out, err } = await running;
    expect(code).toBe(1);
    expect(out + err).toMatch(/cannot be written: the disk failed \(SQLITE_IOERR_FSYNC\)/);
    await expectHealed(bench, 1, 1);
  });

  it('full as the closing list is recorded: the cause is the state, not the list', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', files('a'));
    await bench.fault({ ...posts, do: 'commit-then-drop' });
    const k = (await countWalWrites('POST /')) + 1;
    const strace = failing(bench, '-wal', 'pwrite64', 'ENOSPC', k);
    const { code, out } = await traced(bench, 'apply --yes --json', strace);
    expect(code).toBe(1);
    const { diagnostics } = JSON.parse(out) as { diagnostics: readonly { code: string; severity: string }[] };
    const errors = diagnostics.filter(({ severity }) => severity === 'error');
    expect(errors).toEqual([expect.objectContaining({ code: 'state_unwritable' })]);
    await expectHealed(bench, 1, 1);
  });

  it('a lock file that cannot be opened for a look is no file system without locks', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', files('a'));
    const { code, err } = await traced(bench, 'apply --yes', failing(bench, '.lock', 'openat', 'EACCES', 3));
    expect(code).toBe(1);
    expect(err).toMatch(/state\.db\.lock cannot be written.*\[state_unwritable\]/);
    expect(await bench.posts()).toBe(0);
    await expectHealed(bench, 1, 1);
  });
});

/** `statfs` of every folder answers with these first fields: type, block size, blocks, free, free for this user. */
const answering = (...fields: readonly number[]) => {
  const bytes = Buffer.alloc(fields.length * 8);
  fields.forEach((field, at) => bytes.writeBigUInt64LE(BigInt(field), at * 8));
  return ['-e', 'trace=statfs', '-e', `inject=statfs:poke_exit=@arg2=${bytes.toString('hex')}`];
};

describe.skipIf(!hasStrace())('where a state lies (strace)', () => {
  it.each([
    [0x6969, 'NFS'],
    [0xff534d42, 'CIFS'],
    [0x00c36400, 'Ceph'],
  ])('D2: a network file system (%i, %s): apply refuses and makes nothing', async (type, name) => {
    const bench = await openBench();
    bench.write('instate.yaml', files('a'));
    const before = bench.snapshot();
    const { code, err } = await traced(bench, 'apply --yes', answering(type));
    expect(code).toBe(1);
    expect(err).toContain(`lies on a network file system (${name})`);
    expect(err).toMatch(/--state PATH/);
    expect(err).toContain('[state_unsupported]');
    expect(await bench.posts()).toBe(0);
    expect(Object.keys(bench.snapshot()).filter((path) => path !== 'log')).toEqual(Object.keys(before));
  });

  it('D1: a state that came to lie there is still read, with a warning, as a copy; the doctor says what to do', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', files('a'));
    expect((await bench.run('apply --yes')).code).toBe(0);
    const before = bench.snapshot();
    const plan = await traced(bench, 'plan --detailed-exitcode --json', answering(0x6969));
    expect(plan.code).toBe(0);
    const { diagnostics } = JSON.parse(plan.out) as { diagnostics: readonly object[] };
    const hint = 'keep the state on a local disk: --state PATH';
    expect(diagnostics).toEqual([
      expect.objectContaining({ severity: 'warning', code: 'state_on_network', detail: hint }),
    ]);
    const doctor = await traced(bench, 'state doctor --json', answering(0x6969));
    expect(doctor.code).toBe(1);
    const found = JSON.parse(doctor.out) as { sound: boolean; diagnostics: readonly object[] };
    expect(found.sound).toBe(false);
    expect(found.diagnostics).toEqual([
      expect.objectContaining({ severity: 'error', code: 'state_unsupported', detail: hint }),
    ]);
    expect(bench.snapshot()).toMatchObject(before);
    await expectHealed(bench, 1, 1);
  });

  it('the doctor warns of a disk that is nearly full', async () => {
    const bench = await openBench();
    bench.write('instate.yaml', files('a'));
    expect((await bench.run('apply --yes')).code).toBe(0);
    const { code, out, err } = await traced(bench, 'state doctor', answering(0xef53, 4096, 9999, 2000, 1000));
    expect(code).toBe(0);
    expect(err).toMatch(/Only 4000 KiB are free where the state .* lies/);
    expect(out).toBe('The state is sound, with 1 warning.\n');
  });
});
