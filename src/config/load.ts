import { open, readdir, realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Declarations } from '../core/model.ts';
import type { Diagnostic } from '../diagnostics.ts';
import { decodeText } from './decode.ts';
import { type Declared, declare } from './declare.ts';
import { toDiagnostics } from './diagnose.ts';
import type { Variables } from './env-file.ts';
import { makeFill } from './fill.ts';
import { type ConfigCode, makeReport, type Report } from './problems.ts';
import { makeJudge, makeReader } from './references.ts';
import { surveySecrets } from './survey.ts';
import { makeSourceFile, type SourceFile, type YamlFile } from './tree.ts';
import { listUnset, type UnsetReference } from './unset.ts';
import { readYaml } from './yaml.ts';

export { defaultBaseUrl } from './account.ts';
export type { UnsetReference } from './unset.ts';

export interface LoadOptions {
  /** `-f`: none means `instate.yaml`; a folder means its `*.yaml` and `*.yml`, sorted, not recursive; `-` is stdin. */
  readonly files: readonly string[];
  readonly cwd: string;
  readonly readStdin: () => Promise<string>;
  readonly variables: Variables;
  /** `--project`: counts instead of `project`. */
  readonly project: string | null;
  /** `--base-url`: counts instead of `account.baseUrl`. */
  readonly baseUrl: string | null;
  /** `INSTATE_FILE_ROOTS`: absolute folders that `${file:}` may read besides that of the declaring file. */
  readonly fileRoots?: readonly string[];
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
  /** Absolute folder of the first file (the current one for stdin): where the state lies by default. */
  readonly baseFolder: string;
}

const maxBytes = 8 * 1024 * 1024;

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
  const read = makeReader({ variables: options.variables, fileRoots: options.fileRoots ?? [] });
  const unset: UnsetReference[] = [];
  const fill = makeFill({
    report,
    judge: makeJudge({ variables: options.variables, ...surveySecrets(files, options.variables, read) }),
    read,
    allowed: options.variables.allowed,
    onUnset: (reference) => unset.push(reference),
  });
  const { project, baseUrl } = options;
  const declared = declare({ files, isWhole, readScalar: fill, project, baseUrl, report });
  const order = inputs.map((input) => input.name);
  const diagnostics = toDiagnostics(report.problems, files, order);
  const isValid = declared !== null && diagnostics.every(({ severity }) => severity !== 'error');
  return {
    declarations: isValid ? finish(declared, sources) : null,
    diagnostics,
    files: sources.map((source) => source.name),
    instanceCount: declared?.instances.length ?? 0,
    unset: listUnset(unset, {
      account: declared?.account ?? null,
      replaced: listReplaced(options),
      read,
      order,
    }),
    baseFolder: findBaseFolder(options, inputs),
  };
}

interface Input {
  /** As the user named it. */
  readonly name: string;
  /** Absolute; null for stdin. */
  readonly path: string | null;
  readonly folder: string;
}

/** The files to read: folders opened, doubles and what does not exist reported. */
async function listInputs({ files, cwd }: LoadOptions, report: Report): Promise<readonly Input[]> {
  const inputs: Input[] = [];
  const seen = new Map<string, string>();
  for (const name of files.length === 0 ? ['instate.yaml'] : files) {
    for (const input of await expandInput(name, { cwd, isDefault: files.length === 0, report })) {
      const identity = input.path === null ? '-' : await realpath(input.path).catch(() => String(input.path));
      const first = seen.get(identity);
      seen.set(identity, first ?? input.name);
      if (first === undefined) inputs.push(input);
      else {
        const summary =
          first === input.name ? 'the file is given twice' : `the file is given already as ${first}`;
        report.add({
          code: 'duplicate_file',
          summary,
          detail: 'Leave one of the two out.',
          file: input.name,
        });
      }
    }
  }
  return inputs;
}

async function expandInput(
  name: string,
  { cwd, isDefault, report }: { readonly cwd: string; readonly isDefault: boolean; readonly report: Report },
): Promise<readonly Input[]> {
  if (name === '-') return [{ name, path: null, folder: cwd }];
  const path = resolve(cwd, name);
  const refuse = (code: ConfigCode, summary: string, detail: string): readonly Input[] => {
    report.add({ code, summary, detail, file: name });
    return [];
  };
  try {
    if (!(await stat(path)).isDirectory()) return [{ name, path, folder: dirname(path) }];
    if (isDefault)
      return refuse('not_a_file', 'instate.yaml is a folder', 'Name the file or folder: -f PATH.');
    const children = (await readdir(path)).filter((child) => /^[^.].*\.ya?ml$/.test(child)).sort();
    if (children.length === 0) {
      return refuse(
        'no_yaml_in_folder',
        'the folder holds no *.yaml or *.yml',
        'Name the right one: -f PATH.',
      );
    }
    const prefix = name.replace(/\/+$/, '');
    return children.map((child) => ({
      name: `${prefix}/${child}`,
      path: resolve(path, child),
      folder: path,
    }));
  } catch (error) {
    if (codeOf(error) !== 'ENOENT' && codeOf(error) !== 'ENOTDIR') {
      return refuse('file_unreadable', 'the file or folder cannot be read', 'Check who may read it.');
    }
    const detail = isDefault
      ? 'Run `instate init`, or name the file: -f PATH.'
      : 'Check the path given to -f.';
    return refuse('file_missing', 'the file does not exist', detail);
  }
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

/** The text of an input, or null once it is reported why there is none. */
async function readInput(input: Input, options: LoadOptions, report: Report): Promise<string | null> {
  const refuse = (code: ConfigCode, summary: string, detail: string): null => {
    report.add({ code, summary, detail, file: input.name });
    return null;
  };
  let bytes: Uint8Array;
  try {
    bytes =
      input.path === null
        ? new TextEncoder().encode(await options.readStdin())
        : await readBounded(input.path);
  } catch (error) {
    if (codeOf(error) === 'EISDIR')
      return refuse('not_a_file', 'this is a folder, not a file', 'Rename or remove it.');
    return refuse('file_unreadable', 'the file cannot be read', 'Check who may read it.');
  }
  if (bytes.length > maxBytes) {
    return refuse(
      'file_too_large',
      'the file is larger than 8 MiB',
      'Split it; -f takes several files or a folder.',
    );
  }
  const decoded = decodeText(bytes);
  return 'text' in decoded ? decoded.text : refuse(decoded.code, decoded.summary, decoded.detail);
}

/** Reads one byte more than is allowed and no further: a device never ends. */
async function readBounded(path: string): Promise<Uint8Array> {
  const handle = await open(path, 'r');
  try {
    const chunks: Uint8Array[] = [];
    let total = 0;
    while (total <= maxBytes) {
      const chunk = new Uint8Array(Math.min(1024 * 1024, maxBytes + 1 - total));
      const { bytesRead } = await handle.read(chunk, 0, chunk.length, null);
      if (bytesRead === 0) break;
      chunks.push(chunk.subarray(0, bytesRead));
      total += bytesRead;
    }
    return Buffer.concat(chunks);
  } finally {
    await handle.close();
  }
}

function parseFile(source: SourceFile, report: Report): readonly YamlFile[] {
  const file = readYaml(source);
  if ('documents' in file) return [file];
  report.add(file);
  return [];
}

function finish(declared: Declared, sources: readonly SourceFile[]): Declarations {
  const { state, ...rest } = declared;
  const place = state === null ? null : state.isPath ? resolve(state.folder, state.text) : state.text;
  return { ...rest, state: place, files: sources.map((source) => source.name) };
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
