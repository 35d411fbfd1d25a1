/** A step, a trigger or a declared key of a formula: what was sent, and the id that the service gave it. */
export type Part = Readonly<Record<string, unknown>> & { readonly id: number };

/** The lists that a formula is made of (docs: formulas, SDK18). */
export type PartKind = 'configuration' | 'steps' | 'triggers';

/** A workflow that runs over instances (docs: formulas, SDK18). */
export interface Formula {
  readonly id: number;
  readonly name: string;
  readonly description: string | null;
  readonly active: boolean;
  readonly createdDate: string;
  /** Null until it is changed for the first time. */
  readonly updatedDate: string | null;
  readonly configuration: readonly Part[];
  readonly steps: readonly Part[];
  readonly triggers: readonly Part[];
}

/** What a body says of a formula. */
export type FormulaDraft = Omit<Formula, 'id' | 'createdDate' | 'updatedDate'>;

/** A formula that is set up to run: its configuration names instances by their ids as plain values (docs: formulas, DP, CH18). */
export interface FormulaInstance {
  readonly id: number;
  readonly formulaId: number;
  readonly name: string;
  readonly active: boolean;
  readonly createdDate: string;
  /** Null until it is changed for the first time. */
  readonly updatedDate: string | null;
  readonly configuration: Readonly<Record<string, string | null>>;
  readonly settings: Readonly<Record<string, unknown>>;
}

/** What a body says of a formula instance. */
export type FormulaInstanceDraft = Pick<FormulaInstance, 'name' | 'active' | 'configuration' | 'settings'>;
