/** Makes a text from outside safe to show: secrets cut out, control characters gone, at most 300 characters. */
export type Scrub = (text: string) => string;

/** Cuts secrets out of a text, and leaves the rest of it as it is. */
export type Cut = (text: string) => string;

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

/** Cuts these secrets out, and whatever looks like a token, as `makeScrub` says. Never throws, however many there are. */
export function makeCut(secrets: readonly string[]): Cut {
  let forms: readonly Form[] | null = null;
  return (text) => {
    // Made at the first failure, not for each of a thousand creates that go well.
    forms ??= listForms(secrets);
    const small = text.toLowerCase();
    const present = forms.filter(({ sign, anyCase }) => (anyCase ? small : text).includes(sign));
    return present.reduce((left, form) => left.replace(form.compile(), shown), text).replace(tokens, shown);
  };
}

/**
 * Text of the service is not trusted: it may repeat what it was sent, in an encoding of its own (safety.md E8). Every
 * secret of four characters or more is replaced as it stands, URL-encoded, JSON- or HTML-escaped (each sign in a way of
 * its own, and escaped again), in hexadecimal and in base64 (at any alignment, so inside `Basic …` too), whatever its
 * letters' case. A short plain word is cut out as it stands only: the vendor's "Invalid …" must be readable where the
 * secret is `invalid`. Tokens of instances are not known here, but their shape is.
 * `others`: cuts out what else is known to be secret.
 */
export function makeScrub(secrets: readonly string[], others: Cut = (text) => text): Scrub {
  const own = makeCut(secrets);
  const cut: Cut = (text) => others(own(text));
  return (text) => {
    const visible = cut(text).replace(escapes, '').replace(invisible, ' ');
    const line = cut(visible).replace(/\s+/gu, ' ').trim();
    const characters = [...line];
    return characters.length <= longest ? line : `${characters.slice(0, longest - 1).join('')}…`;
  };
}

/**
 * One way to write one secret. One expression for thousands of them takes a minute to compile, or is refused as too large; so
 * each has its own, made only once its `sign` has been seen: a piece that stands in every text that it matches.
 */
interface Form {
  readonly sign: string;
  readonly anyCase: boolean;
  readonly compile: () => RegExp;
}

function listForms(secrets: readonly string[]): readonly Form[] {
  const long = secrets.filter((secret) => secret.trim().length >= shortest);
  const isWord = (secret: string) => /^[a-z]{1,12}$/.test(secret);
  const words = long.filter(isWord);
  const rest = long.filter((secret) => !isWord(secret));
  const loose = sortForms(rest.flatMap(listWritings)).map((text) =>
    makeForm(findSign(text), true, () => writeLoosely(text)),
  );
  const codes = sortForms(rest.flatMap(listCodes)).map((text) =>
    makeForm(text.toLowerCase(), true, () => escapePattern(text)),
  );
  const plain = sortForms([...words, ...words.flatMap(listCodes)]).map((text) =>
    makeForm(text, false, () => escapePattern(text)),
  );
  return [...loose, ...codes, ...plain];
}

function makeForm(sign: string, anyCase: boolean, write: () => string): Form {
  let compiled: RegExp | null = null;
  return { sign, anyCase, compile: () => (compiled ??= new RegExp(write(), anyCase ? 'giu' : 'gu')) };
}

/** The longest run of letters and digits: those are written as they are in every form but the coded ones. */
function findSign(text: string): string {
  const runs = text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return runs.reduce((longest, run) => (run.length > longest.length ? run : longest), '');
}

/** Longest first, so that a form is not cut out of the middle of a longer one. */
function sortForms(forms: readonly string[]): readonly string[] {
  const long = [...new Set(forms)].filter((form) => form.length >= shortest);
  return long.sort((a, b) => b.length - a.length);
}

/** The text, and as it looks once the invisible characters are gone. */
function listWritings(secret: string): readonly string[] {
  return [secret, secret.trim(), secret.replace(invisible, ' ').replace(/\s+/gu, ' ').trim()];
}

/** In hexadecimal and base64, also where it was JSON-escaped before. */
function listCodes(secret: string): readonly string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  return [secret, json].flatMap((text) => {
    const bytes = Buffer.from(text);
    return [bytes.toString('hex'), ...listBase64Forms(bytes)];
  });
}

const letterOf: Readonly<Record<string, string>> = { '\n': 'n', '\r': 'r', '\t': 't', '\b': 'b', '\f': 'f' };
const nameOf: Readonly<Record<string, string>> = {
  ...{ '"': 'quot', "'": 'apos', '<': 'lt', '>': 'gt', '&': 'amp' },
};

/** A pattern for a text whose signs may each be written in any way that JSON, URLs and HTML know, some levels deep. */
function writeLoosely(text: string): string {
  return [...text].map((sign) => (/[a-z0-9]/i.test(sign) ? sign : writeSign(sign))).join('');
}

function writeSign(sign: string): string {
  const hex = (code: number, length: number) => code.toString(16).padStart(length, '0');
  const units = Array.from({ length: sign.length }, (_, at) => hex(sign.charCodeAt(at), 4));
  const code = sign.codePointAt(0) ?? 0;
  const named = nameOf[sign] === undefined ? [] : [nameOf[sign]];
  const letter = letterOf[sign];
  return `(?:${[
    sign === '\\' ? String.raw`\\{1,16}` : String.raw`\\{0,8}${escapePattern(sign)}`,
    [...Buffer.from(sign)].map((byte) => `%(?:25){0,3}${hex(byte, 2)}`).join(''),
    units.map((unit) => String.raw`\\{1,8}u${unit}`).join(''),
    `&(?:amp;){0,3}(?:${[`#0{0,4}${String(code)}`, `#x0{0,4}${hex(code, 1)}`, ...named].join('|')});`,
    ...(sign === '&' ? ['&(?:amp;){1,3}'] : []),
    ...(sign === ' ' ? [String.raw`\+`] : []),
    ...(letter === undefined ? [] : [String.raw`\\{1,8}${letter}`]),
  ].join('|')})`;
}

/** What the service gives an instance as its token: 32 bytes in base64, and those in hexadecimal or base64 once more. */
const tokens = new RegExp(
  [
    `(?:[A-Za-z0-9_-]|${writeSign('+')}|${writeSign('/')}){43}${writeSign('=')}`,
    '(?=[A-Za-z]{0,40}[0-9])[A-Za-z0-9]{56,}={0,2}',
  ].join('|'),
  'giu',
);

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
