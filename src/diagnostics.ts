import type { Address } from './core/model.ts';

/** A finding for the reader: one-line summary, detail in full sentences. Never carries a sensitive value. */
export interface Diagnostic {
  readonly severity: 'error' | 'warning' | 'info';
  /** Stable, snake_case; listed in docs/errors.md where it is also an error's code. */
  readonly code: string;
  readonly summary: string;
  /** What to type, or why; may be empty. */
  readonly detail: string;
  readonly address?: Address;
  readonly file?: string;
  readonly line?: number;
  readonly column?: number;
  readonly requestId?: string;
  /**
   * The source line with the place, for a caret: `text` has scalars under `configuration` and `account` cut away
   * (safety.md E2); `width` is the length of what the caret underlines. Text output only.
   */
  readonly excerpt?: { readonly text: string; readonly width: number };
  /** The path in the document: `instances.insightly-sales.configuration.password`. */
  readonly path?: string;
}
