import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const repository = resolve(import.meta.dirname, '..');

interface Played {
  readonly code: number | null;
  readonly text: string;
  readonly errors: string;
}

let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'instate-test-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

/** Plays the demo of a copy of `examples/`, with a temporary folder of its own below `folder`. */
async function playDemo(signal: NodeJS.Signals | null = null): Promise<Played> {
  const env = { ...process.env, TMPDIR: join(folder, 'temp'), CI: '1', INSTATE_PARALLELISM: 'nonsense' };
  const child = spawn(process.execPath, [join(folder, 'examples', 'demo.mjs')], { env, cwd: folder });
  let [text, errors] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    if (signal !== null && text.includes('$ instate plan')) child.kill(signal);
  });
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, text, errors };
}

async function copyExamples(built: boolean): Promise<void> {
  await cp(join(repository, 'examples'), join(folder, 'examples'), { recursive: true });
  await mkdir(join(folder, 'temp'));
  if (built) await symlink(join(repository, 'dist'), join(folder, 'dist'));
}

/** The sandbox is gone, and so is everything that the demo wrote. */
async function expectNothingLeft(text: string): Promise<void> {
  const url = /INSTATE_BASE_URL=(\S+)/.exec(text)?.[1] ?? '';
  expect(url).not.toBe('');
  await expect(fetch(url)).rejects.toThrow('fetch failed');
  expect(await readdir(join(folder, 'temp'))).toEqual([]);
}

/** What differs from run to run: port, times, dates, ids (creates run side by side), digests (they cover the base URL), the key's folder. */
function level(text: string): string {
  return text
    .replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:PORT')
    .replaceAll(/\d+\.\d s\)/g, 'N s)')
    .replaceAll(/\b50\d{4}\b/g, 'ID')
    .replaceAll(/sha256:[0-9a-f]{64}/g, 'sha256:DIGEST')
    .replaceAll(/\S+\/instate\/state\.key/g, 'KEY')
    .replaceAll(/\(20\d\d-\d\d-\d\d\)/g, '(TODAY)')
    .trim();
}

describe('npm run demo', () => {
  it('tells the story of examples/README.md, and leaves nothing behind', async () => {
    await copyExamples(true);
    const { code, text, errors } = await playDemo();
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    const page = await readFile(join(repository, 'examples', 'README.md'), 'utf8');
    const session = /```text\n([^]*?)\n```/.exec(page)?.[1] ?? '';
    expect(level(text)).toBe(level(session));
    await expectNothingLeft(text);
  });

  it('fails with what was told and what was found, and cleans up', async () => {
    await copyExamples(true);
    const file = join(folder, 'examples', 'instate.yaml');
    const declared = await readFile(file, 'utf8');
    await writeFile(file, declared.slice(0, declared.indexOf('  # OAuth without a browser')));
    const { code, text, errors } = await playDemo();
    expect(code).toBe(1);
    expect(errors).toContain(
      'The demo failed: the last line of  instate plan --env-file .env is not as told',
    );
    expect(errors).toContain('told:  "Plan: 4 to create,');
    expect(errors).toContain('found: "Plan: 3 to create,');
    await expectNothingLeft(text);
  });

  it('cleans up when it is stopped', async () => {
    await copyExamples(true);
    const { code, text, errors } = await playDemo('SIGTERM');
    expect(code).toBe(1);
    expect(errors).toContain('The demo failed: it was stopped by SIGTERM');
    await expectNothingLeft(text);
  });

  it('says what to run where nothing was built', async () => {
    await copyExamples(false);
    const { code, text, errors } = await playDemo();
    expect({ code, text }).toEqual({ code: 1, text: '' });
    expect(errors).toBe('\nThe demo failed: dist/main.js is missing. Build it first:  npm run build\n');
  });
});
