import { readdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeDurable, openForWriting } from '../../state/connection.ts';
import { ensureFile } from '../../state/files.ts';
import { createKeyring } from '../../state/keyring.ts';
import { currentSchema } from '../../state/schema.ts';
import { createSqliteStore } from '../../state/sqlite.ts';
import { buildChildProgram, startChild, type ChildProgram } from '../support/child-process.ts';
import { sampleInstance, takeLock } from '../support/state-samples.ts';
import { useStateFolder } from '../support/state-folder.ts';

let program: ChildProgram;
const folder = useStateFolder();
beforeAll(async () => {
  program = await buildChildProgram('support/state-child.ts');
});
afterAll(() => program.dispose());

/** Every intent that the child said was durable is open or settled; every settlement that it said is recorded. */
async function expectPromisesKept(lines: readonly string[]): Promise<void> {
  const said = (what: string): readonly string[] =>
    lines.filter((line) => line.startsWith(`${what} `)).map((line) => line.slice(what.length + 1));
  const store = folder.open();
  const lock = await takeLock(store);
  const state = await lock.read();
  await lock.release();
  const open = new Set(state.intents.map(({ address }) => address));
  const recorded = new Set(state.instances.map(({ address }) => address));
  expect(said('open').length).toBeGreaterThan(0);
  expect(said('open').filter((address) => !open.has(address) && !recorded.has(address))).toEqual([]);
  expect(said('done').filter((address) => !recorded.has(address))).toEqual([]);
  expect([...open].filter((address) => recorded.has(address))).toEqual([]);
  const canary = await Promise.all(state.instances.slice(0, 3).map(({ address }) => store.reveal(address)));
  expect(canary.every((token) => token?.equals('canary'))).toBe(true);
}

describe('what was promised is kept', () => {
  it.each([1, 150, 777])(
    'C1: a writer that is killed after %i lines loses no intent that it was promised',
    async (count) => {
      const child = startChild(program, { do: 'flood', location: folder.location, tempFolder: folder.path });
      await child.untilLines(count);
      child.kill('SIGKILL');
      const end = await child.ended();
      expect(end.signal).toBe('SIGKILL');
      await expectPromisesKept(end.lines);
    },
  );

  it('C1: a full disk refuses the intent, says so, and harms nothing that was promised', async () => {
    const child = startChild(
      program,
      { do: 'flood', location: folder.location, tempFolder: folder.path },
      { fileLimit: 600 },
    );
    const end = await child.ended();
    expect(end.code).toBe(1);
    expect(end.lines.at(-1)).toMatch(/^failed state_unwritable: /);
    await expectPromisesKept(end.lines);
  });

  it('a backup before a migration that the disk has no room for is not left behind, and the state stays as it was', async () => {
    const first = createSqliteStore({
      ...folder.options,
      keyring: createKeyring(folder.options),
      schema: currentSchema.slice(0, 1),
    });
    const lock = await takeLock(first);
    await lock.record([
      { kind: 'adopt', address: 'a', expected: null, instance: sampleInstance(1), token: null },
    ]);
    await lock.release();
    const before = await readFile(folder.location);
    const child = startChild(
      program,
      { do: 'hold', location: folder.location, tempFolder: folder.path },
      { fileLimit: 40 },
    );
    const end = await child.ended();
    expect([end.code, end.lines]).toEqual([1, [expect.stringMatching(/^failed state_unwritable: /)]]);
    expect((await readdir(dirname(folder.location))).filter((name) => name.endsWith('.backup'))).toEqual([]);
    expect((await readFile(folder.location)).equals(before)).toBe(true);
  });

  it('D3: commits are synced, removed content is overwritten, and temporary tables stay in memory', () => {
    const path = `${folder.path}/x.db`;
    ensureFile(path);
    const db = openForWriting(path);
    makeDurable(db);
    const read = (name: string): unknown => db.pragma(name, { simple: true });
    expect([read('journal_mode'), read('synchronous'), read('secure_delete')]).toEqual(['wal', 2, 1]);
    expect([read('fullfsync'), read('checkpoint_fullfsync')]).toEqual([1, 1]);
    expect([read('temp_store'), read('trusted_schema'), read('foreign_keys')]).toEqual([2, 0, 1]);
    db.close();
  });
});
