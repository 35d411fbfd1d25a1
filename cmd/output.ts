import type { Argv } from 'yargs';
import { openSensitive, sensitiveLabel, type Sensitive } from '../src/core/sensitive.ts';
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
  type Variable,
} from '../src/render/handover.ts';
import { alignRows, clean } from '../src/render/screen.ts';
import type { Command } from './command.ts';
import { environmentOfChild } from './environment.ts';
import { handToGithub, requireGithub } from './github-files.ts';
import { readFlag, type Flags } from './options.ts';
import { chooseRows, lazily, readOutput, type Live, type Output } from './output-tokens.ts';
import type { Run } from './run.ts';
import { openStateOnly } from './session.ts';

/** How tokens are handed over; `exec`: to a program, in its environment. */
const handovers = ['dotenv', 'header', 'curl', 'postman', 'github'] as const;
type Way = 'list' | 'exec' | (typeof handovers)[number];

/** What was typed. */
interface Order {
  readonly way: Way;
  /** The program and its words, for `exec`. */
  readonly words: readonly string[];
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
    const store = await openStateOnly(run);
    const live = lazily(run);
    try {
      const rows = await chooseRows(run, store, flags['address']);
      checkRows(
        order,
        rows.map(({ address }) => address),
      );
      const reading = { reveal: order.reveal, refresh: order.refresh };
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
  const way: Way = exec ? 'exec' : (handovers.find((one) => one === format) ?? 'list');
  if (exec && words.length === 0)
    throw usage(
      '--exec names no program',
      'write it after  --, as in  instate output --exec -- ./smoke-test.sh',
    );
  if (exec && format !== 'text')
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
  return { way, words, full, refresh, reveal: reveal || exec };
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
  const { declarations, references } = await live.open();
  const { baseUrl, userSecret, organizationSecret } = declarations.account;
  const open = (template: typeof userSecret): string => {
    const resolved = references.resolve(template);
    if ('value' in resolved) return openSensitive(resolved.value);
    throw new InstateError('missing_reference', `not set, or empty: ${resolved.missing.join(', ')}`, {
      hint: "the account's secrets are part of what is handed over",
    });
  };
  return { baseUrl, user: open(userSecret), organization: full ? open(organizationSecret) : null };
}

async function handOver(
  run: Run,
  { way, words }: Order,
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
      return print(account === null ? '' : renderCurl(account, instances));
    case 'dotenv':
      return print(renderDotenv(variables));
    case 'postman':
      return print(renderPostman(run.known.project ?? '', variables, account, context.newId()));
    case 'github':
      requireGithub(context.env);
      return handToGithub(run, variables);
    default:
      return execute(run, words, variables);
  }
}

/** The program gets what is harmless of our environment, ids and tokens; its exit code is ours. */
async function execute(run: Run, words: readonly string[], variables: readonly Variable[]): Promise<number> {
  const { context } = run;
  // Signals are the program's from here on: Ctrl-C may mean something to it.
  run.stopper.close();
  const own = Object.fromEntries(variables.map(({ name, value }) => [name, value]));
  const ended = await context.attach({
    words,
    cwd: context.cwd,
    env: { ...environmentOfChild(context.env), ...own },
  });
  if ('code' in ended) return ended.code;
  throw new InstateError('usage', `${clean(words[0] ?? '')} was not run: ${ended.failed}`, {
    hint: 'check the program after  --',
  });
}

async function printOutputs(run: Run, outputs: readonly Output[], reveal: boolean): Promise<number> {
  const show = (token: Sensitive | null) =>
    !reveal ? sensitiveLabel : token === null ? null : openSensitive(token);
  const rows = outputs.map(({ row, token }) => [
    row.address,
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
