import type { Needle } from './forms.ts';

/** What was found, once for each canary and form. */
export interface Found {
  readonly canary: string;
  readonly form: string;
}

export type Search = (bytes: Buffer) => readonly Found[];

const filterBits = 20;

/**
 * Looks for all needles in one pass: a filter over the first four bytes of each, then a comparison. Thousands of needles
 * in tens of megabytes would take minutes with an `indexOf` for each. A needle has eight bytes or more.
 */
export function makeSearch(needles: readonly Needle[]): Search {
  const filter = new Uint8Array(1 << filterBits);
  const byStart = new Map<number, Needle[]>();
  for (const needle of needles) {
    const start = needle.bytes.readInt32LE(0);
    filter[hash(start)] = 1;
    byStart.set(start, [...(byStart.get(start) ?? []), needle]);
  }
  return (bytes) => {
    const found = new Map<string, Found>();
    let window = bytes.length < 4 ? 0 : bytes.readInt32LE(0);
    for (let at = 0; at + 4 <= bytes.length; at += 1) {
      if (at > 0) window = (window >>> 8) | ((bytes[at + 3] ?? 0) << 24);
      if (filter[hash(window)] === 0) continue;
      for (const { canary, form, bytes: wanted } of byStart.get(window) ?? []) {
        if (bytes.subarray(at, at + wanted.length).equals(wanted))
          found.set(`${canary} ${form}`, { canary, form });
      }
    }
    return [...found.values()];
  };
}

function hash(start: number): number {
  return Math.imul(start, 0x9e3779b1) >>> (32 - filterBits);
}
