import { spawnSync } from 'node:child_process';
import type { Point } from './history.ts';

/** The calls of the apply path: disk (SQLite, notes, keys), and the network's and the terminal's streams. */
const traced =
  'pwrite64,fsync,fdatasync,ftruncate,unlink,unlinkat,rename,renameat,renameat2,mkdir,write,writev,sendto,sendmsg,read,recvfrom,recvmsg,openat,pread64';

/** Whether strace is here and may trace. Without it there are no crashes at steps. */
export function hasStrace(): boolean {
  return spawnSync('strace', ['-qq', '-o', '/dev/null', '-e', 'trace=none', 'true']).status === 0;
}

/** The words before a command that log its calls; with a point, it is killed as it enters that one. */
export function traceInto(log: string, point: Point | null): readonly string[] {
  const kill = point === null ? [] : ['-e', `inject=${point.sys}:signal=KILL:when=${String(point.k)}`];
  // The first thread alone: SQLite and the sockets are there. (`--seccomp-bpf` would be faster, and injects no signals.)
  const quiet = ['-qq', '-y', '-s', '24', '-e', 'signal=none'];
  return ['strace', ...quiet, '-o', log, '-e', `trace=${traced}`, ...kill];
}

/** One call, as it was entered. */
export interface Entry {
  readonly sys: string;
  /** The file, or `socket:[…]`. */
  readonly path: string;
  /** The descriptor; -1 where the call names a path. */
  readonly fd: number;
  readonly text: string;
  /** Of a `pwrite64`; 0 for others. */
  readonly offset: number;
  readonly length: number;
}

/** Reads a log of strace, in order. */
export function readEntries(log: string): readonly Entry[] {
  return log.split('\n').flatMap((line): Entry[] => {
    const [, sys = '', text = ''] = /^(\w+)\((.*)$/.exec(line) ?? [];
    if (sys === '') return [];
    const [, fd = '-1', opened = ''] = /^(\d+)<([^>]*)>/.exec(text) ?? [];
    const [, named = ''] = /^(?:\w+(?:<[^>]*>)?, )?"([^"]*)"/.exec(text) ?? [];
    const [, length = '0', offset = '0'] = /, (\d+), (\d+)(?:\)| <unfinished)/.exec(text) ?? [];
    const size =
      sys === 'pwrite64' ? { length: Number(length), offset: Number(offset) } : { length: 0, offset: 0 };
    return [{ sys, path: opened === '' ? named : opened, fd: Number(fd), text, ...size }];
  });
}

/** The points of an uncrashed run's log at which something of the apply path happens, in order. */
export function listPoints(entries: readonly Entry[]): readonly Point[] {
  const counts = new Map<string, number>();
  const labels = nameSteps(entries);
  return entries.flatMap(({ sys }, at): Point[] => {
    const k = (counts.get(sys) ?? 0) + 1;
    counts.set(sys, k);
    const label = labels[at] ?? null;
    return label === null ? [] : [{ sys, k, label }];
  });
}

/** The step at which a traced run was killed: the last one that it entered. */
export function nameLastStep(entries: readonly Entry[]): string {
  return nameSteps(entries).at(-1) ?? 'between steps';
}

/** Before the first request the WAL takes the tables of a new state, which is less of interest. */
function nameSteps(entries: readonly Entry[]): readonly (string | null)[] {
  const labels = entries.map(nameStep);
  const called = labels.indexOf('GET leaves');
  return labels.map((label, at) =>
    label === 'WAL written' && (called < 0 || at < called) ? 'schema written' : label,
  );
}

/** What a call is in the life of an apply; null for what does not matter (modules, wake-ups, shared memory). */
function nameStep({ sys, path, fd, text }: Entry): string | null {
  // Disks fail there (disk.ts); a kill is the same as at the call before.
  if (sys === 'openat' || sys === 'pread64') return null;
  const writes = ['write', 'writev', 'sendto', 'sendmsg'].includes(sys);
  const syncs = sys === 'fsync' || sys === 'fdatasync';
  if (path.startsWith('socket:') || path.startsWith('TCP')) {
    if (writes) return text.includes('"POST ') ? 'POST leaves' : 'GET leaves';
    return 'answer arrives';
  }
  if (path.includes('state.key') || path.includes('/.config')) return 'key made';
  if (path.includes('state.db.lock.json'))
    return sys.startsWith('unlink') ? 'lock note removed' : 'lock note';
  if (path.endsWith('.instate')) return 'folder synced';
  if (path.endsWith('state.db-journal')) return 'database made';
  if (path.endsWith('state.db-shm') || path.endsWith('state.db.lock')) return null;
  if (path.endsWith('state.db-wal'))
    return syncs ? 'WAL synced' : sys === 'pwrite64' ? 'WAL written' : 'WAL removed';
  if (path.endsWith('state.db')) return syncs ? 'checkpoint synced' : 'checkpoint written';
  return writes && (fd === 1 || fd === 2) ? 'ledger printed' : null;
}
