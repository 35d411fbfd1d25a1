import { join } from 'node:path';
import type { Crash, DiskFailure, DiskPoint } from './history.ts';
import type { Random } from './random.ts';
import type { Entry } from './strace.ts';

type DiskCrash = Extract<Crash, { kind: 'disk' }>;

/** What fails, and with which error. Reading goes on but for a broken disk and files that cannot be opened. */
const failures: Readonly<Record<DiskFailure, { readonly error: string; readonly calls: readonly string[] }>> =
  {
    full: { error: 'ENOSPC', calls: ['pwrite64', 'write', 'ftruncate', 'mkdir', 'rename'] },
    unsynced: { error: 'EIO', calls: ['fsync', 'fdatasync'] },
    broken: {
      error: 'EIO',
      calls: ['pwrite64', 'write', 'pread64', 'read', 'ftruncate', 'fsync', 'fdatasync'],
    },
    'read-only': {
      error: 'EROFS',
      calls: ['pwrite64', 'write', 'ftruncate', 'fsync', 'fdatasync', 'mkdir', 'rename', 'unlink'],
    },
    unopened: { error: 'EACCES', calls: ['openat'] },
  };

const calls = [...new Set(Object.values(failures).flatMap((one) => one.calls))];

/** The state's own files. The user's key is left out: without it a run stores no tokens, and says so. */
const files = [
  '.instate',
  ...['', '-wal', '-shm', '-journal', '.lock', '.lock.json', '.lock.json.draft'].map(
    (ending) => `.instate/state.db${ending}`,
  ),
];

/** The words before a command that let calls on the state's files fail, and log those. Sockets and modules are not among them. */
export function injectInto(
  log: string,
  folder: string,
  { failure, point, lasts }: DiskCrash,
): readonly string[] {
  const { error, calls: failing } = failures[failure];
  const from = (sys: string) => (point.before[sys] ?? 0) + 1;
  const injected = lasts
    ? failing.map((sys) => `inject=${sys}:error=${error}:when=${String(from(sys))}+`)
    : [`inject=${point.sys}:error=${error}:when=${String(point.k)}`];
  return [
    ...['strace', '-qq', '-y', '-s', '24', '-e', 'signal=none', '-o', log],
    ...['-e', `trace=${calls.join(',')}`],
    ...files.flatMap((file) => ['-P', join(folder, file)]),
    ...injected.flatMap((one) => ['-e', one]),
  ];
}

/** Every call on the state's files in the log of an uncrashed run, in order, counted among its like. */
export function listDiskPoints(entries: readonly Entry[]): readonly DiskPoint[] {
  const counts = new Map<string, number>();
  let sent = false;
  return entries.flatMap((entry): DiskPoint[] => {
    sent ||= entry.path.startsWith('socket:') && entry.text.includes('"POST ');
    if (!calls.includes(entry.sys) || !isOfState(entry.path)) return [];
    const before = Object.fromEntries(counts);
    const k = (counts.get(entry.sys) ?? 0) + 1;
    counts.set(entry.sys, k);
    return [{ sys: entry.sys, k, before, label: nameDiskStep(entry), sent }];
  });
}

/** Where the disk first failed a traced run; null if it ended before. */
export function nameFirstFailure(entries: readonly Entry[]): string | null {
  const first = entries.find(({ text }) => text.endsWith('(INJECTED)'));
  return first === undefined ? null : `${nameDiskStep(first)} (disk)`;
}

/** One of the calls that the failure meets; those after a create has left more often, where a record may be missing. */
export function drawDisk(random: Random, points: readonly DiskPoint[]): DiskCrash | null {
  const failure = random.pick<DiskFailure>([
    'full',
    'full',
    'full',
    'unsynced',
    'unsynced',
    'broken',
    'read-only',
    'unopened',
  ]);
  const met = points.filter(({ sys }) => failures[failure].calls.includes(sys));
  const late = met.filter(({ sent }) => sent);
  const [point, ...more] = late.length > 0 && random.chance(0.6) ? late : met;
  if (point === undefined) return null;
  return { kind: 'disk', failure, point: random.pick([point, ...more]), lasts: random.chance(0.75) };
}

function isOfState(path: string): boolean {
  return files.some((file) => path.endsWith(`/${file}`));
}

function nameDiskStep({ sys, path }: Entry): string {
  const things: readonly (readonly [ending: string, name: string])[] = [
    ...[['/.instate', 'folder'] as const, ['.db', 'database'] as const, ['-wal', 'WAL'] as const],
    ...[['-shm', 'shared memory'] as const, ['-journal', 'rollback file'] as const],
    ...[['.lock', 'lock'] as const, ['.json', 'lock note'] as const, ['.draft', 'lock note'] as const],
  ];
  const thing = things.find(([ending]) => path.endsWith(ending))?.[1] ?? 'file';
  return `${thing} ${verbs[sys] ?? sys}`;
}

const verbs: Readonly<Record<string, string>> = {
  ...{ openat: 'opened', read: 'read', pread64: 'read', write: 'written', pwrite64: 'written' },
  ...{
    ftruncate: 'cut',
    fsync: 'synced',
    fdatasync: 'synced',
    mkdir: 'made',
    unlink: 'removed',
    rename: 'renamed',
  },
};
