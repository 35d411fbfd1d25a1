import { copyFile, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Sensitive } from '../../src/core/sensitive.ts';
import { buildChildProgram, startChild, type Child, type ChildProgram } from '../support/child-process.ts';
import type { ChildOrder } from '../support/state-child.ts';
import { createRecorded, noWait, sampleHolder, sampleIntent, takeLock } from '../support/state-samples.ts';
import { useStateFolder } from '../support/state-folder.ts';

let program: ChildProgram;
const folder = useStateFolder();
beforeAll(async () => {
  program = await buildChildProgram('support/state-child.ts');
});
afterAll(() => program.dispose());

const start = (order: Partial<ChildOrder> & Pick<ChildOrder, 'do'>): Child =>
  startChild(program, { location: folder.location, tempFolder: folder.path, ...order });

describe('the lock between processes', () => {
  it('D2: another process cannot take it, and learns who holds it', async () => {
    const child = start({ do: 'hold' });
    await child.untilLine('held');
    const store = folder.open();
    const error = await takeLock(store).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'state_locked' });
    expect((error as Error).message).toContain(child.pid.toString());
    const seen = await store.read();
    expect(seen.heldBy).toEqual({ ...sampleHolder, pid: child.pid });
    expect(seen.intents).toHaveLength(1);
    child.finish();
    expect(await child.ended()).toMatchObject({ code: 0 });
    expect((await store.read()).heldBy).toBeNull();
  });

  it('D2: a killed holder leaves no lock, and its intent is there', async () => {
    const child = start({ do: 'hold' });
    await child.untilLine('held');
    child.kill('SIGKILL');
    expect(await child.ended()).toMatchObject({ signal: 'SIGKILL' });
    const store = folder.open();
    const seen = await store.read();
    expect(seen.heldBy).toBeNull();
    expect(seen.intents).toMatchObject([{ address: 'held' }]);
    const lock = await takeLock(store);
    expect((await lock.read()).intents).toEqual(seen.intents);
    await lock.release();
  });

  it('D2: nothing that this process does with the state drops its lock', async () => {
    const store = folder.open();
    const lock = await takeLock(store);
    await createRecorded(lock, 'a', 1, { credentials: { p: 'v' }, token: 'tok' });
    const second = folder.open();
    await second.read();
    await second.reveal('a');
    second.keyStatus();
    second.fingerprints.compare('row', 'p', new Sensitive('v'));
    await takeLock(second).catch(() => null);
    await store.read();
    await lock.read();
    await second.close();
    const child = start({ do: 'hold' });
    expect(await child.ended()).toMatchObject({
      code: 1,
      lines: [expect.stringMatching(/^failed state_locked/)],
    });
    await lock.openIntent(sampleIntent('b'), null, {});
    await lock.release();
  });

  it('D2: processes that wait take turns, and none writes over another', async () => {
    const children = [1, 2, 3].map(() => start({ do: 'take-turns', times: 5, timeoutMs: 25_000 }));
    for (const child of children) expect(await child.ended()).toMatchObject({ code: 0 });
    const { instances, serial } = await folder.open().read();
    expect(instances).toMatchObject([{ address: 'counter', instanceId: 15, version: 15 }]);
    expect(serial).toBe(15);
  });

  it('D2: the note beside the lock is private, goes with it, and is no proof of a holder', async () => {
    const note = `${folder.location}.lock.json`;
    const child = start({ do: 'hold' });
    await child.untilLine('held');
    expect((await stat(note)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(note, 'utf8'))).toEqual({ ...sampleHolder, pid: child.pid });
    await rm(note);
    const store = folder.open();
    expect((await store.read()).heldBy).toMatchObject({ pid: 0, user: 'unknown' });
    await expect(takeLock(store)).rejects.toMatchObject({ code: 'state_locked' });
    child.kill('SIGKILL');
    await child.ended();
    const lock = await takeLock(store);
    await stat(note);
    await lock.release();
    await expect(stat(note)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('control characters in the note do not reach a reader', async () => {
    const lock = await folder.open().lock({ ...sampleHolder, command: 'apply\u001b[31m\n::error' }, noWait);
    expect((await folder.open().read()).heldBy?.command).toBe('apply [31m ::error');
    await lock.release();
  });
});

describe('a state that changes under its writer', () => {
  it.each(['deleted', 'replaced'])('D2: no intent is opened once the database was %s', async (what) => {
    const store = folder.open();
    const lock = await takeLock(store);
    await lock.openIntent(sampleIntent('a'), null, {});
    await rename(folder.location, `${folder.location}.old`);
    if (what === 'replaced') await copyFile(`${folder.location}.old`, folder.location);
    await expect(lock.openIntent(sampleIntent('b'), null, {})).rejects.toMatchObject({
      code: 'state_unwritable',
    });
    await expect(lock.read()).rejects.toMatchObject({ code: 'state_unwritable' });
    await lock.release();
  });

  it('D2: a lock whose file was deleted is lost, and writes nothing more', async () => {
    const store = folder.open();
    const lock = await takeLock(store);
    await rm(`${folder.location}.lock`);
    const next = await takeLock(folder.open());
    await expect(lock.openIntent(sampleIntent('b'), null, {})).rejects.toMatchObject({
      code: 'state_locked',
    });
    await next.openIntent(sampleIntent('c'), null, {});
    await lock.release();
    await next.release();
    expect((await store.read()).intents).toMatchObject([{ address: 'c' }]);
  });

  it('D2: a run that was overtaken writes nothing, even with its lock file back in place', async () => {
    const store = folder.open();
    const lock = await takeLock(store);
    await lock.openIntent(sampleIntent('a'), null, {});
    // Moved away while the first one sleeps, another run takes a new one, and the old file comes back.
    await rename(`${folder.location}.lock`, `${folder.location}.aside`);
    const next = await takeLock(folder.open());
    await next.openIntent(sampleIntent('b'), null, {});
    await next.release();
    await rename(`${folder.location}.aside`, `${folder.location}.lock`);
    await expect(lock.settle(sampleIntent('a').id, { kind: 'not-sent' })).rejects.toMatchObject({
      code: 'state_locked',
    });
    await expect(lock.openIntent(sampleIntent('c'), null, {})).rejects.toMatchObject({
      code: 'state_locked',
    });
    await lock.release();
    expect((await store.read()).intents.map(({ address }) => address)).toEqual(['a', 'b']);
  });

  it('D2: a folder that was removed is made anew by the next run only', async () => {
    const lock = await takeLock(folder.open());
    await rm(dirname(folder.location), { recursive: true });
    await expect(lock.record([{ kind: 'bind-project', project: 'p' }])).rejects.toMatchObject({
      code: 'state_locked',
    });
    await lock.release();
    expect((await folder.open().read()).lineage).toBeNull();
  });
});
