import { realpathSync, statSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { JobError } from './errors.mjs';
import { isBelow } from './reports.mjs';

/** The main file of the instate that these scripts came with. */
export const ownBinary = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/**
 * The folder to run in: inside of the checkout, also by its links.
 * @param {string} root of the checkout
 * @param {string} named
 * @returns {{ folder: string, shown: string }} absolute; and from the root, with slashes
 */
export function findFolder(root, named) {
  const top = realpathSync(root);
  /** @type {string | null} */
  let folder = null;
  try {
    folder = realpathSync(resolve(top, named));
    if (!statSync(folder).isDirectory()) folder = null;
  } catch {
    // Said below.
  }
  if (folder === null)
    throw new JobError('the working directory does not exist', 'name a folder of the checkout');
  if (folder !== top && !isBelow(folder, top))
    throw new JobError('the working directory lies outside of the checkout', 'name a folder of the checkout');
  return { folder, shown: relative(top, folder).split(sep).join('/') || '.' };
}
