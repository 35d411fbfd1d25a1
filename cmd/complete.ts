import yargs from 'yargs';
import { driftKinds, infoKinds, kindGroups } from '../src/core/drift-kinds.ts';
import { entries, type Entry } from './commands.ts';
import { addFlags } from './flag-groups.ts';
import { allFormats } from './formats.ts';

/** What yargs keeps of the options that were declared. */
interface OptionTable {
  readonly key: Readonly<Record<string, unknown>>;
  readonly alias: Readonly<Record<string, readonly string[]>>;
  readonly choices: Readonly<Record<string, readonly string[]>>;
  readonly boolean: readonly string[];
}

/** Values of flags that take lists or pairs, which no table of choices has. */
const values: Readonly<Record<string, readonly string[]>> = {
  '--fail-on': [...Object.keys(kindGroups), ...driftKinds, ...infoKinds],
  '--report': allFormats.map((format) => `${format}:`),
};

/**
 * What may stand in place of the last word: commands, flags that are not given yet, or the values of a flag. `words` are those after
 * `instate`, the last one as far as it was typed. Nothing where files are meant: the shell knows those. Opens nothing.
 */
export async function completeWords(words: readonly string[]): Promise<readonly string[]> {
  const typed = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const fits = (candidates: readonly string[]) => candidates.filter((one) => one.startsWith(typed));
  const entry = findEntry(before);
  if (entry === null) return fits(listCommands(before));
  const options = await readTable(entry);
  const last = before.at(-1) ?? '';
  const choices = values[last] ?? options.choices[last.replace(/^--/, '')];
  if (last.startsWith('--') && choices !== undefined) return fits(choices);
  if (!typed.startsWith('-')) return fits(listPositionals(options));
  const given = new Set(before);
  const flags = Object.keys(options.key).flatMap((name) => (name.length > 1 ? [`--${name}`] : []));
  return fits([...new Set([...flags, '--help'])].filter((flag) => !given.has(flag)).sort());
}

/** The command that the words before have settled, or null. */
function findEntry([first = '', second = '']: readonly string[]): Entry | null {
  return entries.find(({ name }) => name === first || name === `${first} ${second}`) ?? null;
}

function listCommands(before: readonly string[]): readonly string[] {
  const names = entries.map(({ name }) => name);
  if (before.length === 0)
    return [...new Set(names.map((name) => name.split(' ')[0] ?? '')), '--help', '--version'];
  const [first = ''] = before;
  return before.length > 1
    ? []
    : names.flatMap((name) => (name.startsWith(`${first} `) ? [name.slice(first.length + 1)] : []));
}

/** Words of a fixed set that a command takes without a flag. */
function listPositionals({ choices }: OptionTable): readonly string[] {
  return choices['shell'] ?? [];
}

async function readTable(entry: Entry): Promise<OptionTable> {
  const command = await entry.load();
  const own = yargs([]);
  addFlags(own, command.groups, command.formats);
  command.build?.(own);
  return (own as unknown as { getOptions(): OptionTable }).getOptions();
}
