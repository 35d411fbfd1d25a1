import type { Argv } from 'yargs';
import type { FlagGroup } from './flag-groups.ts';
import type { Flags } from './options.ts';
import type { Run } from './run.ts';

/** What a command takes and does. Built without opening anything, so `--help` opens nothing. */
export interface Command {
  readonly groups: readonly FlagGroup[];
  /** Values of `--format`; empty where a command has none. */
  readonly formats: readonly string[];
  /** Own flags and positionals. */
  readonly build?: (yargs: Argv) => Argv;
  /** At least one: what to type, and what it does. */
  readonly examples: readonly (readonly [string, string])[];
  /** Does it; answers with the exit code. */
  readonly run: (run: Run, flags: Flags) => Promise<number>;
}
