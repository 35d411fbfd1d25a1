import { isSecretName } from '../src/config/secret-keys.ts';
import { Sensitive } from '../src/core/sensitive.ts';

/** The environment once whatever may be a secret is out of it (safety.md E6). */
export interface SealedEnvironment {
  /** What instate itself, its libraries and the programs that it starts may see. */
  readonly plain: Readonly<Record<string, string | undefined>>;
  /** Everything else, by name: references alone open it. */
  readonly sealed: ReadonlyMap<string, Sensitive>;
}

type Names = readonly (string | RegExp)[];

/** Where things are, who one is, how text is to look; certificates; the job that one runs in. */
const harmless: Names = [
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'PWD', 'HOSTNAME', 'TMPDIR', 'TMP', 'TEMP', 'TZ'],
  ...['LANG', 'LANGUAGE', /^LC_/, 'TERM', 'COLORTERM', 'COLUMNS', 'LINES', 'NO_COLOR', 'FORCE_COLOR'],
  ...[/^XDG_/, /^NODE_/, 'LD_LIBRARY_PATH', 'SSL_CERT_FILE', 'SSL_CERT_DIR'],
  ...['CI', 'CI_JOB_URL', 'CI_PROJECT_DIR', 'BUILD_SOURCESDIRECTORY', 'WORKSPACE', /^GITHUB_/],
  ...[/^(SYSTEMROOT|WINDIR|COMSPEC|PATHEXT|USERPROFILE|APPDATA|LOCALAPPDATA|PROGRAMDATA)$/i],
];
const ours: Names = [/^INSTATE_/];
const proxies: Names = [/^(https?|all|no)_proxy$/i];

/**
 * Moves whatever may be a secret out of `environment`, which is emptied of it: no child, no report of Node's and no library
 * finds it there. What is not known to be harmless may be one, whatever its name.
 */
export function sealEnvironment(environment: Record<string, string | undefined>): SealedEnvironment {
  const plain: [string, string][] = [];
  const sealed = new Map<string, Sensitive>();
  for (const [name, value] of Object.entries(environment)) {
    if (value === undefined) continue;
    const isKnown = value === '' || isPlain(name, value);
    if (isKnown) plain.push([name, value]);
    else sealed.set(name, new Sensitive(value));
    // Ours are for us alone, and a URL of ours may hold a password, if only to be refused for it.
    if (!isKnown || isListed(name, ours)) Reflect.deleteProperty(environment, name);
  }
  return { plain: Object.fromEntries(plain), sealed };
}

/** What a program that instate starts gets of the environment, before anything is added for it. */
export function environmentOfChild(
  plain: SealedEnvironment['plain'],
): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(Object.entries(plain).filter(([name]) => !isListed(name, ours)));
}

function isPlain(name: string, value: string): boolean {
  if (isListed(name, ours)) return !name.startsWith('INSTATE_STATE_KEY');
  // A proxy's address may hold a password.
  if (isListed(name, proxies)) return !value.includes('@');
  return isListed(name, harmless) && !isSecretName(name);
}

function isListed(name: string, names: Names): boolean {
  return names.some((one) => (typeof one === 'string' ? one === name : one.test(name)));
}
