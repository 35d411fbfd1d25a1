import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Diagnostic } from '../src/diagnostics.ts';
import { InstateError } from '../src/errors.ts';
import { prepare, type Connection } from './connection.ts';
import { inOurWords } from './failures.ts';
import { inspectFolder, isPlainFile } from './files.ts';
import { readState, type ReadingPlace } from './reading.ts';
import { inspectSchema } from './schema.ts';

const mostProblems = 5;

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
      ];
    }
    const sound = readState(place, (db) => examineContent(db, place));
    const empty = note('info', 'state_missing', `The state ${location} is empty.`, 'instate apply fills it');
    return [...(sound ?? [empty]), ...examineFiles(location)];
  } catch (error) {
    if (!(error instanceof InstateError)) throw error;
    const { code, message, hint } = error;
    return [note('error', code, message, hint), ...examineFiles(location)];
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

function examineFiles(location: string): readonly Diagnostic[] {
  const folder = dirname(location);
  const open = inOurWords('read', location, () => inspectFolder(folder));
  const mode = statSync(location, { throwIfNoEntry: false })?.mode ?? 0;
  const isShared = (mode & 0o077) !== 0;
  const backups = readdirSync(folder).filter(
    (name) => name.startsWith(`${basename(location)}.`) && name.endsWith('.backup'),
  );
  return [
    ...(open === null ? [] : [open]),
    ...(isShared
      ? [
          note(
            'warning',
            'state_file_open',
            `Others on this machine may read ${location}.`,
            `Type: chmod 600 ${location}`,
          ),
        ]
      : []),
    ...backups
      .sort()
      .map((name) =>
        note(
          'info',
          'state_backup',
          `A backup lies in ${join(folder, name)}.`,
          'delete it once it is not needed',
        ),
      ),
  ];
}

function note(severity: Diagnostic['severity'], code: string, summary: string, detail: string): Diagnostic {
  return { severity, code, summary, detail };
}
