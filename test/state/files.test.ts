import { chmod, mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildChildProgram, startChild, type ChildProgram } from '../support/child-process.ts';
import { createRecorded, takeLock } from '../support/state-samples.ts';
import { useStateFolder } from '../support/state-folder.ts';

let program: ChildProgram;
const folder = useStateFolder();
beforeAll(async () => {
  program = await buildChildProgram('support/state-child.ts');
});
afterAll(() => program.dispose());

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o7777;

describe('files on disk', () => {
  it('D3: everything is for its owner alone, also what a missing folder above needs', async () => {
    const location = join(folder.path, 'deep', 'er', 'state.db');
    const lock = await takeLock(folder.open({ location }));
    await createRecorded(lock, 'a', 1, { token: 'tok' });
    const names = (await readdir(dirname(location))).sort();
    expect(names).toEqual([
      'state.db',
      'state.db-shm',
      'state.db-wal',
      'state.db.lock',
      'state.db.lock.json',
    ]);
    for (const name of names) expect(await modeOf(join(dirname(location), name))).toBe(0o600);
    expect([await modeOf(dirname(location)), await modeOf(dirname(dirname(location)))]).toEqual([
      0o700, 0o700,
    ]);
    await lock.release();
    expect((await readdir(dirname(location))).sort()).toEqual(['state.db', 'state.db.lock']);
  });

  it.each([
    [0o755, []],
    [0o1777, []],
    [0o777, ['state_folder_open']],
  ])('an existing folder keeps its mode %i; one that everyone may write is warned of', async (mode, said) => {
    await mkdir(dirname(folder.location));
    await chmod(dirname(folder.location), mode);
    const store = folder.open();
    await (await takeLock(store)).release();
    await (await takeLock(store)).release();
    expect(await modeOf(dirname(folder.location))).toBe(mode);
    expect(folder.said.map(({ code }) => code)).toEqual(said);
  });

  it('a folder that cannot be written is named with the cause', async () => {
    await chmod(folder.path, 0o755);
    await mkdir(dirname(folder.location));
    await chmod(dirname(folder.location), 0o555);
    const uid = process.getuid?.() === 0 ? { uid: 65534 } : {};
    const child = startChild(program, {
      do: 'hold',
      location: folder.location,
      tempFolder: folder.path,
      ...uid,
    });
    const { code, lines } = await child.ended();
    expect(code).toBe(1);
    expect(lines).toEqual([expect.stringMatching(/^failed state_unwritable: .*EACCES/)]);
  });
});
