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

/**
 * Runs what `${exec:NAME}` refers to, each command once, where `--allow-exec` says so. One that fails counts as unset, with a
 * warning; nothing of what it wrote is shown.
 */
export async function runCommands(run: Run, files: Files): Promise<ReadonlyMap<string, Reading>> {
  if (!run.options.allowExec) return new Map();
  const limit = pLimit(atOnce);
  const runOne = async (command: SecretCommand): Promise<readonly [string, Reading]> => {
    const reading = read(await capture(run, files, command));
    if ('failed' in reading) run.note(describeFailure(command, reading.failed));
    return [command.name, 'failed' in reading ? { kind: 'unset' } : reading];
  };
  const { commands, shown } = files.loaded;
  const readings = await Promise.all(commands.map((command) => limit(() => runOne(command))));
  const secrets = readings.flatMap(([, reading]) => (reading.kind === 'value' ? [reading.value] : []));
  const [showing] = listShowing(shown, secrets);
  if (showing === undefined) return new Map(readings);
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
    const reading = readBytes(captured.bytes);
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
