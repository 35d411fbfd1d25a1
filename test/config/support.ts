import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { readVariables } from '../../src/config/env-file.ts';
import { type Loaded, loadDeclarations, type LoadOptions } from '../../src/config/load.ts';

/** Environment that references are resolved from; account secrets are always set. */
export type Environment = Readonly<Record<string, string>>;

export interface Settings extends Partial<Omit<LoadOptions, 'variables'>> {
  readonly environment?: Environment;
  readonly allow?: string | null;
}

export const accountSecrets: Environment = {
  CE_USER_SECRET: 'user-secret-0001',
  CE_ORGANIZATION_SECRET: 'org-secret-0001',
};

/** A folder of its own with these files in it, removed after the test. */
export async function makeFolder(files: Readonly<Record<string, string | Uint8Array>> = {}): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'instate-config-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return folder;
}

/** Loads as the commands do, from the given folder or stdin. */
export async function load(settings: Settings = {}): Promise<Loaded> {
  const { environment = {}, allow = null, cwd = '/', ...rest } = settings;
  const variables = await readVariables({
    environment: { ...accountSecrets, ...environment },
    envFiles: [],
    cwd,
    allow,
  });
  const defaults = { files: [], readStdin: () => Promise.resolve(''), project: null, baseUrl: null };
  return loadDeclarations({ ...defaults, cwd, ...rest, variables });
}

/** Loads one text, as from stdin; the file is called `-`. */
export async function loadText(text: string, settings: Settings = {}): Promise<Loaded> {
  return load({ files: ['-'], readStdin: () => Promise.resolve(text), ...settings });
}

/** Diagnostics in short: `code line:column`, warnings with a `?`. */
export function summarise({ diagnostics }: Loaded): readonly string[] {
  return diagnostics.map(({ severity, code, line, column }) => {
    const mark = severity === 'warning' ? '?' : '';
    return line === undefined ? `${code}${mark}` : `${code}${mark} ${String(line)}:${String(column)}`;
  });
}

/** The lines of a whole file around the given body of one instance, `x`, indented by four. */
export function instanceWith(body: string): string {
  const lines = body.split('\n').map((line) => `    ${line}`);
  return ['version: 1', 'project: crm', 'instances:', '  x:', '    element: insightly', ...lines, ''].join(
    '\n',
  );
}

/** A whole file whose one instance, `x`, has this configuration; its first line is line 7, column 7. */
export function configurationWith(body: string): string {
  return instanceWith(['configuration:', ...body.split('\n').map((line) => `  ${line}`)].join('\n'));
}

/** The head of a file that needs only more top-level keys; these begin in line 4. */
export function fileWith(more: string): string {
  return `version: 1\nproject: crm\ninstances: {}\n${more}\n`;
}
