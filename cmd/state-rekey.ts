import type { RecordedState } from '../src/core/model.ts';
import type { KeyRemains, Rekeyed } from '../src/core/rekeyed.ts';
import type { Sensitive } from '../src/core/sensitive.ts';
import { gatherCredentials, readTokens, type CredentialsByRow } from '../src/engine/rekey.ts';
import { renderRekey } from '../src/render/text-rekey.ts';
import type { Command } from './command.ts';
import { readFlag } from './options.ts';
import type { Run } from './run.ts';
import { openDeclared, openSession, type Session } from './session.ts';
import { withLock, writingGroups } from './state-common.ts';

/** `instate state rekey`: from the key that the state was written under to the one that every command would use here. */
export const stateRekey: Command = {
  groups: [...writingGroups, 'exec', 'network'],
  formats: ['text', 'json'],
  build: (yargs) =>
    yargs.options({
      drop: {
        type: 'boolean',
        describe:
          'Let go what is known of credentials that are not at hand, or differ from the ones last applied',
      },
      lost: {
        type: 'boolean',
        describe: 'The old key is gone: drop what it sealed, and read the tokens from the account',
      },
    }),
  examples: [
    ['instate state rekey', 'from INSTATE_STATE_KEY_OLD, or the key file, to INSTATE_STATE_KEY'],
    ['instate state rekey --state /srv/crm/state.db', 'without declarations: tokens only'],
    ['instate state rekey --lost', 'the old key is gone'],
  ],
  run: async (run, flags) =>
    readFlag(flags, 'lost') ? rekeyLost(run) : rekeyKnown(run, readFlag(flags, 'drop')),
};

async function rekeyKnown(run: Run, drop: boolean): Promise<number> {
  const { session, store, close } = await openDeclared(run);
  try {
    return await withLock(run, store, async (lock, recorded) => {
      const credentials: CredentialsByRow =
        session === null ? new Map() : gatherCredentials(session.declarations, recorded, session.references);
      return answer(run, await lock.rekey({ kind: 'known', credentials, drop: drop || session === null }));
    });
  } finally {
    await close();
  }
}

async function rekeyLost(run: Run): Promise<number> {
  const session = await openSession(run);
  try {
    return await withLock(run, session.store, async (lock, recorded) => {
      // The account is asked only for a key that is lost indeed; all else the state answers, or refuses, by itself.
      const isLost = (await lock.examineKeys()) === 'lost';
      const tokens = isLost ? await readLive(run, session, recorded) : new Map<number, never>();
      return answer(run, await lock.rekey({ kind: 'lost', tokens }));
    });
  } finally {
    await session.close();
  }
}

async function readLive(
  run: Run,
  session: Session,
  recorded: RecordedState,
): Promise<ReadonlyMap<number, Sensitive>> {
  const api = await session.openApi();
  run.stopper.onStop(() => api.abort());
  return readTokens(session.declarations, recorded, api.read);
}

async function answer(run: Run, rekeyed: Rekeyed): Promise<number> {
  if (rekeyed.outcome !== 'no-key') warnOf(run, rekeyed.remains);
  await run.answer({ text: (look) => renderRekey(rekeyed, look), body: { rekeyed: describe(rekeyed) } });
  return 0;
}

/** Every outcome with the same fields, so that a script need not ask first. */
function describe(rekeyed: Rekeyed): Readonly<Record<string, unknown>> {
  const { outcome } = rekeyed;
  const { tokens, fingerprints, dropped, unread } =
    outcome === 'moved' ? rekeyed : { tokens: 0, fingerprints: 0, dropped: [], unread: [] };
  const { leftover, backups } = outcome === 'no-key' ? { leftover: null, backups: [] } : rekeyed.remains;
  const files = backups.map(({ file }) => file);
  return { outcome, tokens, fingerprints, dropped, unread, cleanedUp: leftover === null, backups: files };
}

function warnOf(run: Run, { leftover, backups }: KeyRemains): void {
  const warn = (code: string, summary: string, detail: string): void =>
    run.note({ severity: 'warning', code, summary, detail });
  if (leftover !== null) {
    const what = "the state's files may still hold what was sealed under the old key";
    warn('old_key_left', `${what}: ${leftover.why}`, leftover.hint);
  }
  const list = (why: 'other-key' | 'unreadable') =>
    backups.filter((backup) => backup.why === why).map(({ file }) => file);
  const [others, unreadable] = [list('other-key'), list('unreadable')];
  if (others.length > 0) {
    const summary = `backups are still under another key: ${others.join(', ')}`;
    warn('backup_under_other_key', summary, 'delete them, or keep the old key for them');
  }
  if (unreadable.length > 0) {
    const summary = `backups could not be looked into: ${unreadable.join(', ')}`;
    warn(
      'backup_unreadable',
      summary,
      'they may be under another key: delete them, or keep the old key for them',
    );
  }
}
