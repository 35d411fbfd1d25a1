import type { FieldChange } from '../core/diff.ts';
import { isHostLike } from '../core/fields.ts';
import type { Json } from '../core/model.ts';
import { sensitiveLabel } from '../core/sensitive.ts';
import { clean } from './screen.ts';

/** A declared, recorded or live value on one line. */
export function showValue(value: Json): string {
  if (value === null) return '(none)';
  if (Array.isArray(value))
    return value.length === 0 ? '(no tags)' : value.map((one) => showValue(one as Json)).join(', ');
  const text = showWhole(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

/** The same, however long: of an address every letter counts. */
function showWhole(value: Json): string {
  if (value === null) return '(none)';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text === '' ? '""' : clean(text);
}

/** A field that differs: path, what is declared, and what lives instead. */
export function showField(field: FieldChange): readonly string[] {
  if (field.declared === sensitiveLabel) {
    const since =
      field.since === undefined ? 'differs from live' : `changed since ${field.since.slice(0, 10)}`;
    // What no credential was recorded for is referenced newly (safety.md F2).
    const from = field.since === undefined ? ` (from ${(field.references ?? []).map(clean).join(', ')})` : '';
    return [clean(field.path), sensitiveLabel, `${since}${from}`];
  }
  const show = isHostLike(field.path) ? showWhole : showValue;
  return [clean(field.path), show(field.declared), `live: ${show(field.live)}`];
}

/** A field that a create asks for; a sensitive one by its references. */
export function showDeclared(field: FieldChange): readonly string[] {
  const show = isHostLike(field.path) ? showWhole : showValue;
  if (field.references === undefined) return [clean(field.path), show(field.declared)];
  const around = field.literal === true ? ', with text around it that stands in the file' : '';
  return [clean(field.path), `${sensitiveLabel} from ${field.references.map(clean).join(', ')}${around}`];
}
