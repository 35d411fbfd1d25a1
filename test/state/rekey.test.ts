import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Sensitive } from '../../src/core/sensitive.ts';
import type { RekeyTerms } from '../../src/ports.ts';
import { buildChildProgram, startChild, type ChildProgram } from '../support/child-process.ts';
import {
  createRecorded,
  knownIds,
  otherKey,
  sampleIntent,
  sampleKey,
  takeLock,
} from '../support/state-samples.ts';
import { useStateFolder } from '../support/state-folder.ts';

let program: ChildProgram;
const folder = useStateFolder();
beforeAll(async () => {
  program = await buildChildProgram('support/state-child.ts');
});
afterAll(() => program.dispose());

const moving = { stateKey: otherKey, oldStateKey: sampleKey };
const nowhere: RekeyTerms = { kind: 'known', drop: true, credentials: new Map() };

/** Two recorded instances and an open create; answers the row of the first. */
async function fill(): Promise<string> {
  const lock = await takeLock(folder.open());
  const { row } = await createRecorded(lock, 'a', 1, { credentials: { p: 'v' }, token: 'first' });
  await createRecorded(lock, 'b', 2, { credentials: { p: 'w' }, token: 'second' });
  await lock.openIntent(sampleIntent('c'), null, { p: new Sensitive('x') });
  await lock.release();
  return row;
}

async function move(terms: RekeyTerms = nowhere, keys = moving) {
  const lock = await takeLock(folder.open(keys));
  try {
    return await lock.rekey(terms);
  } finally {
    await lock.release();
  }
}

function query<T>(sql: string): readonly T[] {
  const db = new Database(folder.location, { readonly: true });
  try {
    return db.prepare(sql).pluck().all() as readonly T[];
  } finally {
    db.close();
  }
}

/** Everything that was made with the key that the state is under now. */
function readSealed(): readonly Buffer[] {
  const sealed = query<Buffer>(`SELECT token FROM instances WHERE token IS NOT NULL
    UNION ALL SELECT fingerprint FROM credentials UNION ALL SELECT fingerprint FROM intent_credentials`);
  const names = query<string>('SELECT key_id FROM meta UNION ALL SELECT key_check FROM meta');
  expect(sealed.length).toBeGreaterThan(0);
  return [...sealed, ...names.map((name) => Buffer.from(name, 'utf8'))];
}

/** Which of these bytes stand in the database, its WAL, or any other file of its folder. No store may be open. */
function findInFiles(searched: readonly Buffer[]): readonly string[] {
  const parent = dirname(folder.location);
  const files = readdirSync(parent).map((name) => `${parent}/${name}`);
  expect(files).toContain(folder.location);
  return files.flatMap((file) => {
    const bytes = readFileSync(file);
    return searched.some((one) => bytes.includes(one)) ? [file] : [];
  });
}

/** Another program that has the state open, and reads nothing: the WAL stays when the writer is done. */
function openIdle(): Database.Database {
  const db = new Database(folder.location, { readonly: true });
  db.prepare('SELECT count(*) FROM meta').get();
  return db;
}

describe('nothing of the old key remains', () => {
  it.each(['known', 'lost'] as const)('E4: in database and WAL after a rekey (%s)', async (kind) => {
    const row = await fill();
    const old = readSealed();
    expect(findInFiles(old)).not.toEqual([]);
    const idle = openIdle();
    const terms: RekeyTerms =
      kind === 'lost'
        ? { kind, tokens: new Map([[1, new Sensitive('live')]]) }
        : { kind, drop: true, credentials: new Map([[row, { p: new Sensitive('v') }]]) };
    const keys = kind === 'lost' ? { stateKey: otherKey, oldStateKey: otherKey } : moving;
    expect(await move(terms, keys)).toMatchObject({ outcome: 'moved', remains: { leftover: null } });
    expect(statSync(`${folder.location}-wal`).size).toBe(0);
    expect(findInFiles(old)).toEqual([]);
    expect(findInFiles(readSealed())).toEqual([folder.location]);
    idle.close();
  });

  it('E4: nor in pages that were freed by somebody who did not overwrite them', async () => {
    await fill();
    const old = readSealed();
    const db = new Database(folder.location);
    db.pragma('secure_delete = OFF');
    db.exec("UPDATE instances SET token = NULL WHERE address = 'b'; DELETE FROM intent_credentials");
    db.close();
    const freed = old.filter((one) => !readSealed().some((kept) => kept.equals(one)));
    expect(findInFiles(freed)).toEqual([folder.location]);
    expect(await move()).toMatchObject({ outcome: 'moved', tokens: 1, unread: [] });
    expect(findInFiles(old)).toEqual([]);
  });

  it.each(['VACUUM', 'wal_checkpoint'])(
    'E4: a rekey that was killed between its commit and %s is finished by the next one',
    async (killAt) => {
      await fill();
      const old = readSealed();
      const order = { do: 'rekey', location: folder.location, tempFolder: folder.path, killAt };
      const end = await startChild(program, order).ended();
      expect([end.signal, end.lines]).toEqual(['SIGKILL', []]);
      expect(findInFiles(old)).not.toEqual([]);
      expect((await folder.open({ stateKey: otherKey }).reveal('a'))?.equals('first')).toBe(true);
      expect(await move()).toEqual({ outcome: 'current', remains: { leftover: null, backups: [] } });
      expect(findInFiles(old)).toEqual([]);
      expect((await folder.open({ stateKey: otherKey }).reveal('b'))?.equals('second')).toBe(true);
    },
  );

  it('E4: a reader that keeps the WAL from being emptied is said, and the next rekey empties it', async () => {
    await fill();
    const old = readSealed();
    const reader = openIdle();
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM meta').get();
    const result = await move();
    expect(result).toMatchObject({
      outcome: 'moved',
      remains: {
        leftover: {
          why: expect.stringContaining('reading'),
          hint: expect.stringContaining('run this again'),
        },
      },
    });
    expect(findInFiles(old)).not.toEqual([]);
    reader.exec('COMMIT');
    expect(await move()).toMatchObject({ outcome: 'current', remains: { leftover: null } });
    expect(findInFiles(old)).toEqual([]);
    reader.close();
  });

  it('E4: a disk without room to rewrite the database is said, and the state is under the new key all the same', async () => {
    await fill();
    const lock = await takeLock(folder.open());
    const large = knownIds(...Array.from({ length: 100_000 }, (_, index) => index));
    await lock.openIntent(sampleIntent('d', { knownIds: large }), null, {});
    await lock.release();
    const old = readSealed();
    const order = { do: 'rekey', location: folder.location, tempFolder: folder.path };
    const end = await startChild(program, order, { fileLimit: 300 }).ended();
    expect(end.lines).toEqual([
      expect.stringMatching(/^rekeyed moved, but The state .* cannot be written.*run this again/),
    ]);
    expect((await folder.open({ stateKey: otherKey }).reveal('a'))?.equals('first')).toBe(true);
    expect(await move()).toMatchObject({ outcome: 'current', remains: { leftover: null } });
    expect(findInFiles(old)).toEqual([]);
  });
});

describe('a rekey and what it finds', () => {
  it('E4: a damaged envelope is named and dropped; the others move', async () => {
    await fill();
    const db = new Database(folder.location);
    db.exec(
      "UPDATE instances SET token = CAST(substr(token, 1, length(token) - 1) || x'00' AS BLOB) WHERE address = 'a'",
    );
    db.close();
    expect(await move()).toMatchObject({ outcome: 'moved', tokens: 1, unread: ['a'] });
    const store = folder.open({ stateKey: otherKey });
    expect(await store.reveal('a')).toBeNull();
    expect((await store.reveal('b'))?.equals('second')).toBe(true);
  });

  it('E4: an envelope that was sealed for another instance is damage', async () => {
    await fill();
    const db = new Database(folder.location);
    db.exec(
      "UPDATE instances SET token = (SELECT token FROM instances WHERE address = 'a') WHERE address = 'b'",
    );
    db.close();
    expect(await move()).toMatchObject({ tokens: 1, unread: ['b'] });
  });

  it('D2: a run that was overtaken writes nothing and rewrites no file', async () => {
    await fill();
    const lock = await takeLock(folder.open(moving));
    const other = new Database(folder.location);
    other.exec('UPDATE meta SET serial = serial + 1');
    const before = readSealed();
    await expect(lock.rekey(nowhere)).rejects.toMatchObject({ code: 'state_locked' });
    expect(readSealed()).toEqual(before);
    expect(statSync(`${folder.location}-wal`).size).toBeGreaterThan(0);
    other.close();
    await lock.release();
    expect((await folder.open().reveal('a'))?.equals('first')).toBe(true);
  });

  it('E5: a refused rekey makes no key file', async () => {
    await fill();
    const gone = { stateKey: null, oldStateKey: otherKey };
    await expect(move(nowhere, gone as never)).rejects.toMatchObject({ code: 'wrong_state_key' });
    expect(existsSync(folder.options.keyFile)).toBe(false);
    expect(await move(nowhere, { stateKey: null, oldStateKey: sampleKey } as never)).toMatchObject({
      tokens: 2,
    });
    expect(folder.said.map(({ code }) => code)).toEqual(['state_key_created']);
    expect((await folder.open({ stateKey: null }).reveal('a'))?.equals('first')).toBe(true);
  });
});
