import {
  accessSync,
  closeSync,
  constants,
  lstatSync,
  openSync,
  readSync,
  readlinkSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { findNearest, suggest } from '../src/config/nearest.ts';
import { InstateError } from '../src/errors.ts';
import { findCheckout, findRealPath, isWithin } from './checkout.ts';
import type { Context } from './context.ts';
import { allFormats } from './formats.ts';
import { readText, type Flags, type Options } from './options.ts';
import { splitReport } from './reports.ts';

/** A file that this run is to write. */
interface Target {
  /** `--report`, as typed. */
  readonly flag: string;
  /** As the user named it. */
  readonly file: string;
  readonly path: string;
}

/**
 * Refuses what could not be written later, or would overwrite what people wrote or this run reads, before anything is done. Then what an
 * earlier run reported goes, so that nobody takes it for this one's. `formats`: those that the command has.
 */
export function prepareOutputs(
  options: Options,
  flags: Flags,
  formats: readonly string[],
  context: Pick<Context, 'cwd' | 'env'>,
): void {
  checkFormats(options.reports, formats);
  const targets = listTargets(options, flags, context.cwd);
  const root = options.untrusted ? findCheckout(context) : null;
  const inputs = listInputs(options, flags, context.cwd);
  const seen = new Map<string, Target>();
  for (const target of targets) {
    if (root !== null) refuseLinks(target, root);
    checkPlace(target);
    const real = locate(target.path);
    const other = seen.get(real);
    if (other !== undefined)
      throw refuse(
        `${other.flag} and ${target.flag} would both be written to ${target.file}`,
        'give each a file of its own',
      );
    seen.set(real, target);
    if (inputs.has(real) || looksLikeInput(target, real))
      throw refuse(
        `${target.flag} would overwrite ${target.file}, which holds something else`,
        'name another file',
      );
  }
  for (const { flag, path } of targets)
    if (flag === '--report' && lstatSync(path, { throwIfNoEntry: false })?.isFile() === true) rmSync(path);
}

function refuse(message: string, hint: string): InstateError {
  return new InstateError('usage', message, { hint });
}

function checkFormats(reports: readonly string[], formats: readonly string[]): void {
  const known = formats.filter((one) => (allFormats as readonly string[]).includes(one));
  for (const report of reports) {
    const [format, file] = splitReport(report);
    if (!known.includes(format)) {
      const named =
        format === '' ? 'without a name' : `${format}${formats.includes(format) ? ' for a file' : ''}`;
      const hint =
        suggest(findNearest(format, known)) || `write  --report FORMAT:FILE  with one of ${known.join(', ')}`;
      throw refuse(`--report knows no format ${named}`, hint);
    }
    if (file === '' || file === '-')
      throw refuse(
        '--report names no file',
        `write  --report ${format}:FILE  (--format ${format} is for stdout)`,
      );
  }
}

function listTargets(options: Options, flags: Flags, cwd: string): readonly Target[] {
  const out = readText(flags, {}, 'out', null);
  const { events } = options;
  const named = [
    ...options.reports.map((report) => ['--report', splitReport(report)[1]] as const),
    ...(events === null || events === '-' ? [] : [['--events', events] as const]),
    ...(out === null ? [] : [['--out', out] as const]),
  ];
  return named.map(([flag, file]) => ({ flag, file, path: resolve(cwd, file) }));
}

/** A pipe, a terminal and a device may be written to; a folder may not. */
function checkPlace({ flag, file, path }: Target): void {
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found?.isDirectory() === true) throw new Error('a folder');
    accessSync(found === undefined ? dirname(path) : path, constants.W_OK);
  } catch {
    throw new InstateError('file_unwritable', `${flag}: ${file} cannot be written`, {
      hint: 'check that its folder exists, and that it is no folder itself and may be written',
    });
  }
}

/** Where a file lies, or would: at the end of a link, too, that leads to nothing as yet. */
function locate(path: string, links = 0): string {
  const real = findRealPath(path);
  if (real !== path) return real;
  const place = join(findRealPath(dirname(path)), basename(path));
  if (links === mostLinks || lstatSync(place, { throwIfNoEntry: false })?.isSymbolicLink() !== true)
    return place;
  return locate(resolve(dirname(place), readlinkSync(place)), links + 1);
}

/** As many as Linux follows. */
const mostLinks = 40;

/** The declarations, env files and the plan file that this run reads, where they lie. */
function listInputs({ files, envFiles }: Options, flags: Flags, cwd: string): ReadonlySet<string> {
  const planfile = typeof flags['planfile'] === 'string' ? [flags['planfile']] : [];
  const inputs = [...(files.length === 0 ? ['instate.yaml'] : files), ...envFiles, ...planfile];
  return new Set(inputs.map((input) => locate(resolve(cwd, input))));
}

/** Is there already, and looks like a declaration, an env file or a state, by its name or what is in it. */
function looksLikeInput({ path }: Target, real: string): boolean {
  const found = statSync(real, { throwIfNoEntry: false });
  if (found === undefined) return false;
  if ([path, real].some((one) => /^\.ya?ml$/i.test(extname(one)) || basename(one).startsWith('.env')))
    return true;
  return found.isFile() && holdsDatabase(real);
}

function holdsDatabase(path: string): boolean {
  const head = Buffer.alloc(15);
  try {
    const handle = openSync(path, 'r');
    try {
      return readSync(handle, head, 0, 15, 0) === 15 && head.toString('latin1') === 'SQLite format 3';
    } finally {
      closeSync(handle);
    }
  } catch {
    return false;
  }
}

/** A stranger's checkout may hold links: one at the very place goes, one on the way there is refused. */
function refuseLinks({ flag, file, path }: Target, root: string): void {
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true) rmSync(path);
  const lexical = resolve(path);
  const folder = findRealPath(dirname(path));
  if (isWithin(lexical, root) && !isWithin(folder, root))
    throw refuse(
      `${flag}: a link leads from the checkout to where ${file} would lie`,
      'name a file elsewhere',
    );
}
