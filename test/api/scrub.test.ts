import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeCut, makeScrub } from '../../src/api/scrub.ts';

const secret = 'p@ss/wörd+"1\\2" & <x>';
const html = secret
  .replaceAll('&', '&amp;')
  .replaceAll('<', '&lt;')
  .replaceAll('>', '&gt;')
  .replaceAll('"', '&quot;');
const inUnicode = (sign: string) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`;
const base64 = Buffer.from(secret).toString('base64');

describe('E8: text of the service', () => {
  const forms: readonly [string, string][] = [
    ['as it is', secret],
    ['in other letters', secret.toUpperCase()],
    ['JSON-escaped', JSON.stringify(secret).slice(1, -1)],
    ['JSON-escaped twice', JSON.stringify(JSON.stringify(secret)).slice(3, -3)],
    ['JSON-escaped in ASCII', JSON.stringify(secret).slice(1, -1).replace('ö', '\\u00f6')],
    ['URL-encoded', encodeURIComponent(secret)],
    ['form-encoded', new URLSearchParams({ a: secret }).toString().slice(2)],
    ['HTML-escaped', html],
    ['in hexadecimal', Buffer.from(secret).toString('hex')],
    ['in upper hexadecimal', Buffer.from(secret).toString('hex').toUpperCase()],
    ['in base64', base64],
    ['JSON-escaped with its slashes', JSON.stringify(secret).slice(1, -1).replaceAll('/', '\\/')],
    [
      'escaped by a serializer that is careful of HTML',
      secret.replaceAll('\\', '\\\\').replace(/[&<>=+"]/g, inUnicode),
    ],
    ['in HTML with numbers', html.replaceAll('&quot;', '&#x22;').replaceAll('&lt;', '&#60;')],
    [
      'URL-encoded in small letters',
      encodeURIComponent(secret).replace(/%../g, (code) => code.toLowerCase()),
    ],
    ['URL-encoded twice', encodeURIComponent(encodeURIComponent(secret))],
    ['HTML-escaped twice', html.replaceAll('&', '&amp;')],
    ['JSON-escaped, then in base64', Buffer.from(JSON.stringify(secret).slice(1, -1)).toString('base64')],
    ['in base64url', Buffer.from(secret).toString('base64url')],
  ];

  it.each(forms)('E8: a secret %s is cut out', (_, form) => {
    expect(makeScrub(['other', secret])(`the value "${form}" is wrong`)).toBe(
      'the value "(sensitive)" is wrong',
    );
  });

  it.each(['', 'a', 'ab', 'user:', 'someone@example.com:'])('E8: in base64 behind %j', (before) => {
    const text = Buffer.from(`${before}correct horse battery${before}`).toString('base64');
    const scrubbed = makeScrub(['correct horse battery'])(`Basic ${text}`);
    expect(scrubbed).toContain('(sensitive)');
    expect(Buffer.from(scrubbed.replace('(sensitive)', ' '), 'base64').toString()).not.toMatch(/horse/);
  });

  it('E8: what has the shape of a token is cut out, whoever knows it', () => {
    const token = 'dKuCl+B1xWYnFG0L3YQhgqBbmaWEr8j7/jB6WRNXFDY=';
    const forms = [
      token,
      encodeURIComponent(token),
      token.replaceAll('/', '\\/').replace('=', '\\u003d'),
      Buffer.from(token).toString('base64'),
      Buffer.from(token).toString('hex'),
    ];
    for (const form of forms)
      expect(makeScrub([])(`Element ${form}, gone`)).toBe('Element (sensitive), gone');
    const harmless = [
      'instance 1234567 of 5b0437c6e4b07731ae39b533 (4f9619ff-8b86-d011-b42d-00c04fc964ff)',
      'see https://example.my.salesforce.com/services/data/v52.0/sobjects/AccountContactRelation/describe',
    ];
    for (const text of harmless) expect(makeScrub([])(text)).toBe(text);
  });

  it('E8: what is secret beside the secrets of one request is cut out before the text is cut off', () => {
    const scrub = makeScrub(['of this one'], makeCut(['OF-ANOTHER-ONE']));
    expect(scrub('of this one, OF-ANOTHER-ONE')).toBe('(sensitive), (sensitive)');
    expect(scrub(`${'x'.repeat(290)}OF-ANOTHER-ONE`)).not.toContain('OF-');
  });

  it('E8: ten thousand secrets are no reason to fail', () => {
    const secrets = Array.from(
      { length: 10_000 },
      (_, at) => `Pa"ss&w/rd <${String(at)}> é+${String(at * 7_919)}%`,
    );
    const said = [0, 4_321, 9_999].map((at) => JSON.stringify(secrets[at]));
    expect(makeScrub(secrets)(`wrong: ${said.join(' and ')}`)).toBe(
      'wrong: "(sensitive)" and "(sensitive)" and "(sensitive)"',
    );
  });

  it('E8: control characters, escape sequences and invisible ones are gone, and it is one line', () => {
    const text =
      'a\u001b[31mred\u001b[0m\u001b]0;title\u0007\r\n::error::x\u0000\u202e\u2028\u200b\u009b31mz\u007f';
    expect(makeScrub([])(text)).toBe('ared ::error::x z');
  });

  it('E8: a secret with line breaks, or one that is taken apart by control characters, is cut out', () => {
    const scrub = makeScrub(['line one\nline two', 'hunter2hunter2']);
    expect(scrub('x line one\nline two y')).toBe('x (sensitive) y');
    expect(scrub('x line one line two y')).toBe('x (sensitive) y');
    expect(scrub('hunter2\u001b[0mhunter2')).toBe('(sensitive)');
  });

  it('E8: no more than 300 characters, and never half a secret at the cut', () => {
    const long = makeScrub(['SECRETSECRET'])(`${'x'.repeat(295)}SECRETSECRET`);
    expect([...long]).toHaveLength(300);
    expect(long).not.toContain('SECR');
    expect([...makeScrub([])('\u{1F511}'.repeat(400))]).toHaveLength(300);
  });

  it('E8: a secret shorter than four characters is left, or words would be cut up', () => {
    expect(makeScrub(['a', 'abc', '   '])('abc and a')).toBe('abc and a');
  });

  it('E8: whatever the secret and the text around it, it does not come through', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 4, maxLength: 40, unit: 'grapheme' }),
        fc.string(),
        fc.string(),
        (own, before, after) => {
          fc.pre(own.trim().length >= 4 && !'(sensitive)'.includes(own.trim().toLowerCase()));
          const scrub = makeScrub([own]);
          for (const form of [
            own,
            encodeURIComponent(own),
            JSON.stringify(own),
            Buffer.from(own).toString('base64'),
          ]) {
            expect(scrub(form)).not.toContain(own.trim());
            expect(scrub(form)).toContain('(sensitive)');
          }
          expect(scrub(`${before}${own}${after}`).replaceAll('(sensitive)', '')).not.toContain(own);
        },
      ),
    );
  });
});
