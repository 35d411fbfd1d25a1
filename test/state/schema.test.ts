import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import type { StateStore } from '../../src/ports.ts';
import { createKeyring } from '../../state/keyring.ts';
import { currentSchema, type Schema } from '../../state/schema.ts';
import { createSqliteStore } from '../../state/sqlite.ts';
import { createRecorded, takeLock } from '../support/state-samples.ts';
import { useStateFolder } from '../support/state-folder.ts';

const folder = useStateFolder();

const digest = async (path = folder.location): Promise<string> =>
  createHash('sha256')
    .update(await readFile(path))
    .digest('hex');

async function recordOne(): Promise<void> {
  const lock = await takeLock(folder.open());
  await createRecorded(lock, 'a', 1, { token: 'tok' });
  await lock.release();
}

async function change(work: (db: Database.Database) => void): Promise<void> {
  await mkdir(dirname(folder.location), { recursive: true });
  const db = new Database(folder.location);
  work(db);
  db.close();
}

/** Reading and locking fail alike, and leave the file as it was. */
async function expectRefused(code: string, ...words: readonly string[]): Promise<void> {
  const before = await digest();
  const store = folder.open();
  for (const work of [store.read(), takeLock(store)]) {
    const error: unknown = await work.catch((caught: unknown) => caught);
    expect(error).toMatchObject({ name: 'InstateError', code });
    expect(error).not.toHaveProperty('cause');
    for (const word of words) expect((error as Error).message).toContain(word);
  }
  expect(await digest()).toBe(before);
  expect((await readdir(dirname(folder.location))).filter((name) => name.includes('json'))).toEqual([]);
}

/** What a later release may look like: one more step, which adds a column and changes content. */
const laterSchema: Schema = [
  ...currentSchema,
  {
    version: 3,
    sql: "ALTER TABLE meta ADD COLUMN note TEXT; UPDATE instances SET name = name || ' (later)';",
  },
];

function openLater(): StateStore {
  return createSqliteStore({
    ...folder.options,
    keyring: createKeyring(folder.options),
    schema: laterSchema,
  });
}

describe('schema', () => {
  it('D1: an older schema is read as the newer one, with no change on the disk', async () => {
    await recordOne();
    const before = await digest();
    expect((await openLater().read()).instances).toMatchObject([
      { name: 'Instance 1 (later)', tokenStored: true },
    ]);
    expect((await openLater().reveal('a'))?.equals('tok')).toBe(true);
    expect(await digest()).toBe(before);
    expect((await folder.open().read()).instances).toMatchObject([{ name: 'Instance 1' }]);
  });

  it('D1: so it is while the newest commits lie in the WAL', async () => {
    const lock = await takeLock(folder.open());
    await createRecorded(lock, 'a', 1);
    expect((await stat(`${folder.location}-wal`)).size).toBeGreaterThan(0);
    expect((await openLater().read()).instances).toMatchObject([{ name: 'Instance 1 (later)' }]);
    await lock.release();
  });

  it('D2: a writer migrates, after a backup that only its owner may read', async () => {
    await recordOne();
    const { lineage } = await folder.open().read();
    const lock = await takeLock(openLater());
    expect(await lock.read()).toMatchObject({
      lineage,
      serial: 2,
      instances: [{ name: 'Instance 1 (later)' }],
    });
    await lock.release();
    expect(folder.said.map(({ code }) => code)).toEqual(['state_migrated']);
    const name = (await readdir(dirname(folder.location))).find((entry) => entry.endsWith('.backup'));
    const backup = `${dirname(folder.location)}/${name ?? ''}`;
    expect((await stat(backup)).mode & 0o777).toBe(0o600);
    await rename(backup, folder.location);
    expect(await folder.open().read()).toMatchObject({ lineage, instances: [{ name: 'Instance 1' }] });
  });

  it('D2: a state of schema 1 is taken on with its open intents', async () => {
    const first = createSqliteStore({
      ...folder.options,
      keyring: createKeyring(folder.options),
      schema: currentSchema.slice(0, 1),
    });
    await (await takeLock(first)).release();
    await change((db) => {
      db.exec("INSERT INTO known_ids VALUES ('d', '[]')");
      db.exec(`INSERT INTO intents (id, address, row, element, name, tags, configuration, opened_at, send_by, resolve_after,
        known_ids, attempt) VALUES ('i', 'a', 'r', 'closeio', 'A', '[]', '{}', 1, 2, 3, 'd', 0)`);
    });
    const expected = [{ address: 'a', openedAt: 1, resolveAfter: 3, serviceAhead: null }];
    expect((await folder.open().read()).intents).toMatchObject(expected);
    const lock = await takeLock(folder.open());
    expect((await lock.read()).intents).toMatchObject(expected);
    await lock.release();
    expect(folder.said.map(({ code }) => code)).toEqual(['state_migrated']);
  });

  it('a state of a later release is refused, and not touched', async () => {
    await recordOne();
    await (await takeLock(openLater())).release();
    await expectRefused('state_newer', 'schema 3', 'knows 2');
  });

  it('a database without a table is an empty state, which the first writer fills', async () => {
    await change((db) => db.exec('CREATE TABLE t (a); DROP TABLE t'));
    const store = folder.open();
    expect((await store.read()).lineage).toBeNull();
    const lock = await takeLock(store);
    expect((await lock.read()).lineage).not.toBeNull();
    await lock.release();
    expect(folder.said).toEqual([]);
  });

  it('an empty file is an empty state: a crash may leave one', async () => {
    await mkdir(dirname(folder.location));
    await writeFile(folder.location, '');
    expect((await folder.open().read()).lineage).toBeNull();
    await recordOne();
    expect((await folder.open().read()).instances).toHaveLength(1);
  });

  it('a migration that a crash cut off before the lineage is finished by the next writer', async () => {
    await recordOne();
    await change((db) => db.exec('DELETE FROM instances; DELETE FROM meta'));
    expect((await folder.open().read()).lineage).toBeNull();
    await recordOne();
    expect((await folder.open().read()).instances).toHaveLength(1);
  });
});

describe('what is no state', () => {
  it('a file that is no database', async () => {
    await mkdir(dirname(folder.location));
    await writeFile(folder.location, 'password: hunter2\n'.repeat(500));
    await expectRefused('state_corrupt', folder.location);
  });

  it('the database of another program', async () => {
    await change((db) => db.exec('CREATE TABLE customers (name TEXT); PRAGMA user_version = 1'));
    await expectRefused('state_corrupt', 'no state of instate');
  });

  it('a state with a damaged page is not written', async () => {
    await recordOne();
    const bytes = await readFile(folder.location);
    bytes.fill(0xa5, 3 * 4096, 4 * 4096 - 100);
    await writeFile(folder.location, bytes);
    await expect(takeLock(folder.open())).rejects.toMatchObject({ code: 'state_corrupt' });
  });

  it('E2: a state with a damaged column, which is not quoted', async () => {
    await recordOne();
    await change((db) => db.exec("UPDATE instances SET configuration = '{secret'"));
    const error: unknown = await folder
      .open()
      .read()
      .catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'state_corrupt' });
    expect(String(error)).not.toContain('secret');
  });

  it('a cut file', async () => {
    await recordOne();
    await writeFile(folder.location, (await readFile(folder.location)).subarray(0, 5000));
    await expectRefused('state_corrupt');
  });

  it('a folder in its place', async () => {
    await mkdir(folder.location, { recursive: true });
    const store = folder.open();
    await expect(store.read()).rejects.toMatchObject({ code: 'state_unsupported' });
    await expect(takeLock(store)).rejects.toMatchObject({ code: 'state_unsupported' });
  });

  it('D2: a symbolic link, also one that points nowhere', async () => {
    await recordOne();
    const link = `${dirname(folder.location)}/link.db`;
    await symlink(folder.location, link);
    const nowhere = `${dirname(folder.location)}/nowhere.db`;
    await symlink('/nonexistent/state.db', nowhere);
    for (const location of [link, nowhere]) {
      const store = folder.open({ location });
      await expect(store.read()).rejects.toMatchObject({ code: 'state_unsupported' });
      await expect(takeLock(store)).rejects.toMatchObject({ code: 'state_unsupported' });
    }
  });

  it('a file where its folder should be', async () => {
    await writeFile(dirname(folder.location), '');
    const store = folder.open();
    await expect(store.read()).rejects.toMatchObject({ code: 'file_unreadable' });
    await expect(takeLock(store)).rejects.toMatchObject({ code: 'state_unwritable' });
  });

  it.each([
    ['postgres://user:hunter2@db/instate', 'PostgreSQL'],
    ['PostgreSQL://user:hunter2@db/instate', 'PostgreSQL'],
    ['https://hunter2@example.com/state', 'https:'],
    ['relative/state.db', 'not absolute'],
    ['/tmp/state.db ', 'spaces'],
  ])('a location that this release cannot use: %s', (location, word) => {
    expect(() => folder.open({ location })).toThrow(expect.objectContaining({ code: 'state_unsupported' }));
    expect(() => folder.open({ location })).toThrow(word);
    expect(() => folder.open({ location })).not.toThrow('hunter2');
  });
});

it('the history has a line for each run that wrote, with the command and its serials', async () => {
  const lock = await takeLock(folder.open());
  await createRecorded(lock, 'a', 1);
  await createRecorded(lock, 'b', 2);
  await lock.release();
  await (await takeLock(folder.open({ newId: randomUUID }))).release();
  await change((db) => {
    const rows = db.prepare('SELECT command, user, host, first_serial, last_serial FROM history').all();
    const run = { command: 'apply --auto-approve', user: 'ada', host: 'build-7' };
    expect(rows).toEqual([{ ...run, first_serial: 1, last_serial: 4 }]);
    expect(db.prepare('SELECT count(*) AS n FROM known_ids').get()).toEqual({ n: 0 });
  });
});
