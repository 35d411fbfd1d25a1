import { refuse, type Refusal } from '../http/answers.ts';
import type { Call } from '../http/calls.ts';
import type { Formula, FormulaInstance } from './model.ts';

/** The formula that `{formulaId}` of a path names. The text of the 404 is inferred from those of other ids. */
export function findNamedFormula({ account, params }: Call): Formula | Refusal {
  const { formulaId = '' } = params;
  return account.formulas.get(Number(formulaId)) ?? refuse(404, `No formula found with ID ${formulaId}`);
}

/**
 * The formula instance that `{formulaInstanceId}` of a path names; below a formula, one of another formula is as unknown
 * as any other. The text of the 404 is inferred.
 */
export function findNamedFormulaInstance({ account, params }: Call): FormulaInstance | Refusal {
  const { formulaId, formulaInstanceId = '' } = params;
  const found = account.formulaInstances.get(Number(formulaInstanceId));
  const isThere = found !== undefined && (formulaId === undefined || found.formulaId === Number(formulaId));
  return isThere ? found : refuse(404, `No formula instance found with ID ${formulaInstanceId}`);
}
