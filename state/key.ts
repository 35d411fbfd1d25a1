import { randomBytes, scryptSync } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { InstateError } from '../src/errors.ts';
import { codeOf } from './failures.ts';
import { ensureFolder, syncPath } from './files.ts';

/** The 32 bytes that all keys of one state come from; a passphrase needs the state's lineage as its salt. */
export type MasterKey = (lineage: string) => Buffer;

const keyBytes = 32;
const passphraseCharacters = 16;
/** 32 MiB and about a tenth of a second a guess. */
const scryptCost = { N: 2 ** 15, r: 8, p: 1, maxmem: 64 * 1024 * 1024 };
const mostKeyFileBytes = 4096;

/** The variables that may hold a key. */
export type KeyVariable = 'INSTATE_STATE_KEY' | 'INSTATE_STATE_KEY_OLD';

/**
 * The key that the text of a variable stands for (safety.md E5): `base64:` or nothing before strict base64 of
 * 32 bytes, or `passphrase:` before 16 characters or more. All else is `bad_state_key`; the text is never quoted.
 */
export function parseStateKey(text: string, variable: KeyVariable = 'INSTATE_STATE_KEY'): MasterKey {
  if (text.startsWith('passphrase:')) {
    const passphrase = text.slice('passphrase:'.length).normalize('NFC');
    if ([...passphrase].length >= passphraseCharacters) return derivePassphrase(passphrase);
    throw badKey(
      variable,
      `The passphrase in ${variable} has fewer than ${passphraseCharacters.toString()} characters.`,
    );
  }
  const key = decodeBase64(text.startsWith('base64:') ? text.slice('base64:'.length) : text);
  if (key !== null) return () => key;
  throw badKey(variable, `${variable} is neither base64 of 32 bytes nor a passphrase.`);
}

/** A key file's key, and whether others than its owner may read it. */
export interface KeyFile {
  readonly master: MasterKey;
  readonly exposed: boolean;
}

/** Reads the user's key file: one line, base64 or hex of 32 bytes. null if there is none; `bad_state_key` if it holds anything else. */
export function readKeyFile(path: string): KeyFile | null {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) return null;
    if (!found.isFile() || found.size > mostKeyFileBytes) throw badKeyFile(path, 'is no key file');
    const key = decodeKeyLine(readFileSync(path, 'utf8').trim());
    if (key === null) throw badKeyFile(path, 'holds neither base64 nor hex of 32 bytes');
    return { master: () => key, exposed: (found.mode & 0o077) !== 0 };
  } catch (error) {
    if (error instanceof InstateError) throw error;
    throw badKeyFile(path, `cannot be read (${codeOf(error) ?? 'unknown cause'})`);
  }
}

/**
 * Makes the key file, mode 0600 in a folder of mode 0700, and says whether it did: false if another process was
 * faster. It appears whole or not at all, so nobody reads half a key. Throws the file system's errors.
 */
export function createKeyFile(path: string): boolean {
  const folder = dirname(path);
  ensureFolder(folder);
  const draft = `${path}.${randomBytes(8).toString('hex')}`;
  const handle = openSync(draft, 'wx', 0o600);
  try {
    writeSync(handle, `${randomBytes(keyBytes).toString('base64')}\n`);
    fsyncSync(handle);
    linkSync(draft, path);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    closeSync(handle);
    rmSync(draft, { force: true });
  }
  syncPath(folder);
  return true;
}

function derivePassphrase(passphrase: string): MasterKey {
  return (lineage) => scryptSync(passphrase, lineage, keyBytes, scryptCost);
}

function decodeKeyLine(line: string): Buffer | null {
  if (/^[0-9a-f]{64}$/i.test(line)) return Buffer.from(line, 'hex');
  return decodeBase64(line.startsWith('base64:') ? line.slice('base64:'.length) : line);
}

/** Strict: the canonical text of exactly 32 bytes, or null. Node's own decoder takes nearly anything. */
function decodeBase64(text: string): Buffer | null {
  const bytes = Buffer.from(text, 'base64');
  return bytes.length === keyBytes && bytes.toString('base64') === text ? bytes : null;
}

function badKey(variable: KeyVariable, message: string): InstateError {
  const hint =
    variable === 'INSTATE_STATE_KEY'
      ? 'set INSTATE_STATE_KEY="base64:$(openssl rand -base64 32)", or passphrase: and 16 characters or more'
      : `write ${variable} as INSTATE_STATE_KEY was written, or unset it`;
  return new InstateError('bad_state_key', message, { hint });
}

function badKeyFile(path: string, why: string): InstateError {
  return new InstateError('bad_state_key', `The key file ${path} ${why}.`, {
    hint: 'restore the key file from a backup, or set INSTATE_STATE_KEY',
  });
}
