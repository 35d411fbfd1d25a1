import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Sensitive } from '../../src/core/sensitive.ts';
import { buildChildProgram, startChild, type ChildProgram } from '../support/child-process.ts';
import {
  createRecorded,
  makeStateFolder,
  sampleIntent,
  takeLock,
  type StateFolder,
} from '../support/state-samples.ts';

const nobody = 65534;
let program: ChildProgram;
let folder: StateFolder;
beforeAll(async () => {
  program = await buildChildProgram('support/state-child.ts');
});
afterAll(() => program.dispose());
beforeEach(async () => {
  folder = await makeStateFolder();
});
afterEach(async () => {
  await chmod(dirname(folder.location), 0o700).catch(() => undefined);
  await folder.dispose();
});

/** Digest of database and WAL; null for one that is not there. Only called while this process has no store open (safety.md D2). */
async function digest(): Promise<readonly (string | null)[]> {
  const digestOf = async (path: string): Promise<string | null> => {
    const bytes = await readFile(path).catch(() => null);
    return bytes === null ? null : createHash('sha256').update(bytes).digest('hex');
  };
  return Promise.all([digestOf(folder.location), digestOf(`${folder.location}-wal`)]);
}

/** A state whose writer was killed before anything reached the database file: all of it lies in the WAL. */
async function leaveWal(): Promise<void> {
  const child = startChild(program, { do: 'leave-wal', location: folder.location, tempFolder: folder.path });
  expect(await child.ended()).toMatchObject({ signal: 'SIGKILL', lines: ['written'] });
  expect((await stat(`${folder.location}-wal`)).size).toBeGreaterThan(0);
}

async function readEverything(): Promise<void> {
  const store = folder.open();
  const state = await store.read();
  expect(state.instances).toMatchObject([{ address: 'a', instanceId: 1, tokenStored: true }]);
  expect(state.intents).toMatchObject([{ address: 'left-open' }]);
  expect(store.keyStatus()).toBe('usable');
  expect(store.fingerprints.compare(state.instances[0]?.row ?? '', 'p', new Sensitive('v'))).toBe('same');
  expect(await store.reveal('a')).not.toBeNull();
  await store.close();
}

describe('reading changes nothing', () => {
  it('D1: neither folder, database nor key file is made', async () => {
    const store = folder.open({ stateKey: null });
    expect((await store.read()).lineage).toBeNull();
    expect(store.keyStatus()).toBe('usable');
    expect(await store.reveal('a')).toBeNull();
    await store.close();
    expect(await readdir(folder.path)).toEqual([]);
  });

  it('D1: a state that was closed well keeps its bytes', async () => {
    const store = folder.open();
    const lock = await takeLock(store);
    await createRecorded(lock, 'a', 1, { credentials: { p: 'v' }, token: 'tok' });
    await lock.openIntent(sampleIntent('left-open'), null, {});
    await lock.release();
    const [before] = await digest();
    await readEverything();
    await readEverything();
    const [after, wal] = await digest();
    expect(after).toBe(before);
    expect(wal === null || (await stat(`${folder.location}-wal`)).size === 0).toBe(true);
  });

  it('D1: a state whose writer was killed keeps database and WAL, and all of it is read', async () => {
    await leaveWal();
    const before = await digest();
    await readEverything();
    await readEverything();
    expect(await digest()).toEqual(before);
  });

  it('D1: so it does where the shared memory file is gone or stale', async () => {
    await leaveWal();
    await rm(`${folder.location}-shm`);
    const before = await digest();
    await readEverything();
    await writeFile(`${folder.location}-shm`, Buffer.alloc(32768, 0xff));
    await readEverything();
    expect(await digest()).toEqual(before);
  });

  it('D1: the next writer takes up what the killed one had committed', async () => {
    await leaveWal();
    const lock = await takeLock(folder.open());
    expect((await lock.read()).intents).toMatchObject([{ address: 'left-open' }]);
    await lock.release();
    await readEverything();
  });
});

describe('reading in a folder that cannot be written', () => {
  /** Reads with the rights of a user who may look but not touch; as root, modes bind nobody. */
  const readAsNobody = async (): Promise<Record<string, unknown>> => {
    const temp = join(folder.path, 'temp');
    await mkdir(temp, { mode: 0o777 });
    await chmod(temp, 0o777);
    await chmod(folder.path, 0o755);
    for (const name of await readdir(dirname(folder.location))) {
      await chmod(join(dirname(folder.location), name), 0o444);
    }
    await chmod(dirname(folder.location), 0o555);
    const uid = process.getuid?.() === 0 ? { uid: nobody } : {};
    const child = startChild(program, { do: 'read', location: folder.location, tempFolder: temp, ...uid });
    const end = await child.ended();
    expect(await readdir(temp)).toEqual([]);
    return { code: end.code, ...(JSON.parse(end.lines[0] ?? '{}') as Record<string, unknown>) };
  };

  it('D1: after a kill, a private copy is read, and removed again', async () => {
    await leaveWal();
    await rm(`${folder.location}-shm`);
    const before = await digest();
    const names = await readdir(dirname(folder.location));
    const seen = await readAsNobody();
    expect(seen).toMatchObject({
      code: 0,
      instances: [{ address: 'a' }],
      intents: [{ address: 'left-open' }],
      heldBy: null,
    });
    expect(await digest()).toEqual(before);
    expect(await readdir(dirname(folder.location))).toEqual(names);
  });

  it('D1: so it is after a clean end', async () => {
    const lock = await takeLock(folder.open());
    await createRecorded(lock, 'a', 1);
    await lock.release();
    expect(await readAsNobody()).toMatchObject({ code: 0, instances: [{ address: 'a' }] });
  });

  it('D1: who holds the lock is seen there, too', async () => {
    const holder = startChild(program, { do: 'hold', location: folder.location, tempFolder: folder.path });
    await holder.untilLine('held');
    const seen = await readAsNobody();
    expect(seen).toMatchObject({
      code: 0,
      intents: [{ address: 'held' }],
      heldBy: { pid: holder.pid, user: 'ada' },
    });
    holder.finish();
    await holder.ended();
  });

  it('a state that may not be read at all is named with the cause', async () => {
    await leaveWal();
    await chmod(dirname(folder.location), 0o700);
    await chmod(folder.path, 0o755);
    const uid = process.getuid?.() === 0 ? { uid: nobody } : {};
    await chmod(dirname(folder.location), 0o000);
    const child = startChild(program, {
      do: 'read',
      location: folder.location,
      tempFolder: folder.path,
      ...uid,
    });
    const end = await child.ended();
    expect(end.code).toBe(1);
    expect(end.lines).toEqual([expect.stringMatching(/^failed file_unreadable: .*EACCES/)]);
  });
});
