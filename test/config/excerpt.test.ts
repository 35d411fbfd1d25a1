import { describe, expect, it } from 'vitest';
import { configurationWith, fileWith, instanceWith, loadText } from './support.ts';

/** The excerpt of the first diagnostic with its caret drawn, as text output shows it. */
async function draw(text: string): Promise<string> {
  const [first] = (await loadText(text)).diagnostics;
  if (!first?.excerpt || first.column === undefined) return 'none';
  return `${first.excerpt.text}\n${' '.repeat(first.column - 1)}${'^'.repeat(first.excerpt.width)}`;
}

describe('excerpts', () => {
  it.each([
    [
      'a harmless scalar is shown',
      instanceWith('name: "<b>S</b>"  # why'),
      '    name: "<b>S</b>"\n          ^^^^^^^^^^',
    ],
    ['a configuration value is not', configurationWith('port: 0755'), '      port: …\n            ^'],
    ['nor in quotes', configurationWith('password: "abcdef"'), '      password: "…"\n                ^^^'],
    [
      'what is hidden before the caret keeps its length',
      configurationWith('{note: "abcdef", usename: ghi}').replace(
        'configuration:\n      ',
        'configuration: ',
      ),
      '    configuration: {note: "…     ", usename: …}\n                                    ^^^^^^^',
    ],
    [
      'a secret at the wrong level is not shown either',
      instanceWith('password: abcdef'),
      '    password: …\n    ^^^^^^^^',
    ],
    [
      'nor under a mapping that does not exist',
      fileWith('configuraton: {password: abcdef}'),
      'configuraton: {…: …}\n^^^^^^^^^^^^',
    ],
    ['a comment may hold anything', fileWith('ownership: tags # abcdef'), 'ownership: tags\n           ^^^^'],
    ['a tag may be a mistyped secret', configurationWith('note: !abcdef'), '      note: …\n      ^^^^'],
    ['so may an anchor', configurationWith('usename: &abcdef x'), '      usename: &… …\n      ^^^^^^^'],
    [
      'a tab before the caret becomes a space',
      fileWith('ownership:\ttags'),
      'ownership: tags\n           ^^^^',
    ],
    [
      'a scalar that an alias brings below configuration is hidden',
      instanceWith('name: &n "<b>abcdef</b>"\nconfiguration: {note: *n}'),
      '    name: &… "…"\n             ^^^',
    ],
    [
      'and the other way round',
      instanceWith('configuration: {note: &n abcdef, usename: x}\nname: *n'),
      '    configuration: {note: &… …     , usename: …}\n                                     ^^^^^^^',
    ],
    ['a block scalar', configurationWith('password: |\n  abcdef'), '      password: |\n                ^'],
    ['a line far too long has none', fileWith(`defaults: {tags: [${'a, '.repeat(90)}1]}`), 'none'],
  ])('%s', async (_, text, expected) => {
    expect(await draw(text)).toBe(expected);
  });

  it('columns count from 1 behind a byte order mark and with CRLF', async () => {
    const text = `\u{feff}${fileWith('ownership: tags')}`.replaceAll('\n', '\r\n');
    const [first] = (await loadText(text)).diagnostics;
    expect(first).toMatchObject({ line: 4, column: 12, excerpt: { text: 'ownership: tags', width: 4 } });
  });
});
