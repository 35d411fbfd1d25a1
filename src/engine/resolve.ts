import { normaliseConfiguration } from '../core/fields.ts';
import type { Declaration, Json, LiveInstance } from '../core/model.ts';
import type { CredentialReading, Observation } from '../core/observation.ts';
import { dropOwnershipTags, writeOwnershipTag } from '../core/ownership.ts';
import type { Planning } from '../core/plan.ts';
import type { Sensitive } from '../core/sensitive.ts';
import type { Diagnostic } from '../diagnostics.ts';
import { InstateError } from '../errors.ts';
import type { BoundInstance, Resolved } from '../ports.ts';

/** A create with its secrets in hand; they travel beside the plan, never in it. */
export interface ResolvedCreate {
  readonly declaration: Declaration;
  readonly request: Resolved;
  /** The ownership tag, last of `request.tags`; null with `ownership: none`. */
  readonly tag: string | null;
  /** What is recorded of the plain values. */
  readonly configuration: Readonly<Record<string, string | null>>;
  /** By path: `configuration.password`. Kept as fingerprints only. */
  readonly credentials: Readonly<Record<string, Sensitive>>;
}

/**
 * Refuses the whole apply, naming all, where a reference of an instance to be created is unset (product.md §1). `commands`: those that
 * were not run, or failed, count too.
 */
export function requireReferences(
  planning: Planning,
  { commands }: { readonly commands: boolean } = { commands: true },
): void {
  const isWanted = (name: string) => commands || !name.startsWith('exec:');
  const unset = planning.plan.changes.filter((change) => change.needs.some(isWanted));
  if (unset.length === 0) return;
  const names = [...new Set(unset.flatMap((change) => change.needs))].filter(isWanted).sort();
  throw new InstateError('missing_reference', `not set, or empty: ${names.join(', ')}`, {
    hint: `${hintOfMissing(names)}; nothing was created`,
    diagnostics: unset.flatMap((change) => locateMissing(planning, change.address)),
  });
}

/** What to do about references that gave nothing; `exec:NAME` is a command that was not run, or failed. */
export function hintOfMissing(names: readonly string[]): string {
  const commands = names.filter((name) => name.startsWith('exec:'));
  const rest =
    commands.length < names.length ? 'set them in the environment, or in a file given with --env-file' : '';
  const run =
    commands.length > 0
      ? `${commands.join(', ')}: a command, which only --allow-exec runs (plan runs none), or which failed as told above`
      : '';
  return [rest, run].filter(Boolean).join('; ');
}

function locateMissing({ matching }: Planning, address: string): readonly Diagnostic[] {
  const declaration = matching.addresses.declared.get(address);
  const readings = matching.observation.credentials.get(address);
  return Object.entries(declaration?.configuration ?? {}).flatMap(([key, value]) => {
    if (value.kind === 'plain') return [];
    const { file, line, column } = value.source;
    const path = `instances.${address}.configuration.${key}`;
    return (readings?.get(key)?.missing ?? []).map((name) => ({
      ...{ severity: 'error' as const, code: 'missing_reference', summary: `${name} is not set, or empty` },
      ...{ detail: `${path} needs it`, address, file, line, column, path },
    }));
  });
}

/** The request that creates a declared instance. Call `requireReferences` first. */
export function resolveCreate(declaration: Declaration, observation: Observation): ResolvedCreate {
  const { project, ownership } = observation.declarations;
  const tag = ownership === 'tag' ? writeOwnershipTag({ project, address: declaration.address }) : null;
  const readings = observation.credentials.get(declaration.address);
  const configuration: [string, Json | Sensitive][] = [];
  const credentials: [string, Sensitive][] = [];
  for (const [key, declared] of Object.entries(declaration.configuration)) {
    const value = declared.kind === 'plain' ? declared.value : requireValue(readings?.get(key));
    configuration.push([key, value]);
    if (declared.kind === 'sensitive')
      credentials.push([`configuration.${key}`, requireValue(readings?.get(key))]);
  }
  const { address, element, name, externalAuthentication } = declaration;
  const tags = [...(declaration.tags ?? []), ...(tag === null ? [] : [tag])];
  return {
    declaration,
    tag,
    request: {
      address,
      element,
      name,
      tags,
      configuration: Object.fromEntries(configuration),
      externalAuthentication,
    },
    configuration: normaliseConfiguration(declaration.configuration),
    credentials: Object.fromEntries(credentials),
  };
}

function requireValue(reading: CredentialReading | undefined): Sensitive {
  const value = reading?.value ?? null;
  if (value === null)
    throw new InstateError(
      'missing_reference',
      `not set, or empty: ${reading?.missing.join(', ') ?? 'a credential'}`,
    );
  return value;
}

/** What is recorded of a live instance that is adopted: declared keys only, nothing sensitive (safety.md E3). */
export function bindLive(instance: LiveInstance, declaration: Declaration | null): BoundInstance {
  const keys = Object.entries(declaration?.configuration ?? {}).flatMap(([key, value]) =>
    value.kind === 'plain' ? [key] : [],
  );
  const shown = instance.configuration ?? {};
  const configuration = keys.flatMap((key) => {
    const value = Object.hasOwn(shown, key) ? shown[key] : undefined;
    return value === null || typeof value === 'string' ? [[key, value] as const] : [];
  });
  const tag = (instance.tags ?? []).find((one) => dropOwnershipTags([one]).length === 0) ?? null;
  return {
    instanceId: instance.id,
    element: instance.element,
    name: instance.name,
    tags: instance.tags === null ? null : dropOwnershipTags(instance.tags),
    configuration: Object.fromEntries(configuration),
    tag,
    user: instance.user,
  };
}
