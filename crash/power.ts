import {
  closeSync,
  cpSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import type { Loss } from './history.ts';
import { createRandom, type Random } from './random.ts';
import type { Entry } from './strace.ts';

const sector = 512;

/** Copies what a power cut leaves (database, its journals, lock files, key) and puts the copy in the place of the original. */
export interface PowerCut {
  readonly copy: () => void;
  readonly putBack: () => void;
  /** The folder of the copied state. */
  readonly stateFolder: string;
}

/** `folder` is a history's. The copy is other files at the same paths: nothing that the dead process held survives. */
export function openPowerCut(folder: string): PowerCut {
  const kept = ['.instate', '.config'];
  const at = (name: string) => join(folder, `cut${name}`);
  return {
    stateFolder: at('.instate'),
    copy: () => {
      for (const name of kept) {
        rmSync(at(name), { recursive: true, force: true });
        if (existsSync(join(folder, name))) cpSync(join(folder, name), at(name), { recursive: true });
      }
    },
    putBack: () => {
      for (const name of kept) {
        rmSync(join(folder, name), { recursive: true, force: true });
        if (existsSync(at(name))) renameSync(at(name), join(folder, name));
      }
    },
  };
}

interface Region {
  readonly offset: number;
  readonly length: number;
}

/**
 * Takes away what was written to SQLite's journals and not synced, as a power cut may. What a process was told to be
 * synced stays whole: a disk that lies about that is outside every promise. The shared memory goes in any case.
 */
export function loseUnsynced(stateFolder: string, entries: readonly Entry[], loss: Loss, seed: string): void {
  const random = createRandom(seed);
  const open = new Map<string, Region[]>();
  for (const { sys, path, offset, length } of entries) {
    const name = basename(path);
    if (name !== 'state.db-wal' && name !== 'state.db-journal') continue;
    if (sys === 'pwrite64') open.set(name, [...(open.get(name) ?? []), { offset, length }]);
    else open.delete(name);
  }
  for (const [name, regions] of open) {
    const path = join(stateFolder, name);
    if (existsSync(path)) damage(path, regions, loss, random);
  }
  rmSync(join(stateFolder, 'state.db-shm'), { force: true });
}

function damage(path: string, regions: readonly Region[], loss: Loss, random: Random): void {
  const file = openSync(path, 'r+');
  const { size } = fstatSync(file);
  const begin = Math.min(size, ...regions.map(({ offset }) => offset));
  if (loss === 'all') ftruncateSync(file, begin);
  if (loss === 'tail') ftruncateSync(file, random.between(begin, size));
  if (loss === 'sectors') {
    for (const { offset, length } of regions) {
      for (let at = offset; at < Math.min(offset + length, size); at += sector) {
        const bytes = Math.min(sector, offset + length - at, size - at);
        if (random.chance(0.5)) writeSync(file, Buffer.alloc(bytes, random.pick([0, 0xff])), 0, bytes, at);
      }
    }
  }
  closeSync(file);
}
