import { existsSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import { isInside } from '../src/config/inside.ts';
import type { Context } from './context.ts';

/** Where CI systems name the folder of a checkout. */
const named = ['GITHUB_WORKSPACE', 'CI_PROJECT_DIR', 'BUILD_SOURCESDIRECTORY', 'WORKSPACE'] as const;

/** The root of the checkout that a run stands in: the nearest folder with `.git`, else as CI names it, else the current folder. */
export function findCheckout({ cwd, env }: Pick<Context, 'cwd' | 'env'>): string {
  const here = findRealPath(cwd);
  for (let folder = here; folder !== dirname(folder); folder = dirname(folder))
    if (existsSync(join(folder, '.git'))) return folder;
  const roots = named.flatMap((name) => {
    const path = env[name];
    return path !== undefined && isAbsolute(path) ? [path] : [];
  });
  return roots.map(findRealPath).find((root) => root !== '/' && isWithin(here, root)) ?? here;
}

/** A path as reports show it: from the root of the checkout, with slashes. One outside of it stays as the user named it. */
export function locateInCheckout(context: Pick<Context, 'cwd' | 'env'>): (file: string) => string {
  const root = findCheckout(context);
  const here = findRealPath(context.cwd);
  return (file) => {
    if (file === '-') return 'instate.yaml';
    const path = resolve(here, file);
    return isWithin(path, root) ? relative(root, path).split(sep).join('/') : file;
  };
}

/** Whether a path lies in a folder, or is it. Both absolute and real. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || isInside(path, folder);
}

/** The path without links; as it is where nothing is there. */
export function findRealPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
