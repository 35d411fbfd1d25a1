import { openSensitive, type Sensitive } from '../src/core/sensitive.ts';
import type { Diagnostic } from '../src/diagnostics.ts';
import { InstateError, stateKeyHint } from '../src/errors.ts';
import type { KeyStatus } from '../src/ports.ts';
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
  /** null: there is no state yet. Throws `bad_state_key`. */
  status(binding: KeyBinding | null): KeyStatus;
  /** The keys that opened what is sealed in this state, or null. Throws `bad_state_key`. */
  forReading(binding: KeyBinding): Keys | null;
  /**
   * The keys to seal with, making the user's key file on first need (safety.md E5); null if nothing may be sealed,
   * which is said each time.
   */
  forWriting(binding: KeyBinding): Keys | null;
  /**
   * Both ends of a move to the key that any command would use here. The old one is INSTATE_STATE_KEY_OLD, or the key
   * file where INSTATE_STATE_KEY stands above it. Throws `bad_state_key`; `wrong_state_key` if there is no new key.
   */
  forMoving(binding: KeyBinding): KeyMove;
}

/** `to` makes the user's key file if the new key is to lie there; it throws `wrong_state_key` if it cannot. */
export type KeyMove =
  | { readonly kind: 'no-key' }
  | { readonly kind: 'current' }
  | { readonly kind: 'known'; readonly from: Keys; readonly to: () => Keys }
  | { readonly kind: 'lost'; readonly to: () => Keys };

export interface KeyringOptions {
  readonly stateKey: Sensitive | null;
  readonly oldStateKey: Sensitive | null;
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
  const fit = (master: MasterKey | null, binding: KeyBinding): Keys | null => {
    const keys = master === null ? null : derive(master, binding.lineage);
    return keys !== null && keys.id === binding.keyId && keys.check === binding.keyCheck ? keys : null;
  };
  const forReading = (binding: KeyBinding): Keys | null => fit(findMaster(), binding);
  const status: Keyring['status'] = (binding) => {
    if (findMaster() === null) {
      if ((binding?.keyId ?? null) !== null) return 'lost';
      return options.ci ? 'none' : 'usable';
    }
    if (binding === null || binding.keyId === null) return 'usable';
    return forReading(binding) === null ? 'other' : 'usable';
  };
  const forWriting: Keyring['forWriting'] = (binding) => {
    const why = whyNotStored[status(binding)];
    if (why !== null) return say(notStored(why, binding));
    if (binding.keyId !== null) return forReading(binding);
    if (findMaster() === null) {
      const failure = tryCreateKeyFile(options.keyFile, say);
      if (failure !== null) return say(notStored(failure, binding));
    }
    const master = findMaster();
    return master === null ? null : derive(master, binding.lineage);
  };
  const forMoving: Keyring['forMoving'] = (binding) => {
    const old = parseOldKey(options);
    if (binding.keyId === null) return { kind: 'no-key' };
    if (findMaster() === null && options.ci) throw noNewKey('none is set, and none is made in CI');
    if (forReading(binding) !== null) return { kind: 'current' };
    const to = (): Keys => {
      const failure = findMaster() === null ? tryCreateKeyFile(options.keyFile, say) : null;
      const master = findMaster();
      if (master === null) throw noNewKey(failure ?? 'the key file is gone again');
      return derive(master, binding.lineage);
    };
    // Where INSTATE_STATE_KEY is not set, the key file is the new key, not the old one.
    const from = fit(old, binding) ?? (given === null ? null : fit(readOldKeyFile(options), binding));
    return from === null ? { kind: 'lost', to } : { kind: 'known', from, to };
  };
  return { status, forReading, forWriting, forMoving };
}

function parseOldKey({ oldStateKey }: KeyringOptions): MasterKey | null {
  return oldStateKey === null ? null : parseStateKey(openSensitive(oldStateKey), 'INSTATE_STATE_KEY_OLD');
}

/** One that holds no key is no dead end: nothing but the old key could lie there, and it may be lost. It is said, though. */
function readOldKeyFile({ keyFile, notify }: KeyringOptions): MasterKey | null {
  try {
    return readKeyFile(keyFile)?.master ?? null;
  } catch (error) {
    if (!(error instanceof InstateError)) throw error;
    notify({ severity: 'warning', code: error.code, summary: error.message, detail: error.hint });
    return null;
  }
}

/** Passphrases cost a tenth of a second: each master key is derived once for each lineage in a row. */
function deriveOnce(): (master: MasterKey, lineage: string) => Keys {
  const derived = new WeakMap<MasterKey, { readonly lineage: string; readonly keys: Keys }>();
  return (master, lineage) => {
    const last = derived.get(master);
    if (last?.lineage === lineage) return last.keys;
    const keys = deriveKeys(master(lineage), lineage);
    derived.set(master, { lineage, keys });
    return keys;
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

const whyNotStored: Readonly<Record<KeyStatus, string | null>> = {
  usable: null,
  none: 'no state key is set, and none is made in CI',
  lost: 'the key that the state was written under is not here',
  other: 'the state was written under another key',
};

function notStored(why: string, { keyId }: KeyBinding): Diagnostic {
  const advice = keyId === null ? 'set INSTATE_STATE_KEY' : stateKeyHint;
  return {
    severity: 'warning',
    code: 'tokens_not_stored',
    summary: `Tokens and fingerprints of credentials are not stored: ${why}.`,
    detail: `Output reads tokens live, and changed credentials are not noticed. To end that, ${advice}`,
  };
}

function noNewKey(why: string): InstateError {
  return new InstateError('wrong_state_key', `There is no key to move the state to: ${why}.`, {
    hint: 'set INSTATE_STATE_KEY to the new key',
  });
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
