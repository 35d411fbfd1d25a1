import type { RecordedInstance } from '../src/core/model.ts';
import { openSensitive, sensitiveLabel, type Sensitive } from '../src/core/sensitive.ts';
import { InstateError } from '../src/errors.ts';
import type { StateStore } from '../src/ports.ts';
import { alignRows, clean } from '../src/render/screen.ts';
import type { Command } from './command.ts';
import { readFlag } from './options.ts';
import type { Run } from './run.ts';
import { refuseUnrecorded } from './scope.ts';
import { openSession, openStateOnly, type Session } from './session.ts';

interface Output {
  readonly row: RecordedInstance;
  readonly token: Sensitive | null;
}

/** `instate output`: what later requests need. The only command that shows a token, and only with `--reveal` (F4: no variable). */
export const output: Command = {
  groups: ['files', 'looks', 'exec', 'network', 'report'],
  formats: ['text', 'json', 'header'],
  build: (yargs) =>
    yargs
      .positional('address', {
        type: 'string',
        array: true,
        describe: 'Recorded addresses; all if none is given',
      })
      .options({
        reveal: { type: 'boolean', describe: 'Show tokens' },
        full: { type: 'boolean', describe: 'With --format header: the organization secret too' },
        refresh: { type: 'boolean', describe: 'Read the tokens from the account instead of the state' },
      }),
  examples: [
    ['instate output', 'ids by address'],
    ['instate output --reveal --json', 'ids and tokens, for a script'],
    [
      'instate output insightly-sales --reveal --format header',
      'an Authorization header for calls through this instance',
    ],
  ],
  run: async (run, flags) => {
    const [reveal, full, refresh] = [
      readFlag(flags, 'reveal'),
      readFlag(flags, 'full'),
      readFlag(flags, 'refresh'),
    ];
    const header = run.options.format === 'header';
    if (header && !reveal)
      throw new InstateError('usage', '--format header shows secrets', { hint: 'say so with --reveal' });
    if (full && !header)
      throw new InstateError('usage', '--full goes with --format header', { hint: 'add --format header' });
    const store = await openStateOnly(run);
    const live = lazily(run);
    try {
      const rows = await chooseRows(run, store, flags['address']);
      if (header && rows.length !== 1)
        throw new InstateError('usage', '--format header takes one address', { hint: 'name it' });
      const outputs = await Promise.all(rows.map((row) => readOutput(row, store, live, { reveal, refresh })));
      if (header) await printHeader(run, outputs[0], await live.open(), full);
      else await printOutputs(run, outputs, reveal);
      return 0;
    } finally {
      await live.close();
      await store.close();
    }
  },
};

interface Live {
  readonly open: () => Promise<Session>;
  readonly close: () => Promise<void>;
}

/** Declarations and account are opened only if a token has to be read live, or a secret to be shown. */
function lazily(run: Run): Live {
  let session: Promise<Session> | null = null;
  return { open: () => (session ??= openSession(run)), close: async () => (await session)?.close() };
}

async function chooseRows(
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
async function readOutput(
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

async function printOutputs(run: Run, outputs: readonly Output[], reveal: boolean): Promise<void> {
  const show = (token: Sensitive | null) =>
    !reveal ? sensitiveLabel : token === null ? null : openSensitive(token);
  const rows = outputs.map(({ row, token }) => [
    row.address,
    clean(row.element),
    `#${String(row.instanceId)}`,
    ...(reveal ? [show(token) ?? '(none)'] : []),
  ]);
  await run.answer({
    text: () => (rows.length === 0 ? 'Nothing is recorded.\n' : `${alignRows(rows).join('\n')}\n`),
    body: {
      outputs: outputs.map(({ row, token }) => ({
        ...{ address: row.address, element: row.element, name: row.name, instanceId: row.instanceId },
        token: show(token),
      })),
    },
  });
}

/** E7: user and instance are enough for calls to the vendor; `--full` adds the organization for platform calls. */
async function printHeader(
  run: Run,
  one: Output | undefined,
  session: Session,
  full: boolean,
): Promise<void> {
  const { account } = session.declarations;
  const [user, organization] = [account.userSecret, account.organizationSecret].map((secret) =>
    session.references.resolve(secret),
  );
  if (one === undefined || one.token === null)
    throw new InstateError('no_token', 'the service shows no token for this instance');
  if (user === undefined || !('value' in user))
    throw new InstateError('missing_reference', 'the user secret is not set', {
      hint: 'set what account.userSecret refers to',
    });
  const parts = [`User ${openSensitive(user.value)}`];
  if (full) {
    if (organization === undefined || !('value' in organization))
      throw new InstateError('missing_reference', 'the organization secret is not set');
    parts.push(`Organization ${openSensitive(organization.value)}`);
  }
  const text = `Authorization: ${[...parts, `Element ${openSensitive(one.token)}`].join(', ')}\n`;
  await run.answer({ text: () => text, body: {} });
}
