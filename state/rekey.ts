import { timingSafeEqual } from 'node:crypto';
import type { DroppedFingerprint, Rekeyed } from '../src/core/rekeyed.ts';
import type { Sensitive } from '../src/core/sensitive.ts';
import { InstateError } from '../src/errors.ts';
import type { RekeyTerms } from '../src/ports.ts';
import { inspectBackups } from './backups.ts';
import { cleanUp } from './clean-up.ts';
import { prepare, type Connection } from './connection.ts';
import type { Keys } from './crypto.ts';
import { inOurWords } from './failures.ts';
import type { Run, Write } from './group-commit.ts';
import type { KeyMove } from './keyring.ts';
import { readKeyBinding } from './snapshot.ts';

type Moved = Omit<Extract<Rekeyed, { readonly outcome: 'moved' }>, 'outcome' | 'remains'>;
type Known = Extract<RekeyTerms, { readonly kind: 'known' }>;

/** What a commit has done. */
type Outcome = { readonly outcome: 'no-key' | 'current' } | ({ readonly outcome: 'moved' } & Moved);

/** Both ends of a move that the terms allow; each end knows what it needs. */
type Transfer =
  | {
      readonly kind: 'known';
      readonly from: Keys;
      readonly to: Keys;
      readonly credentials: Known['credentials'];
    }
  | { readonly kind: 'lost'; readonly to: Keys; readonly tokens: ReadonlyMap<number, Sensitive> };

/** How the state stands to the key that any command would use here. Throws as `Keyring.forMoving`. */
export function examineKeys(run: Run): KeyMove['kind'] {
  return inOurWords('read', run.location, () => findMove(run).kind);
}

/**
 * Moves the state to the key that any command would use here, in one commit of `write`; then rewrites its files, so that
 * nothing sealed under the old key remains in them. Killed in between, the next rekey finds the state `current` and does the
 * rest. What keeps the files from being rewritten is no failure any more: it is answered.
 */
export async function rekey(
  run: Run,
  write: (work: Write) => Promise<void>,
  terms: RekeyTerms,
): Promise<Rekeyed> {
  let result: Outcome = { outcome: 'no-key' };
  await write({
    sealing: false,
    run: ({ db }) => {
      const move = findMove(run);
      result =
        move.kind === 'no-key' || move.kind === 'current'
          ? { outcome: move.kind }
          : { outcome: 'moved', ...transfer(db, agree(db, move, terms)) };
    },
  });
  return finish(run, result);
}

function finish(run: Run, result: Outcome): Rekeyed {
  if (result.outcome === 'no-key') return { outcome: 'no-key' };
  const leftover = cleanUp(run.db, run.location);
  const backups = inspectBackups(run.location, (binding) => run.keyring.forReading(binding) !== null);
  const remains = { leftover, backups };
  return result.outcome === 'current' ? { outcome: 'current', remains } : { ...result, remains };
}

function findMove({ db, keyring }: Run): KeyMove {
  const binding = readKeyBinding(db);
  return binding === null ? { kind: 'no-key' } : keyring.forMoving(binding);
}

function agree(
  db: Connection,
  move: Extract<KeyMove, { readonly to: () => Keys }>,
  terms: RekeyTerms,
): Transfer {
  if (terms.kind === 'known') {
    if (move.kind === 'known') {
      if (!terms.drop) refuseLosses(db, move.from, terms.credentials);
      return { ...terms, from: move.from, to: move.to() };
    }
    throw new InstateError(
      'wrong_state_key',
      'The state cannot be moved to another key: the one that it was written under is not here.',
      { hint: 'set INSTATE_STATE_KEY_OLD to it; if it is lost: instate state rekey --lost' },
    );
  }
  if (move.kind === 'lost') return { ...terms, to: move.to() };
  throw new InstateError('usage', 'the key that the state was written under is not lost: it is at hand', {
    hint: 'leave out --lost',
  });
}

const listRecorded = `SELECT c.row, c.row AS owner, c.path, c.fingerprint, i.address FROM credentials c
  JOIN instances i ON i.row = c.row ORDER BY i.address, c.path`;
const listOpen = `SELECT i.row, c.intent AS owner, c.path, c.fingerprint, i.address FROM intent_credentials c
  JOIN intents i ON i.id = c.intent ORDER BY i.address, c.path`;

/** What a fingerprint knew cannot be had back: that a credential was changed since, for one. So nobody loses it by a forgotten flag. */
function refuseLosses(db: Connection, from: Keys, credentials: Known['credentials']): void {
  const found = [listRecorded, listOpen].flatMap((sql) => prepare<FingerprintRow>(db, sql).all());
  const lost = found.flatMap((one) => {
    const why = findLoss(from, credentials, one);
    return why === null ? [] : [{ address: one.address, path: one.path, why }];
  });
  const once = sortOnce(lost);
  if (once.length === 0) return;
  const words = { 'not-at-hand': 'is not at hand', differs: 'differs from the one last applied' } as const;
  throw new InstateError(
    'missing_reference',
    `${String(once.length)} credentials could not be told apart from changed ones under another key, so nothing was done`,
    {
      hint: 'set what they refer to (--env-file, --allow-exec), put changed ones in place and instate state accept them; or let that go: --drop',
      diagnostics: once.map(({ address, path, why }) => ({
        ...{ severity: 'error' as const, code: 'missing_reference', address },
        summary: `${path} of ${address} ${words[why]}`,
        detail: '',
      })),
    },
  );
}

function findLoss(
  from: Keys,
  credentials: Known['credentials'],
  { row, path, fingerprint }: FingerprintRow,
): 'not-at-hand' | 'differs' | null {
  const value = credentials.get(row)?.[path];
  if (value === undefined) return 'not-at-hand';
  const now = from.fingerprint(row, path, value);
  return now.length === fingerprint.length && timingSafeEqual(now, fingerprint) ? null : 'differs';
}

function transfer(db: Connection, how: Transfer): Moved {
  const tokens = moveTokens(db, how);
  const recorded = moveFingerprints(db, how, {
    list: listRecorded,
    keep: 'UPDATE credentials SET fingerprint = ? WHERE row = ? AND path = ?',
    drop: 'DELETE FROM credentials WHERE row = ? AND path = ?',
  });
  const open = moveFingerprints(db, how, {
    list: listOpen,
    keep: 'UPDATE intent_credentials SET fingerprint = ? WHERE intent = ? AND path = ?',
    drop: 'DELETE FROM intent_credentials WHERE intent = ? AND path = ?',
  });
  prepare(db, 'UPDATE meta SET key_id = ?, key_check = ?').run(how.to.id, how.to.check);
  return {
    ...tokens,
    fingerprints: recorded.kept + open.kept,
    dropped: sortOnce([...recorded.dropped, ...open.dropped]),
  };
}

/** Every row is written, so every row has a new version. */
function moveTokens(db: Connection, how: Transfer): Pick<Moved, 'tokens' | 'unread'> {
  interface Row {
    readonly address: string;
    readonly row: string;
    readonly instanceId: number;
    readonly token: Buffer | null;
  }
  const sql = 'SELECT address, row, instance_id AS instanceId, token FROM instances ORDER BY address';
  const write = prepare(db, 'UPDATE instances SET token = ?, version = version + 1 WHERE row = ?');
  const unread: string[] = [];
  let tokens = 0;
  for (const { address, row, instanceId, token } of prepare<Row>(db, sql).all()) {
    const plain = how.kind === 'lost' ? how.tokens.get(instanceId) : openToken(how.from, instanceId, token);
    write.run(plain === undefined ? null : how.to.seal(instanceId, plain), row);
    if (plain !== undefined) tokens += 1;
    // One that was not stored before is no loss.
    else if (token !== null || how.kind === 'lost') unread.push(address);
  }
  return { tokens, unread };
}

function openToken(keys: Keys, instanceId: number, envelope: Buffer | null): Sensitive | undefined {
  return envelope === null ? undefined : (keys.open(instanceId, envelope) ?? undefined);
}

interface FingerprintRow {
  /** What the fingerprint is bound to. */
  readonly row: string;
  /** What it belongs to: a recorded row, or an intent. */
  readonly owner: string;
  readonly path: string;
  readonly fingerprint: Buffer;
  readonly address: string;
}

/** A fingerprint is no secret that could be opened: only whoever holds the same value can make it under another key. */
function moveFingerprints(
  db: Connection,
  how: Transfer,
  sql: { readonly list: string; readonly keep: string; readonly drop: string },
): { readonly kept: number; readonly dropped: readonly DroppedFingerprint[] } {
  const dropped: DroppedFingerprint[] = [];
  let kept = 0;
  for (const found of prepare<FingerprintRow>(db, sql.list).all()) {
    const { owner, path, address } = found;
    const judged = judge(how, found);
    if (typeof judged === 'string') {
      prepare(db, sql.drop).run(owner, path);
      dropped.push({ address, path, why: judged });
    } else {
      prepare(db, sql.keep).run(judged, owner, path);
      kept += 1;
    }
  }
  return { kept, dropped };
}

/** The fingerprint under the new key, or why there is none. */
function judge(how: Transfer, found: FingerprintRow): Buffer | DroppedFingerprint['why'] {
  if (how.kind === 'lost') return 'key-lost';
  const { row, path } = found;
  const value = how.credentials.get(row)?.[path];
  if (value === undefined) return 'not-at-hand';
  return findLoss(how.from, how.credentials, found) ?? how.to.fingerprint(row, path, value);
}

/** A row and an open create of the same address may have lost the same. */
function sortOnce<T extends DroppedFingerprint>(dropped: readonly T[]): readonly T[] {
  const once = new Map(dropped.map((one) => [[one.address, one.path, one.why].join('\n'), one]));
  return [...once].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, one]) => one);
}
