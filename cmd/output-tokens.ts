import type { RecordedInstance } from '../src/core/model.ts';
import type { Sensitive } from '../src/core/sensitive.ts';
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
export function lazily(run: Run): Live {
  let session: Promise<Session> | null = null;
  return { open: () => (session ??= openSession(run)), close: async () => (await session)?.close() };
}

/** The records of these addresses, or all. */
export async function chooseRows(
  run: Run,
  store: StateStore,
  wanted: unknown,
): Promise<readonly RecordedInstance[]> {
  const { instances, lineage, project, account } = await store.read();
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
  how: { reveal: boolean; refresh: boolean },
): Promise<Output> {
  if (!how.reveal) return { row, token: null };
  const stored = how.refresh ? null : await store.reveal(row.address);
  if (stored !== null) return { row, token: stored };
  const api = await (await live.open()).openApi();
  const permit = await api.gate.acquire();
  try {
    const probe = await api.read.get(row.instanceId, { projection: new Map(), tokens: true });
    if (probe.kind === 'live') return { row, token: probe.token };
    const why = probe.kind === 'missing' ? 'it is gone from the account' : probe.why;
    throw new InstateError(
      'no_token',
      `the token of ${row.address} (#${String(row.instanceId)}) cannot be read: ${why}`,
      { hint: 'instate drift shows what lives' },
    );
  } finally {
    permit.release();
  }
}
