import type { FieldChange } from './diff.ts';
import type { Address, Source } from './model.ts';

/** Differences between what is declared or recorded and what lives. */
export const driftKinds = ['changed', 'missing', 'duplicate', 'foreign', 'credential'] as const;
/** Connections that do not work, or soon will not. */
export const healthKinds = ['disabled', 'invalid', 'retired', 'unreachable'] as const;
/** Worth knowing; not counted as drift unless asked for. */
export const infoKinds = [...healthKinds, 'untagged', 'pending', 'stray', 'unmanaged'] as const;

/** `unknown`: nobody can tell; a report with one always fails (safety.md A1). */
export type DriftKind = (typeof driftKinds)[number] | (typeof infoKinds)[number] | 'unknown';

/** Words that stand for several kinds in `--fail-on`. */
export const kindGroups = {
  drift: driftKinds,
  health: healthKinds,
  all: [...driftKinds, ...infoKinds],
} as const satisfies Readonly<Record<string, readonly DriftKind[]>>;

export interface DriftItem {
  /** null: the instance belongs to no address. */
  readonly address: Address | null;
  readonly kind: DriftKind;
  readonly severity: 'error' | 'info';
  readonly text: string;
  readonly fields: readonly FieldChange[];
  readonly instanceId: number | null;
  /** Of what lives, else as declared; null where nobody knows. */
  readonly element: string | null;
  readonly name: string | null;
  /** Where it is declared; null where it is not. */
  readonly source: Source | null;
}

/** An item before anybody asked how bad it is. */
export type Finding = Omit<DriftItem, 'severity'>;

/** How bad a kind is: whatever `--fail-on` names is an error; of the rest, only what is worth knowing is none. */
export function rankKind(kind: DriftKind, failOn: readonly DriftKind[]): DriftItem['severity'] {
  return (infoKinds as readonly DriftKind[]).includes(kind) && !failOn.includes(kind) ? 'info' : 'error';
}
