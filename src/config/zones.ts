import type { Address } from '../core/model.ts';

/**
 * What a place in the document is for. It decides where references may stand, and what may be shown of it (safety.md
 * E2): a key or a scalar that is not known to be harmless is never shown, as it may be a mistyped secret.
 */
export type Zone =
  | 'root'
  | 'account'
  /** One of the account's two secrets. */
  | 'secret'
  | 'defaults'
  | 'instances'
  | 'instance'
  | 'configuration'
  /** A configuration value, and everything inside it. */
  | 'value'
  | 'commands'
  /** One of them: a list of words, or a mapping with one. */
  | 'command'
  | 'moved'
  /** A scalar, or a list of scalars, that holds nothing to hide. */
  | 'open'
  /** Known, but not to be shown: `state`, the account's other keys. */
  | 'hidden'
  /** A program's arguments: somebody may have put a secret there. */
  | 'words'
  /** Under a key that does not exist, or not where a key is expected. */
  | 'unknown';

const below: Readonly<Record<string, Readonly<Record<string, Zone>>>> = {
  root: {
    version: 'open',
    project: 'open',
    ownership: 'open',
    account: 'account',
    state: 'hidden',
    defaults: 'defaults',
    instances: 'instances',
    secretCommands: 'commands',
    moved: 'moved',
  },
  account: { userSecret: 'secret', organizationSecret: 'secret', baseUrl: 'hidden', user: 'hidden' },
  command: { command: 'words', timeout: 'hidden', env: 'words' },
  defaults: { tags: 'open', configuration: 'configuration' },
  instance: {
    element: 'open',
    name: 'open',
    tags: 'open',
    configuration: 'configuration',
    externalAuthentication: 'open',
    id: 'open',
    protect: 'open',
    ignore: 'open',
  },
};

/** The zone under a key. */
export function descend(zone: Zone, key: string): Zone {
  if (zone === 'instances') return 'instance';
  if (zone === 'configuration' || zone === 'value') return 'value';
  if (zone === 'moved') return 'open';
  if (zone === 'commands') return 'command';
  const keys = below[zone];
  return keys && Object.hasOwn(keys, key) ? (keys[key] ?? 'unknown') : 'unknown';
}

/** The zone of a list's items. */
export function descendIntoList(zone: Zone): Zone {
  if (zone === 'command' || zone === 'words') return 'words';
  return zone === 'open' || zone === 'value' ? zone : 'unknown';
}

/** May the keys of a mapping in this zone be shown? */
export function showsKeys(zone: Zone): boolean {
  return !['value', 'unknown', 'open', 'hidden', 'words', 'secret'].includes(zone);
}

/** May `${env:}` and `${file:}` stand here (safety.md F2)? */
export function takesSecrets(zone: Zone): boolean {
  return zone === 'value' || zone === 'secret';
}

/** Where one is in the document, for messages. The path ends at the configuration key: what lies below is its value. */
export interface At {
  readonly path: string;
  readonly address: Address | null;
  readonly zone: Zone;
}

export const root: At = { path: '', address: null, zone: 'root' };

/** One key further down. */
export function enter(at: At, key: string): At {
  const zone = descend(at.zone, key);
  const path = showsKeys(at.zone) ? join(at.path, key) : at.path;
  return { path, zone, address: at.zone === 'instances' ? key : at.address };
}

/** One list item further down. */
export function enterItem(at: At, index: number): At {
  const path = at.zone === 'open' ? `${at.path}[${String(index)}]` : at.path;
  return { path, zone: descendIntoList(at.zone), address: at.address };
}

/** A key as a message may show it: on one line, of a bearable length. */
export function showKey(key: string): string {
  if (/^[\w.-]{1,80}$/.test(key)) return key;
  const clean = key.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{fffd}');
  return clean.length > 80 ? `${clean.slice(0, 79)}…` : clean;
}

function join(path: string, key: string): string {
  return path === '' ? showKey(key) : `${path}.${showKey(key)}`;
}
