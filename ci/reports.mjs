import { lstatSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { isAbsolute, join, relative, resolve, sep } from 'node:path';
import { JobError } from './errors.mjs';

const endings = /** @type {const} */ ({
  markdown: 'md',
  json: 'json',
  html: 'html',
  sarif: 'sarif',
  junit: 'junit.xml',
  github: 'github.txt',
  gitlab: 'gitlab.json',
});

/** @typedef {keyof typeof endings} Format */

/**
 * The reports of one run, in a folder of their own.
 * @typedef {object} Reports
 * @property {string} folder
 * @property {readonly string[]} flags `FORMAT:FILE`, for `--report`
 * @property {(format: Format) => string | null} read null where instate left none
 */

/**
 * Where reports go: a folder below `temp`, a new one if none is named. Never in the checkout, where a proposed change could have
 * put a link in the way.
 * @param {string} temp
 * @param {string | null} named
 * @returns {string}
 */
export function makeReportFolder(temp, named) {
  if (named === null) return mkdtempSync(join(realpathSync(temp), 'instate-reports-'));
  const root = realpathSync(temp);
  const folder = resolve(root, named);
  if (!isBelow(folder, root))
    throw new JobError(
      'the folder for reports lies outside of the temporary folder of the job',
      'name one below it, such as  instate',
    );
  mkdirSync(folder, { recursive: true });
  if (!isBelow(realpathSync(folder), root))
    throw new JobError('the folder for reports is a link that leads away', 'name another one');
  return folder;
}

/**
 * @param {string} folder
 * @param {string} command
 * @param {readonly Format[]} formats
 * @returns {Reports}
 */
export function openReports(folder, command, formats) {
  /** @param {Format} format */
  const place = (format) => join(folder, `instate-${command}.${endings[format]}`);
  // Of an earlier run, or a link that somebody put there.
  for (const format of formats) rmSync(place(format), { recursive: true, force: true });
  return {
    folder,
    flags: formats.map((format) => `${format}:${place(format)}`),
    read: (format) => {
      try {
        return lstatSync(place(format)).isFile() ? readFileSync(place(format), 'utf8') : null;
      } catch {
        return null;
      }
    },
  };
}

/**
 * What later steps need of the JSON report. Nothing in it is taken on trust: a digest looks like one or is none.
 * @param {Reports} reports
 * @returns {{ digest: string | null, project: string | null }}
 */
export function readFacts(reports) {
  /** @type {any} */
  let document = null;
  try {
    document = JSON.parse(reports.read('json') ?? 'null');
  } catch {
    // Half a report is none.
  }
  const { project, digest, live, error, guards, changes } = document ?? {};
  // A plan that was made offline has a digest, too, and cannot be applied. One that a guard stops must be released by a person, by its
  // number: a merge is no word on whether so many instances are really gone. And one beside another run's apply is another one after that.
  const isMoving = !Array.isArray(changes) || changes.some(({ reason }) => reason?.code === 'in_flight');
  const isFree = Array.isArray(guards) && guards.length === 0;
  const isSound = live === true && error === undefined && isFree && !isMoving;
  return {
    digest: isSound && /^sha256:[0-9a-f]{64}$/.test(digest) ? digest : null,
    project: typeof project === 'string' && /^[a-z0-9][a-z0-9-]{0,31}$/.test(project) ? project : null,
  };
}

/**
 * Whether a path lies in a folder, and is not the folder itself. Both absolute.
 * @param {string} path
 * @param {string} folder
 */
export function isBelow(path, folder) {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}
