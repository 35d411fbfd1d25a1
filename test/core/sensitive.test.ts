import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Sensitive, openSensitive } from '../../src/core/sensitive.ts';

describe('E: the type for secrets', () => {
  it('says (sensitive) however it is printed', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 6 }), (text) => {
        const value = new Sensitive(`#${text}#canary`);
        const shown = [
          String(value),
          `${value.toString()}`,
          JSON.stringify({ value }),
          inspect(value, { depth: 9, showHidden: true }),
          inspect({ a: [value] }),
          Object.keys(value).join(),
        ];
        for (const one of shown) expect(one).not.toContain('canary');
        expect(String(value)).toBe('(sensitive)');
      }),
    );
  });

  it('compares without being opened', () => {
    expect(new Sensitive('a').equals(new Sensitive('a'))).toBe(true);
    expect(new Sensitive('a').equals('a')).toBe(true);
    expect(new Sensitive('a').equals(new Sensitive('b'))).toBe(false);
    expect(openSensitive(new Sensitive('a'))).toBe('a');
  });
});
