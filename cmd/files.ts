import { delimiter } from 'node:path';
import { readVariables, type Variables } from '../src/config/env-file.ts';
import { loadDeclarations, type Loaded } from '../src/config/load.ts';
import type { Run } from './run.ts';

/** The files of a run, read. */
export interface Files {
  readonly loaded: Loaded;
  readonly variables: Variables;
  readonly fileRoots: readonly string[];
}

/** What references of this run may name. */
export function readRunVariables({ options, context }: Run): Promise<Variables> {
  const { env, cwd, sealedEnv: sealed } = context;
  const allow = env['INSTATE_ENV_ALLOW'] || null;
  return readVariables({ environment: env, sealed, envFiles: options.envFiles, cwd, allow });
}

/** Reads the files and the variables. Answers with the problems; throws only where nothing could be read at all. */
export async function readFiles(run: Run): Promise<Files> {
  const { options, context } = run;
  const { env, cwd } = context;
  const variables = await readRunVariables(run);
  const { files, project, baseUrl } = options;
  const fileRoots = (env['INSTATE_FILE_ROOTS'] ?? '').split(delimiter).filter((root) => root !== '');
  const readStdin = context.stdin.readAll;
  const loaded = await loadDeclarations({ files, cwd, variables, project, baseUrl, fileRoots, readStdin });
  run.known.files = loaded.files;
  return { loaded, variables, fileRoots };
}
