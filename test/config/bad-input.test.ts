import { describe, expect, it } from 'vitest';
import { configCodes } from '../../src/config/problems.ts';
import { canary, configurationRows, type Row, shapeRows, syntaxRows } from './bad-input-rows.ts';
import { loadText, summarise } from './support.ts';

const rows = [...syntaxRows, ...shapeRows, ...configurationRows];

async function loadRow(row: Row) {
  return loadText(row.text, { environment: { REGION: 'eu', ...row.environment }, cwd: '/tmp' });
}

/** Reported for files as a whole; held in files.test.ts, env-file.test.ts and cmd/reports.test.ts. */
const fileCodes = [
  'file_missing',
  'file_unreadable',
  'outside_checkout',
  'not_a_file',
  'no_yaml_in_folder',
  'duplicate_file',
  'file_too_large',
  'not_utf8',
  'binary_file',
  'bad_env_line',
];

describe('bad input is explained where it stands', () => {
  it.each(rows)('$name', async (row) => {
    const loaded = await loadRow(row);
    expect(summarise(loaded)).toEqual(row.found);
    const [first] = loaded.diagnostics;
    expect(`${first?.summary ?? ''} ${first?.detail ?? ''}`).toContain(row.says);
    expect(loaded.declarations === null).toBe(
      loaded.diagnostics.some(({ severity }) => severity === 'error'),
    );
  });

  it('every code is met by a row', () => {
    const met = new Set([
      ...rows.flatMap((row) => row.found.map((found) => found.replace(/\??( .*)?$/, ''))),
      ...fileCodes,
    ]);
    expect([...met].sort()).toEqual([...configCodes].sort());
  });

  it('everything is reported at once, in the order of the file', async () => {
    const text = [
      'version: 2',
      'project: CRM',
      'colour: red',
      'instances:',
      '  Bad Address: {element: a}',
      '  x:',
      '    name: "<b>X</b>"',
      '    protect: maybe',
      '    configuration:',
      '      password: abcdef',
      '      port: 0755',
      'moved: {y: z}',
      '',
    ].join('\n');
    expect(summarise(await loadText(text))).toEqual([
      'bad_value 1:10',
      'bad_project 2:10',
      'unknown_key 3:1',
      'bad_address 5:3',
      'missing_key 6:3',
      'html_in_name 7:11',
      'wrong_type 8:14',
      'literal_secret 10:17',
      'ambiguous_number 11:13',
      'bad_move 12:12',
    ]);
  });
});

describe('E2: nothing below configuration or account, and nothing of an unreadable file, is shown', () => {
  it.each(
    rows.filter(
      (row) =>
        row.text.includes(canary) ||
        Object.values(row.environment ?? {}).some((value) => value.includes(canary)),
    ),
  )('E2: $name', async (row) => {
    const { diagnostics, unset } = await loadRow(row);
    expect(diagnostics.length).toBeGreaterThan(0);
    expect(JSON.stringify({ diagnostics, unset })).not.toContain(canary);
  });

  it('E2: no excerpt of a file that did not parse', async () => {
    for (const row of syntaxRows) {
      const { diagnostics } = await loadRow(row);
      const unreadable = diagnostics.filter(({ code }) =>
        /^(yaml_syntax|unquoted|tab_ind|too_|bad_alias)/.test(code),
      );
      for (const diagnostic of unreadable) expect(diagnostic.excerpt).toBeUndefined();
    }
  });
});
