import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { Sensitive } from '../../src/core/sensitive.ts';
import { createKeyFile, parseStateKey, readKeyFile } from '../../state/key.ts';
import {
  createRecorded,
  makeStateFolder,
  otherKey,
  sampleKey,
  takeLock,
  type StateFolder,
} from '../support/state-samples.ts';
import { useStateFolder } from '../support/state-folder.ts';

const folder = useStateFolder();

const bytes = Buffer.alloc(32, 0xfb);
const codes = (): readonly string[] => folder.said.map(({ code }) => code);

async function writeKeyFile(text: string, mode = 0o600): Promise<void> {
  await mkdir(dirname(folder.options.keyFile), { recursive: true });
  await writeFile(folder.options.keyFile, text, { mode });
  await chmod(folder.options.keyFile, mode);
}

/** Records one instance with a token and a credential through a store that is opened like this. */
async function recordWith(
  overrides: Parameters<StateFolder['open']>[0],
  address = 'a',
  instanceId = 1,
): Promise<{ readonly tokenStored: boolean | undefined; readonly verified: string }> {
  const store = folder.open(overrides);
  const lock = await takeLock(store);
  const intent = await createRecorded(lock, address, instanceId, { credentials: { p: 'v' }, token: 'tok' });
  await lock.release();
  const row = (await store.read()).instances.find((instance) => instance.address === address);
  return {
    tokenStored: row?.tokenStored,
    verified: store.fingerprints.compare(intent.row, 'p', new Sensitive('v')),
  };
}

const stored = { tokenStored: true, verified: 'same' };
const notStored = { tokenStored: false, verified: 'unverified' };

describe('INSTATE_STATE_KEY', () => {
  it.each([
    ['base64:', `base64:${bytes.toString('base64')}`],
    ['bare base64', bytes.toString('base64')],
  ])('E5: %s of 32 bytes is the key', (_, text) => {
    expect(parseStateKey(text)('lineage').equals(bytes)).toBe(true);
  });

  it('E5: a passphrase gives a key of its own for each lineage, however its accents are typed', () => {
    const key = parseStateKey('passphrase:sixteen letters é');
    expect(key('one')).toHaveLength(32);
    expect(key('one').equals(key('two'))).toBe(false);
    expect(parseStateKey('passphrase:sixteen letters e\u0301')('one').equals(key('one'))).toBe(true);
    expect(parseStateKey('passphrase:sixteen letters e')('one').equals(key('one'))).toBe(false);
  });

  it.each([
    ['nothing', ''],
    ['an empty base64', 'base64:'],
    ['31 bytes', `base64:${Buffer.alloc(31, 7).toString('base64')}`],
    ['33 bytes', `base64:${Buffer.alloc(33, 7).toString('base64')}`],
    ['base64url', `base64:${bytes.toString('base64url')}`],
    ['no padding', bytes.toString('base64').replace('=', '')],
    ['bits in the padding', `${Buffer.alloc(32).toString('base64').slice(0, 42)}B=`],
    ['a space', `base64: ${bytes.toString('base64')}`],
    ['a line feed', `${bytes.toString('base64')}\n`],
    ['hex', bytes.toString('hex')],
    ['a short passphrase', 'passphrase:fifteen letters'],
    ['a passphrase that is short but has many code units', `passphrase:${'🔑'.repeat(15)}`],
    ['a plain word', 'correct horse battery staple'],
    ['another scheme', `hex:${bytes.toString('hex')}`],
    ['another case', `BASE64:${bytes.toString('base64')}`],
  ])('E5: %s is refused as the store is opened, and never quoted', (_, stateKey) => {
    expect(() => folder.open({ stateKey })).toThrow(expect.objectContaining({ code: 'bad_state_key' }));
    const secret = stateKey.replace(/^[a-z0-9]+:/i, '').trim();
    if (secret !== '') expect(() => folder.open({ stateKey })).not.toThrow(secret);
  });

  it('E5: seals and opens, as key and as passphrase', async () => {
    expect(await recordWith({ stateKey: sampleKey })).toEqual(stored);
    const other = await makeStateFolder();
    const store = other.open({ stateKey: 'passphrase:correct horse battery' });
    const lock = await takeLock(store);
    await createRecorded(lock, 'a', 1, { token: 'tok' });
    await lock.release();
    expect(
      (await other.open({ stateKey: 'passphrase:correct horse battery' }).reveal('a'))?.equals('tok'),
    ).toBe(true);
    expect(other.open({ stateKey: 'passphrase:another horse battery' }).keyStatus()).toBe('other');
    await other.dispose();
  });
});

describe('the key file', () => {
  const withFile = { stateKey: null };

  it('E5: is made on first need, for its owner alone, and announced once', async () => {
    const store = folder.open(withFile);
    const lock = await takeLock(store);
    await lock.record([{ kind: 'bind-project', project: 'p' }]);
    await expect(stat(folder.options.keyFile)).rejects.toMatchObject({ code: 'ENOENT' });
    await createRecorded(lock, 'a', 1, { credentials: { p: 'v' }, token: 'tok' });
    await createRecorded(lock, 'b', 2, { token: 'tok' });
    await lock.release();
    expect((await stat(folder.options.keyFile)).mode & 0o777).toBe(0o600);
    expect((await stat(dirname(folder.options.keyFile))).mode & 0o777).toBe(0o700);
    expect(codes()).toEqual(['state_key_created']);
    expect(folder.said[0]?.summary).toContain(folder.options.keyFile);
    const key = (await readFile(folder.options.keyFile, 'utf8')).trim();
    expect(Buffer.from(key, 'base64')).toHaveLength(32);
    expect(JSON.stringify(folder.said)).not.toContain(key);
    expect(
      (await folder.open({ stateKey: `base64:${key}`, keyFile: '/nonexistent' }).reveal('a'))?.equals('tok'),
    ).toBe(true);
    expect(await recordWith(withFile, 'c', 3)).toEqual(stored);
    expect(codes()).toEqual(['state_key_created']);
  });

  it.each([
    ['hex', bytes.toString('hex')],
    ['base64', `${bytes.toString('base64')}\n`],
    ['base64:', `base64:${bytes.toString('base64')}\r\n`],
  ])('E5: may hold %s', async (_, text) => {
    await writeKeyFile(text);
    expect(readKeyFile(folder.options.keyFile)?.master('lineage').equals(bytes)).toBe(true);
    expect(await recordWith(withFile)).toEqual(stored);
    expect(codes()).toEqual([]);
  });

  it.each([
    ['nothing', ''],
    ['31 bytes', Buffer.alloc(31, 7).toString('base64')],
    ['a passphrase', 'passphrase:correct horse battery'],
    ['two lines', `${bytes.toString('hex')}\n${bytes.toString('hex')}`],
    ['far too much', 'a'.repeat(10_000)],
  ])('E5: is refused with %s in it, and never quoted or replaced', async (_, text) => {
    await writeKeyFile(text);
    const store = folder.open(withFile);
    expect((await store.read()).lineage).toBeNull();
    expect(() => store.keyStatus()).toThrow(expect.objectContaining({ code: 'bad_state_key' }));
    await expect(recordWith(withFile)).rejects.toMatchObject({ code: 'bad_state_key' });
    expect(await readFile(folder.options.keyFile, 'utf8')).toBe(text);
    if (text !== '') expect(() => store.keyStatus()).not.toThrow(text.slice(0, 20));
    expect((await store.read()).intents).toEqual([]);
  });

  it('E5: a folder in its place is refused', async () => {
    await mkdir(folder.options.keyFile, { recursive: true });
    expect(() => folder.open(withFile).keyStatus()).toThrow(
      expect.objectContaining({ code: 'bad_state_key' }),
    );
  });

  it.each([0o640, 0o604, 0o666])('E5: one that others may read (%i) is used with a warning', async (mode) => {
    await writeKeyFile(bytes.toString('hex'), mode);
    expect(await recordWith(withFile)).toEqual(stored);
    expect(folder.said).toMatchObject([{ severity: 'warning', code: 'state_key_exposed' }]);
  });

  it('E5: is never made in CI; tokens are not stored, which is said once', async () => {
    const ci = { stateKey: null, ci: true };
    expect(folder.open(ci).keyStatus()).toBe('none');
    const store = folder.open(ci);
    const lock = await takeLock(store);
    await createRecorded(lock, 'a', 1, { credentials: { p: 'v' }, token: 'tok' });
    await createRecorded(lock, 'b', 2, { token: 'tok' });
    await lock.release();
    expect(folder.said).toMatchObject([{ severity: 'warning', code: 'tokens_not_stored' }]);
    expect(await store.reveal('a')).toBeNull();
    await expect(stat(folder.options.keyFile)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await recordWith({ stateKey: sampleKey, ci: true }, 'c', 3)).toEqual(stored);
  });

  it('E5: one that is there is used in CI, too', async () => {
    await writeKeyFile(bytes.toString('hex'));
    expect(await recordWith({ stateKey: null, ci: true })).toEqual(stored);
  });

  it.each([false, true])('E5: is never made for a state that has a key already (CI: %s)', async (ci) => {
    expect(await recordWith({ stateKey: sampleKey })).toEqual(stored);
    const without = { stateKey: null, ci };
    expect(folder.open(without).keyStatus()).toBe('lost');
    expect(await recordWith(without, 'b', 2)).toEqual(notStored);
    expect(codes()).toEqual(['tokens_not_stored']);
    await expect(stat(folder.options.keyFile)).rejects.toMatchObject({ code: 'ENOENT' });
    await expect(folder.open(without).reveal('a')).rejects.toMatchObject({ code: 'wrong_state_key' });
    expect((await folder.open().reveal('a'))?.equals('tok')).toBe(true);
  });

  it('E5: where it cannot be made, the run goes on without, and says so', async () => {
    expect(await recordWith({ stateKey: null, keyFile: '/proc/nowhere/state.key' })).toEqual(notStored);
    expect(codes()).toEqual(['tokens_not_stored']);
  });

  it('E5: two makers end up with one key', () => {
    expect(createKeyFile(folder.options.keyFile)).toBe(true);
    const first = readKeyFile(folder.options.keyFile)?.master('x');
    expect(createKeyFile(folder.options.keyFile)).toBe(false);
    expect(
      readKeyFile(folder.options.keyFile)
        ?.master('x')
        .equals(first ?? Buffer.alloc(0)),
    ).toBe(true);
  });
});

describe('another key', () => {
  it('E4: is said once; nothing is sealed with it and the old key stays the one', async () => {
    expect(await recordWith({ stateKey: sampleKey })).toEqual(stored);
    expect(await recordWith({ stateKey: otherKey }, 'b', 2)).toEqual(notStored);
    expect(codes()).toEqual(['tokens_not_stored']);
    expect(folder.said[0]?.summary).toContain('another key');
    expect(await recordWith({ stateKey: sampleKey }, 'c', 3)).toEqual(stored);
  });

  it('E4: the key that a state is bound to is the one of its first commit that sealed something', async () => {
    const lock = await takeLock(folder.open());
    await lock.record([{ kind: 'bind-project', project: 'p' }]);
    const failed = { kind: 'vendor-failed', intentId: 'nowhere' } as const;
    const credentials = { p: new Sensitive('v') };
    const accept = { kind: 'accept', address: 'a', expected: 1, credentials, at: 0 } as const;
    await expect(lock.record([accept, failed])).rejects.toMatchObject({ code: 'state_changed' });
    await lock.release();
    const keyIds = (): unknown => {
      const db = new Database(folder.location, { readonly: true });
      const found = db.prepare('SELECT key_id FROM meta').pluck().get();
      db.close();
      return found;
    };
    expect(keyIds()).toBeNull();
    expect(await recordWith({ stateKey: otherKey })).toEqual(stored);
    expect(keyIds()).toMatch(/^[0-9a-f]{16}$/);
    expect(folder.open({ stateKey: sampleKey }).keyStatus()).toBe('other');
  });
});
