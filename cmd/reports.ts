import { constants } from 'node:fs';
import { access, lstat, rm, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { findNearest, suggest } from '../src/config/nearest.ts';
import { InstateError } from '../src/errors.ts';
import { allFormats } from './formats.ts';

/** Refuses a `--report` that could not be written later, before anything is done. `formats`: those that the command has. */
export async function checkReports(
  reports: readonly string[],
  formats: readonly string[],
  cwd: string,
): Promise<void> {
  const known = formats.filter((one) => (allFormats as readonly string[]).includes(one));
  const files = new Set<string>();
  for (const report of reports) {
    const [format, file] = splitReport(report);
    if (!known.includes(format)) {
      throw new InstateError(
        'usage',
        `--report knows no format ${format === '' ? 'without a name' : format}${formats.includes(format) ? ' for a file' : ''}`,
        {
          hint:
            suggest(findNearest(format, known)) ||
            `write  --report FORMAT:FILE  with one of ${known.join(', ')}`,
        },
      );
    }
    if (file === '')
      throw new InstateError('usage', '--report names no file', { hint: `write  --report ${format}:FILE` });
    const path = resolve(cwd, file);
    if (files.has(path))
      throw new InstateError('usage', `two reports would be written to ${file}`, {
        hint: 'give each a file of its own',
      });
    files.add(path);
    await access(dirname(path), constants.W_OK).catch(() => {
      throw unwritable(file);
    });
  }
}

function unwritable(file: string): InstateError {
  return new InstateError('file_unwritable', `the report ${file} cannot be written`, {
    hint: 'check that its folder exists and may be written',
  });
}

/** Writes one `FORMAT:FILE`. `secret`: for this user alone. `anew`: what was there is replaced, and no link is followed. */
export async function writeReport(
  report: string,
  content: string,
  { cwd, secret, anew }: { readonly cwd: string; readonly secret: boolean; readonly anew: boolean },
): Promise<void> {
  const [, file] = splitReport(report);
  try {
    const path = resolve(cwd, file);
    // A mode counts only for a file that is made; one that was there may be open to others, or a link to somewhere.
    if ((secret || anew) && (await isReplaceable(path))) await rm(path, { force: true });
    await writeFile(path, content, secret ? { mode: 0o600 } : {});
  } catch {
    throw unwritable(file);
  }
}

/** A file, or a link to one; what is neither (a pipe, a terminal) is written to. */
async function isReplaceable(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => null);
  return found !== null && (found.isFile() || found.isSymbolicLink());
}

/** Format and file. */
export function splitReport(report: string): readonly [string, string] {
  const at = report.indexOf(':');
  return at < 0 ? [report, ''] : [report.slice(0, at), report.slice(at + 1)];
}
