import type { Account } from '../world/model.ts';
import type { Formula, FormulaInstance, Part } from './model.ts';

type Shown = Readonly<Record<string, unknown>>;

/** A formula as it is read (docs: formulas, SDK18): what nobody said of it is left out. */
export function describeFormula({ user }: Account, formula: Formula): Shown {
  const { id, name, description, active, createdDate, updatedDate, configuration, steps, triggers } = formula;
  return {
    id,
    name,
    ...(description === null ? {} : { description }),
    active,
    accountId: user.id,
    userId: user.id,
    createdDate,
    ...(updatedDate === null ? {} : { updatedDate }),
    configuration,
    steps,
    triggers,
  };
}

/** A formula without what only its own account makes sense of: as it can be sent again (docs: formulas, SDK18; shape inferred). */
export function exportFormula({ name, description, active, configuration, steps, triggers }: Formula): Shown {
  return {
    name,
    ...(description === null ? {} : { description }),
    active,
    configuration: configuration.map(dropId),
    steps: steps.map(dropId),
    triggers: triggers.map(dropId),
  };
}

/** A formula instance as it is read, with its formula, less steps and triggers (docs: formulas, SDK18). */
export function describeFormulaInstance(account: Account, instance: FormulaInstance): Shown {
  const { id, formulaId, name, active, createdDate, updatedDate, configuration, settings } = instance;
  const formula = account.formulas.get(formulaId);
  const { steps, triggers, ...rest } = formula === undefined ? {} : describeFormula(account, formula);
  return {
    id,
    formula: rest,
    name,
    active,
    createdDate,
    ...(updatedDate === null ? {} : { updatedDate }),
    configuration,
    settings,
  };
}

function dropId({ id, ...rest }: Part): Shown {
  return rest;
}
