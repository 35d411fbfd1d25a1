/** A workflow that runs over instances (docs: formulas, SDK18). */
export interface Formula {
  readonly id: number;
  readonly name: string;
  readonly description: string | null;
  readonly active: boolean;
  readonly createdDate: string;
  readonly configuration: readonly Readonly<Record<string, unknown>>[];
  readonly steps: readonly Readonly<Record<string, unknown>>[];
  readonly triggers: readonly Readonly<Record<string, unknown>>[];
}

/** A formula that is set up to run: its configuration names instances by their ids as plain values (docs: formulas, DP, CH18). */
export interface FormulaInstance {
  readonly id: number;
  readonly formulaId: number;
  readonly name: string;
  readonly active: boolean;
  readonly createdDate: string;
  readonly configuration: Readonly<Record<string, string | null>>;
  readonly settings: Readonly<Record<string, unknown>>;
}
