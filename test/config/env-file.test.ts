import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openSensitive } from '../../src/core/sensitive.ts';
import { InstateError } from '../../src/errors.ts';
import { readVariables, type VariableOptions } from '../../src/config/env-file.ts';
import { makeFolder } from './support.ts';

async function read(content: string | Uint8Array, more: Partial<VariableOptions> = {}) {
  const cwd = await makeFolder({ '.env': content });
  return readVariables({ environment: {}, envFiles: ['.env'], cwd, allow: null, ...more });
}

async function valueOf(content: string, name = 'A'): Promise<string | null> {
  const value = (await read(content)).get(name);
  return value === null ? null : openSensitive(value);
}

async function failure(promise: Promise<unknown>): Promise<InstateError> {
  const error: unknown = await promise.then(
    () => null,
    (reason: unknown) => reason,
  );
  if (!(error instanceof InstateError)) throw new Error('an InstateError was expected');
  return error;
}

describe('env files', () => {
  it.each<[string, string | null]>([
    ['A=1', '1'],
    ['A = 1 ', '1'],
    ['  export A=1', '1'],
    ['export\tA=1', '1'],
    ['A=', null],
    ['A=""', null],
    ['A=a b  c', 'a b  c'],
    ['A=a # comment', 'a'],
    ['A=a#b', 'a#b'],
    ['A=#b', '#b'],
    ['A= # only a comment', null],
    ['# A=1', null],
    ['A="a # b" # c', 'a # b'],
    ["A='a # b' # c", 'a # b'],
    ['A="a\\nb"', 'a\nb'],
    ['A="a\\"b\\\\n"', 'a"b\\n'],
    ['A="a\\tb"', 'a\\tb'],
    ["A='a\\nb'", 'a\\nb'],
    ['A=a\\nb', 'a\\nb'],
    ['A=a"b"', 'a"b"'],
    ['A=a=b==', 'a=b=='],
    ['A=$B ${C} `d`', '$B ${C} `d`'],
    ['A=1\nA=2', '2'],
    ['B=1\r\nA=2\r\nC=3\r\n', '2'],
    ['\u{feff}A=1', '1'],
    ['A=é😀', 'é😀'],
    ['', null],
  ])('%j', async (content, value) => {
    expect(await valueOf(content)).toBe(value);
  });

  it.each<[string, string, number, string | null]>([
    ['A="canary', 'quotes', 1, 'A'],
    ['\n\nA="canary" tail', 'quotes', 3, 'A'],
    ["A='canary", 'quotes', 1, 'A'],
    ['A="canary\\"', 'quotes', 1, 'A'],
    ['canary', 'NAME=value', 1, null],
    ['export A', 'NAME=value', 1, null],
    ['1A=canary', 'NAME=value', 1, null],
    ['A B=canary', 'NAME=value', 1, null],
    ['=canary', 'NAME=value', 1, null],
  ])('E2: %j is refused by line number and name alone', async (content, says, line, name) => {
    const error = await failure(read(content));
    expect(error.code).toBe('invalid_declarations');
    expect(error.message).toContain(`.env:${String(line)}: `);
    expect(error.message).toContain(says);
    if (name !== null) expect(error.message).toContain(`${name}: `);
    expect(JSON.stringify([error.message, error.hint, error.diagnostics])).not.toContain('canary');
    expect(error.cause).toBeUndefined();
  });

  it('all bad lines are named at once', async () => {
    const error = await failure(read('A="x\nB=1\ny\n'));
    expect(error.message).toContain('(and 1 more)');
    expect(error.diagnostics.map(({ code, file, line }) => [code, file, line])).toEqual([
      ['bad_env_line', '.env', 1],
      ['bad_env_line', '.env', 3],
    ]);
  });

  it('the process environment wins, be it empty, then the later file', async () => {
    const cwd = await makeFolder({ a: 'A=a\nB=a\nC=a\nD=a', b: 'B=b\nC=b' });
    const environment = { C: 'process', D: '', E: undefined };
    const variables = await readVariables({ environment, envFiles: ['a', join(cwd, 'b')], cwd, allow: null });
    const open = (name: string) => {
      const value = variables.get(name);
      return value && openSensitive(value);
    };
    expect(['A', 'B', 'C', 'D', 'E', 'F'].map(open)).toEqual(['a', 'b', 'process', null, null, null]);
    expect(String(variables.get('A'))).toBe('(sensitive)');
  });

  it.each([
    ['missing', 'does not exist'],
    ['.', 'no file'],
  ])('a file that cannot be read: %s', async (name, says) => {
    const cwd = await makeFolder();
    const error = await failure(readVariables({ environment: {}, envFiles: [name], cwd, allow: null }));
    expect(error).toMatchObject({ code: 'file_unreadable', message: expect.stringContaining(says) });
  });

  it.each([
    ['binary', new Uint8Array([65, 61, 0, 1]), 'binary'],
    ['latin 1', new Uint8Array([65, 61, 0xe9]), 'UTF-8'],
    ['too large', 'A=1\n'.repeat(300_000), '1 MiB'],
  ])('a file that is %s', async (_, content, says) => {
    const error = await failure(read(content));
    expect(error).toMatchObject({ code: 'invalid_declarations', message: expect.stringContaining(says) });
  });
});

describe('INSTATE_ENV_ALLOW', () => {
  it.each<[string | null, string, boolean]>([
    [null, 'ANY', true],
    ['', 'ANY', true],
    [' ', 'ANY', true],
    ['CRM_*', 'CRM_KEY', true],
    ['CRM_*', 'XCRM_KEY', false],
    ['CRM_*', 'CRM_', true],
    ['A,B , C?', 'B', true],
    ['A,B , C?', 'C1', true],
    ['A,B , C?', 'C', false],
    ['A.B', 'AxB', false],
    ['*', 'ANY', true],
    [',', 'ANY', false],
  ])('%j lets files read %s: %s', async (allow, name, allowed) => {
    const variables = await readVariables({ environment: {}, envFiles: [], cwd: '/', allow });
    expect(variables.allowed(name)).toBe(allowed);
  });
});
