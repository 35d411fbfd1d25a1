import { createHash } from 'node:crypto';
import type { Canary } from './forms.ts';

/**
 * The canaries: for each secret in play a value of its own that stands nowhere else. Each begins and ends with ten letters
 * and digits that are telling by themselves, and holds in between what the encodings change.
 */

/** What a header can carry: printable ASCII, no space, and no comma, at which the service parts one from the other. */
const headerSigns = `"&</>+%\\'~!`;
const anySigns = ` "quoted" & <b>/+%41\\n'ü€~ `;
const linesBetween = ` "two"\n& <lines>/+%\\'ü `;

function word(seed: string): string {
  const text = createHash('sha256').update(`canary ${seed}`).digest('base64').replace(/[+/=]/g, '');
  return `Zq${text.slice(0, 8)}`;
}

const between = (name: string, signs: string) => `${word(`${name} <`)}${signs}${word(`${name} >`)}`;
const keyOf = (name: string) => createHash('sha256').update(`key ${name}`).digest();

/** The texts of the secrets. Keys are the canaries' names. */
export const values = {
  'user secret': between('user', headerSigns),
  'organization secret': between('organization', headerSigns),
  login: between('login', anySigns),
  password: between('password', anySigns),
  'part of a longer string': between('part', anySigns),
  'key in a JSON object': between('json', anySigns),
  'secret file': between('file', linesBetween),
  'secret command': between('exec', anySigns),
  'stderr of the secret command': between('exec stderr', anySigns),
  'variable of the secret command': between('exec env', anySigns),
  'variable of the env file': between('env file', `&</+%~!;`),
  'unused variable of the env file': between('env file, unused', `&</+%~!;`),
  'unused secret': between('unused', anySigns),
  'unused variable of a harmless name': between('harmless', anySigns),
  'proxy password': between('proxy', `+~!`),
  'state key': `base64:${keyOf('first').toString('base64')}`,
  passphrase: `passphrase:${between('passphrase', anySigns)}`,
  'old state key': `base64:${keyOf('old').toString('base64')}`,
  'key file': keyOf('file').toString('base64'),
  'mistyped state key': between('mistyped key', anySigns),
  'password in a state URL': between('postgres', `&+~!$`),
  'password in a base URL': between('base url', `&+~!$`),
  'literal in a file': between('literal', `&</+~!`),
  'literal in a broken file': between('broken', `&</+~!`),
  'word of a bad env line': between('env line', `&</+~!`),
  'value of an unknown flag': between('flag', `&</+~!`),
  'text of a foreign error': between('foreign', anySigns),
} as const;
export type SecretName = keyof typeof values;

/** Of keys the 32 bytes, and of prefixed ones what follows: each is as good as the whole. */
const derived: Readonly<Record<string, Buffer>> = {
  'state key, bytes': keyOf('first'),
  'state key, without its prefix': Buffer.from(keyOf('first').toString('base64')),
  'old state key, bytes': keyOf('old'),
  'old state key, without its prefix': Buffer.from(keyOf('old').toString('base64')),
  'key file, bytes': keyOf('file'),
  'passphrase, without its prefix': Buffer.from(values.passphrase.slice('passphrase:'.length)),
};

/** All that are known before anything runs; tokens come as the service gives them. */
export const canaries: readonly Canary[] = [
  ...Object.entries(values).map(([name, text]) => makeCanary(name, Buffer.from(text))),
  ...Object.entries(derived).map(([name, bytes]) => makeCanary(name, bytes)),
];

/** Head and tail count as pieces: ten letters of ours, or fourteen bytes of what is random all through. */
export function makeCanary(name: string, bytes: Buffer): Canary {
  const text = bytes.toString('utf8');
  const words = text.match(/Zq[A-Za-z0-9]{8}/g) ?? [];
  const random = text.startsWith('base64:') ? bytes.subarray('base64:'.length) : bytes;
  const pieces = [random.subarray(0, 14), random.subarray(-14)];
  return { name, bytes, fragments: words.length > 0 ? words.map((one) => Buffer.from(one)) : pieces };
}

/** What the processes find in their environment. */
export const environment: Readonly<Record<string, string>> = {
  CE_USER_SECRET: values['user secret'],
  CE_ORGANIZATION_SECRET: values['organization secret'],
  LOGIN: values.login,
  PASSWORD: values.password,
  PART: values['part of a longer string'],
  JSON_KEY: values['key in a JSON object'],
  VAULT_LOGIN: values['variable of the secret command'],
  AWS_SECRET_ACCESS_KEY: values['unused secret'],
  MY_NOTES: values['unused variable of a harmless name'],
  https_proxy: `http://someone:${values['proxy password']}@127.0.0.1:9`,
  INSTATE_STATE_KEY: values['state key'],
};
