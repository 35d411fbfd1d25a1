import { timingSafeEqual } from 'node:crypto';
import { dirname } from 'node:path';
import type { Address, RecordedState } from '../src/core/model.ts';
import type { Sensitive } from '../src/core/sensitive.ts';
import { InstateError, stateKeyHint } from '../src/errors.ts';
import type { Lock, StateStore } from '../src/ports.ts';
import { prepare, type Connection } from './connection.ts';
import { examineState } from './doctor.ts';
import { inOurWords } from './failures.ts';
import { ensureFolder, inspectFolder, isPlainFile } from './files.ts';
import type { KeyBinding, Keyring } from './keyring.ts';
import { acquireLock, findHolder } from './lock.ts';
import { openDatabase, type OpeningPlace } from './opening.ts';
import { readState } from './reading.ts';
import {
  emptySnapshot,
  readFingerprints,
  readKeyBinding,
  readSnapshot,
  type FingerprintTable,
} from './snapshot.ts';
import { findNetworkFault } from './volume.ts';
import { createWriter } from './writer.ts';

export interface SqlitePlace extends OpeningPlace {
  readonly tempFolder: string;
  readonly keyring: Keyring;
}

/** What comparing and sealing need of the state; read with each snapshot, and again after a write of ours. */
interface KeyedPart {
  readonly binding: KeyBinding | null;
  readonly fingerprints: FingerprintTable;
}

const nothingKeyed: KeyedPart = {
  binding: null,
  fingerprints: new Map<string, ReadonlyMap<string, Buffer>>(),
};

/** The state as one SQLite file. Holds nothing open, but between `lock` and `release`. */
export function createSqliteStore(place: SqlitePlace): StateStore {
  const { location, keyring } = place;
  let own: { readonly db: Connection; readonly lock: Lock } | null = null;
  let keyed: KeyedPart | null = null;

  const reading = <T>(use: (db: Connection) => T): T | null => {
    const db = own?.db;
    if (db === undefined) return readState(place, use);
    return inOurWords('read', location, () => db.transaction(() => use(db))());
  };
  const knowKeyed = (): KeyedPart => (keyed ??= reading(readKeyedPart) ?? nothingKeyed);
  const readNow = (): RecordedState => {
    // Asked before and after: a run that begins or ends in between must not make its intents look abandoned.
    const before = own === null ? findHolder(location) : null;
    const now = reading((db) => ({ snapshot: readSnapshot(db), keyed: readKeyedPart(db) }));
    keyed = now?.keyed ?? nothingKeyed;
    const heldBy = own === null ? (before ?? findHolder(location)) : null;
    return { ...(now?.snapshot ?? emptySnapshot), heldBy };
  };
  const lock: StateStore['lock'] = async (holder, wait) => {
    prepareFolder(place);
    const held = await acquireLock(location, holder, wait);
    try {
      const db = openDatabase(place);
      const forget = (): void => {
        keyed = null;
      };
      const onRelease = (): void => {
        own = null;
      };
      const run = { ...place, db, holder, id: place.newId() };
      own = { db, lock: createWriter({ run, held, read: readNow, onWrite: forget, onRelease }) };
      forget();
      return own.lock;
    } catch (error) {
      held.release();
      throw error;
    }
  };
  return {
    read: async () => {
      if (own === null) warnOfNetwork(place);
      return readNow();
    },
    lock,
    fingerprints: { compare: (row, path, value) => compare(keyring, knowKeyed(), { row, path, value }) },
    reveal: async (address) => reading((db) => revealToken(db, keyring, address)),
    examine: async () => examineState(place),
    keyStatus: () => keyring.status(knowKeyed().binding),
    close: async () => own?.lock.release(),
  };
}

function prepareFolder(place: SqlitePlace): void {
  const folder = dirname(place.location);
  inOurWords('write', place.location, () => {
    isPlainFile(place.location);
    const fault = findNetworkFault(place.location);
    if (fault !== null) throw fault;
    ensureFolder(folder);
    const warning = inspectFolder(folder);
    if (warning !== null) place.notify(warning);
  });
}

/** Looking is possible there: a copy is read. */
function warnOfNetwork({ location, notify }: SqlitePlace): void {
  const fault = findNetworkFault(location);
  if (fault === null) return;
  const summary = `${fault.message} It is read as a copy; nothing can be written to it.`;
  notify({ severity: 'warning', code: 'state_on_network', summary, detail: fault.hint });
}

function readKeyedPart(db: Connection): KeyedPart {
  return { binding: readKeyBinding(db), fingerprints: readFingerprints(db) };
}

function compare(
  keyring: Keyring,
  keyed: KeyedPart,
  asked: { readonly row: string; readonly path: string; readonly value: Sensitive },
): 'same' | 'changed' | 'unverified' {
  const stored = keyed.fingerprints.get(asked.row)?.get(asked.path);
  if (keyed.binding === null || stored === undefined) return 'unverified';
  const now = keyring.forReading(keyed.binding)?.fingerprint(asked.row, asked.path, asked.value);
  if (now === undefined) return 'unverified';
  return now.length === stored.length && timingSafeEqual(now, stored) ? 'same' : 'changed';
}

function revealToken(db: Connection, keyring: Keyring, address: Address): Sensitive | null {
  interface Row {
    readonly instanceId: number;
    readonly token: Buffer | null;
  }
  const sql = 'SELECT instance_id AS instanceId, token FROM instances WHERE address = ?';
  const row = prepare<Row>(db, sql).get(address);
  const binding = readKeyBinding(db);
  if (row === undefined || row.token === null || binding === null) return null;
  const keys = keyring.forReading(binding);
  if (keys === null) {
    throw new InstateError(
      'wrong_state_key',
      `The token of ${address} cannot be opened: the key that the state was written under is not here.`,
      { hint: `read it live: --refresh; or ${stateKeyHint}` },
    );
  }
  const token = keys.open(row.instanceId, row.token);
  if (token !== null) return token;
  throw new InstateError('state_corrupt', `The stored token of ${address} was damaged or exchanged.`, {
    hint: 'read it live: instate output --refresh',
  });
}
