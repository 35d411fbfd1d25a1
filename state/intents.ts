import type { Intent, RowVersion } from '../src/core/model.ts';
import type { Sensitive } from '../src/core/sensitive.ts';
import type { Settlement } from '../src/ports.ts';
import { prepare, type Connection } from './connection.ts';
import {
  changed,
  expectRow,
  forgetAbsences,
  pinUser,
  refuseSecondAddress,
  replaceRow,
  type WriteContext,
} from './instances.ts';
import { keepKnownIds } from './known-ids.ts';

interface OpenIntentRow {
  readonly id: string;
  readonly address: string;
  readonly row: string;
  readonly settlement: Settlement['kind'] | null;
}

/** Stores the intent if the address is as the writer saw it and has no other open one (safety.md C1, C7). */
export function writeIntent(
  context: WriteContext,
  intent: Intent,
  expected: RowVersion | null,
  credentials: Readonly<Record<string, Sensitive>>,
): void {
  const { db } = context;
  expectRow(db, intent.address, expected);
  refuseSecondIntent(db, intent);
  const sql = `INSERT INTO intents (id, address, row, element, name, tags, configuration, tag, opened_at, send_by,
    resolve_after, service_ahead, known_ids, attempt) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
    coalesce((SELECT count FROM absences WHERE address = ?), 0))`;
  prepare(db, sql).run(
    intent.id,
    intent.address,
    intent.row,
    intent.element,
    intent.name,
    JSON.stringify(intent.tags),
    JSON.stringify(intent.configuration),
    intent.tag,
    intent.openedAt,
    intent.sendBy,
    intent.resolveAfter,
    intent.serviceAhead,
    keepKnownIds(db, intent.knownIds),
    intent.address,
  );
  if (context.keys === null) return;
  const keep = prepare(db, 'INSERT INTO intent_credentials (intent, path, fingerprint) VALUES (?, ?, ?)');
  for (const [path, value] of Object.entries(credentials)) {
    keep.run(intent.id, path, context.keys.fingerprint(intent.row, path, value));
  }
}

/** Records what became of an open intent and closes it. One that is not open: `state_changed`. */
export function writeSettlement(context: WriteContext, intentId: string, settlement: Settlement): void {
  const intent = requireOpen(context.db, intentId);
  switch (settlement.kind) {
    case 'created':
      writeCreated(context, intent, settlement);
      break;
    case 'absent':
      if (settlement.presumed) writeTombstone(context.db, intent, settlement.at);
      break;
    case 'refused':
    case 'not-sent':
      break;
    default:
      settlement satisfies never;
  }
  close(context, intent.id, settlement.kind);
}

/** Notes that the service answered this open intent with a 5xx of its own (safety.md C4). */
export function markVendorFailed(db: Connection, intentId: string): void {
  requireOpen(db, intentId);
  prepare(db, 'UPDATE intents SET vendor_failed = 1 WHERE id = ?').run(intentId);
}

/** Whether a create of this address is still unsettled. */
export function hasOpenIntent(db: Connection, address: string): boolean {
  return (
    prepare(db, 'SELECT 1 FROM intents WHERE address = ? AND settlement IS NULL').get(address) !== undefined
  );
}

function refuseSecondIntent(db: Connection, intent: Intent): void {
  if (hasOpenIntent(db, intent.address)) {
    throw changed(`${intent.address} has a create that is not settled yet`);
  }
  if (prepare(db, 'SELECT 1 FROM intents WHERE id = ?').get(intent.id) !== undefined) {
    throw changed(`a create of ${intent.address} was begun under the same id before`);
  }
}

function requireOpen(db: Connection, intentId: string): OpenIntentRow {
  const sql = 'SELECT id, address, row, settlement FROM intents WHERE id = ?';
  const found = prepare<OpenIntentRow>(db, sql).get(intentId);
  if (found === undefined) throw changed(`no create with the id ${intentId} was begun`);
  if (found.settlement === null) return found;
  throw changed(`the create of ${found.address} is settled already (${found.settlement})`);
}

function writeCreated(
  context: WriteContext,
  intent: OpenIntentRow,
  settlement: Extract<Settlement, { readonly kind: 'created' }>,
): void {
  const { db } = context;
  const { instance } = settlement;
  refuseSecondAddress(db, intent.address, instance.instanceId);
  pinUser(db, instance.user);
  replaceRow(
    context,
    { address: intent.address, row: intent.row, origin: 'created' },
    instance,
    settlement.token,
  );
  const copy = `INSERT INTO credentials (row, path, fingerprint, since)
    SELECT ?, path, fingerprint, ? FROM intent_credentials WHERE intent = ?`;
  prepare(db, copy).run(intent.row, context.now, intent.id);
  if (settlement.tagProven) prepare(db, 'UPDATE meta SET tag_proven = 1').run();
  forgetAbsences(db, intent.address);
}

function writeTombstone(db: Connection, intent: OpenIntentRow, at: number): void {
  const bury = `INSERT INTO tombstones (intent, address, element, name, tag, known_ids, resolve_after, absent_at)
    SELECT id, address, element, name, tag, known_ids, resolve_after, ? FROM intents WHERE id = ?`;
  prepare(db, bury).run(at, intent.id);
  const count = `INSERT INTO absences (address, count) VALUES (?, 1)
    ON CONFLICT (address) DO UPDATE SET count = count + 1`;
  prepare(db, count).run(intent.address);
}

/** A closed intent stays as a record of what was done; what only its settlement needed goes. */
function close(context: WriteContext, intentId: string, settlement: Settlement['kind']): void {
  const sql = 'UPDATE intents SET settlement = ?, settled_at = ?, known_ids = NULL WHERE id = ?';
  prepare(context.db, sql).run(settlement, context.now, intentId);
  prepare(context.db, 'DELETE FROM intent_credentials WHERE intent = ?').run(intentId);
}
