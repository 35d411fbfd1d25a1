import type { Address } from '../core/model.ts';

const pattern =
  /pass(word|wd)|secret|token|api[._-]?key|access[._-]?key|(private|signature|session|subscription)[._-]?key|authorization\.code/i;

/** Elements whose `username` is the API key (facts.md §2.3). */
const keyAsUsername: ReadonlySet<string> = new Set(['freshdeskv2', 'bamboohr', 'stripe']);

/** Does a key, or a variable, of this name hold a secret (product.md §1)? */
export function isSecretName(name: string): boolean {
  return pattern.test(name);
}

/**
 * As `isSecretName`, for variables, which are named more freely. A name that only looks like a secret's costs another name; one that is
 * missed is shown.
 */
export function isSecretVariable(name: string): boolean {
  return (
    isSecretName(name) ||
    /pass|pwd|cred|auth(?!or)|cookie|session|private|webhook|dsn|jwt|(^|_)(key|pat|pin|otp|salt|sas|cert|pem)(_|$)|_key|connection_?string/i.test(
      name,
    )
  );
}

/** As `isSecretName`, for keys that hold a secret in some elements only. */
export function isSecretOfElement(key: string, element: string | null): boolean {
  return element !== null && key === 'username' && keyAsUsername.has(element);
}

/** The reference to write instead of a literal: `"${env:INSIGHTLY_SALES_PASSWORD}"`. */
export function proposeReference(address: Address | null, key: string): string {
  const words = address === null ? key : `${address}_${key}`;
  const name = words.toUpperCase().replace(/[^A-Z0-9]+/g, '_');
  return `"\${env:${/^[0-9]/.test(name) ? '_' : ''}${name}}"`;
}
