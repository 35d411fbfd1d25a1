import deepDiff from 'deep-diff';
import { isIgnored, isServiceOwned, mask, normaliseValue } from './fields.ts';
import type { DeclaredValue, Declaration, Json, LiveInstance, RecordedInstance } from './model.ts';
import type { CredentialReading } from './observation.ts';
import { dropOwnershipTags } from './ownership.ts';
import { Sensitive, sensitiveLabel } from './sensitive.ts';

/** One field that differs, or (for a create) that is asked for. Sensitive values stand as `(sensitive)`. */
export interface FieldChange {
  /** `name`, `tags`, `element`, `configuration.<key>`. */
  readonly path: string;
  readonly declared: Json;
  readonly recorded: Json;
  readonly live: Json;
  /** The declared value is sensitive: the names of its references, never empty. */
  readonly references?: readonly string[];
  /** There is more in the declared value than its references; what, stands in the file alone. */
  readonly literal?: true;
  /** The credential differs from the one applied since then (ISO). */
  readonly since?: string;
}

/** What comparing one declaration with its live instance gives. */
export interface Comparison {
  readonly fields: readonly FieldChange[];
  /** Paths of declared values that could not be compared (masked, no fingerprint, unset). */
  readonly notVerified: readonly string[];
}

type Readings = ReadonlyMap<string, CredentialReading>;
type Verdict = 'same' | 'changed' | 'unverified';
/** One declared field beside what is live; `verdict` is there where the values themselves cannot tell. */
interface Pair {
  readonly field: FieldChange;
  readonly left: Json;
  readonly right: Json;
  readonly verdict: Verdict | null;
}

/** The fields in which live differs from declared. Only declared fields count; `ignore` is kept out. */
export function compareInstance(
  declaration: Declaration,
  live: LiveInstance,
  row: RecordedInstance | null,
  readings: Readings,
): Comparison {
  const pairs = [
    pairName(declaration, live, row),
    ...pairTags(declaration, live, row),
    ...pairConfiguration(declaration, live, row, readings),
  ].filter(({ field }) => !isIgnored(declaration.ignore, field.path));
  const open = pairs.filter((pair) => pair.verdict === null);
  const sides = (side: 'left' | 'right') =>
    Object.fromEntries(open.map((pair) => [pair.field.path, pair[side]]));
  const differing = new Set(
    (deepDiff.diff(sides('left'), sides('right')) ?? []).map((edit) => String(edit.path?.[0])),
  );
  return {
    fields: pairs
      .filter(
        ({ field, verdict }) => verdict === 'changed' || (verdict === null && differing.has(field.path)),
      )
      .map(({ field }) => field),
    notVerified: pairs.filter(({ verdict }) => verdict === 'unverified').map(({ field }) => field.path),
  };
}

/** The credential at hand is known not to be the one last applied. A secret that only what lives differs from is a field like others. */
export function isCredentialChange(field: FieldChange): field is FieldChange & { readonly since: string } {
  return field.declared === sensitiveLabel && field.since !== undefined;
}

function isOneReference(template: Json): boolean {
  return typeof template === 'string' && /^\$\{[a-z]+:[^}]*\}$/.test(template);
}

/** All that a new instance is asked to have: what a reviewer approves, and what the digest covers. */
export function describeDeclaration(declaration: Declaration): readonly FieldChange[] {
  const tags =
    declaration.tags === null
      ? []
      : [{ path: 'tags', declared: [...declaration.tags], recorded: null, live: null }];
  const keys = Object.entries(declaration.configuration).sort(byKey);
  const start = declaration.externalAuthentication;
  const external =
    start === null ? [] : [{ path: 'externalAuthentication', declared: start, recorded: null, live: null }];
  return [...tags, ...external, ...keys.map(([key, value]) => describeValue(key, value, null, null))];
}

function pairName(declaration: Declaration, live: LiveInstance, row: RecordedInstance | null): Pair {
  const field = { path: 'name', declared: declaration.name, recorded: row?.name ?? null, live: live.name };
  return { field, left: declaration.name, right: live.name, verdict: null };
}

function pairTags(
  declaration: Declaration,
  live: LiveInstance,
  row: RecordedInstance | null,
): readonly Pair[] {
  if (declaration.tags === null) return [];
  const shown = live.tags === null ? null : [...dropOwnershipTags(live.tags)];
  const recorded = row?.tags ? [...row.tags] : null;
  const field = { path: 'tags', declared: [...declaration.tags], recorded, live: shown };
  const asSet = (tags: readonly string[]) => [...new Set(tags)].sort();
  return [
    {
      field,
      left: asSet(declaration.tags),
      right: asSet(shown ?? []),
      verdict: shown === null ? 'unverified' : null,
    },
  ];
}

function pairConfiguration(
  declaration: Declaration,
  live: LiveInstance,
  row: RecordedInstance | null,
  readings: Readings,
): readonly Pair[] {
  return Object.entries(declaration.configuration)
    .filter(([key]) => !isServiceOwned(key))
    .sort(byKey)
    .map(([key, value]) => {
      const shown = readOwn(live.configuration, key);
      const field = describeValue(key, value, row, shown);
      if (live.configuration === null)
        return { field, left: null, right: null, verdict: 'unverified' as const };
      if (value.kind === 'sensitive') {
        const verdict = judgeCredential(value.template, shown, readings.get(key));
        // What the service shows in clear was compared with that: nothing says that another one was applied.
        const { since: _since, ...rest } = field;
        const isLive = shown instanceof Sensitive && readings.get(key)?.applied !== 'changed';
        return { field: isLive ? rest : field, left: null, right: null, verdict };
      }
      return { field, ...pairPlain(value.value, shown, row, key) };
    });
}

function pairPlain(
  value: Json,
  shown: string | Sensitive | null,
  row: RecordedInstance | null,
  key: string,
): Pick<Pair, 'left' | 'right' | 'verdict'> {
  const text = normaliseValue(value);
  if (shown instanceof Sensitive) {
    return { left: null, right: null, verdict: text !== null && shown.equals(text) ? 'same' : 'changed' };
  }
  if (shown !== mask)
    return { left: parseWhereObject(value, text), right: parseWhereObject(value, shown), verdict: null };
  if (row === null || !Object.hasOwn(row.configuration, key))
    return { left: null, right: null, verdict: 'unverified' };
  return { left: text, right: readOwn(row.configuration, key), verdict: null };
}

function judgeCredential(
  template: Json,
  shown: string | Sensitive | null,
  reading: CredentialReading | undefined,
): Verdict {
  if (reading === undefined || reading.value === null) return 'unverified';
  if (shown instanceof Sensitive && typeof template === 'string')
    return shown.equals(reading.value) ? 'same' : 'changed';
  return reading.applied;
}

function describeValue(
  key: string,
  value: DeclaredValue,
  row: RecordedInstance | null,
  shown: string | Sensitive | null,
): FieldChange {
  const path = `configuration.${key}`;
  const live = shown instanceof Sensitive ? sensitiveLabel : shown;
  if (value.kind === 'plain') {
    return {
      path,
      declared: value.value,
      recorded: row === null ? null : readOwn(row.configuration, key),
      live,
    };
  }
  const since = row === null ? undefined : row.credentials[path];
  return {
    path,
    declared: sensitiveLabel,
    recorded: since === undefined ? null : sensitiveLabel,
    live: live === null ? null : sensitiveLabel,
    references: value.references.map((reference) => `${reference.scheme}:${reference.name}`),
    ...(isOneReference(value.template) ? {} : { literal: true as const }),
    ...(since === undefined ? {} : { since }),
  };
}

/** Objects are compared as what their JSON text says, so that spacing and key order do not count. */
function parseWhereObject(declared: Json, text: string | null): Json {
  if (declared === null || typeof declared !== 'object' || text === null) return text;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

function readOwn<T>(map: Readonly<Record<string, T>> | null, key: string): T | null {
  return map !== null && Object.hasOwn(map, key) ? (map[key] ?? null) : null;
}

function byKey(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : 1;
}
