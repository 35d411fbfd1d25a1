import type { AccountPin, Address } from '../src/core/model.ts';
import { InstateError, stateKeyHint } from '../src/errors.ts';
import type { Effect } from '../src/ports.ts';
import { prepare, type Connection } from './connection.ts';
import {
  changed,
  expectRow,
  forgetAbsences,
  pinUser,
  refreshRow,
  refuseSecondAddress,
  replaceRow,
  requireRow,
  type WriteContext,
} from './instances.ts';
import { hasOpenIntent, markVendorFailed } from './intents.ts';

type Of<Kind extends Effect['kind']> = Extract<Effect, { readonly kind: Kind }>;

/**
 * Carries out the effects in order; the caller undoes all if one throws. Moves that follow each other are done at
 * once, so that `a → b` and `b → c` may stand in either order, and two addresses may change places.
 */
export function writeEffects(context: WriteContext, effects: readonly Effect[]): void {
  let moves: readonly Of<'move'>[] = [];
  for (const effect of effects) {
    if (effect.kind === 'move') {
      moves = [...moves, effect];
      continue;
    }
    moveAll(context.db, moves);
    moves = [];
    writeEffect(context, effect);
  }
  moveAll(context.db, moves);
}

function writeEffect(context: WriteContext, effect: Exclude<Effect, Of<'move'>>): void {
  switch (effect.kind) {
    case 'adopt':
      adopt(context, effect);
      return;
    case 'forget':
      forget(context.db, effect);
      return;
    case 'accept':
      accept(context, effect);
      return;
    case 'reset-absences':
      forgetAbsences(context.db, effect.address);
      return;
    case 'pin-account':
      pinAccount(context.db, effect.account);
      return;
    case 'vendor-failed':
      markVendorFailed(context.db, effect.intentId);
      return;
    case 'bind-project':
      bindProject(context.db, effect.project);
      return;
    default:
      effect satisfies never;
  }
}

/** Another instance than the recorded one gets a row of its own, so that no old fingerprint speaks for it. */
function adopt(context: WriteContext, effect: Of<'adopt'>): void {
  const { address, instance, token } = effect;
  const found = expectRow(context.db, address, effect.expected);
  refuseSecondAddress(context.db, address, instance.instanceId);
  pinUser(context.db, instance.user);
  if (found?.instanceId === instance.instanceId) refreshRow(context, found.row, instance, token);
  else replaceRow(context, { address, row: context.newId(), origin: 'adopted' }, instance, token);
  forgetAbsences(context.db, address);
}

function forget(db: Connection, effect: Of<'forget'>): void {
  requireRow(db, effect.address, effect.expected);
  prepare(db, 'DELETE FROM instances WHERE address = ?').run(effect.address);
}

function accept(context: WriteContext, effect: Of<'accept'>): void {
  const { db, keys } = context;
  const { row } = requireRow(db, effect.address, effect.expected);
  const credentials = Object.entries(effect.credentials);
  if (keys === null && credentials.length > 0) throw cannotAccept(effect.address);
  const keep = prepare(
    db,
    `INSERT INTO credentials (row, path, fingerprint, since) VALUES (?, ?, ?, ?)
    ON CONFLICT (row, path) DO UPDATE SET fingerprint = excluded.fingerprint, since = excluded.since`,
  );
  for (const [path, value] of credentials) {
    keep.run(row, path, keys?.fingerprint(row, path, value), new Date(effect.at).toISOString());
  }
  prepare(db, 'UPDATE instances SET version = version + 1 WHERE row = ?').run(row);
}

/** What is between two addresses. */
interface Leaving {
  readonly from: Address;
  readonly to: Address;
  readonly row: string;
  /** Presumed absences in a row (safety.md C3): a move is no way round their limit. */
  readonly absences: number;
}

/** First all rows leave their addresses, then all arrive; the row's id stays, and with it fingerprints and token. */
function moveAll(db: Connection, moves: readonly Of<'move'>[]): void {
  const leaving = moves.map((move) => leave(db, move));
  for (const one of leaving) arrive(db, one);
}

function leave(db: Connection, { from, to, expected }: Of<'move'>): Leaving {
  const { row } = requireRow(db, from, expected);
  if (hasOpenIntent(db, from)) throw changed(`${from} has a create that is not settled yet`);
  // No address looks like this, so the row is out of everyone's way.
  prepare(db, 'UPDATE instances SET address = ?, version = version + 1 WHERE row = ?').run(
    `moving ${row}`,
    row,
  );
  const found = prepare<{ readonly count: number }>(db, 'SELECT count FROM absences WHERE address = ?').get(
    from,
  );
  forgetAbsences(db, from);
  return { from, to, row, absences: found?.count ?? 0 };
}

function arrive(db: Connection, { from, to, row, absences }: Leaving): void {
  expectRow(db, to, null);
  if (hasOpenIntent(db, to))
    throw changed(`${to} has a create that is not settled yet, so ${from} cannot become it`);
  prepare(db, 'UPDATE instances SET address = ? WHERE row = ?').run(to, row);
  if (absences === 0) return;
  const carry = `INSERT INTO absences (address, count) VALUES (?, ?)
    ON CONFLICT (address) DO UPDATE SET count = max(count, excluded.count)`;
  prepare(db, carry).run(to, absences);
}

function pinAccount(db: Connection, account: AccountPin): void {
  const pinned = prepare<{ readonly baseUrl: string | null }>(
    db,
    'SELECT base_url AS baseUrl FROM meta',
  ).get()?.baseUrl;
  if (pinned === null) prepare(db, 'UPDATE meta SET base_url = ?').run(account.baseUrl);
  else if (pinned !== account.baseUrl)
    throw wrongState(`the account at ${pinned ?? ''}`, `the one at ${account.baseUrl}`);
  pinUser(db, account.user);
}

function bindProject(db: Connection, project: string): void {
  const bound = prepare<{ readonly project: string | null }>(db, 'SELECT project FROM meta').get()?.project;
  if (bound === null) prepare(db, 'UPDATE meta SET project = ?').run(project);
  else if (bound !== project) throw wrongState(`the project ${bound ?? ''}`, `the project ${project}`);
}

function wrongState(bound: string, asked: string): InstateError {
  return new InstateError('wrong_state', `The state belongs to ${bound}, not to ${asked}.`, {
    hint: 'one state is one project on one account: name another one with --state PATH',
  });
}

function cannotAccept(address: Address): InstateError {
  return new InstateError(
    'wrong_state_key',
    `The credentials of ${address} cannot be recorded, since the key of the state is not here.`,
    { hint: stateKeyHint },
  );
}
