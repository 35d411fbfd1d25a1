import { lstat, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { InstateError } from '../src/errors.ts';

/** Writes one `FORMAT:FILE`. `secret`: for this user alone. */
export async function writeReport(
  report: string,
  content: string,
  { cwd, secret }: { readonly cwd: string; readonly secret: boolean },
): Promise<void> {
  const [, file] = splitReport(report);
  try {
    const path = resolve(cwd, file);
    // A mode counts only for a file that is made; one that was there may be open to others, or a link to somewhere.
    if (secret && (await isReplaceable(path))) await rm(path, { force: true });
    await writeFile(path, content, secret ? { mode: 0o600 } : {});
  } catch {
    throw new InstateError('file_unwritable', `the report ${file} cannot be written`, {
      hint: 'check that its folder exists and may be written',
    });
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
