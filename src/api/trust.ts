import { InstateError } from '../errors.ts';

/** What was said outside the files about which hosts may see the secrets (safety.md F1). */
export interface Trust {
  /** The base URL was given by `--base-url` or `INSTATE_BASE_URL`, so a person meant this very host. */
  readonly named: boolean;
  /** `INSTATE_ALLOW_HOSTS`: host names separated by commas, exact or `*.suffix`; null if unset. */
  readonly allowHosts: string | null;
}

/** Landscapes of SAP Open Connectors (facts.md §1.1; the pattern is inferred from those seen in public). */
const openConnectors = /^api\.openconnectors(\.[a-z0-9-]+){0,2}\.ext\.hana(trial)?\.ondemand\.com$/;
const vendorSuffixes = ['.cloud-elements.com', '.cloud-elements.co.uk'];

/** A host name that can be printed, pasted and compared: no trailing dot, nothing that a shell would read. */
const plainHost = /^(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/;
const addressV6 = /^\[[0-9a-f:]+\]$/;
const plainUrl = /^[A-Za-z0-9:/._~[\]-]+$/;

/**
 * Throws `untrusted_host` unless the account's secrets may go to this URL's host: loopback, the vendor's own domains,
 * or a host that was named outside the files. `http:` is for loopback only, and user info, a query or a fragment are
 * refused whoever named them. Judges the name as the URL parser reads it, which is the name that is connected to;
 * it resolves nothing.
 */
export function checkHost(baseUrl: string, trust: Trust): void {
  const url = parseBaseUrl(baseUrl);
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw untrusted(
      `the base URL would send the account's secrets unencrypted to ${url.hostname}`,
      'Use https: in the base URL; http: is for loopback only.',
    );
  }
  if (
    trust.named ||
    isLoopback(url.hostname) ||
    isVendor(url.hostname) ||
    isAllowed(url.hostname, trust.allowHosts)
  ) {
    return;
  }
  const shown = plainUrl.test(url.href) ? url.href.replace(/\/+$/, '') : 'URL';
  throw untrusted(
    `the host ${url.hostname} is named by the files alone, so it does not get the account's secrets`,
    `If you trust it, type: instate … --base-url ${shown} (or set INSTATE_ALLOW_HOSTS=${url.hostname.replace(/^\[|\]$/g, '')})`,
  );
}

/**
 * The base URL, taken apart. Throws `untrusted_host` for what no base URL may have: another scheme, user info, a query,
 * a fragment, or a host that is not written plainly. Never quotes the URL: user info may be in it.
 */
export function parseBaseUrl(baseUrl: string): URL {
  const example = 'Write it as in: --base-url https://api.cloud-elements.com/elements/api-v2';
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : null;
  // The parser drops tabs, newlines and reads backslashes as slashes; a reader of the file sees another URL then.
  if (url === null || !/^https?:\/\/(?!\/)[^\s\\\p{Cc}\p{Cf}]+$/iu.test(baseUrl)) {
    throw untrusted('the base URL is not an http or https URL', example);
  }
  if (url.username !== '' || url.password !== '' || /^https?:\/\/[^/?#]*@/i.test(baseUrl)) {
    throw untrusted('the base URL must not hold a user name or a password', example);
  }
  if (/[?#]/.test(baseUrl)) throw untrusted('the base URL must not hold a query or a fragment', example);
  if (!plainHost.test(url.hostname) && !addressV6.test(url.hostname)) {
    throw untrusted(
      'the host of the base URL is not a plain host name',
      'Write the host without a dot at its end and without special characters.',
    );
  }
  return url;
}

function isLoopback(host: string): boolean {
  // `localhost` and literal addresses only: `*.localhost` may be asked of a name server.
  return host === 'localhost' || host === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

function isVendor(host: string): boolean {
  return (
    openConnectors.test(host) ||
    vendorSuffixes.some((suffix) => host.endsWith(suffix) && host.length > suffix.length)
  );
}

function isAllowed(host: string, allowHosts: string | null): boolean {
  return (allowHosts ?? '').split(',').some((entry) => {
    const allowed = entry.trim().toLowerCase();
    if (!allowed.startsWith('*.')) return allowed !== '' && normalise(allowed) === host;
    const suffix = normalise(allowed.slice(2));
    return suffix !== null && host.endsWith(`.${suffix}`);
  });
}

/** An allowed name as the URL parser writes it (IDN, IPv6), or null for what is no host name alone. */
function normalise(name: string): string | null {
  const text = name.includes(':') && !name.startsWith('[') ? `[${name}]` : name;
  if (/[/?#@\\\s]/.test(text) || !URL.canParse(`https://${text}`)) return null;
  const url = new URL(`https://${text}`);
  return url.port === '' && (plainHost.test(url.hostname) || addressV6.test(url.hostname))
    ? url.hostname
    : null;
}

function untrusted(message: string, hint: string): InstateError {
  return new InstateError('untrusted_host', message, { hint });
}
