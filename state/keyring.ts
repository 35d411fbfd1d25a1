import { openSensitive, type Sensitive } from '../src/core/sensitive.ts';
import type { Diagnostic } from '../src/diagnostics.ts';
import { deriveKeys, type Keys } from './crypto.ts';
import { codeOf } from './failures.ts';
import { createKeyFile, parseStateKey, readKeyFile, type MasterKey } from './key.ts';

/** Which key a state was written under; `keyId` null: nothing is sealed in it yet. */
export interface KeyBinding {
  readonly lineage: string;
  readonly keyId: string | null;
  readonly keyCheck: string | null;
}

/** Finds the key that fits a state. Nothing is read before the first question, and no file is made but by `forWriting`. */
export interface Keyring {
  /** `usable` also where a key file would be made on need. null: there is no state yet. Throws `bad_state_key`. */
  status(binding: KeyBinding | null): 'usable' | 'none' | 'other';
  /** The keys that opened what is sealed in this state, or null. Throws `bad_state_key`. */
  forReading(binding: KeyBinding): Keys | null;
  /**
   * The keys to seal with, making the user's key file on first need (safety.md E5); null if nothing may be sealed,
   * which is said each time.
   */
  forWriting(binding: KeyBinding): Keys | null;
}

export interface KeyringOptions {
  readonly stateKey: Sensitive | null;
  readonly keyFile: string;
  readonly ci: boolean;
  readonly notify: (diagnostic: Diagnostic) => void;
}

/** Throws `bad_state_key` at once if the environment's key is none. */
export function createKeyring(options: KeyringOptions): Keyring {
  const given = options.stateKey === null ? null : parseStateKey(openSensitive(options.stateKey));
  const say = (diagnostic: Diagnostic): null => {
    options.notify(diagnostic);
    return null;
  };
  const derive = deriveOnce();
  let fromFile: MasterKey | null = null;

  const findMaster = (): MasterKey | null => {
    if (given !== null || fromFile !== null) return given ?? fromFile;
    const file = readKeyFile(options.keyFile);
    if (file === null) return null;
    if (file.exposed) say(exposedKeyFile(options.keyFile));
    fromFile = file.master;
    return fromFile;
  };
  const forReading = (binding: KeyBinding): Keys | null => {
    const master = findMaster();
    const keys = master === null ? null : derive(master, binding.lineage);
    return keys !== null && keys.id === binding.keyId && keys.check === binding.keyCheck ? keys : null;
  };
  const status: Keyring['status'] = (binding) => {
    if (findMaster() === null) return (binding?.keyId ?? null) === null && !options.ci ? 'usable' : 'none';
    if (binding === null || binding.keyId === null) return 'usable';
    return forReading(binding) === null ? 'other' : 'usable';
  };
  const forWriting: Keyring['forWriting'] = (binding) => {
    const why = whyNotStored(status(binding), options);
    if (why !== null) return say(notStored(why));
    if (binding.keyId !== null) return forReading(binding);
    if (findMaster() === null) {
      const failure = tryCreateKeyFile(options.keyFile, say);
      if (failure !== null) return say(notStored(failure));
    }
    const master = findMaster();
    return master === null ? null : derive(master, binding.lineage);
  };
  return { status, forReading, forWriting };
}

/** Passphrases cost a tenth of a second: each master key is derived once for each lineage. */
function deriveOnce(): (master: MasterKey, lineage: string) => Keys {
  let last: { readonly master: MasterKey; readonly lineage: string; readonly keys: Keys } | null = null;
  return (master, lineage) => {
    if (last?.master !== master || last.lineage !== lineage) {
      last = { master, lineage, keys: deriveKeys(master(lineage), lineage) };
    }
    return last.keys;
  };
}

function tryCreateKeyFile(path: string, say: (diagnostic: Diagnostic) => null): string | null {
  try {
    if (createKeyFile(path)) say(keyCreated(path));
    return null;
  } catch (error) {
    return `the key file ${path} could not be made (${codeOf(error) ?? 'unknown cause'})`;
  }
}

function whyNotStored(status: 'usable' | 'none' | 'other', options: KeyringOptions): string | null {
  if (status === 'usable') return null;
  if (status === 'other') return 'the state was written under another key';
  return options.ci
    ? 'no state key is set, and none is made in CI'
    : 'the key that the state was written under is not here';
}

function notStored(why: string): Diagnostic {
  return {
    severity: 'warning',
    code: 'tokens_not_stored',
    summary: `Tokens and fingerprints of credentials are not stored: ${why}.`,
    detail:
      'Set INSTATE_STATE_KEY. Until then output reads tokens live, and changed credentials are not noticed.',
  };
}

function keyCreated(path: string): Diagnostic {
  return {
    severity: 'info',
    code: 'state_key_created',
    summary: `A key for the tokens in the state was made: ${path}`,
    detail: 'Keep a copy of it. Elsewhere, set INSTATE_STATE_KEY to its content.',
  };
}

function exposedKeyFile(path: string): Diagnostic {
  return {
    severity: 'warning',
    code: 'state_key_exposed',
    summary: `Others on this machine may read the key file ${path}.`,
    detail: `Type: chmod 600 ${path}`,
  };
}
