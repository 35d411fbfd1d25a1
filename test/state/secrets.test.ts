import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { inspect } from 'node:util';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { openSensitive, Sensitive } from '../../src/core/sensitive.ts';
import { deriveKeys } from '../../state/crypto.ts';
import { createRecorded, sampleIntent, sampleKey, takeLock } from '../support/state-samples.ts';
import { useStateFolder } from '../support/state-folder.ts';

const folder = useStateFolder();

const encodings = ['utf8', 'base64', 'base64url', 'hex', 'utf16le'] as const;

/** Bytes of every file beside the state, once no store is open any more. */
async function readAll(): Promise<readonly Buffer[]> {
  const parent = dirname(folder.location);
  const names = await readdir(parent);
  expect(names).toContain('state.db');
  return Promise.all(names.map((name) => readFile(join(parent, name))));
}

function findIn(bytes: Buffer, secret: string): readonly string[] {
  const forms = encodings.map((encoding) => {
    const text = Buffer.from(secret, 'utf8');
    if (encoding === 'utf16le') return Buffer.from(secret, 'utf16le');
    if (encoding === 'utf8') return text;
    return Buffer.from(text.toString(encoding).replace(/=+$/, ''), 'utf8');
  });
  return encodings.filter((_, index) => bytes.includes(forms[index] ?? Buffer.alloc(0)));
}

describe('nothing secret is on the disk', () => {
  it('E4: neither credentials, tokens nor the key, in no encoding; nor what was dropped', async () => {
    const store = folder.open();
    const lock = await takeLock(store);
    await createRecorded(lock, 'a', 1, {
      credentials: { 'configuration.password': 'CANARY-credential' },
      token: 'CANARY-token',
    });
    await lock.openIntent(sampleIntent('b'), null, {
      'configuration.password': new Sensitive('CANARY-second'),
    });
    const accepted = { 'configuration.password': new Sensitive('CANARY-accepted') };
    await lock.record([{ kind: 'accept', address: 'a', expected: 1, credentials: accepted, at: 0 }]);
    // A snapshot of the WAL before the checkpoint of the close: a reader in another store keeps it from being reset.
    const reader = new Database(folder.location, { readonly: true });
    reader.exec('BEGIN');
    reader.prepare('SELECT count(*) FROM meta').get();
    await lock.record([{ kind: 'forget', address: 'a', expected: 2 }]);
    await lock.release();
    reader.close();
    const key = sampleKey.slice('base64:'.length);
    const secrets = ['CANARY-credential', 'CANARY-token', 'CANARY-second', 'CANARY-accepted', 'CANARY', key];
    for (const bytes of await readAll()) {
      for (const secret of secrets) expect(findIn(bytes, secret)).toEqual([]);
      expect(bytes.includes(Buffer.alloc(32, 7))).toBe(false);
    }
  });

  it('E4: an envelope moved to another instance, or changed by a bit, is damage and gives no text', async () => {
    const store = folder.open();
    const lock = await takeLock(store);
    await createRecorded(lock, 'a', 1, { token: 'first' });
    await createRecorded(lock, 'b', 2, { token: 'second' });
    await lock.release();
    const db = new Database(folder.location);
    db.exec(
      "UPDATE instances SET token = (SELECT token FROM instances WHERE address = 'a') WHERE address = 'b'",
    );
    db.exec(
      "UPDATE instances SET token = CAST(substr(token, 1, length(token) - 1) || x'00' AS BLOB) WHERE address = 'a'",
    );
    db.close();
    await expect(store.reveal('a')).rejects.toMatchObject({ code: 'state_corrupt' });
    await expect(store.reveal('b')).rejects.toMatchObject({ code: 'state_corrupt' });
  });
});

describe('keys', () => {
  const keys = deriveKeys(Buffer.alloc(32, 1), 'lineage');
  const token = new Sensitive('tok+en/=');

  it('E4: seal and open again, never twice alike', () => {
    const sealed = [keys.seal(1, token), keys.seal(1, token)];
    expect(sealed.map((envelope) => keys.open(1, envelope)?.equals(token))).toEqual([true, true]);
    expect(sealed[0]?.equals(sealed[1] ?? Buffer.alloc(0))).toBe(false);
    expect(sealed[0]).toHaveLength(1 + 12 + 16 + openSensitive(token).length);
  });

  it('E4: open nothing of another instance, lineage or key, nor what was cut or changed', () => {
    const envelope = keys.seal(1, token);
    expect(keys.open(2, envelope)).toBeNull();
    expect(deriveKeys(Buffer.alloc(32, 1), 'other').open(1, envelope)).toBeNull();
    expect(deriveKeys(Buffer.alloc(32, 2), 'lineage').open(1, envelope)).toBeNull();
    for (let length = 0; length < envelope.length; length += 1)
      expect(keys.open(1, envelope.subarray(0, length))).toBeNull();
    for (let at = 0; at < envelope.length; at += 1) {
      const changed = Buffer.from(envelope);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(keys.open(1, changed)).toBeNull();
    }
  });

  it('E4: fingerprints bind row, path and value, wherever one ends and the next begins', () => {
    const print = (row: string, path: string, value: string): string =>
      keys.fingerprint(row, path, new Sensitive(value)).toString('hex');
    const all = [
      print('r', 'p', 'v'),
      print('rp', '', 'v'),
      print('r', 'pv', ''),
      print('', 'rp', 'v'),
      print('r', 'p', 'w'),
      print('s', 'p', 'v'),
      print('r', 'q', 'v'),
    ];
    expect(new Set(all).size).toBe(all.length);
    expect(print('r', 'p', 'v')).toBe(all[0]);
    expect(all[0]).toHaveLength(64);
  });

  it('E4: the public id differs by key and lineage, and printing keys shows no key', () => {
    const others = [deriveKeys(Buffer.alloc(32, 2), 'lineage'), deriveKeys(Buffer.alloc(32, 1), 'other')];
    expect(new Set([keys, ...others].map(({ id }) => id)).size).toBe(3);
    expect(keys.id).toMatch(/^[0-9a-f]{16}$/);
    expect(inspect(keys, { depth: 9, showHidden: true })).not.toMatch(/Buffer|Uint8Array/);
  });
});
