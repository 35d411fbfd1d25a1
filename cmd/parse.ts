import yargs, { type Argv } from 'yargs';
import { findNearest, suggest } from '../src/config/nearest.ts';
import { InstateError } from '../src/errors.ts';
import type { Command } from './command.ts';
import { entries, type Entry } from './commands.ts';
import { addFlags } from './flag-groups.ts';
import { type Flags } from './options.ts';

/** What a command line asks for. */
export type Parsed =
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'command'; readonly name: string; readonly command: Command; readonly flags: Flags };

/** Understands a command line, or throws a usage error that names the nearest command or flag. Opens nothing. */
export async function parseCommandLine(
  argv: readonly string[],
  version: string,
  columns: number,
): Promise<Parsed> {
  refuseFlagsFirst(argv);
  const known = new Set<string>(['help', 'version']);
  let chosen: Extract<Parsed, { kind: 'command' }> | null = null;
  const register = (parser: Argv, entry: Entry) =>
    parser.command({
      command: entry.usage,
      describe: entry.summary,
      builder: async (own: Argv) => {
        const command = await entry.load();
        addFlags(own, command.groups, command.formats);
        command.build?.(own);
        for (const [line, meaning] of command.examples) own.example(line, meaning);
        for (const flag of Object.keys(
          (own as unknown as { getOptions(): { key: object } }).getOptions().key,
        ))
          known.add(flag);
        return own.usage(
          `$0 ${entry.name.split(' ').slice(0, -1).concat(entry.usage).join(' ')} [flags]\n\n${entry.summary}.`,
        );
      },
      handler: async (flags: Flags) => {
        chosen = { kind: 'command', name: entry.name, command: await entry.load(), flags };
      },
    } as never);
  const parser = makeParser(version, columns, known);
  for (const entry of entries.filter(({ name }) => !name.includes(' '))) register(parser, entry);
  parser.command(
    'state',
    'Look at and mend the recorded state: list, show, rm, mv, accept, rekey, doctor, unlock',
    (own) => {
      for (const entry of entries.filter(({ name }) => name.startsWith('state '))) register(own, entry);
      return own
        .usage('$0 state <command> [flags]\n\nLook at and mend the recorded state.')
        .example('instate state list', 'what is recorded')
        .example('instate state rm insightly-old', 'forget a record')
        .demandCommand(1, 'which command?');
    },
  );
  let text = '';
  try {
    await parser.parseAsync(joinStdin(argv), {}, (error, _flags, output) => {
      if (error === undefined || error === null) text = output;
    });
  } catch (error) {
    // What is no InstateError and bears this name is yargs's complaint about the line.
    const isUnknown = error instanceof InstateError && /^unknown flag: --[a-z]\b/.test(error.message);
    if (isUnknown) throw explainOneDash(argv, known) ?? error;
    throw error instanceof Error && error.name === 'YError' ? explainUsage(error.message, known) : error;
  }
  if (chosen !== null && text === '') return refuseRest(chosen);
  if (text !== '') return { kind: 'help', text: `${text}\n` };
  throw new InstateError('usage', 'which command?', { hint: 'instate --help lists them' });
}

/** `-target=x`, as other tools have it: yargs reads a row of short flags. */
function explainOneDash(argv: readonly string[], known: ReadonlySet<string>): InstateError | null {
  const word = argv.find((one) => /^-[a-z][a-z-]+(=|$)/.test(one))?.split('=')[0];
  const nearest = word === undefined ? null : findNearest(word.slice(1), known);
  if (word === undefined || nearest === null) return null;
  return new InstateError('usage', `unknown flag: ${word}`, { hint: suggest(`--${nearest}`) });
}

/** Before the command yargs knows no flag: it would take the command's name for the value of one that has none. */
function refuseFlagsFirst(argv: readonly string[]): void {
  const at = argv.findIndex((word) => !word.startsWith('-'));
  const flags = argv.slice(0, Math.max(0, at));
  const name = at < 0 ? '' : guessCommand(argv.slice(at));
  if (flags.length === 0 || name === '' || flags.some((flag) => flag.includes('='))) return;
  throw new InstateError('usage', 'flags stand after the command', {
    hint: `instate ${[name, ...flags].join(' ')}`,
  });
}

/** What stands after `--` is a program's, and `output --exec` alone runs one. */
function refuseRest(parsed: Extract<Parsed, { kind: 'command' }>): Parsed {
  const rest = parsed.flags['--'];
  const [word] = Array.isArray(rest) ? rest.map(String) : [];
  if (word === undefined || (parsed.name === 'output' && parsed.flags['exec'] === true)) return parsed;
  throw new InstateError('usage', `unknown argument after --: ${word}`, {
    hint: 'only  instate output --exec -- PROGRAM  takes any',
  });
}

/** A lone `-` is a value (stdin), which yargs takes for a flag. */
function joinStdin(argv: readonly string[]): string[] {
  const joined: string[] = [];
  for (const word of argv) {
    const last = joined.at(-1);
    if (word === '-' && (last === '-f' || last === '--file')) joined[joined.length - 1] = '--file=-';
    else joined.push(word);
  }
  return joined;
}

/** The command that a line seems to mean, for errors of a line that cannot be parsed; empty if none. */
export function guessCommand(argv: readonly string[]): string {
  const [first = '', second = ''] = argv.filter((word) => !word.startsWith('-'));
  const names = new Set(entries.map(({ name }) => name));
  return [`${first} ${second}`, first].find((name) => names.has(name)) ?? '';
}

function makeParser(version: string, columns: number, known: ReadonlySet<string>): Argv {
  return yargs([])
    .scriptName('instate')
    .locale('en')
    .parserConfiguration({
      'boolean-negation': false,
      'camel-case-expansion': false,
      'dot-notation': false,
      'greedy-arrays': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
      'populate--': true,
    })
    .usage(
      '$0 <command> [flags]\n\nKeeps connector instances as declared: plan shows what is missing, apply creates only that.',
    )
    .example('instate plan', 'what would be done')
    .example('instate apply', 'do it')
    .example('instate plan --help', 'help of one command')
    .version(version)
    .help()
    .alias('help', 'h')
    .wrap(Math.min(110, columns || 110))
    .strictCommands()
    .strictOptions()
    .demandCommand(1, 'which command?')
    .exitProcess(false)
    .fail((message: string | null | undefined, error: Error | undefined) => {
      throw error ?? explainUsage(message ?? '', known);
    });
}

/** Turns yargs's words into ours. They hold names that the user typed, never a flag's value. */
function explainUsage(message: string, flags: ReadonlySet<string>): InstateError {
  const command = /^Unknown commands?: (.+)$/.exec(message)?.[1];
  if (command !== undefined) {
    const word = command.split(',')[0]?.trim() ?? '';
    const words = entries.flatMap(({ name }) => [name, name.split(' ').at(-1) ?? '']);
    const hint = suggest(findNearest(word, [...words, 'state'])) || 'instate --help lists the commands';
    return new InstateError('usage', `unknown command or argument: ${word}`, { hint });
  }
  const unknown = /^Unknown arguments?: (.+)$/.exec(message)?.[1];
  if (unknown !== undefined) {
    const words = [...new Set(unknown.split(',').map((word) => word.trim()))];
    const nearest = findNearest(words[0] ?? '', flags);
    if (words.includes('allow-exec'))
      throw new InstateError('usage', 'unknown flag: --allow-exec', {
        hint: 'this command runs no secret commands; apply, drift, show, output, recover, state accept and state rekey do',
      });
    const hint = nearest === null ? 'instate COMMAND --help lists the flags' : suggest(`--${nearest}`);
    return new InstateError('usage', `unknown flag: ${words.map((word) => `--${word}`).join(', ')}`, {
      hint,
    });
  }
  return explainValue(message.replaceAll('\n', ' ').trim());
}

/** What is wrong with an argument or with the value of a flag. */
function explainValue(message: string): InstateError {
  const refuse = (what: string, hint = 'see --help') => new InstateError('usage', what, { hint });
  if (/^Not enough non-option arguments/.test(message)) return refuse('an argument is missing');
  const flag = /^Not enough arguments following: (\S+)$/.exec(message)?.[1];
  if (flag !== undefined) return refuse(`${flag.length === 1 ? '-' : '--'}${flag} needs a value`);
  const [, name, given = '', list = ''] =
    /Argument: (\S+), Given: "([^"]*)", Choices: (.+)$/.exec(message) ?? [];
  if (name === undefined) return refuse(message);
  const choices = list.replaceAll('"', '');
  const hint = suggest(findNearest(given, choices.split(', '))) || undefined;
  return refuse(`--${name} does not take ${given}; it takes ${choices}`, hint);
}
