import { existsSync, lstatSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Diagnostic } from '../src/diagnostics.ts';
import { InstateError } from '../src/errors.ts';
import { listBackups } from './backups.ts';
import { prepare, type Connection } from './connection.ts';
import { codeOf, inOurWords } from './failures.ts';
import { inspectFolder, isPlainFile, requireWritable } from './files.ts';
import { lockPathOf } from './lock.ts';
import { readState, type ReadingPlace } from './reading.ts';
import { inspectSchema } from './schema.ts';
import { findNetworkFault, inspectVolume } from './volume.ts';

const mostProblems = 5;
/** SQLite needs room for its journal before anything can be sent; some hundreds of creates fit in here. */
const leastFree = 16 * 1024 * 1024;

/**
 * Looks a state over without changing it: the file and its folder, whether it can be read, whether every page and index is
 * sound, what lies beside it. Findings of severity `error` mean that a run would not go on. Whose lock it is and which
 * key fits is told by `read` and `keyStatus`.
 */
export function examineState(place: ReadingPlace): readonly Diagnostic[] {
  const { location } = place;
  try {
    if (!inOurWords('read', location, () => isPlainFile(location))) {
      return [
        note('info', 'state_missing', `There is no state at ${location} yet.`, 'instate apply makes it'),
        ...examineVolume(location),
      ];
    }
    const sound = readState(place, (db) => examineContent(db, place));
    const empty = note('info', 'state_missing', `The state ${location} is empty.`, 'instate apply fills it');
    return [...(sound ?? [empty]), ...examineVolume(location), ...examineFiles(location)];
  } catch (error) {
    if (!(error instanceof InstateError)) throw error;
    const { code, message, hint } = error;
    return [note('error', code, message, hint), ...examineVolume(location), ...examineFiles(location)];
  }
}

function examineContent(db: Connection, { location, schema }: ReadingPlace): readonly Diagnostic[] {
  const isOlder = inspectSchema(db, schema, location) === 'older';
  const problems = prepare<{ readonly integrity_check: string }>(
    db,
    `PRAGMA integrity_check(${String(mostProblems)})`,
  )
    .all()
    .map((row) => row.integrity_check)
    .filter((line) => line !== 'ok');
  const dangling = prepare(db, 'PRAGMA foreign_key_check').all().length;
  return [
    ...problems.map((line) =>
      note(
        'error',
        'state_corrupt',
        `The state ${location} is damaged: ${line.replace(/\p{C}/gu, ' ')}`,
        'restore a backup, or move the file away: apply finds tagged instances again',
      ),
    ),
    ...(dangling === 0
      ? []
      : [
          note(
            'error',
            'state_corrupt',
            `The state ${location} has ${String(dangling)} rows that belong to nothing.`,
            'restore a backup, or move the file away: apply finds tagged instances again',
          ),
        ]),
    ...(isOlder
      ? [
          note(
            'info',
            'state_older',
            `The state ${location} has an older schema.`,
            'the next apply brings it up to date, after a backup beside it',
          ),
        ]
      : []),
  ];
}

/** A disk on which a run would not go on, or not for long. */
function examineVolume(location: string): readonly Diagnostic[] {
  const fault = findNetworkFault(location);
  const free = inspectVolume(dirname(location))?.free ?? leastFree;
  const kib = Math.floor(free / 1024);
  const summary = `Only ${String(kib)} KiB are free where the state ${location} lies.`;
  const detail = 'free some space: what cannot be written first is not created';
  return [
    ...(fault === null ? [] : [note('error', fault.code, fault.message, fault.hint)]),
    ...(free < leastFree ? [note('warning', 'disk_nearly_full', summary, detail)] : []),
  ];
}

/** What this user may only read. Looking needs no more, so it is no error. */
function examineRights(location: string): readonly Diagnostic[] {
  const paths = [
    dirname(location),
    location,
    `${location}-wal`,
    `${location}-shm`,
    lockPathOf(location),
  ].filter((path) => existsSync(path));
  return paths.flatMap((path) => {
    const cause = findRefusal(path);
    if (cause === null) return [];
    const summary = `You may read ${path}, but not write it (${cause}): apply would refuse.`;
    const detail = 'mend its permissions, or run as the user who owns it; looking works all the same';
    return [note('warning', 'state_unwritable', summary, detail)];
  });
}

function findRefusal(path: string): string | null {
  try {
    requireWritable(path);
    return null;
  } catch (error) {
    return codeOf(error) ?? 'unknown cause';
  }
}

/** What can be seen of the files; where the folder itself cannot be looked into, that was told already. */
function examineFiles(location: string): readonly Diagnostic[] {
  try {
    return examineReadableFiles(location);
  } catch {
    return [];
  }
}

function examineReadableFiles(location: string): readonly Diagnostic[] {
  const folder = dirname(location);
  const open = inspectFolder(folder);
  const found = lstatSync(location, { throwIfNoEntry: false });
  const isShared = found?.isFile() === true && (found.mode & 0o077) !== 0;
  return [
    ...(open === null ? [] : [open]),
    ...examineRights(location),
    ...(isShared
      ? [
          note(
            'warning',
            'state_file_open',
            `Others on this machine may ${(found.mode & 0o022) === 0 ? 'read' : 'read or write'} ${location}.`,
            `Type: chmod 600 ${location}`,
          ),
        ]
      : []),
    ...listBackups(location).map((file) =>
      note('info', 'state_backup', `A backup lies in ${file}.`, 'delete it once it is not needed'),
    ),
  ];
}

function note(severity: Diagnostic['severity'], code: string, summary: string, detail: string): Diagnostic {
  return { severity, code, summary, detail };
}
