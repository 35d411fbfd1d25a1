import { isAbsolute } from 'node:path';
import type { Diagnostic } from '../src/diagnostics.ts';
import type { Sensitive } from '../src/core/sensitive.ts';
import { InstateError } from '../src/errors.ts';
import type { StateStore } from '../src/ports.ts';
import { createKeyring } from './keyring.ts';
import { currentSchema } from './schema.ts';
import { createSqliteStore } from './sqlite.ts';

export interface OpenStateOptions {
  /** Absolute path of the database file, or `postgres://…`, which comes later. */
  readonly location: string;
  /** INSTATE_STATE_KEY; null if it is unset. */
  readonly stateKey: Sensitive | null;
  /** INSTATE_STATE_KEY_OLD, which `rekey` alone looks at; null if it is unset. */
  readonly oldStateKey: Sensitive | null;
  /** Absolute path of the user's key file. */
  readonly keyFile: string;
  /** CI is set: a key file is never made. */
  readonly ci: boolean;
  /** Where a private copy may lie for a moment, if the state's folder cannot be written. */
  readonly tempFolder: string;
  readonly toolVersion: string;
  /** Wall clock, ms. */
  readonly now: () => number;
  /** A UUID. */
  readonly newId: () => string;
  /** Is told, once each, of `state_key_created`, `state_migrated` (info), `tokens_not_stored`, `state_key_exposed`, `state_folder_open`, `bad_state_key` (warning). */
  readonly notify: (diagnostic: Diagnostic) => void;
}

/**
 * The store for a location. Touches no disk and asks no server as yet. Throws `bad_state_key` for a key that is none
 * (safety.md E5), `state_unsupported` for a location that this release cannot use; a URL is never quoted, since a
 * password may stand in it.
 */
export function openState(options: OpenStateOptions): StateStore {
  refuseForeign(options.location);
  const place = { ...options, notify: passOnce(options.notify) };
  return createSqliteStore({ ...place, keyring: createKeyring(place), schema: currentSchema });
}

/** Each finding is told once, however often the store meets it. */
function passOnce(notify: OpenStateOptions['notify']): OpenStateOptions['notify'] {
  const said = new Set<string>();
  return (diagnostic) => {
    if (said.has(diagnostic.code)) return;
    said.add(diagnostic.code);
    notify(diagnostic);
  };
}

function refuseForeign(location: string): void {
  const hint = 'name a database file: --state .instate/state.db';
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(location)?.[1]?.toLowerCase();
  if (scheme === 'postgres' || scheme === 'postgresql') {
    throw new InstateError(
      'state_unsupported',
      'A state in PostgreSQL comes later; this release keeps it in a file.',
      { hint },
    );
  }
  if (scheme !== undefined) {
    throw new InstateError('state_unsupported', `A state cannot be kept at a ${scheme}: address.`, { hint });
  }
  // better-sqlite3 trims its file names, so that lock, checks and database would disagree.
  if (!isAbsolute(location) || location !== location.trim()) {
    throw new InstateError(
      'state_unsupported',
      `The state's path ${location} is not absolute, or has spaces at an end.`,
      { hint },
    );
  }
}
