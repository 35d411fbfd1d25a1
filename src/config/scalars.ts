import { boolCoreTag, floatCoreTag, intCoreTag, NOT_RESOLVED, nullCoreTag } from 'js-yaml';

export type Scalar = string | number | boolean | null;

/**
 * What an unquoted scalar means in YAML 1.2 (core schema): null, true/false, a number, or else text: `yes`, `no`, dates
 * and `1_000` are text. `ambiguous`: it is a number whose own text differs from what was written (`1.10`, `0755`, `1e3`,
 * `.inf`, integers from 2^53 on), so that nobody can say what was meant.
 */
export function resolvePlain(text: string): { readonly value: Scalar; readonly ambiguous: boolean } {
  for (const tag of [nullCoreTag, boolCoreTag]) {
    const value: Scalar | symbol = tag.resolve(text, false, tag.tagName);
    if (typeof value !== 'symbol') return { value, ambiguous: false };
  }
  if (!/^[-+.0-9]/.test(text)) return { value: text, ambiguous: false };
  for (const tag of [intCoreTag, floatCoreTag]) {
    const value = tag.resolve(text, false, tag.tagName);
    if (value !== NOT_RESOLVED) return { value, ambiguous: !isCanonical(value, text) };
  }
  return { value: text, ambiguous: isOverflow(text) };
}

function isCanonical(value: number, text: string): boolean {
  if (String(value) !== text) return false;
  return !Number.isInteger(value) || Number.isSafeInteger(value);
}

/** A number too large for any double is text to the parser; whoever wrote `1e999` did not mean text. */
function isOverflow(text: string): boolean {
  return /^[-+]?[0-9]+(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?$/.test(text);
}
