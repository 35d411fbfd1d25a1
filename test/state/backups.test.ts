import { linkSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { createRecorded, otherKey, sampleKey, takeLock } from '../support/state-samples.ts';
import { useStateFolder } from '../support/state-folder.ts';

const folder = useStateFolder();

async function seal(): Promise<void> {
  const lock = await takeLock(folder.open());
  await createRecorded(lock, 'a', 1, { token: 'first' });
  await lock.release();
}

async function rekey() {
  const lock = await takeLock(folder.open({ stateKey: otherKey, oldStateKey: sampleKey }));
  const done = await lock.rekey({ kind: 'known', drop: true, credentials: new Map() });
  await lock.release();
  return done;
}

describe('backups', () => {
  const backup = (name: string): string => `${folder.location}.${name}.backup`;
  const copyTo = (file: string): void => {
    const db = new Database(folder.location, { readonly: true });
    db.prepare('VACUUM INTO ?').run(file);
    db.close();
  };

  it('E4: those under another key are named, and those that cannot be read; no file appears beside them', async () => {
    await (await takeLock(folder.open())).release();
    copyTo(backup('v1-unbound'));
    await seal();
    copyTo(backup('v1-old'));
    writeFileSync(backup('v1-rubbish'), 'this is no database');
    writeFileSync(backup('v1-empty'), '');
    mkdirSync(backup('v1-folder'));
    symlinkSync(backup('v1-old'), backup('v1-link'));
    linkSync(folder.location, backup('v1-itself'));
    const names = (): readonly string[] =>
      readdirSync(dirname(folder.location))
        .filter((name) => /^state\.db\.v/.test(name))
        .sort();
    const before = names();
    const expected = [
      { file: backup('v1-empty'), why: 'unreadable' },
      { file: backup('v1-folder'), why: 'unreadable' },
      { file: backup('v1-link'), why: 'unreadable' },
      { file: backup('v1-old'), why: 'other-key' },
      { file: backup('v1-rubbish'), why: 'unreadable' },
    ];
    expect(await rekey()).toMatchObject({ outcome: 'moved', remains: { backups: expected } });
    copyTo(backup('v2-new'));
    expect(await rekey()).toMatchObject({ outcome: 'current', remains: { backups: expected } });
    expect(names()).toEqual([...before, 'state.db.v2-new.backup'].sort());
  });
});
