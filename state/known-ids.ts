import { createHash } from 'node:crypto';
import type { KnownIds } from '../src/core/model.ts';
import { prepare, type Connection } from './connection.ts';

interface Prepared {
  readonly digest: string;
  readonly text: string;
}

const preparedSets = new WeakMap<KnownIds, Prepared>();

/**
 * Stores the set once, however many intents of a run share it, and returns the digest that intents refer to.
 * Sorting and hashing are done once for each object.
 */
export function keepKnownIds(db: Connection, known: KnownIds): string {
  const { digest, text } = preparedSets.get(known) ?? prepareSet(known);
  const found = prepare(db, 'SELECT 1 FROM known_ids WHERE digest = ?').get(digest);
  if (found === undefined) prepare(db, 'INSERT INTO known_ids (digest, ids) VALUES (?, ?)').run(digest, text);
  return digest;
}

/**
 * Drops sets that no open intent and no tombstone refers to. Done as a run begins and ends, not with each settlement,
 * or a run with one create at a time would write a large account's ids again for each.
 */
export function dropUnusedKnownIds(db: Connection): void {
  const used =
    'SELECT known_ids FROM intents WHERE known_ids IS NOT NULL UNION SELECT known_ids FROM tombstones';
  prepare(db, `DELETE FROM known_ids WHERE digest NOT IN (${used})`).run();
}

function prepareSet(known: KnownIds): Prepared {
  const text = JSON.stringify([...known.ids].sort((a, b) => a - b));
  const set = { digest: createHash('sha256').update(text).digest('hex'), text };
  preparedSets.set(known, set);
  return set;
}
