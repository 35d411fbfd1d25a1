/**
 * The only places where a secret may stand, and why. Everything else that a process wrote or printed is searched for
 * everything. (The sandbox's own record is in the test's process and reaches no place at all.)
 */
export interface Exclusion {
  /** Which places: `stdout`, `stderr`, or a file's path below the folder that holds all of them. */
  readonly where: RegExp;
  /**
   * `planted`: any secret, as long as the bytes are still the ones that the test itself wrote there. `asked`: the ones
   * that the path asks to be shown, each of which must then be there. Else the names of the canaries.
   */
  readonly holds: 'planted' | 'asked' | readonly string[];
  readonly why: string;
}

export const exclusions: readonly Exclusion[] = [
  { where: /^project\/[\w-]+\.env$/, holds: 'planted', why: 'an env file, written by the test' },
  { where: /^project\/secret\.txt$/, holds: 'planted', why: 'what `${file:}` reads, written by the test' },
  { where: /^project\/vault[\w-]*\.sh$/, holds: 'planted', why: 'the secret command, written by the test' },
  {
    where: /^project\/literals\/[\w.-]+$/,
    holds: 'planted',
    why: 'files with a mistyped literal in them, written by the test',
  },
  {
    where: /^project\/preload[\w-]*\.mjs$/,
    holds: 'planted',
    why: 'a module that throws a secret inside the process, written by the test',
  },
  {
    where: /^config\/instate\/state\.key$/,
    holds: 'planted',
    why: "the user's key file, where the test made it",
  },
  {
    where: /^config\/instate\/state\.key$/,
    holds: ['key file that was made', 'key file that was made, bytes'],
    why: "the user's key file, where the product made it: for its own bytes alone",
  },
  {
    where: /^project\/given-to-command$/,
    holds: ['variable of the secret command'],
    why: 'the whole environment of the secret command, which writes it down: it is given this variable and no other',
  },
  {
    where: /^(stdout|project\/(revealed\.\w+|github-(output|env)))$/,
    holds: 'asked',
    why: '`output --reveal` and `--exec`: what the path asks for, and nothing else',
  },
];

/** Whether a canary may stand there. `asked`: what the path wants shown. `isPlanted`: the bytes are the test's own. */
export function isExcluded(
  place: string,
  canary: string,
  { asked, isPlanted }: { readonly asked: readonly string[]; readonly isPlanted: boolean },
): boolean {
  return exclusions
    .filter(({ where }) => where.test(place))
    .some(({ holds }) =>
      holds === 'planted' ? isPlanted : holds === 'asked' ? asked.includes(canary) : holds.includes(canary),
    );
}
