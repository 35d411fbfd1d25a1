import type { KeyRemains } from '../src/core/rekeyed.ts';
import type { Connection } from './connection.ts';
import { explainFailure } from './failures.ts';

/** Rewrites the database without what was freed, and empties the WAL. Answers why it could not. */
export function cleanUp(db: Connection, location: string): KeyRemains['leftover'] {
  const steps = [() => vacuum(db), () => emptyWal(db)];
  const failures = steps.flatMap((step) => {
    try {
      return step() ?? [];
    } catch (error) {
      const { message, hint } = explainFailure(error, 'write', location);
      return [{ why: message, hint: /run this again/.test(hint) ? hint : `${hint}; then run this again` }];
    }
  });
  return failures[0] ?? null;
}

function vacuum(db: Connection): null {
  db.exec('VACUUM');
  return null;
}

function emptyWal(db: Connection): KeyRemains['leftover'] {
  const [result] = db.pragma('wal_checkpoint(TRUNCATE)') as readonly { readonly busy: number }[];
  if (result?.busy === 0) return null;
  return {
    why: 'Another program is reading the state, so its WAL could not be emptied.',
    hint: 'wait until it ends, or end it; then run this again',
  };
}
