import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { errorCodes } from '../src/errors.ts';
import { quirks } from '../src/sandbox/quirks.ts';

const read = (path: string) => readFileSync(new URL(`../${path}`, import.meta.url), 'utf8');

describe('docs hold to the code', () => {
  it('docs/errors.md explains every error code, and no other', () => {
    const explained = [...read('docs/errors.md').matchAll(/^\| `([a-z_]+)` \|/gm)].map(([, code]) => code);
    expect(explained.sort()).toEqual([...errorCodes].sort());
  });

  it('docs/safety.md names tests that exist', () => {
    const named = [...read('docs/safety.md').matchAll(/`((?:[a-z-]+\/)?[a-z-]+\.(?:test\.)?ts)` "([^"]+)"/g)];
    expect(named.length).toBeGreaterThan(60);
    const gone = named.filter(([, file, name]) => !read(`test/${file ?? ''}`).includes(name ?? ''));
    expect(gone.map(([row]) => row)).toEqual([]);
  });

  it('docs/safety.md covers the rules of this release', () => {
    const rules = [...read('docs/safety.md').matchAll(/^\| ([A-F]\d) \|/gm)].map(([, rule]) => rule);
    const promised =
      'A1 A2 A3 A4 A5 A6 B1 B2 B3 B4 C1 C2 C3 C4 C5 C6 C7 D1 D2 D3 E1 E2 E3 E4 E5 E6 E7 E8 F1 F2 F3 F4 F5'.split(
        ' ',
      );
    expect(promised.filter((rule) => !rules.includes(rule))).toEqual([]);
  });

  it('docs/vendor-facts.md names tests that exist', () => {
    const page = read('docs/vendor-facts.md');
    const named = [...page.matchAll(/`([a-z-]+\.test\.ts)` "((?:[^"\\]|\\.)+)"/g)];
    expect(named.length).toBeGreaterThan(70);
    const gone = named.filter(([, file, name]) => {
      const text = read(`test/sandbox/${file ?? ''}`).replaceAll("\\'", "'");
      return !text.includes((name ?? '').replaceAll('\\"', '"'));
    });
    expect(gone.map(([row]) => row)).toEqual([]);
  });

  it('docs/vendor-facts.md tells every quirk as the code has it, and where it comes from', () => {
    const page = read('docs/vendor-facts.md');
    const [facts = '', table = ''] = page.split('\n## Quirks\n');
    const told = [...table.matchAll(/^\| `([a-z0-9-]+)` \| (.+) \| (.+) \|$/gm)];
    expect(Object.fromEntries(told.map(([, name, on, off]) => [name, { on, off }]))).toEqual(quirks);
    expect(Object.keys(quirks).filter((name) => !facts.includes(`\`${name}\``))).toEqual([]);
  });
});
