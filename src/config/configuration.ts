import type { Address, DeclaredValue } from '../core/model.ts';
import { isKnownKey, listKnownKeys } from './catalogue.ts';
import { findTypo, suggest } from './nearest.ts';
import type { Report } from './problems.ts';
import { isSecretName, isSecretOfElement, proposeReference } from './secret-keys.ts';
import { isSensitive } from './template.ts';
import {
  type EntryValue,
  isSensitiveValue,
  listScalars,
  type ScalarValue,
  toJson,
  toSource,
  type Value,
} from './values.ts';
import { showKey } from './zones.ts';

/** Whose configuration it is; both null: the defaults. */
export interface Owner {
  readonly address: Address | null;
  readonly element: string | null;
}

/** Checks the keys of one `configuration` where it is written: secrets, slips of the pen, mappings for dotted keys. */
export function checkConfiguration(entries: readonly EntryValue[], owner: Owner, report: Report): void {
  for (const entry of entries) {
    checkSecrets(entry, owner, report);
    if (isKnownKey(entry.key)) continue;
    checkNested(entry, owner, report);
    checkKnown(entry, owner, report);
  }
}

function pathOf(entry: EntryValue, owner: Owner): string {
  const base = owner.address === null ? 'defaults' : `instances.${showKey(owner.address)}`;
  return `${base}.configuration.${showKey(entry.key)}`;
}

/** Reports literals under keys that hold secrets, also inside JSON, and `${var:}` there: it is shown in clear. */
function checkSecrets(entry: EntryValue, owner: Owner, report: Report): void {
  const isSecret = isSecretName(entry.key) || isSecretOfElement(entry.key, owner.element);
  for (const scalar of listLiterals(entry.value, isSecret)) reportLiteral(entry, scalar, { owner, report });
}

/** The per-element part of `checkSecrets` for what an instance inherits: only there the element is known. */
export function checkInheritedSecrets(entries: readonly EntryValue[], owner: Owner, report: Report): void {
  for (const entry of entries) {
    if (isSecretOfElement(entry.key, owner.element)) checkSecrets(entry, owner, report);
  }
}

/** The scalars under secret keys that are no reference to a secret. Empty text, null and booleans are no secrets. */
function listLiterals(value: Value, isSecret: boolean): readonly ScalarValue[] {
  if (value.kind === 'list') return value.items.flatMap((item) => listLiterals(item, isSecret));
  if (value.kind === 'map') {
    return value.entries.flatMap((entry) => listLiterals(entry.value, isSecret || isSecretName(entry.key)));
  }
  if (!isSecret || value.written === '' || value.references.some(isSensitive)) return [];
  const isMalformed = !value.known && value.references.length === 0 && typeof value.written === 'string';
  const canBeSecret = typeof value.written === 'string' || typeof value.written === 'number';
  return canBeSecret && !isMalformed ? [value] : [];
}

function reportLiteral(
  entry: EntryValue,
  scalar: ScalarValue,
  { owner, report }: { readonly owner: Owner; readonly report: Report },
): void {
  const reference = proposeReference(owner.address, entry.key);
  report.add({
    code: 'literal_secret',
    summary:
      scalar.references.length > 0
        ? '`${var:}` is shown in clear, so a secret may not come from it'
        : 'a secret may not stand in the file',
    detail: `Write \`${scalar === entry.value ? `${showKey(entry.key)}: ` : ''}${reference}\`.`,
    place: scalar.place,
    path: pathOf(entry, owner),
    address: owner.address,
  });
}

/** `filter: {response: {nulls: true}}` is never what was meant: the key is `filter.response.nulls`. */
function checkNested(entry: EntryValue, owner: Owner, report: Report): void {
  const meant = findJoinedKey(entry.key, entry.value);
  if (meant === null) return;
  report.add({
    code: 'nested_key',
    summary: `\`${showKey(entry.key)}\` holds a mapping, but the keys of elements are written with dots`,
    detail: suggest(meant),
    place: entry.place,
    path: pathOf(entry, owner),
    address: owner.address,
  });
}

function findJoinedKey(path: string, value: Value): string | null {
  if (value.kind !== 'map') return null;
  for (const entry of value.entries) {
    const joined = `${path}.${entry.key}`;
    if (isKnownKey(joined)) return joined;
    const deeper = findJoinedKey(joined, entry.value);
    if (deeper !== null) return deeper;
  }
  return null;
}

/** Many instances of an element repeat the same keys, and looking through the catalogue is slow. */
const typos = new Map<string, string | null>();

/** Catalogues are incomplete: only a key that looks like a slip for a documented one is worth a warning. */
function checkKnown(entry: EntryValue, owner: Owner, report: Report): void {
  const memo = `${owner.element ?? ''} ${entry.key}`;
  let nearest = typos.get(memo);
  if (nearest === undefined) {
    nearest = findTypo(entry.key, listKnownKeys(owner.element));
    typos.set(memo, nearest);
  }
  if (nearest === null || owner.element === '') return;
  if (isSecretName(nearest) && listLiterals(entry.value, true).length > 0) {
    report.add({
      code: 'literal_secret',
      summary: `the key \`${showKey(entry.key)}\` looks like \`${nearest}\`, and a secret may not stand in the file`,
      detail: `Write \`${nearest}: ${proposeReference(owner.address, nearest)}\`.`,
      place: entry.place,
      path: pathOf(entry, owner),
      address: owner.address,
    });
    return;
  }
  const taker = owner.element === null ? 'no element' : `\`${showKey(owner.element)}\``;
  const is = owner.element === null ? 'is' : 'is not';
  report.add({
    code: 'unknown_configuration_key',
    severity: 'warning',
    summary: `${taker} ${is} documented to take the key \`${showKey(entry.key)}\``,
    detail: suggest(nearest),
    place: entry.place,
    path: pathOf(entry, owner),
    address: owner.address,
  });
}

/** A value as it is declared: known now, or a template that is sensitive as a whole. */
export function declareValue(value: Value): DeclaredValue {
  if (!isSensitiveValue(value)) return { kind: 'plain', value: toJson(value, 'value') };
  const references = new Map(
    listScalars(value)
      .flatMap((scalar) => scalar.references)
      .map((reference) => [`${reference.scheme}:${reference.name}`, reference]),
  );
  return {
    kind: 'sensitive',
    template: toJson(value, 'written'),
    references: [...references.values()],
    source: toSource(value.place),
    folder: value.place.file.folder,
  };
}
