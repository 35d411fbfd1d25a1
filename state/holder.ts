import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { Holder } from '../src/core/model.ts';

const mostCharacters = 200;

/** Writes who holds the lock beside it, mode 0600, whole or not at all. Only the lock's holder may call this. */
export function writeHolder(location: string, holder: Holder): void {
  const draft = `${pathOf(location)}.draft`;
  rmSync(draft, { force: true });
  writeFileSync(draft, `${JSON.stringify(holder)}\n`, { flag: 'wx', mode: 0o600 });
  renameSync(draft, pathOf(location));
}

/** Takes the note away; a lock needs none to be free, so a failure does not matter. */
export function removeHolder(location: string): void {
  try {
    rmSync(pathOf(location), { force: true });
  } catch {
    return;
  }
}

/**
 * What the note says; null if there is none or it makes no sense. It may be left from a killed run: only the lock
 * itself proves that someone holds it. Others can write it, so control characters are cut out.
 */
export function readHolder(location: string): Holder | null {
  try {
    const note: unknown = JSON.parse(readFileSync(pathOf(location), 'utf8'));
    if (typeof note !== 'object' || note === null) return null;
    const fields = note as Readonly<Record<string, unknown>>;
    const text = (name: string): string => clean(fields[name]) ?? 'unknown';
    return {
      pid: typeof fields['pid'] === 'number' ? fields['pid'] : 0,
      host: text('host'),
      user: text('user'),
      command: text('command'),
      since: text('since'),
      ciUrl: clean(fields['ciUrl']),
    };
  } catch {
    return null;
  }
}

function pathOf(location: string): string {
  return `${location}.lock.json`;
}

function clean(value: unknown): string | null {
  return typeof value === 'string' ? value.replace(/\p{C}/gu, ' ').slice(0, mostCharacters) : null;
}
