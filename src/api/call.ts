import type { Fault, FaultKind } from './faults.ts';

/** One request. */
export interface Call {
  readonly method: 'GET' | 'POST';
  /** Below the base URL, with its query. */
  readonly path: string;
  /** JSON text, or null. */
  readonly body: string | null;
  /** Instead of the account's own header. */
  readonly authorization?: string;
  /** For all of it: connecting, sending, and reading the answer to its end. */
  readonly timeoutMs: number;
  /** Of the answer's body, decompressed. */
  readonly maxBytes: number;
  /** Asked as the bytes are about to leave: null, or why they must not any more. */
  readonly hold: () => FaultKind | null;
}

/** What came of a request. It never throws. */
export type Reply =
  /** An answer; `text` is null if its body could not be read, and `fault` says why. */
  | {
      readonly status: number;
      readonly header: (name: string) => string | null;
      readonly text: string | null;
      readonly fault: Fault | null;
    }
  /** No answer. `sent: false` is proof that nothing left (safety.md C4). */
  | { readonly status: null; readonly sent: boolean; readonly fault: Fault };
