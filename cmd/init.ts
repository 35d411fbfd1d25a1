import { constants } from 'node:fs';
import { access, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { InstateError } from '../src/errors.ts';
import { clean } from '../src/render/screen.ts';
import type { Command } from './command.ts';
import { environmentExample, ignoredLines, starter } from './init-texts.ts';

/** `instate init`: makes a project folder ready. Never overwrites; lines are added to a .gitignore that lacks them. */
export const init: Command = {
  groups: ['looks'],
  formats: [],
  build: (yargs) =>
    yargs.positional('dir', { type: 'string', describe: 'Folder, made if it is not there [.]' }),
  examples: [
    ['instate init', 'in this folder'],
    ['instate init connectors', 'in a new one'],
  ],
  run: async (run, flags) => {
    const folder = resolve(run.context.cwd, typeof flags['dir'] === 'string' ? flags['dir'] : '.');
    const named = (file: string) => (typeof flags['dir'] === 'string' ? join(flags['dir'], file) : file);
    const project = nameProject(basename(folder));
    if (await exists(join(folder, 'instate.yaml'))) {
      throw new InstateError('file_exists', `${named('instate.yaml')} is there already`, {
        hint: 'init never overwrites; edit that file, or choose another folder',
      });
    }
    try {
      await makeFolder(folder);
      const written = [
        ...((await writeNew(join(folder, 'instate.yaml'), starter(project))) ? ['instate.yaml'] : []),
        ...((await writeNew(join(folder, '.env.example'), environmentExample)) ? ['.env.example'] : []),
        ...((await addLines(join(folder, '.gitignore'), ignoredLines)) ? ['.gitignore'] : []),
      ];
      const text = `Wrote ${written.map(named).map(clean).join(', ')}.\nNext: edit ${clean(named('instate.yaml'))}, then  instate validate${typeof flags['dir'] === 'string' ? ` -f ${clean(named('instate.yaml'))}` : ''}\n`;
      await run.answer({ text: () => text, body: { written: written.map(named) } });
    } catch (error) {
      if (error instanceof InstateError) throw error;
      throw new InstateError('file_unwritable', `${clean(folder)} cannot be written`, {
        hint: 'check that it is a folder that you may write',
      });
    }
    return 0;
  },
};

/** Makes a folder and those above it. Node's own way never ends where a folder that is there takes none, as below /proc. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path);
  } catch (error) {
    if (await isFolder(path)) return;
    const above = dirname(path);
    if (above === path || (await isFolder(above))) throw error;
    await makeFolder(above);
    await mkdir(path);
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

function nameProject(folder: string): string {
  const name = folder
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 32);
  return name === '' ? 'connectors' : name;
}

async function exists(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  );
}

async function writeNew(path: string, text: string): Promise<boolean> {
  if (await exists(path)) return false;
  await writeFile(path, text, { flag: 'wx' });
  return true;
}

async function addLines(path: string, lines: readonly string[]): Promise<boolean> {
  const old = await readFile(path, 'utf8').catch(() => '');
  const missing = lines.filter((line) => !old.split(/\r?\n/).includes(line));
  if (missing.length === 0) return false;
  const gap = old === '' || old.endsWith('\n') ? '' : '\n';
  await writeFile(path, `${old}${gap}${missing.join('\n')}\n`);
  return true;
}
