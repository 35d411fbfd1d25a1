/** Makes a text from outside safe to show: secrets cut out, control characters gone, at most 300 characters. */
export type Scrub = (text: string) => string;

const shown = '(sensitive)';
const longest = 300;
/** Below this length a secret would cut up ordinary words, and hides nothing by being cut out. */
const shortest = 4;

/** CSI and OSC sequences, then any other escape with its letter; eight-bit CSI too. */
const escapes = new RegExp(
  String.raw`(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[ -~]?`,
  'g',
);
const invisible = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu;

/**
 * Text of the service is not trusted: it may repeat what it was sent, in an encoding of its own (safety.md E8). Every
 * secret of four characters or more is replaced as it stands, URL-encoded, JSON- or HTML-escaped, in hexadecimal and in
 * base64 (at any alignment, so inside `Basic …` too), whatever its letters' case. A short
 * plain word is cut out as it stands only: the vendor's "Invalid …" must be readable where the secret is `invalid`.
 */
export function makeScrub(secrets: readonly string[]): Scrub {
  let patterns: readonly RegExp[] | null = null;
  return (text) => {
    // Made at the first failure, not for each of a thousand creates that go well.
    const cut = (part: string): string =>
      (patterns ??= makePatterns(secrets)).reduce((left, pattern) => left.replace(pattern, shown), part);
    const visible = cut(text).replace(escapes, '').replace(invisible, ' ');
    const line = cut(visible).replace(/\s+/gu, ' ').trim();
    const characters = [...line];
    return characters.length <= longest ? line : `${characters.slice(0, longest - 1).join('')}…`;
  };
}

function makePatterns(secrets: readonly string[]): readonly RegExp[] {
  const long = secrets.filter((secret) => secret.trim().length >= shortest);
  const isWord = (secret: string) => /^[a-z]{1,12}$/.test(secret);
  const words = new Set(long.filter(isWord).flatMap(listForms));
  const rest = new Set(long.filter((secret) => !isWord(secret)).flatMap(listForms));
  return [joinForms(rest, 'giu'), joinForms(words, 'gu')];
}

function joinForms(forms: ReadonlySet<string>, flags: string): RegExp {
  // Longest first, so that a form is not cut out of the middle of a longer one.
  const sorted = [...forms].filter((form) => form.length >= shortest).sort((a, b) => b.length - a.length);
  return sorted.length === 0 ? /(?!)/u : new RegExp(sorted.map(escapePattern).join('|'), flags);
}

function listForms(secret: string): readonly string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  return [
    secret,
    secret.trim(),
    // As it looks once the invisible characters are gone.
    secret.replace(invisible, ' ').replace(/\s+/gu, ' ').trim(),
    json,
    json.replaceAll('/', '\\/'),
    JSON.stringify(json).slice(1, -1),
    json.replace(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
    ...listUrlForms(secret),
    ...listHtmlForms(secret),
    Buffer.from(secret).toString('hex'),
    ...listBase64Forms(Buffer.from(secret)),
  ];
}

function listUrlForms(secret: string): readonly string[] {
  const wellFormed = Buffer.from(secret).toString();
  const encoded = encodeURIComponent(wellFormed);
  const strict = encoded.replace(/[!'()*~]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
  return [
    encodeURI(wellFormed),
    encoded,
    strict,
    encoded.replaceAll('%20', '+'),
    strict.replaceAll('%20', '+'),
  ];
}

function listHtmlForms(secret: string): readonly string[] {
  const escaped = secret.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return ['&quot;', '&#34;'].flatMap((double) =>
    ["'", '&#39;', '&#x27;', '&apos;'].map((single) =>
      escaped.replaceAll('"', double).replaceAll("'", single),
    ),
  );
}

/** Whole, and the middle that stays the same at each of the three alignments in a longer text. */
function listBase64Forms(bytes: Buffer): readonly string[] {
  const whole = bytes.toString('base64');
  const middles = [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    return text.slice(Math.ceil((offset * 4) / 3), Math.floor(((offset + bytes.length) * 4) / 3));
  });
  const forms = [whole, whole.replace(/=+$/, ''), ...middles.filter((middle) => middle.length >= shortest)];
  return [...forms, ...forms.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'))];
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
