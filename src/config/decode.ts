import type { ConfigCode } from './problems.ts';

/** The text of a file, or why it is none. */
export type Decoded =
  | { readonly text: string }
  | {
      readonly code: ConfigCode;
      readonly summary: string;
      readonly detail: string;
    };

/** UTF-8 with or without a byte order mark. NUL bytes and anything else that is not text are refused. */
export function decodeText(bytes: Uint8Array): Decoded {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return { code: 'not_utf8', summary: 'the file is UTF-16, not UTF-8', detail: 'Save it as UTF-8.' };
  }
  if (bytes.includes(0)) {
    return {
      code: 'binary_file',
      summary: `the file is binary: it holds a NUL byte in line ${String(lineOf(bytes, bytes.indexOf(0)))}`,
      detail: 'Declarations are YAML text in UTF-8.',
    };
  }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { code: 'not_utf8', summary: 'the file is not valid UTF-8', detail: 'Save it as UTF-8.' };
  }
}

function lineOf(bytes: Uint8Array, offset: number): number {
  let line = 1;
  for (let index = 0; index < offset; index += 1) if (bytes[index] === 10) line += 1;
  return line;
}
