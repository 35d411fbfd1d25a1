import { dirname, resolve } from 'node:path';
import type { Declarations, SecretCommand } from '../core/model.ts';
import type { Sensitive } from '../core/sensitive.ts';
import type { Diagnostic } from '../diagnostics.ts';
import { type Declared, declare } from './declare.ts';
import { toDiagnostics } from './diagnose.ts';
import type { Variables } from './env-file.ts';
import { makeFill, type UsedCommand } from './fill.ts';
import { makeReport, type Report } from './problems.ts';
import { type Input, type InputOptions, listInputs, readInput } from './inputs.ts';
import { makeReader, type ReadReference } from './references.ts';
import { makeJudge } from './shown.ts';
import { readCommands } from './secret-commands.ts';
import { surveySecrets } from './survey.ts';
import { makeSourceFile, type SourceFile, type YamlFile } from './tree.ts';
import { listUnset, type UnsetReference } from './unset.ts';
import { readYaml } from './yaml.ts';

export { defaultBaseUrl } from './account.ts';
export type { UnsetReference } from './unset.ts';

export interface LoadOptions extends InputOptions {
  readonly variables: Variables;
  /** `--project`: counts instead of `project`. */
  readonly project: string | null;
  /** `--base-url`: counts instead of `account.baseUrl`. */
  readonly baseUrl: string | null;
  /** `INSTATE_FILE_ROOTS`: absolute folders that `${file:}` may read besides that of the declaring file. */
  readonly fileRoots?: readonly string[];
  /** `${file:}` reads nothing. */
  readonly noFiles?: boolean;
}

export interface Loaded {
  /** null if there is any error. */
  readonly declarations: Declarations | null;
  /** Errors and warnings in the order of the files, by line and column. */
  readonly diagnostics: readonly Diagnostic[];
  /** The files read, as the user named them. */
  readonly files: readonly string[];
  readonly instanceCount: number;
  /**
   * Every reference that is unset or empty. Where a `${var:}` is, the declarations keep the raw text (a number is null):
   * all commands but `validate` refuse then.
   */
  readonly unset: readonly UnsetReference[];
  /** What every reference gave: each was read once. */
  readonly read: ReadReference;
  /** What `${var:}` has put into the declarations, by name: it may hold none of what the commands give (safety.md F2). */
  readonly shown: ReadonlyMap<string, Sensitive>;
  /** Absolute folder of the first file (the current one for stdin): where the state lies by default. */
  readonly baseFolder: string;
}

/**
 * Reads the declaration files and says all that is wrong with them at once. Sends nothing, writes nothing, throws only
 * what is a defect of ours; a file that cannot be read is a diagnostic like any other.
 */
export async function loadDeclarations(options: LoadOptions): Promise<Loaded> {
  const report = makeReport();
  const inputs = await listInputs(options, report);
  const sources: SourceFile[] = [];
  for (const input of inputs) {
    const text = await readInput(input, options, report);
    if (text !== null) sources.push(makeSourceFile(input.name, input.folder, text));
  }
  const files = sources.flatMap((source) => parseFile(source, report));
  const isWhole = files.length === inputs.length && report.problems.length === 0;
  const { fileRoots = [], noFiles = false } = options;
  const read = makeReader({ variables: options.variables, fileRoots, noFiles });
  const unset: UnsetReference[] = [];
  const used: UsedCommand[] = [];
  const { project, baseUrl, variables } = options;
  const { allowed } = variables;
  const { secretNames, secrets, variableNames } = surveySecrets(files, variables, read);
  const fill = makeFill({
    report,
    judge: makeJudge({ variables, secretNames, secrets }),
    read,
    allowed,
    onUnset: (reference) => unset.push(reference),
    onCommand: (command) => used.push(command),
  });
  const declared = declare({ files, isWhole, readScalar: fill, project, baseUrl, report });
  const commands = readCommands(declared?.commands, { used, secretNames, allowed, isWhole, report });
  const order = inputs.map((input) => input.name);
  const diagnostics = toDiagnostics(report.problems, files, order);
  const isValid = declared !== null && diagnostics.every(({ severity }) => severity !== 'error');
  return {
    declarations: isValid ? finish(declared, commands, sources) : null,
    diagnostics,
    files: sources.map((source) => source.name),
    instanceCount: declared?.instances.length ?? 0,
    unset: listUnset(unset, {
      account: declared?.account ?? null,
      replaced: listReplaced(options),
      read,
      order,
    }),
    read,
    shown: new Map(
      [...variableNames].flatMap((name) => {
        const value = variables.get(name);
        return value === null ? [] : [[name, value] as const];
      }),
    ),
    baseFolder: findBaseFolder(options, inputs),
  };
}

function parseFile(source: SourceFile, report: Report): readonly YamlFile[] {
  const file = readYaml(source);
  if ('documents' in file) return [file];
  report.add(file);
  return [];
}

function finish(
  declared: Declared,
  commands: readonly SecretCommand[],
  sources: readonly SourceFile[],
): Declarations {
  const { state, ...rest } = declared;
  const place = state === null ? null : state.isPath ? resolve(state.folder, state.text) : state.text;
  return { ...rest, commands, state: place, files: sources.map((source) => source.name) };
}

/** Paths whose value a flag replaces: what is unset there does not matter. */
function listReplaced({ project, baseUrl }: LoadOptions): readonly string[] {
  return [...(project === null ? [] : ['project']), ...(baseUrl === null ? [] : ['account.baseUrl'])];
}

function findBaseFolder({ files, cwd }: LoadOptions, inputs: readonly Input[]): string {
  const [first] = inputs;
  if (first) return first.folder;
  const [name] = files;
  return name === undefined || name === '-' ? cwd : dirname(resolve(cwd, name));
}
