import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Json, SensitiveTemplate } from '../../src/core/model.ts';
import { openSensitive } from '../../src/core/sensitive.ts';
import type { References } from '../../src/ports.ts';
import { readVariables } from '../../src/config/env-file.ts';
import { makeReader, makeReferences } from '../../src/config/references.ts';
import {
  configurationWith,
  type Environment,
  fileWith,
  load,
  loadText,
  makeFolder,
  summarise,
} from './support.ts';

async function makePort(environment: Environment, fileRoots: readonly string[] = []): Promise<References> {
  const variables = await readVariables({ environment, envFiles: [], cwd: '/', allow: null });
  return makeReferences(makeReader({ variables, fileRoots }));
}

function template(value: Json, folder?: string): SensitiveTemplate {
  const source = { file: 'x.yaml', line: 1, column: 1 };
  return {
    kind: 'sensitive',
    template: value,
    references: [],
    source,
    ...(folder === undefined ? {} : { folder }),
  };
}

function outcome(port: References, value: Json, folder?: string): string | readonly string[] {
  const result = port.resolve(template(value, folder));
  return 'value' in result ? openSensitive(result.value) : result.missing;
}

describe('resolving', () => {
  it.each<[Json, string | readonly string[]]>([
    ['${env:A}', 'one'],
    ['x-${env:A}-${var:V}', 'x-one-${env:A}'],
    ['$${env:A}${env:A}', '${env:A}one'],
    [{ a: '${env:A}', n: 1, deep: ['${var:V}', null] }, '{"a":"one","n":1,"deep":["${env:A}",null]}'],
    ['${env:NONE}${env:EMPTY}${env:NONE}', ['NONE', 'EMPTY']],
    [{ a: '${env:NONE}', b: '${file:gone}' }, ['NONE', 'file:gone']],
    ['${env:INSTATE_STATE_KEY}', ['INSTATE_STATE_KEY']],
  ])('%j', async (value, expected) => {
    const port = await makePort({ A: 'one', V: '${env:A}', EMPTY: '', INSTATE_STATE_KEY: 'k' });
    expect(outcome(port, value, '/tmp')).toEqual(expected);
  });

  it('nothing prints what was resolved', async () => {
    const result = (await makePort({ A: 'canary' })).resolve(template('${env:A}'));
    expect(`${inspect(result)} ${JSON.stringify(result)}`).not.toContain('canary');
  });

  it('a file is read once, its last newline dropped', async () => {
    const folder = await makeFolder({ unix: 'a b\n\n', dos: 'a\r\n', none: 'a', empty: '\n' });
    const port = await makePort({});
    const read = () =>
      ['unix', 'dos', 'none', 'empty'].map((name) => outcome(port, `\${file:${name}}`, folder));
    expect(read()).toEqual(['a b\n', 'a', 'a', ['file:empty']]);
    await writeFile(join(folder, 'none'), 'changed');
    await rm(join(folder, 'unix'));
    expect(read()).toEqual(['a b\n', 'a', 'a', ['file:empty']]);
  });
});

describe('F3: what ${file:} may read', () => {
  const setUp = async () => {
    const base = await makeFolder({
      'decl/ok': 'inside',
      'decl/sub/ok': 'below',
      'other/secret': 'outside',
      'shelf/secret': 'shelf',
      'decl/big': 'x'.repeat(64 * 1024 + 1),
      'decl/full': 'x'.repeat(64 * 1024),
      'decl/binary': new Uint8Array([0xff, 0xfe, 0x00]),
    });
    const decl = join(base, 'decl');
    await mkdir(join(decl, 'folder'));
    await symlink(join(base, 'other/secret'), join(decl, 'link-out'));
    await symlink(join(decl, 'ok'), join(decl, 'link-in'));
    await symlink('/proc/self/environ', join(decl, 'link-proc'));
    await symlink(join(base, 'gone'), join(decl, 'dangling'));
    await symlink(decl, join(base, 'alias'));
    return { base, decl };
  };

  it.each([
    ['ok', 'inside'],
    ['./sub/../ok', 'inside'],
    ['sub/ok', 'below'],
    ['link-in', 'inside'],
    ['full', 'x'.repeat(64 * 1024)],
  ])('F3: %s is read', async (path, text) => {
    const { decl } = await setUp();
    expect(outcome(await makePort({}), `\${file:${path}}`, decl)).toBe(text);
  });

  it.each([
    ['../other/secret', 'outside'],
    ['link-out', 'outside'],
    ['link-proc', 'belongs to the system'],
    ['/proc/self/environ', 'belongs to the system'],
    ['/dev/zero', 'belongs to the system'],
    ['/sys/kernel/notes', 'belongs to the system'],
    ['/etc/hostname', 'outside'],
    ['.', 'outside'],
    ['folder', 'not a regular file'],
    ['big', '64 KiB'],
    ['binary', 'as text'],
    ['../other/gone', 'outside'],
  ])('F3: %s is refused', async (path, says) => {
    const { decl } = await setUp();
    expect(outcome(await makePort({}), `\${file:${path}}`, decl)).toEqual([`file:${path}`]);
    const { diagnostics } = await loadText(configurationWith(`note: "\${file:${path}}"`), { cwd: decl });
    expect(diagnostics).toMatchObject([
      { code: 'refused_reference', line: 7, column: 13, summary: expect.stringContaining(says) },
    ]);
  });

  it('F3: what does not exist is unset, not refused', async () => {
    const { decl } = await setUp();
    const loaded = await loadText(configurationWith('note: "${file:gone}"\nother: "${file:dangling}"'), {
      cwd: decl,
    });
    expect(loaded.diagnostics).toEqual([]);
    expect(loaded.unset.map(({ reference, role }) => [reference.name, role])).toEqual([
      ['gone', 'credential'],
      ['dangling', 'credential'],
    ]);
  });

  it('F3: a root from the environment widens it, a relative one does not', async () => {
    const { base, decl } = await setUp();
    const path = join(base, 'shelf/secret');
    expect(outcome(await makePort({}, [join(base, 'shelf')]), `\${file:${path}}`, decl)).toBe('shelf');
    expect(outcome(await makePort({}, [join(base, 'shelf')]), `\${file:${path}}`)).toBe('shelf');
    expect(outcome(await makePort({}, ['shelf', '']), '${file:../shelf/secret}', decl)).toEqual([
      'file:../shelf/secret',
    ]);
    expect(outcome(await makePort({}), '${file:ok}')).toEqual(['file:ok']);
    const text = configurationWith(`note: "\${file:${path}}"`);
    expect(summarise(await loadText(text, { cwd: decl, fileRoots: [join(base, 'shelf')] }))).toEqual([]);
  });

  it('F3: the folder may itself be reached through a link', async () => {
    const { base } = await setUp();
    expect(outcome(await makePort({}), '${file:ok}', join(base, 'alias'))).toBe('inside');
  });

  it('F3: each file has its own folder', async () => {
    const cwd = await makeFolder({
      'a/x.yaml': 'version: 1\nproject: crm\ndefaults: {configuration: {note: "${file:s}"}}\n',
      'a/s': 'of a',
      'b/y.yaml': 'instances: {i: {element: closeio, configuration: {other: "${file:s}"}}}\n',
      'b/s': 'of b',
    });
    const { declarations } = await load({ cwd, files: ['a', 'b'] });
    const port = await makePort({});
    const values = Object.values(declarations?.instances[0]?.configuration ?? {});
    expect(
      values.map((value) => value.kind === 'sensitive' && outcome(port, value.template, value.folder)),
    ).toEqual(['of a', 'of b']);
  });
});

describe('F2: what ${var:} and ${env:} may read', () => {
  const judge = async (text: string, environment: Environment, allow: string | null = null) => {
    const loaded = await loadText(text, { environment, allow, cwd: '/tmp' });
    expect(JSON.stringify(loaded.diagnostics)).not.toContain('canary');
    return loaded.diagnostics.map(({ code, summary }) => `${code}: ${summary.replace(/.*: /, '')}`);
  };
  const inNote = configurationWith('note: "${var:V}"\npassword: "${env:S}"');

  it('F2: a secret of four characters inside the value is enough, of three is not', async () => {
    const refused = ['refused_variable: its value contains a secret that the files use'];
    expect(await judge(inNote, { V: 'a-canary-b', S: 'canary' })).toEqual(refused);
    expect(await judge(inNote, { V: 'canary', S: 'nary' })).toEqual(refused);
    expect(await judge(inNote, { V: 'canary', S: 'ary' })).toEqual([]);
  });

  it("F2: a file's secret and the account's count too", async () => {
    const cwd = await makeFolder({ s: 'canary\n' });
    const text = configurationWith('note: "${var:V}"\npassword: "${file:s}"');
    const loaded = await loadText(text, { cwd, environment: { V: 'x canary' } });
    expect(summarise(loaded)).toEqual(['refused_variable 7:13']);
    expect(await judge(inNote, { V: 'x-canary', CE_ORGANIZATION_SECRET: 'canary' })).toHaveLength(1);
  });

  it('F2: a variable that ${env:} uses in any file, even where it may not stand', async () => {
    const text = `${configurationWith('note: "${var:V}"')}state: "\${env:V}"\n`;
    expect(await judge(text, { V: 'canary' })).toEqual([
      'refused_variable: ${env:} uses it as a secret',
      expect.stringContaining('misplaced_reference'),
    ]);
  });

  it('F2: INSTATE_ENV_ALLOW holds for both, and not for the defaults of the account', async () => {
    expect(await judge(inNote, { V: 'canary', S: 'canary2' }, 'OTHER_*')).toEqual([
      'refused_variable: INSTATE_ENV_ALLOW does not let files read this variable',
      'refused_reference: INSTATE_ENV_ALLOW does not let files read this variable',
    ]);
    expect(await judge(inNote, { V: 'canary', S: 'other' }, 'V,S')).toEqual([]);
    const written = fileWith('account: {userSecret: "${env:CE_USER_SECRET}"}');
    expect(await judge(written, {}, 'V')).toHaveLength(1);
  });

  it('what a variable holds is not looked at again for references', async () => {
    const text = configurationWith(
      'note: "$${var:V}${var:V}{env:S}"\nother: "${var:V}"\npassword: "${env:S}${var:W}"',
    );
    const { declarations } = await loadText(text, { environment: { V: '$', W: '${env:S}', S: 'canary' } });
    const configuration = declarations?.instances[0]?.configuration;
    expect(configuration?.['note']).toEqual({ kind: 'plain', value: '${var:V}${env:S}' });
    const password = configuration?.['password'];
    const port = await makePort({ V: '$', W: '${env:S}', S: 'canary' });
    expect(password?.kind === 'sensitive' && outcome(port, password.template)).toBe('canary${env:S}');
  });
});
