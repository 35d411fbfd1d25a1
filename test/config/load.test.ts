import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Sensitive } from '../../src/core/sensitive.ts';
import { defaultBaseUrl } from '../../src/config/load.ts';
import {
  configurationWith,
  fileWith,
  instanceWith,
  load,
  loadText,
  makeFolder,
  summarise,
} from './support.ts';

const example = `# yaml-language-server: $schema=https://unpkg.com/instate/schema/instate.schema.json
version: 1
project: crm                    # names the ownership tag
account:                        # the default is US production and the two variables below
  baseUrl: https://api.cloud-elements.com/elements/api-v2
  userSecret: "\${env:CE_USER_SECRET}"
  organizationSecret: "\${env:CE_ORGANIZATION_SECRET}"
  user: 8421                    # optional
state: .instate/state.db        # or postgres://…
ownership: tag                  # or none
defaults:
  tags: [managed]
  configuration:
    filter.response.nulls: true
instances:
  insightly-sales:              # the address
    element: insightly          # element key
    name: Insightly Sales       # display name in the account; defaults to the address
    tags: [crm, emea]
    configuration:
      username: "\${env:INSIGHTLY_USERNAME}"
      password: "\${env:INSIGHTLY_API_KEY}"
      base.url: "https://\${var:REGION}.example.com"
    # optional
    externalAuthentication: initial   # start from an OAuth refresh token given in configuration
    id: 12345                   # pin an instance that exists already
    protect: true               # never replaced or deleted
    ignore: [configuration.base.url]  # fields never compared
moved:                          # renames of addresses: never a new instance
  insightly-old: insightly-sales
`;

describe('a whole file', () => {
  it("product.md's example loads exactly", async () => {
    const folder = await makeFolder({ 'instate.yaml': example });
    const loaded = await load({ cwd: folder, environment: { REGION: 'eu' } });
    const secret = (name: string, line: number, column: number) => ({
      kind: 'sensitive',
      template: `\${env:${name}}`,
      references: [{ scheme: 'env', name }],
      source: { file: 'instate.yaml', line, column },
      folder,
    });
    expect(loaded).toEqual({
      declarations: {
        project: 'crm',
        ownership: 'tag',
        account: {
          baseUrl: 'https://api.cloud-elements.com/elements/api-v2',
          user: 8421,
          userSecret: secret('CE_USER_SECRET', 6, 15),
          organizationSecret: secret('CE_ORGANIZATION_SECRET', 7, 23),
        },
        state: join(folder, '.instate/state.db'),
        instances: [
          {
            address: 'insightly-sales',
            element: 'insightly',
            name: 'Insightly Sales',
            tags: ['managed', 'crm', 'emea'],
            configuration: {
              'filter.response.nulls': { kind: 'plain', value: true },
              username: secret('INSIGHTLY_USERNAME', 21, 17),
              password: secret('INSIGHTLY_API_KEY', 22, 17),
              'base.url': { kind: 'plain', value: 'https://eu.example.com' },
            },
            externalAuthentication: 'initial',
            id: 12345,
            protect: true,
            ignore: ['configuration.base.url'],
            source: { file: 'instate.yaml', line: 16, column: 3 },
          },
        ],
        moved: [
          {
            from: 'insightly-old',
            to: 'insightly-sales',
            source: { file: 'instate.yaml', line: 30, column: 3 },
          },
        ],
        commands: [],
        files: ['instate.yaml'],
      },
      diagnostics: [],
      files: ['instate.yaml'],
      instanceCount: 1,
      unset: [
        ['INSIGHTLY_USERNAME', 'username', 21],
        ['INSIGHTLY_API_KEY', 'password', 22],
      ].map(([name, key, line]) => ({
        reference: { scheme: 'env', name },
        path: `instances.insightly-sales.configuration.${String(key)}`,
        address: 'insightly-sales',
        source: { file: 'instate.yaml', line, column: 17 },
        role: 'credential',
      })),
      read: expect.any(Function) as unknown,
      shown: new Map([['REGION', new Sensitive('eu')]]),
      baseFolder: folder,
    });
  });

  it('the least that is possible', async () => {
    const { declarations } = await loadText('version: 1\nproject: crm\ninstances: {}\n', { cwd: '/tmp' });
    expect(declarations).toMatchObject({ ownership: 'tag', state: null, instances: [], moved: [] });
    expect(declarations?.account).toMatchObject({
      baseUrl: defaultBaseUrl,
      user: null,
      userSecret: { template: '${env:CE_USER_SECRET}', source: { file: '-', line: 1, column: 1 } },
      organizationSecret: { template: '${env:CE_ORGANIZATION_SECRET}' },
    });
  });

  it('an instance with nothing but its element', async () => {
    const { declarations } = await loadText(
      'version: 1\nproject: crm\ninstances: {constructor: {element: closeio}}\n',
    );
    expect(declarations?.instances).toEqual([
      {
        address: 'constructor',
        element: 'closeio',
        name: 'constructor',
        tags: null,
        configuration: {},
        externalAuthentication: null,
        id: null,
        protect: false,
        ignore: [],
        source: { file: '-', line: 3, column: 13 },
      },
    ]);
  });
});

describe('tags and defaults', () => {
  const tagsOf = async (text: string) => (await loadText(text)).declarations?.instances[0]?.tags;

  it.each([
    ['none at all: not compared', instanceWith('protect: false'), null],
    ['an empty list: compared as empty', instanceWith('tags: []'), []],
    ['those of the defaults alone', `${instanceWith('protect: false')}defaults: {tags: [a]}\n`, ['a']],
    [
      'defaults first, no repeats',
      `${instanceWith('tags: [b, a, b]')}defaults: {tags: [c, a]}\n`,
      ['c', 'a', 'b'],
    ],
    ['empty defaults', `${instanceWith('protect: false')}defaults: {tags: []}\n`, []],
    ['an angle bracket is no HTML', instanceWith('tags: ["A < B", "1<2>0"]'), ['A < B', '1<2>0']],
  ])('%s', async (_, text, tags) => {
    expect(await tagsOf(text)).toEqual(tags);
  });

  it('configuration merges by top-level key, and the instance wins', async () => {
    const text = `${configurationWith('note: {b: 1}\nplain: mine')}defaults: {configuration: {other: 1, note: {a: 1}}}\n`;
    const { declarations } = await loadText(text);
    expect(declarations?.instances[0]?.configuration).toEqual({
      other: { kind: 'plain', value: 1 },
      note: { kind: 'plain', value: { b: 1 } },
      plain: { kind: 'plain', value: 'mine' },
    });
  });
});

describe('values', () => {
  const valueOf = async (written: string, environment = {}) => {
    const loaded = await loadText(configurationWith(`note: ${written}`), { environment });
    return { found: summarise(loaded), value: loaded.declarations?.instances[0]?.configuration['note'] };
  };

  it.each([
    ['yes', 'yes'],
    ['on', 'on'],
    ['2026-11-23', '2026-11-23'],
    ['12:30:45', '12:30:45'],
    ['1_000', '1_000'],
    ['0b11', '0b11'],
    ['1.2.3', '1.2.3'],
    ['"0755"', '0755'],
    ["'1.10'", '1.10'],
    ['true', true],
    ['False', false],
    ['~', null],
    ['', null],
    ['""', ''],
    ['0', 0],
    ['-12', -12],
    ['1.5', 1.5],
    ['9007199254740991', 9007199254740991],
    ['$1 and $', '$1 and $'],
    ['"$${env:X}"', '${env:X}'],
    ['"$$${env:X}"', '$${env:X}'],
    ['"$${a}$${b}"', '${a}${b}'],
    ['"${var:A}-${var:B}"', '1-${env:X}'],
    ['"${var:A}"', '1'],
    ['"$${${var:A}"', '${1'],
    [
      '{list: [1, "a", null, {deep: true}], "no": "${var:A}"}',
      { list: [1, 'a', null, { deep: true }], no: '1' },
    ],
    ['>-\n    two\n    words', 'two words'],
    ['|\n    two\n    lines', 'two\nlines\n'],
  ])('%s', async (written, value) => {
    const environment = { A: '1', B: '${env:X}' };
    expect(await valueOf(written, environment)).toEqual({ found: [], value: { kind: 'plain', value } });
  });

  it('keys are their source text', async () => {
    const { declarations } = await loadText(
      configurationWith('1.10: a\nyes: b\nnull: c\n0755: d\n"q\\u00e9": e'),
    );
    expect(Object.keys(declarations?.instances[0]?.configuration ?? {})).toEqual([
      '1.10',
      'yes',
      'null',
      '0755',
      'qé',
    ]);
  });

  it('a JSON object with one secret is sensitive as a whole, and stays as written', async () => {
    const { value } = await valueOf('{a: "$${x}", b: ["${var:A}", "${file:s/x}"], c: 1, d: "${env:S}"}', {
      A: '1',
    });
    expect(value).toMatchObject({
      kind: 'sensitive',
      template: { a: '$${x}', b: ['${var:A}', '${file:s/x}'], c: 1, d: '${env:S}' },
      references: [
        { scheme: 'var', name: 'A' },
        { scheme: 'file', name: 's/x' },
        { scheme: 'env', name: 'S' },
      ],
    });
  });

  it.each(['null', '""', 'true', '"a${env:S}b"'])('%s is no literal secret', async (written) => {
    expect(summarise(await loadText(configurationWith(`password: ${written}`)))).toEqual([]);
  });

  it('${var:} stands for numbers and booleans too', async () => {
    const text = `${instanceWith('id: "${var:ID}"\nprotect: "${var:FLAG}"')}account: {user: "\${var:ID}"}\n`;
    const { declarations, diagnostics } = await loadText(text, { environment: { ID: '42', FLAG: 'false' } });
    expect(diagnostics).toEqual([]);
    expect(declarations?.instances[0]).toMatchObject({ id: 42, protect: false });
    expect(declarations?.account.user).toBe(42);
    const bad = await loadText(text, { environment: { ID: '042', FLAG: 'maybe' } });
    expect(summarise(bad)).toEqual(['wrong_type 6:9', 'wrong_type 7:14', 'wrong_type 8:17']);
  });

  it('anchors, aliases and << are followed', async () => {
    const text = [
      'version: 1',
      'project: crm',
      'instances:',
      '  a:',
      '    element: closeio',
      '    configuration: &shared {note: 1, other: {x: 2}}',
      '  b:',
      '    element: closeio',
      '    configuration: {<<: *shared, note: 3}',
      '  c: {element: closeio, configuration: *shared}',
      '  d: {element: closeio, configuration: {<<: [{note: 4}, *shared]}}',
    ].join('\n');
    const { declarations, diagnostics } = await loadText(text);
    expect(diagnostics).toEqual([]);
    const plain = (note: number) => ({
      note: { kind: 'plain', value: note },
      other: { kind: 'plain', value: { x: 2 } },
    });
    expect(declarations?.instances.map(({ configuration }) => configuration)).toEqual([
      plain(1),
      plain(3),
      plain(1),
      plain(4),
    ]);
  });
});

describe('flags and what is unset', () => {
  it('--project and --base-url count instead of the file', async () => {
    const text = `version: 1\nproject: "\${var:UNSET}"\ninstances: {}\naccount: {baseUrl: "\${var:UNSET}"}\n`;
    const loaded = await loadText(text, { project: 'other', baseUrl: 'HTTPS://Example.com:443/api/' });
    expect(loaded).toMatchObject({ diagnostics: [], unset: [] });
    expect(loaded.declarations).toMatchObject({
      project: 'other',
      account: { baseUrl: 'https://example.com/api' },
    });
    const bad = await loadText('version: 1\ninstances: {}\n', { project: 'Other', baseUrl: 'example.com' });
    expect(bad.diagnostics.map(({ code, summary }) => `${code}: ${summary.slice(0, 10)}`)).toEqual([
      'bad_project: --project ',
      'bad_url: --base-url',
    ]);
  });

  it('an unset variable keeps the raw text and is listed, wherever it stands', async () => {
    const text = [
      'version: 1',
      'project: crm',
      'state: "${var:DIR}/x.db"',
      'instances:',
      '  a: {element: "${var:KIND}", name: "${var:NAME} x", id: "${var:ID}", configuration: {note: "${var:NAME}"}}',
      'moved: {b: "${var:TO}"}',
    ].join('\n');
    const loaded = await loadText(text, { environment: { NAME: '' } });
    expect(loaded.diagnostics).toEqual([]);
    expect(
      loaded.unset.map(({ reference, path, address, role }) => [reference.name, path, address, role]),
    ).toEqual([
      ['DIR', 'state', null, 'variable'],
      ['KIND', 'instances.a.element', 'a', 'variable'],
      ['NAME', 'instances.a.name', 'a', 'variable'],
      ['ID', 'instances.a.id', 'a', 'variable'],
      ['NAME', 'instances.a.configuration.note', 'a', 'variable'],
      ['TO', 'moved.b', null, 'variable'],
    ]);
    expect(loaded.declarations).toMatchObject({
      state: '${var:DIR}/x.db',
      instances: [
        {
          element: '${var:KIND}',
          name: '${var:NAME} x',
          id: null,
          configuration: { note: { value: '${var:NAME}' } },
        },
      ],
    });
  });

  it("the account's secrets are listed, written or not", async () => {
    const environment = { CE_USER_SECRET: '', CE_ORGANIZATION_SECRET: '' };
    const byDefault = await loadText('version: 1\nproject: crm\ninstances: {}\n', { environment });
    const list = ({ unset }: typeof byDefault) =>
      unset.map(
        ({ reference, role, source }) =>
          `${reference.name} ${role} ${String(source.line)}:${String(source.column)}`,
      );
    expect(list(byDefault)).toEqual(['CE_USER_SECRET account 1:1', 'CE_ORGANIZATION_SECRET account 1:1']);
    const written = await loadText(
      fileWith('account: {userSecret: "${env:US}", organizationSecret: "${file:none/here}"}'),
      {
        environment,
        cwd: '/tmp',
      },
    );
    expect(list(written)).toEqual(['US account 4:23', 'none/here account 4:56']);
  });

  it.each([
    ['https://example.com/elements/api-v2/', 'https://example.com/elements/api-v2'],
    ['http://127.0.0.1:4010/elements/api-v2', 'http://127.0.0.1:4010/elements/api-v2'],
    ['https://example.com', 'https://example.com'],
  ])('base URL %s', async (written, baseUrl) => {
    const { declarations } = await loadText(fileWith(`account: {baseUrl: "${written}"}`));
    expect(declarations?.account.baseUrl).toBe(baseUrl);
  });

  it.each([
    ['postgres://me@db.example.com/x', 'postgres://me@db.example.com/x'],
    ['sub/state.db', '/tmp/sub/state.db'],
    ['/var/state.db', '/var/state.db'],
  ])('state %s', async (written, state) => {
    expect((await loadText(fileWith(`state: ${written}`), { cwd: '/tmp' })).declarations?.state).toBe(state);
  });
});

describe('size', () => {
  it('10,000 declarations load, and 10,000 problems are explained', async () => {
    const lines = Array.from({ length: 10_000 }, (_, index) =>
      [
        `  i-${String(index)}:`,
        '    element: insightly',
        '    configuration:',
        '      password: "${env:P}"',
        '      port: 0755',
      ].join('\n'),
    );
    const loaded = await loadText(`version: 1\nproject: crm\ninstances:\n${lines.join('\n')}\n`);
    expect(loaded.instanceCount).toBe(10_000);
    expect(loaded.diagnostics).toHaveLength(10_000);
    expect(loaded.diagnostics.at(-1)).toMatchObject({
      line: 50_003,
      column: 13,
      excerpt: { text: '      port: …' },
    });
  });
});
