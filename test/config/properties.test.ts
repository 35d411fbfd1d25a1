import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findNearest } from '../../src/config/nearest.ts';
import { parseTemplate } from '../../src/config/template.ts';
import { configurationWith, load, loadText, makeFolder } from './support.ts';

const printable = fc
  .string({ unit: 'binary' })
  .filter((text) => !/[\p{Cc}\p{Cs}\u{feff}\u{fffe}\u{ffff}]/u.test(text));

async function readNote(written: string): Promise<unknown> {
  const { declarations, diagnostics } = await loadText(configurationWith(`note: ${written}`));
  const note = declarations?.instances[0]?.configuration['note'];
  return note?.kind === 'plain' ? note.value : diagnostics;
}

describe('laws of the files', () => {
  it('any text given in quotes comes through unchanged', async () => {
    await fc.assert(
      fc.asyncProperty(printable, async (text) => {
        const escaped = text.replaceAll('${', () => '$${');
        expect(await readNote(`'${escaped.replaceAll("'", "''")}'`)).toBe(text);
        expect(await readNote(JSON.stringify(escaped))).toBe(text);
      }),
      { numRuns: 200 },
    );
  });

  it('$${ is undone exactly once, whatever stands around it', () => {
    const pieces = fc.array(fc.constantFrom('$', '{', '}', '${', 'env:', 'A', '$$', ' '), { maxLength: 12 });
    fc.assert(
      fc.property(pieces, (list) => {
        const text = list.join('');
        const { parts, faults } = parseTemplate(text.replaceAll('${', () => '$${'));
        expect(faults).toEqual([]);
        expect(parts.map((part) => (part.kind === 'text' ? part.text : null)).join('')).toBe(text);
      }),
    );
  });

  it('how the declarations are spread over files and in which order does not matter', async () => {
    const blocks = [
      'version: 1\n',
      'version: 1\nproject: crm\n',
      'account: {user: 7, userSecret: "${env:A}", organizationSecret: "${env:B}"}\n',
      'state: /var/state.db\n',
      'defaults: {tags: [z], configuration: {note: 1, other: "${env:C}"}}\n',
      'instances:\n  b: {element: closeio, tags: [a]}\n',
      'instances:\n  a: {element: closeio, configuration: {note: 2}}\n  d: {element: stripe}\n',
      'instances:\n  c: {element: closeio, id: 3}\n',
      'moved: {y: a, x: b}\n',
    ];
    const read = async (order: readonly string[], cuts: ReadonlySet<number>) => {
      const cwd = await makeFolder();
      const texts: string[][] = [[]];
      for (const [index, block] of order.entries()) {
        if (cuts.has(index)) texts.push([]);
        texts.at(-1)?.push(block);
      }
      const files = texts.map((_, index) => `${String(index)}.yaml`);
      for (const [index, documents] of texts.entries())
        await writeFile(join(cwd, `${String(index)}.yaml`), documents.join('---\n'));
      const { declarations, diagnostics } = await load({ cwd, files });
      expect(diagnostics).toEqual([]);
      return JSON.parse(
        JSON.stringify(declarations, (key, value: unknown) =>
          key === 'source' || key === 'folder' || key === 'files' ? undefined : value,
        ),
      ) as unknown;
    };
    const expected = await read(blocks, new Set());
    const orders = fc.shuffledSubarray(blocks, { minLength: blocks.length });
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: blocks.length - 1 }));
    await fc.assert(
      fc.asyncProperty(orders, cuts, async (order, at) => {
        expect(await read(order, new Set(at))).toEqual(expected);
      }),
      { numRuns: 40 },
    );
  });

  it('E2: no text whatever makes loading throw, nor lets a secret be seen', async () => {
    const lines = fc.constantFrom(
      'version: 1',
      'project: crm',
      'instances:',
      '  x:',
      '    element: insightly',
      '    configuration:',
      '      password: canary7',
      '      password: "canary7',
      '      note: !canary7 &canary7 *canary7 # canary7',
      '      filter: {response: {nulls: canary7}}',
      '      user: |',
      '        canary7',
      '    tags: [a, "<b>"]',
      '    protect: maybe',
      'account: {userSecret: canary7, user: canary7}',
      'account:',
      '  baseUrl: https://canary7@x',
      '---',
      '\t',
      '- ]',
      '? [canary7]',
      'moved: {a: b}',
    );
    await fc.assert(
      fc.asyncProperty(fc.array(lines, { maxLength: 14 }), async (list) => {
        const { diagnostics, declarations } = await loadText(list.join('\n'));
        expect(declarations === null).toBe(diagnostics.some(({ severity }) => severity === 'error'));
        const shown = JSON.stringify(diagnostics);
        expect(shown).not.toContain('canary7');
      }),
      { numRuns: 1000 },
    );
  });

  it('a slip of one letter finds its word again', () => {
    const known = ['element', 'configuration', 'externalAuthentication', 'protect', 'ignore'];
    fc.assert(
      fc.property(fc.constantFrom(...known), fc.nat(), (word, position) => {
        const at = position % word.length;
        expect(findNearest(word.slice(0, at) + word.slice(at + 1), known)).toBe(word);
        expect(findNearest(`${word.slice(0, at)}x${word.slice(at)}`, known)).toBe(word);
      }),
    );
    expect(findNearest('colour', known)).toBeNull();
  });
});
