import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { binary } from '../support/binary.ts';

const repository = fileURLToPath(new URL('../../', import.meta.url));

/** One start of instate: its words, and the environment that it was given. */
export interface Start {
  readonly words: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export type StagedPackage = ReturnType<typeof stagePackage>;

/**
 * The package as it is installed, but that its main file first notes how it was started, and then is the built command.
 */
export function stagePackage(folder: string) {
  mkdirSync(join(folder, 'dist'), { recursive: true });
  for (const name of ['action.yml', 'package.json', 'ci']) {
    cpSync(join(repository, name), join(folder, name), { recursive: true });
  }
  const notes = join(folder, 'starts.jsonl');
  writeFileSync(
    join(folder, 'dist/main.js'),
    `import { appendFileSync } from 'node:fs';
const words = process.argv.slice(2);
appendFileSync(${JSON.stringify(notes)}, JSON.stringify({ words, env: process.env }) + '\\n');
await import(${JSON.stringify(pathToFileURL(binary).href)});
`,
  );
  return {
    folder,
    starts: (): readonly Start[] =>
      existsSync(notes)
        ? readFileSync(notes, 'utf8')
            .trimEnd()
            .split('\n')
            .map((line) => JSON.parse(line) as Start)
        : [],
  };
}

/** How npm was called. */
export interface NpmCall {
  readonly words: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** A program `npm` in `folder` that notes how it is called, and installs the staged package: what comes from a registry is not ours. */
export function standInForNpm(folder: string, pkg: StagedPackage) {
  const notes = join(folder, 'calls.jsonl');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'npm'),
    `#!${process.execPath}
const { appendFileSync, cpSync } = require('node:fs');
const { argv, env } = process;
appendFileSync(${JSON.stringify(notes)}, JSON.stringify({ words: argv.slice(2), cwd: process.cwd(), env }) + '\\n');
cpSync(${JSON.stringify(pkg.folder)}, 'node_modules/instate', { recursive: true });
`,
  );
  chmodSync(join(folder, 'npm'), 0o755);
  return {
    path: `${folder}:${process.env['PATH'] ?? ''}`,
    calls: (): readonly NpmCall[] =>
      existsSync(notes)
        ? readFileSync(notes, 'utf8')
            .trimEnd()
            .split('\n')
            .map((line) => JSON.parse(line) as NpmCall)
        : [],
  };
}
