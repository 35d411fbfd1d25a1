import Database from 'better-sqlite3';
import { InstateError, type ErrorCode } from '../src/errors.ts';

/** What was being done when something failed: the same fault is `file_unreadable` to a reader, `state_unwritable` to a writer. */
export type Doing = 'read' | 'write';

const hints: Partial<Record<ErrorCode, string>> = {
  state_locked: 'wait for the other program to end, then run this again',
  state_corrupt:
    'look again: instate state doctor; then restore a backup, or move the file away: apply finds tagged instances again',
  state_unwritable: 'look at free space and permissions of the folder',
  state_unsupported: 'keep the state on a local disk: --state PATH',
  file_unreadable: 'look at the permissions of the file and its folder',
};

/** What a cause is called, and what to do about it; for others the code's own hint. */
const causes: readonly { readonly is: RegExp; readonly name: string; readonly hint: string }[] = [
  {
    is: /^(ENOSPC|EDQUOT|SQLITE_(FULL|IOERR_SHM(SIZE|OPEN)))$/,
    name: 'the disk is full, or its quota used up',
    hint: 'free some space where it lies, then run this again',
  },
  {
    is: /^(EROFS|EACCES|EPERM|SQLITE_(READONLY|PERM|CANTOPEN).*)$/,
    name: 'it may only be read, or not be opened',
    hint: 'look at the permissions of the file and its folder, and whether the disk is mounted readonly',
  },
  {
    is: /^(EIO|SQLITE_IOERR.*)$/,
    name: 'the disk failed',
    hint: "look at the disk (the system's log, mounted readonly?), then run this again; instate state doctor says whether the state is sound",
  },
];

/**
 * Runs `work` on the file at `path`; whatever it throws comes out as an InstateError in our own words. Nothing of
 * SQLite's or the file system's error goes along but its code (safety.md E1).
 */
export function inOurWords<T>(doing: Doing, path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw explainFailure(error, doing, path);
  }
}

/** The InstateError for anything that SQLite, the file system or our own code threw about the file at `path`. */
export function explainFailure(error: unknown, doing: Doing, path: string): InstateError {
  if (error instanceof InstateError) return error;
  const cause = codeOf(error);
  if (cause === null) {
    const kind = error instanceof Error ? error.name : typeof error;
    return new InstateError('internal', `The state ${path} met an unexpected ${kind}.`);
  }
  const code = classify(cause, doing);
  const isDisk = code === 'state_unwritable' || code === 'file_unreadable';
  const known = isDisk ? causes.find(({ is }) => is.test(cause)) : undefined;
  const isDenied = doing === 'read' && /^(EACCES|EPERM|SQLITE_(PERM|CANTOPEN))/.test(cause);
  const why = isDenied ? ': this user may not open it' : known === undefined ? '' : `: ${known.name}`;
  return new InstateError(code, `The state ${path} ${describe(code, doing)}${why} (${cause}).`, {
    hint: known?.hint ?? hints[code] ?? '',
  });
}

/** The code of an SQLite or file-system error (`SQLITE_FULL`, `EACCES`), or null for any other thing. */
export function codeOf(error: unknown): string | null {
  if (error instanceof Database.SqliteError) return error.code;
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return null;
}

/** Whether SQLite said that someone else has the file. */
export function isBusy(error: unknown): boolean {
  return codeOf(error)?.startsWith('SQLITE_BUSY') === true;
}

/** Whether a readonly connection may fail like this only because it cannot make or recover side files (safety.md D1). */
export function needsPrivateCopy(error: unknown): boolean {
  return /^SQLITE_(CANTOPEN|READONLY|IOERR_SHM|PERM)/.test(codeOf(error) ?? '');
}

function classify(cause: string, doing: Doing): ErrorCode {
  if (/^SQLITE_(CORRUPT|NOTADB|IOERR_CORRUPTFS)/.test(cause)) return 'state_corrupt';
  if (
    /^SQLITE_(PROTOCOL|NOLFS|IOERR_(LOCK|RDLOCK|UNLOCK|CHECKRESERVEDLOCK|SHM(LOCK|MAP)))|^E(NOLCK|NOSYS|NOTSUP)/.test(
      cause,
    )
  ) {
    return 'state_unsupported';
  }
  if (/^SQLITE_(BUSY|LOCKED)/.test(cause)) return 'state_locked';
  if (/^SQLITE_(ERROR|CONSTRAINT|MISMATCH|MISUSE|RANGE|SCHEMA|TOOBIG|NOMEM|INTERNAL)|^ERR_/.test(cause))
    return 'internal';
  return doing === 'read' ? 'file_unreadable' : 'state_unwritable';
}

function describe(code: ErrorCode, doing: Doing): string {
  if (code === 'state_corrupt') return 'is damaged, or is no database';
  if (code === 'state_unsupported') return 'lies on a file system that does not keep locks';
  if (code === 'state_locked') return 'is in use by another program';
  if (code === 'internal') return 'met an unexpected answer of its database';
  return doing === 'read' ? 'cannot be read' : 'cannot be written';
}
