import type { Json, Reference, Source } from '../core/model.ts';
import { resolvePlain, type Scalar } from './scalars.ts';
import { isSensitive } from './template.ts';
import type { Place } from './tree.ts';

/** A document once keys are unique, merges done, numbers decided, and `${var:}` filled in. */
export type Value = ScalarValue | ListValue | MapValue;

export interface ScalarValue {
  readonly kind: 'scalar';
  readonly place: Place;
  /** As written, references and `$${` untouched. */
  readonly written: Scalar;
  /** `${var:}` filled in and `$${` undone; the same as `written` if it is sensitive or not known. */
  readonly value: Scalar;
  readonly references: readonly Reference[];
  /** False: a `${var:}` in it is unset or refused, or it is malformed or ambiguous (and that was reported). */
  readonly known: boolean;
}

export interface ListValue {
  readonly kind: 'list';
  readonly place: Place;
  readonly items: readonly Value[];
}

export interface MapValue {
  readonly kind: 'map';
  readonly place: Place;
  readonly entries: readonly EntryValue[];
}

export interface EntryValue {
  readonly key: string;
  /** Of the key. */
  readonly place: Place;
  readonly value: Value;
}

export function findEntry(value: Value | undefined, key: string): EntryValue | undefined {
  return value?.kind === 'map' ? value.entries.find((entry) => entry.key === key) : undefined;
}

/** The value under a key, or undefined where there is none or no mapping. */
export function findValue(value: Value | undefined, key: string): Value | undefined {
  return findEntry(value, key)?.value;
}

export function listItems(value: Value | undefined): readonly Value[] {
  return value?.kind === 'list' ? value.items : [];
}

export function listEntries(value: Value | undefined): readonly EntryValue[] {
  return value?.kind === 'map' ? value.entries : [];
}

/** The text of a scalar, or null. */
export function readText(value: Value | undefined): string | null {
  return value?.kind === 'scalar' && typeof value.value === 'string' ? value.value : null;
}

/**
 * A scalar where a number or a boolean may be meant: the text that `${var:}` gave counts as if it stood in the file
 * without quotes.
 */
export function readScalar(value: ScalarValue): Scalar {
  if (typeof value.value !== 'string' || value.references.length === 0) return value.value;
  const { value: meant, ambiguous } = resolvePlain(value.value);
  return ambiguous ? value.value : meant;
}

export function readNumber(value: Value | undefined): number | null {
  const found = value?.kind === 'scalar' ? readScalar(value) : null;
  return typeof found === 'number' ? found : null;
}

export function readBoolean(value: Value | undefined): boolean | null {
  const found = value?.kind === 'scalar' ? readScalar(value) : null;
  return typeof found === 'boolean' ? found : null;
}

/** Can the scalar be checked now: is it neither sensitive nor in want of a variable? */
export function isSettled(value: ScalarValue): boolean {
  return value.known && !value.references.some(isSensitive);
}

/** Every scalar in a value, in the order of the file. */
export function listScalars(value: Value): readonly ScalarValue[] {
  if (value.kind === 'scalar') return [value];
  if (value.kind === 'list') return value.items.flatMap(listScalars);
  return value.entries.flatMap((entry) => listScalars(entry.value));
}

/** Does a reference to a secret stand anywhere in a value? Then all of it is sensitive. */
export function isSensitiveValue(value: Value): boolean {
  return listScalars(value).some((scalar) => scalar.references.some(isSensitive));
}

/** A value as JSON: `written` keeps references as they stand, `value` has variables filled in. */
export function toJson(value: Value, which: 'written' | 'value'): Json {
  if (value.kind === 'scalar') return value[which];
  if (value.kind === 'list') return value.items.map((item) => toJson(item, which));
  return Object.fromEntries(value.entries.map((entry) => [entry.key, toJson(entry.value, which)]));
}

/** A place as the rest of the program names it. */
export function toSource(place: Place): Source {
  return { file: place.file.name, ...place.file.locate(place.start) };
}
