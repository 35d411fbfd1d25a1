import type { Argv } from 'yargs';
import { isStateKey } from '../src/config/references.ts';
import { openSensitive, sensitiveLabel, type Sensitive } from '../src/core/sensitive.ts';
import { refuseOtherAccount } from '../src/engine/account.ts';
import { InstateError } from '../src/errors.ts';
import {
  findClash,
  listVariables,
  renderCurl,
  renderDotenv,
  renderHeader,
  renderPostman,
  type AccountHandover,
  type Handover,
} from '../src/render/handover.ts';
import { alignRows, clean } from '../src/render/screen.ts';
import type { Command } from './command.ts';
import { handToGithub, requireGithub } from './github-files.ts';
import { execute } from './output-exec.ts';
import { readFlag, readList, type Flags } from './options.ts';
import { chooseRows, lazily, readOutput, type Live, type Output } from './output-tokens.ts';
import type { Run } from './run.ts';
import { openStateOf } from './session.ts';

/** How tokens are handed over; `exec`: to a program, in its environment. */
const handovers = ['dotenv', 'header', 'curl', 'postman', 'github'] as const;
type Way = 'list' | 'exec' | (typeof handovers)[number];

/** What was typed. */
interface Order {
  readonly way: Way;
  /** The program and its words, for `exec`. */
  readonly words: readonly string[];
  /** Variables that it gets besides. */
  readonly passed: readonly string[];
  readonly reveal: boolean;
  readonly full: boolean;
  readonly refresh: boolean;
}

/** `instate output`: what later requests need. The only command that hands out a token, and only if it is told to (F4: no variable). */
export const output: Command = {
  groups: ['files', 'looks', 'exec', 'network', 'report'],
  formats: ['text', 'json', ...handovers],
  build: (yargs) => addOwnFlags(yargs),
  examples: [
    ['instate output', 'ids by address'],
    ['instate output --reveal --json', 'ids and tokens, for a script'],
    ['instate output insightly-sales --reveal --format header', 'a header for calls through this instance'],
    ['instate output insightly-sales --reveal --format curl | sh', 'does its vendor answer?'],
    ['instate output --exec -- ./smoke-test.sh', 'tokens in the environment of that program alone'],
  ],
  run: async (run, flags) => {
    const order = readOrder(run, flags);
    const { store, declarations } = await openStateOf(run);
    const recorded = await store.read();
    const live = lazily(run, recorded);
    try {
      if (declarations !== null) refuseOtherAccount(declarations, recorded, null);
      const rows = chooseRows(run, recorded, flags['address']);
      checkRows(
        order,
        rows.map(({ address }) => address),
      );
      const user = recorded.account?.user ?? null;
      const reading = { reveal: order.reveal, refresh: order.refresh, user };
      const outputs = await Promise.all(rows.map((row) => readOutput(row, store, live, reading)));
      if (order.way === 'list') return await printOutputs(run, outputs, order.reveal);
      const instances = outputs.map(openOutput);
      return await handOver(run, order, instances, await openAccount(order, live));
    } finally {
      await live.close();
      await store.close();
    }
  },
};

function addOwnFlags(yargs: Argv): Argv {
  return yargs
    .positional('address', {
      type: 'string',
      array: true,
      describe: 'Recorded addresses; all if none is given',
    })
    .options({
      reveal: { type: 'boolean', describe: 'Show tokens' },
      full: { type: 'boolean', describe: "With the account's organization secret too, for platform calls" },
      refresh: { type: 'boolean', describe: 'Read the tokens from the account instead of the state' },
      'exec-env': {
        type: 'string',
        array: true,
        requiresArg: true,
        describe: 'A variable that the program gets besides PATH, HOME and the like; repeatable',
      },
      exec: {
        type: 'boolean',
        describe: 'Run the program after  --  with ids and tokens in its environment',
      },
    });
}

function readOrder({ options }: Run, flags: Flags): Order {
  const usage = (message: string, hint: string) => new InstateError('usage', message, { hint });
  const [reveal, full, refresh, exec] = (['reveal', 'full', 'refresh', 'exec'] as const).map((name) =>
    readFlag(flags, name),
  ) as [boolean, boolean, boolean, boolean];
  const words = Array.isArray(flags['--']) ? flags['--'].map(String) : [];
  const { format, reports } = options;
  const passed = readList(flags, 'exec-env');
  if (passed.length > 0 && !exec) throw usage('--exec-env goes with --exec', 'add --exec');
  const key = passed.find(isStateKey);
  if (key !== undefined)
    throw usage(`--exec-env gives ${key} to no program`, 'it opens every token of the state');
  const way: Way = exec ? 'exec' : (handovers.find((one) => one === format) ?? 'list');
  if (exec && words.length === 0)
    throw usage(
      '--exec names no program',
      'write it after  --, as in  instate output --exec -- ./smoke-test.sh',
    );
  const isTyped = flags['format'] !== undefined || flags['json'] !== undefined;
  if (exec && isTyped && format !== 'text')
    throw usage(
      `--exec and --format ${format} contradict each other`,
      'what is printed is up to the program',
    );
  if (way !== 'exec' && way !== 'list' && !reveal)
    throw usage(`--format ${way} shows secrets`, 'say so with --reveal');
  if (full && way === 'list')
    throw usage('--full goes with --exec and the formats that hand over tokens', 'add --format header');
  if (way !== 'list' && reports.length > 0)
    throw usage(`--report takes no copy of tokens`, `redirect stdout of  --format ${way}  instead`);
  return { way, words, passed, full, refresh, reveal: reveal || exec };
}

/** What cannot be handed over is refused before any token is read. */
function checkRows({ way }: Order, addresses: readonly string[]): void {
  if (way === 'header' && addresses.length !== 1)
    throw new InstateError('usage', '--format header takes one address', { hint: 'name it' });
  const clash = way === 'list' || way === 'header' || way === 'curl' ? null : findClash(addresses);
  if (clash === null) return;
  const message = `${clash.join(' and ')} would have the same variables`;
  throw new InstateError('usage', message, { hint: 'name the addresses that you want' });
}

function openOutput({ row, token }: Output): Handover & { readonly token: string } {
  const { address, instanceId } = row;
  if (token !== null) return { address, instanceId, token: openSensitive(token) };
  throw new InstateError('no_token', `the service shows no token for ${address} (#${String(instanceId)})`);
}

/** E7: user and instance are enough for calls to the vendor; `--full` adds the organization for platform calls. */
async function openAccount({ way, full }: Order, live: Live): Promise<AccountHandover | null> {
  if (!full && !['header', 'curl', 'postman'].includes(way)) return null;
  const { declarations, openSecrets } = await live.open();
  const { user, organization } = await openSecrets();
  // A line break would end a here-document, a header, or an entry of a file.
  if (!user.isHeaderText() || !organization.isHeaderText())
    throw new InstateError('unauthorized', 'a secret of the account holds what no header can carry', {
      hint: 'set it again, without quotes, spaces or a line break at its end',
    });
  return {
    baseUrl: declarations.account.baseUrl,
    user: openSensitive(user),
    organization: full ? openSensitive(organization) : null,
  };
}

async function handOver(
  run: Run,
  { way, words, passed }: Order,
  instances: readonly (Handover & { readonly token: string })[],
  account: AccountHandover | null,
): Promise<number> {
  const { context } = run;
  const variables = listVariables(instances, account);
  const print = async (text: string) => {
    await run.answer({ text: () => text, body: {} });
    return 0;
  };
  const [first] = instances;
  switch (way) {
    case 'header':
      return print(account === null || first === undefined ? '' : renderHeader(account, first.token));
    case 'curl':
      return print(account === null ? '' : renderCurl(account, instances, `END_${context.newId()}`));
    case 'dotenv':
      return print(renderDotenv(variables));
    case 'postman':
      return print(renderPostman(run.known.project ?? '', variables, account, context.newId()));
    case 'github':
      requireGithub(context.env);
      return handToGithub(run.context, variables, account);
    default:
      return execute(run, { words, passed }, variables);
  }
}

async function printOutputs(run: Run, outputs: readonly Output[], reveal: boolean): Promise<number> {
  const show = (token: Sensitive | null) =>
    !reveal ? sensitiveLabel : token === null ? null : openSensitive(token);
  const rows = outputs.map(({ row, token }) => [
    clean(row.address),
    clean(row.element),
    `#${String(row.instanceId)}`,
    ...(reveal ? [show(token) ?? '(none)'] : []),
  ]);
  await run.answer({
    reveals: reveal,
    text: () => (rows.length === 0 ? 'Nothing is recorded.\n' : `${alignRows(rows).join('\n')}\n`),
    body: {
      outputs: outputs.map(({ row, token }) => ({
        ...{ address: row.address, element: row.element, name: row.name, instanceId: row.instanceId },
        token: show(token),
      })),
    },
  });
  return 0;
}
