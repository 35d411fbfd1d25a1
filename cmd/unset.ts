import type { UnsetReference } from '../src/config/load.ts';
import type { Diagnostic } from '../src/diagnostics.ts';
import { hintOfMissing } from '../src/engine/resolve.ts';
import { InstateError } from '../src/errors.ts';

/** Refuses what is unset, naming each place where it stands. */
export function refuseUnset(unset: readonly UnsetReference[]): void {
  if (unset.length === 0) return;
  const names = [...new Set(unset.map((one) => one.reference.name))].sort();
  const diagnostics = unset.map(({ reference, path, address, source }): Diagnostic => ({
    ...{ severity: 'error', code: 'missing_reference', summary: `${reference.name} is not set, or empty` },
    ...{ detail: `${path} needs it`, path, ...(address === null ? {} : { address }) },
    // Without files there is no place to point at.
    ...(source.file === '' ? {} : source),
  }));
  throw new InstateError('missing_reference', `not set, or empty: ${names.join(', ')}`, {
    hint: hintOfMissing(names),
    diagnostics,
  });
}
