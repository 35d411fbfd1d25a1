import { describe, expect, it } from 'vitest';
import { checkHost } from '../../src/api/trust.ts';
import { InstateError } from '../../src/errors.ts';

const strangers = { named: false, allowHosts: null };

function judge(url: string, trust: Parameters<typeof checkHost>[1] = strangers): string {
  try {
    checkHost(url, trust);
    return 'trusted';
  } catch (error) {
    if (!(error instanceof InstateError)) throw error;
    return error.code;
  }
}

function refusal(url: string, trust: Parameters<typeof checkHost>[1] = strangers): InstateError {
  try {
    checkHost(url, trust);
  } catch (error) {
    if (error instanceof InstateError) return error;
  }
  throw new Error(`${url} was trusted`);
}

describe('F1: hosts that the files may name', () => {
  it.each([
    'https://api.cloud-elements.com/elements/api-v2',
    'https://staging.cloud-elements.com/elements/api-v2',
    'https://api.cloud-elements.co.uk/elements/api-v2',
    'https://console.cloud-elements.co.uk',
    'HTTPS://API.Cloud-Elements.COM/elements/api-v2',
    'https://api.cloud-elements.com:8443/x',
    'https://a.b.cloud-elements.com',
    // Full-width letters and dots: the parser, and so the connection, sees the plain name.
    'https://ａpi.cloud-elements。com/x',
    'https://api.openconnectors.us2.ext.hana.ondemand.com/elements/api-v2',
    'https://api.openconnectors.trial.us10.ext.hana.ondemand.com/elements/api-v2',
    'https://api.openconnectors.ext.hanatrial.ondemand.com/elements/api-v2',
    'https://api.openconnectors.ext.hana.ondemand.com/elements/api-v2',
    'http://127.0.0.1:4010/elements/api-v2',
    'http://127.8.9.10',
    'http://127.1:4010',
    'http://2130706433/',
    'http://localhost:4010/elements/api-v2',
    'http://LOCALHOST',
    'http://[::1]:4010/elements/api-v2',
    'http://[0:0:0:0:0:0:0:1]',
    'https://localhost',
  ])('F1: trusts %s', (url) => {
    expect(judge(url)).toBe('trusted');
  });

  it.each([
    'https://evil.example/elements/api-v2',
    'https://127.0.0.1.evil.com',
    'https://localhost.evil.com',
    'https://evil.localhost',
    'https://128.0.0.1',
    'https://0.0.0.0',
    'https://[::]',
    'https://[::ffff:127.0.0.1]',
    'https://[::2]',
    'https://cloud-elements.com',
    'https://cloud-elements.com.evil.com',
    'https://api.cloud-elements.com.evil.com',
    'https://evilcloud-elements.com',
    'https://evil-cloud-elements.co.uk',
    'https://api.cloud-elements.org',
    'https://api.cloud-elements.com.',
    'https://.cloud-elements.com',
    'https://..cloud-elements.com',
    'https://api.cloud-еlements.com',
    'https://api.cloud-elements.com@evil.com',
    'https://api.cloud-elements.com:443@evil.com/',
    'https://user:pass@api.cloud-elements.com',
    'https://@api.cloud-elements.com',
    'https://user@127.0.0.1',
    'https://evil.com\\.cloud-elements.com',
    'https://api.cloud-elements.com\\@evil.com',
    'https://evil.com#.cloud-elements.com',
    'https://evil.com?.cloud-elements.com',
    'https://api.cloud-elements.com/x?y=1',
    'https://api.cloud-elements.com/x#y',
    'https://evil.com/.cloud-elements.com',
    'https://api.cloud-\nelements.com',
    'https://api.cloud\t-elements.com',
    ' https://api.cloud-elements.com',
    'https://api.cloud-elements.com ',
    'https://\u202eapi.cloud-elements.com',
    'https://$(id).cloud-elements.com',
    "https://a'b.cloud-elements.com",
    'https://my.openconnectors.us2.ext.hana.ondemand.com',
    'https://apixopenconnectors.us2.ext.hana.ondemand.com',
    'https://api.openconnectors.a.b.c.ext.hana.ondemand.com',
    'https://api.openconnectors.us2.ext.hana.ondemand.com.evil.com',
    'https://evil.api.openconnectors.us2.ext.hana.ondemand.com',
    'https://api.openconnectors.evil.com.ext.hana.ondemand.org',
    'http://api.cloud-elements.com/elements/api-v2',
    'http://evil.example',
    'ftp://127.0.0.1',
    'file:///etc/passwd',
    'javascript:alert(1)',
    'data:text/plain,x',
    '//api.cloud-elements.com',
    'https:api.cloud-elements.com',
    'https:///api.cloud-elements.com',
    'https://',
    'api.cloud-elements.com',
    '',
  ])('F1: does not trust %j', (url) => {
    expect(judge(url)).toBe('untrusted_host');
  });
});

describe('F1: hosts named outside the files', () => {
  const named = { named: true, allowHosts: null };

  it('F1: any https host that was named by flag or environment', () => {
    expect(judge('https://gateway.example.com:8443/elements/api-v2', named)).toBe('trusted');
    expect(judge('https://[2001:db8::1]/x', named)).toBe('trusted');
  });

  it('F1: but never http, user info, a query or a fragment', () => {
    for (const url of [
      'http://gateway.example.com',
      'https://u:p@gateway.example.com',
      'https://g.example/?q',
      'https://g.example/#f',
    ]) {
      expect(judge(url, named)).toBe('untrusted_host');
    }
  });

  const lists: readonly [string, string, boolean][] = [
    ['gw.example.com', 'https://gw.example.com', true],
    ['gw.example.com', 'https://gw.example.com:8443', true],
    ['gw.example.com', 'https://a.gw.example.com', false],
    ['gw.example.com', 'https://gw.example.com.evil.com', false],
    ['gw.example.com', 'https://evilgw.example.com', false],
    [' GW.Example.com , other.example ', 'https://gw.example.com', true],
    [' GW.Example.com , other.example ', 'https://other.example', true],
    ['*.example.com', 'https://a.b.example.com', true],
    ['*.example.com', 'https://example.com', false],
    ['*.example.com', 'https://evilexample.com', false],
    ['*', 'https://evil.example', false],
    ['*.', 'https://evil.example', false],
    ['', 'https://evil.example', false],
    [',,', 'https://evil.example', false],
    ['evil*', 'https://evil.example', false],
    ['.example', 'https://evil.example', false],
    ['https://gw.example.com', 'https://gw.example.com', false],
    ['gw.example.com/x', 'https://gw.example.com', false],
    ['bücher.example', 'https://xn--bcher-kva.example', true],
    ['2001:db8::1', 'https://[2001:db8:0::1]', true],
    ['[2001:db8::1]', 'https://[2001:db8::1]', true],
    ['gw.example.com', 'http://gw.example.com', false],
  ];
  it.each(lists)('F1: INSTATE_ALLOW_HOSTS=%j and %s', (allowHosts, url, trusted) => {
    expect(judge(url, { named: false, allowHosts })).toBe(trusted ? 'trusted' : 'untrusted_host');
  });
});

describe('F1: what the refusal says', () => {
  it('F1: names the host and what to type', () => {
    const error = refusal('https://Gateway.example.com:8443/elements/api-v2/');
    expect(error.message).toContain('gateway.example.com');
    expect(error.hint).toContain('--base-url https://gateway.example.com:8443/elements/api-v2 ');
    expect(error.hint).toContain('INSTATE_ALLOW_HOSTS=gateway.example.com');
  });

  it('F1: puts nothing into the line to paste that a shell would read', () => {
    expect(refusal("https://evil.example/$(id);'`x`").hint).toContain('--base-url URL ');
  });

  it('F1: never quotes user info, nor what it cannot read', () => {
    for (const url of [
      'https://canary:canary@x.example',
      'canary',
      'https://x.example/?canary',
      'https://can ary/',
    ]) {
      const { message, hint } = refusal(url);
      expect(`${message} ${hint}`).not.toContain('canary');
    }
  });
});
