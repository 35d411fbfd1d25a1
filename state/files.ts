import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Diagnostic } from '../src/diagnostics.ts';
import { InstateError } from '../src/errors.ts';
import { codeOf } from './failures.ts';

/** Which file stands at a path, or null for none. Never opens it (safety.md D2). */
export function identify(path: string): string | null {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  return found === undefined ? null : `${found.dev.toString()}:${found.ino.toString()}`;
}

/**
 * Whether a plain file stands at `path`. A link is refused, since the lock, the journal and the inode check would
 * disagree about which file is meant; so is anything else that is no file, and a folder that is a link: a checkout of a stranger's
 * could make `.instate` point to the state of another project. All: `state_unsupported`.
 */
export function isPlainFile(path: string): boolean {
  const folder = dirname(path);
  if (lstatSync(folder, { throwIfNoEntry: false })?.isSymbolicLink() === true) {
    throw new InstateError('state_unsupported', `The folder ${folder} of the state is a symbolic link.`, {
      hint: `if you trust it, name the state itself: --state ${join(findRealPath(folder), basename(path))}`,
    });
  }
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return false;
  if (found.isFile()) return true;
  const kind = found.isSymbolicLink()
    ? 'a symbolic link'
    : found.isDirectory()
      ? 'a folder'
      : 'no plain file';
  throw new InstateError('state_unsupported', `The state ${path} is ${kind}, which cannot hold a state.`, {
    hint: 'name the database file itself: --state PATH',
  });
}

/** Where a link leads; the link itself if that is nowhere. */
function findRealPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

/** Throws the file system's error if this user may not write what stands at `path`. Never opens it. */
export function requireWritable(path: string): void {
  accessSync(path, constants.W_OK);
}

/**
 * Makes an empty file of mode 0600 if none is there. It opens only what it makes, so no lock of this process can be
 * dropped by it (safety.md D2).
 */
export function ensureFile(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    return;
  }
  syncPath(dirname(path));
}

/**
 * Makes the folder and those above it that are missing, mode 0700, and syncs each with its parent, so that the new
 * state survives a power cut (safety.md D3). The mode of a folder that was there is its owner's business.
 */
export function ensureFolder(folder: string): void {
  if (isFolder(folder)) return;
  const parent = dirname(folder);
  if (parent !== folder) ensureFolder(parent);
  // Not `recursive`: that turns for ever where the system answers ENOENT for a parent that is there, as /proc does.
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Another process may have been faster.
    if (codeOf(error) === 'EEXIST' && isFolder(folder)) return;
    throw error;
  }
  syncPath(folder);
  syncPath(parent);
}

/** A warning if everyone may write the folder, and so replace the state in it; null if all is well. */
export function inspectFolder(folder: string): Diagnostic | null {
  const mode = statSync(folder).mode;
  if ((mode & 0o002) === 0 || (mode & 0o1000) !== 0) return null;
  return {
    severity: 'warning',
    code: 'state_folder_open',
    summary: `Everyone on this machine may write to ${folder}, and so replace the state.`,
    detail: `Type: chmod o-w ${folder}`,
  };
}

/** Brings a file, or a folder's entries, to the disk; where the system knows no such thing (Windows), it does nothing. */
export function syncPath(path: string): void {
  let handle: number | null = null;
  try {
    handle = openSync(path, 'r');
    fsyncSync(handle);
  } catch (error) {
    if (!['EISDIR', 'EPERM', 'EACCES', 'EINVAL', 'ENOTSUP'].includes(codeOf(error) ?? '')) throw error;
  } finally {
    if (handle !== null) closeSync(handle);
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
