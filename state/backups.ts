import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { KeyRemains } from '../src/core/rekeyed.ts';
import { openImage } from './connection.ts';
import { identify } from './files.ts';
import type { KeyBinding } from './keyring.ts';
import { readKeyBinding } from './snapshot.ts';

/** The backups that migrations have left beside the state, by name. Throws the file system's errors. */
export function listBackups(location: string): readonly string[] {
  const folder = dirname(location);
  return readdirSync(folder)
    .filter((name) => name.startsWith(`${basename(location)}.`) && name.endsWith('.backup'))
    .sort()
    .map((name) => join(folder, name));
}

/**
 * Backups in which something is sealed under a key that does not fit, and those that cannot be looked into. They are read
 * into memory: no side file appears. Throws nothing.
 */
export function inspectBackups(
  location: string,
  fits: (binding: KeyBinding) => boolean,
): KeyRemains['backups'] {
  try {
    return listBackups(location).flatMap((file) => {
      const why = inspectBackup(file, location, fits);
      return why === null ? [] : [{ file, why }];
    });
  } catch {
    return [{ file: `${location}.*.backup`, why: 'unreadable' }];
  }
}

function inspectBackup(
  file: string,
  location: string,
  fits: (binding: KeyBinding) => boolean,
): 'other-key' | 'unreadable' | null {
  try {
    // A further name of the live database needs no look, and its locks would fall as the file is closed (safety.md D2).
    if (identify(file) === identify(location)) return null;
    if (!lstatSync(file).isFile()) return 'unreadable';
    const binding = readBinding(readFileSync(file));
    return binding === null || binding.keyId === null || fits(binding) ? null : 'other-key';
  } catch {
    return 'unreadable';
  }
}

function readBinding(image: Buffer): KeyBinding | null {
  const db = openImage(image);
  try {
    return readKeyBinding(db);
  } finally {
    db.close();
  }
}
