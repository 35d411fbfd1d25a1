import type { RecordedInstance, RecordedState } from '../src/core/model.ts';
import type { Sensitive } from '../src/core/sensitive.ts';
import { refuseOtherAccount } from '../src/engine/account.ts';
import { InstateError } from '../src/errors.ts';
import type { StateStore } from '../src/ports.ts';
import type { Run } from './run.ts';
import { refuseUnrecorded } from './scope.ts';
import { openSession, type Session } from './session.ts';

/** A record, and its token where one was asked for. */
export interface Output {
  readonly row: RecordedInstance;
  /** null: not asked for, or the service shows none. */
  readonly token: Sensitive | null;
}

/** Declarations and account, opened once somebody needs them. */
export interface Live {
  readonly open: () => Promise<Session>;
  readonly close: () => Promise<void>;
}

/** Declarations and account are opened only if a token has to be read live, or a secret to be shown. */
export function lazily(run: Run, recorded: RecordedState): Live {
  let session: Promise<Session> | null = null;
  const open = async () => {
    const opened = await openSession(run);
    refuseOtherAccount(opened.declarations, recorded, null);
    return opened;
  };
  return { open: () => (session ??= open()), close: async () => (await session)?.close() };
}

/** C5: an id of one account may be somebody else's instance in another. Older answers name no user. */
function isOfUser(shown: number | null, user: number | null): boolean {
  return shown === null || user === null || shown === user;
}

/** The records of these addresses, or all. */
export function chooseRows(
  run: Run,
  { instances, lineage, project, account }: RecordedState,
  wanted: unknown,
): readonly RecordedInstance[] {
  run.known.project = project ?? run.known.project;
  run.known.account = account ?? run.known.account;
  const addresses = Array.isArray(wanted) ? wanted.map(String) : [];
  if (lineage === null)
    throw new InstateError('state_missing', 'there is no state yet', { hint: 'instate apply makes it' });
  return addresses.length === 0
    ? instances
    : addresses.map((address) => {
        const row = instances.find((one) => one.address === address);
        if (row === undefined)
          throw refuseUnrecorded(
            address,
            instances.map((one) => one.address),
          );
        return row;
      });
}

/** The stored token; where none is stored, or with `--refresh`, the live one. */
export async function readOutput(
  row: RecordedInstance,
  store: StateStore,
  live: Live,
  how: { readonly reveal: boolean; readonly refresh: boolean; readonly user: number | null },
): Promise<Output> {
  const { user } = how;
  if (!how.reveal) return { row, token: null };
  const stored = how.refresh ? null : await store.reveal(row.address);
  if (stored !== null) return { row, token: stored };
  const api = await (await live.open()).openApi();
  const permit = await api.gate.acquire();
  try {
    const probe = await api.read.get(row.instanceId, { projection: new Map(), tokens: true });
    const isSame =
      probe.kind === 'live' && probe.instance.element === row.element && isOfUser(probe.instance.user, user);
    if (isSame) return { row, token: probe.token };
    const why =
      probe.kind === 'live'
        ? 'what lives under that id is another instance'
        : probe.kind === 'missing'
          ? 'it is gone from the account'
          : probe.why;
    throw new InstateError(
      'no_token',
      `the token of ${row.address} (#${String(row.instanceId)}) cannot be read: ${why}`,
      { hint: 'instate drift shows what lives' },
    );
  } finally {
    permit.release();
  }
}
