import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { load, loadText, makeFolder } from './support.ts';

const head = 'version: 1\nproject: crm\n';
const one = 'instances:\n  a: {element: closeio}\n';
const two = 'instances:\n  b: {element: closeio}\n';

const inShort = ({ diagnostics }: Awaited<ReturnType<typeof load>>) =>
  diagnostics.map(({ code, file }) => `${code} ${file ?? ''}`);

describe('which files are read', () => {
  it('instate.yaml where none is named', async () => {
    const cwd = await makeFolder({ 'instate.yaml': head + one });
    const loaded = await load({ cwd });
    expect(loaded).toMatchObject({ files: ['instate.yaml'], instanceCount: 1, baseFolder: cwd });
  });

  it("a folder's YAML files, sorted, not recursive, named as the user would", async () => {
    const cwd = await makeFolder({
      'd/b.yml': two,
      'd/a.yaml': one,
      'd/.hidden.yaml': 'nonsense: 1',
      'd/readme.md': 'no',
      'd/sub/c.yaml': 'nonsense: 1',
      'top.yaml': `${head}state: s.db\n`,
    });
    const loaded = await load({ cwd, files: ['top.yaml', 'd/'] });
    expect(loaded.diagnostics).toEqual([]);
    expect(loaded.files).toEqual(['top.yaml', 'd/a.yaml', 'd/b.yml']);
    expect(loaded.declarations?.instances.map(({ address, source }) => [address, source.file])).toEqual([
      ['a', 'd/a.yaml'],
      ['b', 'd/b.yml'],
    ]);
    expect(loaded.baseFolder).toBe(cwd);
    expect((await load({ cwd, files: ['d', 'top.yaml'] })).baseFolder).toBe(join(cwd, 'd'));
  });

  it('paths are relative to the file that they stand in', async () => {
    const cwd = await makeFolder({ 'd/x.yaml': `${head}${one}state: s.db\n` });
    expect((await load({ cwd, files: ['d/x.yaml'] })).declarations?.state).toBe(join(cwd, 'd/s.db'));
  });

  it('stdin, several documents, an empty one among them', async () => {
    const text = `---\n${head}---\n# nothing\n---\nversion: 1\n${one}...\n---\n${two}`;
    const loaded = await loadText(text, { cwd: '/tmp' });
    expect(loaded).toMatchObject({ diagnostics: [], files: ['-'], instanceCount: 2, baseFolder: '/tmp' });
  });

  it('an empty file beside others is nothing to talk about', async () => {
    const cwd = await makeFolder({ 'a.yaml': head + one, 'b.yaml': '# later\n' });
    expect(await load({ cwd, files: ['.'] })).toMatchObject({
      diagnostics: [],
      files: ['./a.yaml', './b.yaml'],
    });
  });

  it('a link', async () => {
    const cwd = await makeFolder({ 'real.yaml': head + one });
    await symlink(join(cwd, 'real.yaml'), join(cwd, 'link.yaml'));
    expect(await load({ cwd, files: ['link.yaml'] })).toMatchObject({ diagnostics: [], instanceCount: 1 });
  });
});

describe('what cannot be read is reported with the rest', () => {
  it('all at once, and nothing is called missing that may stand in such a file', async () => {
    const cwd = await makeFolder({
      'nul.yaml': new Uint8Array([0x61, 0x3a, 0x0a, 0x00]),
      'latin1.yaml': new Uint8Array([0x61, 0x3a, 0x20, 0xe9, 0x0a]),
      'utf16.yaml': new Uint8Array([0xff, 0xfe, 0x61, 0x00]),
      'big.yaml': ' '.repeat(8 * 1024 * 1024 + 1),
      'syntax.yaml': 'a: "\n',
      'shape.yaml': `moved: {a: b}\n${one}nonsense: 1\n`,
      'none/readme.md': '',
      'odd/dir.yaml/x': '',
    });
    const files = [
      'nul.yaml',
      'latin1.yaml',
      'utf16.yaml',
      'big.yaml',
      'syntax.yaml',
      'shape.yaml',
      'none',
      'odd',
      'gone.yaml',
    ];
    const loaded = await load({ cwd, files });
    expect(inShort(loaded)).toEqual([
      'binary_file nul.yaml',
      'not_utf8 latin1.yaml',
      'not_utf8 utf16.yaml',
      'file_too_large big.yaml',
      'yaml_syntax syntax.yaml',
      'bad_move shape.yaml',
      'unknown_key shape.yaml',
      'not_a_file odd/dir.yaml',
      'no_yaml_in_folder none',
      'file_missing gone.yaml',
    ]);
    expect(loaded.declarations).toBeNull();
    expect(loaded.files).toEqual(['syntax.yaml', 'shape.yaml']);
  });

  it('no instate.yaml: what to do about it', async () => {
    const cwd = await makeFolder();
    const loaded = await load({ cwd });
    expect(loaded.diagnostics).toEqual([
      {
        severity: 'error',
        code: 'file_missing',
        summary: 'the file does not exist',
        detail: 'Run `instate init`, or name the file: -f PATH.',
        file: 'instate.yaml',
      },
    ]);
    expect(loaded.baseFolder).toBe(cwd);
  });

  it('instate.yaml is a folder', async () => {
    const cwd = await makeFolder({ 'instate.yaml/x.yaml': head });
    expect(inShort(await load({ cwd }))).toEqual(['not_a_file instate.yaml']);
  });

  it.each([
    ['-', '-', '-'],
    ['a.yaml', 'a.yaml', 'a.yaml'],
    ['a.yaml', './a.yaml', './a.yaml'],
    ['.', 'a.yaml', 'a.yaml'],
  ])('%s and %s are the same', async (first, second, blamed) => {
    const cwd = await makeFolder({ 'a.yaml': head + one });
    const loaded = await load({ cwd, files: [first, second], readStdin: () => Promise.resolve(head + one) });
    expect(inShort(loaded)).toEqual([`duplicate_file ${blamed}`]);
  });

  it('a link to a file in the same folder is that file', async () => {
    const cwd = await makeFolder({ 'a.yaml': head + one });
    await symlink(join(cwd, 'a.yaml'), join(cwd, 'link.yaml'));
    const { diagnostics } = await load({ cwd, files: ['.'] });
    expect(diagnostics).toMatchObject([
      { code: 'duplicate_file', file: './link.yaml', summary: 'the file is given already as ./a.yaml' },
    ]);
  });

  it('a path that goes through a file, and a link in a circle', async () => {
    const cwd = await makeFolder({ 'a.yaml': head + one });
    await symlink('loop.yaml', join(cwd, 'loop.yaml'));
    const files = ['a.yaml/b.yaml', 'loop.yaml'];
    expect(inShort(await load({ cwd, files }))).toEqual([
      'file_missing a.yaml/b.yaml',
      'file_unreadable loop.yaml',
    ]);
  });

  it('a device never ends, but reading it does', async () => {
    expect(inShort(await load({ cwd: '/', files: ['/dev/zero'] }))).toEqual(['file_too_large /dev/zero']);
  });

  it('stdin that fails or is binary', async () => {
    const failing = await load({ files: ['-'], readStdin: () => Promise.reject(new Error('closed')) });
    expect(inShort(failing)).toEqual(['file_unreadable -']);
    expect(inShort(await loadText('a: "\0"'))).toEqual(['binary_file -']);
  });

  it('the same address in two files, both places named', async () => {
    const cwd = await makeFolder({ 'a.yaml': head + one, 'b.yaml': `\n${one}` });
    await writeFile(join(cwd, 'c.yaml'), 'project: other\n');
    const { diagnostics } = await load({ cwd, files: ['a.yaml', 'b.yaml', 'c.yaml'] });
    expect(diagnostics).toMatchObject([
      {
        code: 'duplicate_address',
        file: 'b.yaml',
        line: 3,
        column: 3,
        address: 'a',
        summary: expect.stringContaining('a.yaml:4:3'),
      },
      {
        code: 'duplicate_key',
        file: 'c.yaml',
        line: 1,
        column: 1,
        summary: expect.stringContaining('a.yaml:2:1'),
      },
    ]);
  });
});
