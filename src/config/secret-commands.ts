import type { SecretCommand } from '../core/model.ts';
import type { Variables } from './env-file.ts';
import type { UsedCommand } from './fill.ts';
import { findNearest, suggest } from './nearest.ts';
import type { Problem, Report } from './problems.ts';
import { isStateKey } from './references.ts';
import { commandPattern } from './template.ts';
import {
  type EntryValue,
  findValue,
  listEntries,
  listItems,
  readNumber,
  readText,
  toSource,
  type Value,
} from './values.ts';

export interface CommandOptions {
  /** Every `${exec:NAME}` in the files. */
  readonly used: readonly UsedCommand[];
  /** Names that `${env:}` uses: a program must not get these. */
  readonly secretNames: ReadonlySet<string>;
  readonly allowed: Variables['allowed'];
  /** All files could be read, so that a name that is missing is missing. */
  readonly isWhole: boolean;
  readonly report: Report;
}

const defaultTimeoutMs = 30_000;

/** The commands under `secretCommands:` that something refers to. Runs nothing. */
export function readCommands(value: Value | undefined, options: CommandOptions): readonly SecretCommand[] {
  const entries = listEntries(value).filter((entry) => commandPattern.test(entry.key));
  for (const entry of entries) checkVariables(entry, options);
  const names = new Set(entries.map((entry) => entry.key));
  for (const { name, place, at } of options.used) {
    if (names.has(name) || !options.isWhole) continue;
    options.report.add({
      code: 'unknown_command',
      summary: `\`secretCommands\` declares no command \`${name}\``,
      detail:
        suggest(findNearest(name, names)) || `Add \`secretCommands: { ${name}: [ program, argument ] }\`.`,
      place,
      path: at.path,
      address: at.address,
    });
  }
  const wanted = new Set(options.used.map(({ name }) => name));
  return entries.filter((entry) => wanted.has(entry.key)).map(readCommand);
}

function readCommand({ key, place, value }: EntryValue): SecretCommand {
  const words = value.kind === 'list' ? value : findValue(value, 'command');
  return {
    name: key,
    words: listItems(words).map((word) => readText(word) ?? ''),
    timeoutMs: (readNumber(findValue(value, 'timeout')) ?? defaultTimeoutMs / 1000) * 1000,
    env: listNames(value).map(({ name }) => name),
    folder: place.file.folder,
    source: toSource(place),
  };
}

function listNames(value: Value): readonly { readonly name: string; readonly item: Value }[] {
  return listItems(findValue(value, 'env')).flatMap((item) => {
    const name = readText(item);
    return name === null ? [] : [{ name, item }];
  });
}

/** What a program may not be given: the state's key, what `${env:}` uses, and what files may not read at all (safety.md E6, F2). */
function checkVariables({ key, value }: EntryValue, { secretNames, allowed, report }: CommandOptions): void {
  for (const { name, item } of listNames(value)) {
    const why = isStateKey(name)
      ? 'it is the key of the state'
      : secretNames.has(name)
        ? '${env:} uses it as a secret'
        : allowed(name)
          ? null
          : 'INSTATE_ENV_ALLOW does not let files read this variable';
    if (why === null) continue;
    const problem: Problem = {
      code: 'refused_variable',
      summary: `the variable ${/^\w{1,80}$/.test(name) ? name : 'named here'} may not be given to a command: ${why}`,
      detail: allowed(name)
        ? 'Give the command a variable of its own.'
        : 'Add its name to INSTATE_ENV_ALLOW if the file is to be trusted with it.',
      place: item.place,
      path: `secretCommands.${key}.env`,
    };
    report.add(problem);
  }
}
