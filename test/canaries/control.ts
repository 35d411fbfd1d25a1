/** Every form that must be found, made by plain means and not by the search's own lists. */
export const waysToWrite: Readonly<Record<string, (secret: string) => string | Buffer>> = {
  'in clear': (secret) => secret,
  'in base64': (secret) => Buffer.from(secret).toString('base64'),
  'in base64, behind a letter': (secret) => Buffer.from(`:${secret}!`).toString('base64'),
  'in base64, behind two letters': (secret) => Buffer.from(`::${secret}!`).toString('base64'),
  'in base64url': (secret) => Buffer.from(`user:${secret}`).toString('base64url'),
  'in hexadecimal': (secret) => Buffer.from(secret).toString('hex'),
  'in upper hexadecimal': (secret) => Buffer.from(secret).toString('hex').toUpperCase(),
  'URL-encoded': (secret) => encodeURIComponent(secret),
  'form-encoded': (secret) => new URLSearchParams({ a: secret }).toString(),
  'JSON-escaped': (secret) => JSON.stringify({ a: secret }),
  'JSON-escaped twice': (secret) => JSON.stringify({ a: JSON.stringify({ b: secret }) }),
  'HTML-escaped': (secret) =>
    secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
  reversed: (secret) => [...secret].reverse().join(''),
  'reversed, its bytes': (secret) => Buffer.from(secret).reverse(),
  'in UTF-16': (secret) => Buffer.from(secret, 'utf16le'),
  'in small letters': (secret) => secret.toLowerCase(),
  'cut off': (secret) => secret.slice(0, 22),
};
