import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { load as parse } from 'js-yaml';
import { configurationWith, fileWith, instanceWith } from './support.ts';

const path = new URL('../../schema/instate.schema.json', import.meta.url);
const schema = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
const accepts = new Ajv({ strict: false }).compile(schema);

describe('schema/instate.schema.json', () => {
  it('is what schema/generate.mjs makes of src/config/schema.ts', async () => {
    const script = new URL('../../schema/generate.mjs', import.meta.url).pathname;
    const { stdout } = await promisify(execFile)(process.execPath, [script, '--print'], {
      maxBuffer: 1024 * 1024,
    });
    expect(stdout).toBe(await readFile(path, 'utf8'));
  });

  it('describes every key', () => {
    const missing: string[] = [];
    const visit = (node: unknown, at: string): void => {
      if (node === null || typeof node !== 'object') return;
      for (const [key, child] of Object.entries(node)) {
        if (key !== 'properties') visit(child, `${at}/${key}`);
        else {
          for (const [name, property] of Object.entries(child as Record<string, { description?: string }>)) {
            if (property.description === undefined) missing.push(`${at}/${name}`);
            visit(property, `${at}/${name}`);
          }
        }
      }
    };
    visit(schema, '');
    expect(missing).toEqual([]);
  });

  it.each([
    ['the least', fileWith('')],
    ['a part of a whole', 'instances: {a: {element: closeio}}'],
    ['references', configurationWith('password: "${env:A}"\nnote: {a: [1]}\nnone: null')],
    ['variables for anything', instanceWith('id: "${var:ID}"\nprotect: "${var:P}"\nname: "a ${var:N}"')],
    [
      'the account',
      fileWith('account: {baseUrl: "https://x.example.com", userSecret: "${file:a}", user: 1}'),
    ],
  ])('accepts %s', (_, text) => {
    expect(accepts(parse(text))).toBe(true);
  });

  it.each([
    ['an unknown key', fileWith('colour: red')],
    ['a bad project', 'project: CRM'],
    ['a bad address', 'instances: {"A B": {element: x}}'],
    ['no element', 'instances: {a: {name: x}}'],
    ['a list as value', configurationWith('note: [a]')],
    ['a literal account secret', fileWith('account: {userSecret: abc}')],
    ['an id of 0', instanceWith('id: 0')],
    ['another version', 'version: 2'],
  ])('refuses %s', (_, text) => {
    expect(accepts(parse(text))).toBe(false);
  });
});
