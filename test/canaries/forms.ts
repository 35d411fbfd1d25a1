/**
 * The forms in which a secret could stand in what was written or printed. Written anew, without a look at the product's
 * own scrubber, so that a form forgotten there is not forgotten here as well.
 */

/** A secret to look for. `fragments`: pieces of it that are telling by themselves, for what was cut or escaped in an unknown way. */
export interface Canary {
  readonly name: string;
  readonly bytes: Buffer;
  readonly fragments: readonly Buffer[];
}

/** One form of one canary, as bytes. */
export interface Needle {
  readonly canary: string;
  readonly form: string;
  readonly bytes: Buffer;
}

type Encode = (secret: Buffer) => readonly (string | Buffer)[];

const ofText =
  (encode: (text: string) => readonly string[]): Encode =>
  (secret) =>
    isText(secret) ? encode(secret.toString('utf8')) : [];

/** Every form by its name. */
export const forms: Readonly<Record<string, Encode>> = {
  clear: (secret) => [secret],
  'other case': ofText((text) => [text.toLowerCase(), text.toUpperCase()]),
  base64: (secret) => listBase64(secret),
  base64url: (secret) => listBase64(secret).map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
  hex: (secret) => [secret.toString('hex'), secret.toString('hex').toUpperCase()],
  URL: ofText(listUrl),
  JSON: ofText(listJson),
  'JSON, twice': ofText((text) => listJson(text).flatMap(listJson)),
  HTML: ofText(listHtml),
  reversed: (secret) => [Buffer.from(secret).reverse(), ...reverseText(secret)],
  'UTF-16': listUtf16,
};

/** Those that say something of a piece whose surroundings are unknown: it holds nothing that would be escaped. */
const fragmentForms = ['clear', 'base64', 'base64url', 'hex', 'reversed', 'UTF-16'] as const;

/** Shorter ones would be found by accident. */
const shortest = 8;

/** Everything to look for. */
export function listNeedles(canaries: readonly Canary[]): readonly Needle[] {
  return canaries.flatMap((canary) => {
    const whole = Object.keys(forms).flatMap((form) => encode(canary, form, canary.bytes, form));
    const pieces = fragmentForms.flatMap((form) =>
      canary.fragments.flatMap((piece) => encode(canary, form, piece, `${form}, a piece of it`)),
    );
    const seen = new Set<string>();
    return [...whole, ...pieces].filter(({ bytes }) => {
      const key = bytes.toString('latin1');
      const isNew = bytes.length >= shortest && !seen.has(key);
      seen.add(key);
      return isNew;
    });
  });
}

/** Each form of a secret as a server could give it back: text only. */
export function listEchoes(secret: string): readonly string[] {
  const echoed = Object.keys(forms).filter((form) => !['reversed', 'UTF-16'].includes(form));
  const texts = echoed.flatMap((form) =>
    (forms[form]?.(Buffer.from(secret)) ?? []).map((one) => one.toString()),
  );
  return [...new Set(texts)];
}

function encode({ name }: Canary, key: string, secret: Buffer, form: string): readonly Needle[] {
  const encoded = forms[key]?.(secret) ?? [];
  return encoded.map((one) => ({
    ...{ canary: name, form },
    bytes: typeof one === 'string' ? Buffer.from(one) : one,
  }));
}

function isText(secret: Buffer): boolean {
  return Buffer.from(secret.toString('utf8')).equals(secret);
}

/** The letters that are the same whatever stands before and after, for each of the three places where a secret can begin. */
function listBase64(secret: Buffer): readonly string[] {
  return [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), secret, Buffer.alloc(3)]).toString('base64');
    const bits = [before * 8, (before + secret.length) * 8];
    return text.slice(Math.ceil((bits[0] ?? 0) / 6), Math.floor((bits[1] ?? 0) / 6));
  });
}

function listUrl(text: string): readonly string[] {
  const encoded = encodeURIComponent(text);
  const strict = encoded.replace(/[!'()*~]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
  const all = [encodeURI(text), encoded, strict, new URLSearchParams({ '': text }).toString().slice(1)];
  const small = all.map((one) => one.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()));
  return [...all, ...small, ...all.map((one) => one.replaceAll('%20', '+'))];
}

function listJson(text: string): readonly string[] {
  const json = JSON.stringify(text).slice(1, -1);
  const ascii = json.replace(/[^ -~]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return [json, ascii, json.replaceAll('/', '\\/'), ascii.replaceAll('/', '\\/')];
}

function listHtml(text: string): readonly string[] {
  const base = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const doubles = ['"', '&quot;', '&#34;', '&#x22;'].map((code) => base.replaceAll('"', code));
  return doubles.flatMap((one) =>
    ["'", '&#39;', '&#x27;', '&apos;'].map((code) => one.replaceAll("'", code)),
  );
}

function reverseText(secret: Buffer): readonly string[] {
  return isText(secret) ? [[...secret.toString('utf8')].reverse().join('')] : [];
}

function listUtf16(secret: Buffer): readonly Buffer[] {
  return isText(secret) ? [Buffer.from(secret.toString('utf8'), 'utf16le')] : [];
}
