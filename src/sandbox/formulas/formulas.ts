import { answerEmpty, answerJson, isRefusal, readObject, refuse, type Reply } from '../http/answers.ts';
import type { Call } from '../http/calls.ts';
import { answerItems } from '../http/items.ts';
import { formatDate, nextObjectId } from '../world/world.ts';
import { blankFormula, readFormula } from './bodies.ts';
import { findNamedFormula } from './finding.ts';
import type { Formula, FormulaDraft } from './model.ts';
import { describeFormula, exportFormula } from './views.ts';

const noFormulas = refuse(404, 'No formulas found');

/** `GET /formulas`: by id, paged, the next page's token only while more remains (docs: response headers, CH18). */
export function listFormulas(call: Call): Reply {
  const show = (formula: Formula): unknown => describeFormula(call.account, formula);
  return answerItems(call, [...call.account.formulas.values()], show, noFormulas);
}

/** `POST /formulas`: names need not be unique (inferred from instances). */
export function createFormula(call: Call): Reply {
  const { world, account, text } = call;
  const body = readObject(text);
  if (isRefusal(body)) return body;
  const draft = readFormula(world, body, blankFormula, null);
  if (isRefusal(draft)) return draft;
  const createdDate = formatDate(world.now());
  const formula = { ...draft, id: nextObjectId(world), createdDate, updatedDate: null };
  account.formulas.set(formula.id, formula);
  return answerJson(describeFormula(account, formula));
}

/** `GET /formulas/{formulaId}`. */
export function readNamedFormula(call: Call): Reply {
  const formula = findNamedFormula(call);
  return isRefusal(formula) ? formula : answerJson(describeFormula(call.account, formula));
}

/** `GET /formulas/{formulaId}/export`: takes part in nothing; POST and PUT take it back whole (docs: formulas, SDK18). */
export function readExport(call: Call): Reply {
  const formula = findNamedFormula(call);
  return isRefusal(formula) ? formula : answerJson(exportFormula(formula));
}

/** `PUT /formulas/{formulaId}`: what is left out is cleared (inferred from the name being required, SDK18). */
export function replaceFormula(call: Call): Reply {
  return changeFormula(call, ({ active }) => ({ ...blankFormula, active }));
}

/** `PATCH /formulas/{formulaId}`: what is left out stays; a list that is sent replaces the old one (inferred). */
export function updateFormula(call: Call): Reply {
  return changeFormula(call, (formula) => formula);
}

/** `DELETE /formulas/{formulaId}`: that its instances go with it is invented. */
export function deleteFormula(call: Call): Reply {
  const formula = findNamedFormula(call);
  if (isRefusal(formula)) return formula;
  const { formulas, formulaInstances } = call.account;
  for (const { id, formulaId } of formulaInstances.values()) {
    if (formulaId === formula.id) formulaInstances.delete(id);
  }
  formulas.delete(formula.id);
  return answerEmpty();
}

/** Changes the formula of the path; `base` is what of it the body is read over. */
function changeFormula(call: Call, base: (formula: Formula) => FormulaDraft): Reply {
  const { world, account, text } = call;
  const formula = findNamedFormula(call);
  if (isRefusal(formula)) return formula;
  const body = readObject(text);
  if (isRefusal(body)) return body;
  const draft = readFormula(world, body, base(formula), formula);
  if (isRefusal(draft)) return draft;
  const changed = { ...formula, ...draft, updatedDate: formatDate(world.now()) };
  account.formulas.set(changed.id, changed);
  return answerJson(describeFormula(account, changed));
}
