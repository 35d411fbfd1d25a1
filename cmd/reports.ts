import { constants } from 'node:fs';
import { access, lstat, rm, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { InstateError } from '../src/errors.ts';

/** The forms in which a copy of an answer can be written. */
export type ReportForms = Readonly<Record<'text' | 'json', () => string>>;

/** Refuses a `--report` that could not be written later, before anything is done. */
export async function checkReports(reports: readonly string[], cwd: string): Promise<void> {
  for (const report of reports) {
    const [format, file] = splitReport(report);
    if (format !== 'text' && format !== 'json') {
      throw new InstateError(
        'usage',
        `--report knows no format ${format === '' ? 'without a name' : format}`,
        {
          hint: 'write  --report json:FILE  or  --report text:FILE',
        },
      );
    }
    if (file === '')
      throw new InstateError('usage', '--report names no file', { hint: `write  --report ${format}:FILE` });
    await access(dirname(resolve(cwd, file)), constants.W_OK).catch(() => {
      throw unwritable(file);
    });
  }
}

function unwritable(file: string): InstateError {
  return new InstateError('file_unwritable', `the report ${file} cannot be written`, {
    hint: 'check that its folder exists and may be written',
  });
}

/** Writes each `FORMAT:FILE`. */
export async function writeReports(
  reports: readonly string[],
  forms: ReportForms,
  { cwd, secret }: { readonly cwd: string; readonly secret: boolean },
): Promise<void> {
  for (const report of reports) {
    const [format, file] = splitReport(report);
    const form = format === 'json' ? forms.json : forms.text;
    try {
      const path = resolve(cwd, file);
      // A mode counts only for a file that is made; one that was there may be open to others, or a link to somewhere.
      if (secret && (await isReplaceable(path))) await rm(path, { force: true });
      await writeFile(path, form(), secret ? { mode: 0o600 } : {});
    } catch {
      throw unwritable(file);
    }
  }
}

/** A file, or a link to one; what is neither (a pipe, a terminal) is written to. */
async function isReplaceable(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => null);
  return found !== null && (found.isFile() || found.isSymbolicLink());
}

function splitReport(report: string): readonly [string, string] {
  const at = report.indexOf(':');
  return at < 0 ? [report, ''] : [report.slice(0, at), report.slice(at + 1)];
}
