import pLimit from 'p-limit';
import { maxBytes, openVariables, readBytes, type Reading } from '../src/config/references.ts';
import { listShowing } from '../src/config/shown.ts';
import type { SecretCommand } from '../src/core/model.ts';
import type { Diagnostic } from '../src/diagnostics.ts';
import { InstateError } from '../src/errors.ts';
import type { Captured } from './child-process.ts';
import { environmentOfChild } from './environment.ts';
import type { Run } from './run.ts';
import type { Files } from './files.ts';

const atOnce = 4;

/** The commands of a run: each is run once, when it is first asked for, and with `--allow-exec` alone. */
export interface Commands {
  /** What those that were run have given. */
  readonly readings: ReadonlyMap<string, Reading>;
  /** Runs those of these names that were not run yet; nothing without `--allow-exec`. */
  readonly run: (names: readonly string[]) => Promise<void>;
}

/**
 * `${exec:NAME}`: a command that fails counts as unset, with a warning; nothing of what it wrote is shown. Throws
 * `invalid_declarations` if a `${var:}` in the files shows what one has given (safety.md F2).
 */
export function openCommands(run: Run, files: Files, commands: readonly SecretCommand[]): Commands {
  const limit = pLimit(atOnce);
  const readings = new Map<string, Reading>();
  const asked = new Set<string>();
  const runOne = async (command: SecretCommand): Promise<void> => {
    const reading = read(await capture(run, files, command));
    if ('failed' in reading) run.note(describeFailure(command, reading.failed));
    readings.set(command.name, 'failed' in reading ? { kind: 'unset' } : reading);
  };
  const runThese = async (names: readonly string[]): Promise<void> => {
    if (!run.options.allowExec) return;
    const wanted = commands.filter(({ name }) => names.includes(name) && !asked.has(name));
    for (const { name } of wanted) asked.add(name);
    await Promise.all(wanted.map((command) => limit(() => runOne(command))));
    refuseShown(files, readings);
  };
  return { readings, run: runThese };
}

function refuseShown({ loaded }: Files, readings: ReadonlyMap<string, Reading>): void {
  const secrets = [...readings.values()].flatMap((one) => (one.kind === 'value' ? [one.value] : []));
  const [showing] = listShowing(loaded.shown, secrets);
  if (showing === undefined) return;
  const message = `\${var:${showing}} is refused: its value holds what a secret command gave, and would be shown in clear`;
  throw new InstateError('invalid_declarations', message, { hint: 'use another variable' });
}

function capture({ context, stopper }: Run, { variables }: Files, command: SecretCommand): Promise<Captured> {
  const { words, folder, timeoutMs } = command;
  const env = { ...environmentOfChild(context.env), ...openVariables(variables, command.env) };
  const terms = { timeoutMs, mostBytes: maxBytes, stop: stopper.signal };
  return context.capture({ words, cwd: folder, env }, terms);
}

function read(captured: Captured): Exclude<Reading, { kind: 'refused' }> | { readonly failed: string } {
  if (captured.kind === 'failed') return { failed: captured.why };
  try {
    const reading = readBytes(captured.bytes, 'all');
    return reading.kind === 'unset' ? { failed: 'it wrote nothing' } : reading;
  } catch {
    return { failed: 'what it wrote is no UTF-8 text' };
  }
}

function describeFailure({ name, source }: SecretCommand, why: string): Diagnostic {
  return {
    ...{ severity: 'warning', code: 'command_failed', ...source },
    summary: `the secret command ${name} gave nothing: ${why}`,
    detail: 'run it by hand to see what it says; its words are not shown here, as they may hold a secret',
  };
}
