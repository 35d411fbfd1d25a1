import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const repository = resolve(import.meta.dirname, '..');
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'instate-test-'));
  for (const name of ['temp', 'home']) await mkdir(join(folder, name));
  for (const name of ['instate.yaml', '.env.example']) {
    await copyFile(join(repository, 'examples', name), join(folder, name));
  }
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** Runs the script as a pipeline would, with the built command or another one. */
async function runScript(
  instate = `${process.execPath} ${join(repository, 'dist', 'main.js')}`,
): Promise<{ code: number | null; text: string; errors: string }> {
  const script = join(repository, 'examples', 'ci', 'test-declarations.sh');
  const child = spawn('sh', [script, '-f', 'instate.yaml', '--env-file', '.env.example'], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      HOME: join(folder, 'home'),
      TMPDIR: join(folder, 'temp'),
      INSTATE: instate,
    },
  });
  let [text, errors] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, text, errors };
}

describe('examples/ci/test-declarations.sh', () => {
  it('creates what is declared on a sandbox, survives a lost answer, and leaves nothing behind', async () => {
    const { code, text, errors } = await runScript();
    expect({ code, errors }).toMatchObject({ code: 0 });
    expect(text.match(/^Apply complete: 4 created/gm)).toHaveLength(2);
    expect(text).toContain('No changes. 4 instances are as declared.');
    expect(text).toMatch(/\nAll 4, each exactly once\.\n$/);
    expect(await readdir(join(folder, 'temp'))).toEqual([]);
    expect(await readdir(join(folder, 'home'))).toEqual([]);
    const url = /127\.0\.0\.1:\d+/.exec(text)?.[0] ?? '';
    await expect(fetch(`http://${url}/`)).rejects.toThrow('fetch failed');
  });

  it('ends the sandbox also behind a wrapper that passes no signal on', async () => {
    const wrapper = join(folder, 'wrapper');
    const text = `#!/bin/sh\n"${process.execPath}" "${join(repository, 'dist', 'main.js')}" "$@"\nexit $?\n`;
    await writeFile(wrapper, text, { mode: 0o755 });
    const run = await runScript(wrapper);
    expect(run.code).toBe(0);
    const url = /127\.0\.0\.1:\d+/.exec(run.text)?.[0] ?? '';
    await expect(fetch(`http://${url}/`)).rejects.toThrow('fetch failed');
  });

  it('says what is missing: the command, a declaration', async () => {
    expect(await runScript('./nowhere/instate')).toMatchObject({
      code: 1,
      errors: expect.stringContaining('there is no ./nowhere/instate: set INSTATE') as string,
    });
    await writeFile(join(folder, 'instate.yaml'), 'version: 1\nproject: crm\ninstances: {}\n');
    expect(await runScript()).toMatchObject({
      code: 1,
      errors: expect.stringContaining('nothing is declared') as string,
    });
    expect(await readdir(join(folder, 'temp'))).toEqual([]);
  });

  it('fails with declarations that the service would refuse', async () => {
    const file = join(folder, 'instate.yaml');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('password: "${env:SERVICENOW_PASSWORD}"', ''));
    const run = await runScript();
    expect(run.code).toBe(1);
    expect(run.text).toContain('Missing required configuration keys: password');
    expect(await readdir(join(folder, 'temp'))).toEqual([]);
  });
});
