import type { Address, RowVersion } from '../src/core/model.ts';
import type { Sensitive } from '../src/core/sensitive.ts';
import { InstateError } from '../src/errors.ts';
import type { BoundInstance } from '../src/ports.ts';
import { prepare, type Connection } from './connection.ts';
import type { Keys } from './crypto.ts';

/** What a write is given besides its own content. */
export interface WriteContext {
  readonly db: Connection;
  /** null: nothing may be sealed (safety.md E4, E5). */
  readonly keys: Keys | null;
  /** ISO. */
  readonly now: string;
  readonly newId: () => string;
}

/** What stands at an address, as far as a write must know. */
export interface StoredRow {
  readonly row: string;
  readonly version: RowVersion;
  readonly instanceId: number;
}

export function findRow(db: Connection, address: Address): StoredRow | null {
  const sql = 'SELECT row, version, instance_id AS instanceId FROM instances WHERE address = ?';
  return prepare<StoredRow>(db, sql).get(address) ?? null;
}

/** The row at `address`, if its version is the one that the writer saw (safety.md C7). Else `state_changed`. */
export function expectRow(db: Connection, address: Address, expected: RowVersion | null): StoredRow | null {
  const found = findRow(db, address);
  if ((found?.version ?? null) === expected) return found;
  throw changed(`${address} is not recorded as it was when the plan was made`);
}

/** As `expectRow` where a row must be there. */
export function requireRow(db: Connection, address: Address, expected: RowVersion): StoredRow {
  const found = expectRow(db, address, expected);
  if (found !== null) return found;
  throw changed(`${address} is no longer recorded`);
}

/** One instance, one address (safety.md B1): `state_changed`, naming both, if another one has recorded it. */
export function refuseSecondAddress(db: Connection, address: Address, instanceId: number): void {
  const sql = 'SELECT address FROM instances WHERE instance_id = ? AND address <> ?';
  const other = prepare<{ readonly address: string }>(db, sql).get(instanceId, address);
  if (other === undefined) return;
  throw changed(
    `instance ${instanceId.toString()} is recorded for ${other.address} already, so not for ${address}`,
  );
}

/** A new row in place of whatever stood at the address; fingerprints and token of the old row fall with it. */
export function replaceRow(
  context: WriteContext,
  at: { readonly address: Address; readonly row: string; readonly origin: 'created' | 'adopted' },
  instance: BoundInstance,
  token: Sensitive | null,
): void {
  const { db, keys, now } = context;
  const version = (findRow(db, at.address)?.version ?? 0) + 1;
  prepare(db, 'DELETE FROM instances WHERE address = ?').run(at.address);
  const sql = `INSERT INTO instances (address, row, version, instance_id, element, name, tags, configuration, tag, origin,
    recorded_at, token) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
  const sealed = token === null ? null : (keys?.seal(instance.instanceId, token) ?? null);
  prepare(db, sql).run(
    at.address,
    at.row,
    version,
    instance.instanceId,
    instance.element,
    instance.name,
    tagsColumn(instance),
    JSON.stringify(instance.configuration),
    instance.tag,
    at.origin,
    now,
    sealed,
  );
}

/** Newer facts about the instance that the row has already; its fingerprints stay, and its token unless a new one can be sealed. */
export function refreshRow(
  context: WriteContext,
  row: string,
  instance: BoundInstance,
  token: Sensitive | null,
): void {
  const sql = `UPDATE instances SET version = version + 1, element = ?, name = ?, tags = ?, configuration = ?, tag = ?,
    token = coalesce(?, token) WHERE row = ?`;
  prepare(context.db, sql).run(
    instance.element,
    instance.name,
    tagsColumn(instance),
    JSON.stringify(instance.configuration),
    instance.tag,
    token === null ? null : (context.keys?.seal(instance.instanceId, token) ?? null),
    row,
  );
}

/** Pins the account's user on first sight (safety.md A4); null says nothing. Another user: `wrong_account`. */
export function pinUser(db: Connection, user: number | null): void {
  if (user === null) return;
  const pinned = prepare<{ readonly user: number | null }>(db, 'SELECT user FROM meta').get()?.user ?? null;
  if (pinned === user) return;
  if (pinned === null) {
    prepare(db, 'UPDATE meta SET user = ?').run(user);
    return;
  }
  const users = `user ${pinned.toString()}, not to user ${user.toString()}`;
  throw new InstateError('wrong_account', `The state belongs to an account of ${users}.`, {
    hint: 'use the secrets of the first account, or another state: --state PATH',
  });
}

/** A settled create or an adoption ends the row of presumed absences (safety.md C3). */
export function forgetAbsences(db: Connection, address: Address): void {
  prepare(db, 'DELETE FROM absences WHERE address = ?').run(address);
}

/** `state_changed` with a reason that names the address. */
export function changed(why: string): InstateError {
  return new InstateError('state_changed', `The state has changed meanwhile: ${why}.`, {
    hint: 'run plan again',
  });
}

function tagsColumn(instance: BoundInstance): string | null {
  return instance.tags === null ? null : JSON.stringify(instance.tags);
}
