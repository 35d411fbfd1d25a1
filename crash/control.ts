import Database from 'better-sqlite3';
import { cpSync, existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * What the harness is run against. `instate` is the product as it is. The controls are the same binary robbed from
 * outside of what the promise rests on, since nothing inside it can switch that off:
 * - `no-journal`: after each run that ended badly the open intents and tombstones are deleted from its database, as if it had
 *   never written any; ownership tags stay.
 * - `no-sync`: a copy of the bundle in which SQLite syncs nothing, for the power cuts to show what they take away.
 * - `no-journal-no-tag`: that, and `ownership: none` is declared: what a tool can do that knows only what it has
 *   recorded after an answer.
 */
export type Subject = 'instate' | 'no-journal' | 'no-journal-no-tag' | 'no-sync';

export const controls = ['no-journal', 'no-journal-no-tag', 'no-sync'] as const;

/** Whether runs of this subject have their journal deleted. */
export function hasNoJournal(subject: Subject): boolean {
  return subject === 'no-journal' || subject === 'no-journal-no-tag';
}

/** Copies the bundle beside the harness's own, its syncs taken out, and returns the path of its `main.js`. */
export function copyWithoutSyncs(binary: string): string {
  const folder = join(dirname(binary), '..', 'node_modules', '.cache', 'instate-crash', 'no-sync');
  rmSync(folder, { recursive: true, force: true });
  cpSync(dirname(binary), folder, { recursive: true });
  let replaced = 0;
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const text = readFileSync(path, 'utf8');
    const patched = text
      .replace('synchronous = FULL', 'synchronous = OFF')
      .replace(/(\w+\(\w+, "synchronous"\)) === 2/, '$1 === 0');
    if (patched === text) continue;
    replaced++;
    writeFileSync(path, patched);
  }
  if (replaced === 0) throw new Error('nothing in dist/ says that SQLite is to sync');
  return join(folder, 'main.js');
}

/** Deletes the journal of a state that no process has open. */
export function dropJournal(folder: string): void {
  const path = join(folder, '.instate', 'state.db');
  if (!existsSync(path)) return;
  const db = new Database(path);
  try {
    const tables = db.prepare("SELECT count(*) FROM sqlite_schema WHERE name = 'intents'").pluck().get();
    if (tables === 1)
      db.exec(
        'DELETE FROM intent_credentials; DELETE FROM intents; DELETE FROM tombstones; DELETE FROM absences;',
      );
  } finally {
    db.close();
  }
}

export interface IntentRow {
  readonly address: string;
  readonly openedAt: number;
  readonly resolveAfter: number;
}

/** Every intent that was ever opened; closed ones stay. null if the database cannot be read. */
export function readIntents(folder: string): readonly IntentRow[] | null {
  const path = join(folder, '.instate', 'state.db');
  if (!existsSync(path)) return [];
  const db = new Database(path, { readonly: true });
  try {
    const sql = 'SELECT address, opened_at AS openedAt, resolve_after AS resolveAfter FROM intents';
    return db.prepare<[], IntentRow>(sql).all();
  } catch {
    return null;
  } finally {
    db.close();
  }
}
