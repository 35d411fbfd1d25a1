import { open, readdir, realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { decodeText } from './decode.ts';
import type { ConfigCode, Report } from './problems.ts';
import { isInside } from './inside.ts';

export interface InputOptions {
  /** `-f`: none means `instate.yaml`; a folder means its `*.yaml` and `*.yml`, sorted, not recursive; `-` is stdin. */
  readonly files: readonly string[];
  readonly cwd: string;
  readonly readStdin: () => Promise<string>;
  /** Absolute and real: every file must lie in this folder, links resolved. Left out: anywhere. */
  readonly within?: string;
}

const maxBytes = 8 * 1024 * 1024;

/** A file to read. */
export interface Input {
  /** As the user named it. */
  readonly name: string;
  /** Absolute; null for stdin. */
  readonly path: string | null;
  readonly folder: string;
}

/** The files to read: folders opened, doubles and what does not exist reported. */
export async function listInputs(
  { files, cwd, within }: InputOptions,
  report: Report,
): Promise<readonly Input[]> {
  const inputs: Input[] = [];
  const seen = new Map<string, string>();
  for (const name of files.length === 0 ? ['instate.yaml'] : files) {
    for (const input of await expandInput(name, { cwd, isDefault: files.length === 0, within, report })) {
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
  {
    cwd,
    isDefault,
    within,
    report,
  }: {
    readonly cwd: string;
    readonly isDefault: boolean;
    readonly within: string | undefined;
    readonly report: Report;
  },
): Promise<readonly Input[]> {
  if (name === '-') return [{ name, path: null, folder: cwd }];
  const path = resolve(cwd, name);
  const refuse = (code: ConfigCode, summary: string, detail: string): readonly Input[] => {
    report.add({ code, summary, detail, file: name });
    return [];
  };
  if (!(await liesWithin(path, within))) return refuse(...outside);
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

const outside = [
  'outside_checkout',
  'the file or folder lies outside of the checkout',
  'With --untrusted nothing outside of it is opened, also not by a link.',
] as const;

/** What does not exist lies nowhere: that is said by who opens it. */
async function liesWithin(path: string, folder: string | undefined): Promise<boolean> {
  if (folder === undefined) return true;
  const real = await realpath(path).catch(() => null);
  if (real === null) return true;
  return real === folder || isInside(real, folder);
}

function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}

/** The text of an input, or null once it is reported why there is none. */
export async function readInput(input: Input, options: InputOptions, report: Report): Promise<string | null> {
  const refuse = (code: ConfigCode, summary: string, detail: string): null => {
    report.add({ code, summary, detail, file: input.name });
    return null;
  };
  if (input.path !== null && !(await liesWithin(input.path, options.within))) return refuse(...outside);
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
export async function readBounded(path: string, most = maxBytes): Promise<Uint8Array> {
  const handle = await open(path, 'r');
  try {
    const chunks: Uint8Array[] = [];
    let total = 0;
    while (total <= most) {
      const chunk = new Uint8Array(Math.min(1024 * 1024, most + 1 - total));
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
