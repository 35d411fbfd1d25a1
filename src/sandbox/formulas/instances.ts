import { answerEmpty, answerJson, isRefusal, readObject, refuse, type Reply } from '../http/answers.ts';
import type { Call } from '../http/calls.ts';
import { answerItems } from '../http/items.ts';
import { formatDate, nextObjectId } from '../world/world.ts';
import { readFormulaInstance } from './bodies.ts';
import { findNamedFormula, findNamedFormulaInstance } from './finding.ts';
import type { FormulaInstance } from './model.ts';
import { listNamedIds } from './users.ts';
import { describeFormulaInstance } from './views.ts';

const noInstances = refuse(404, 'No formula instances found');

/** `GET /formulas/{formulaId}/instances`: by id, paged. */
export function listInstancesOfFormula(call: Call): Reply {
  const formula = findNamedFormula(call);
  if (isRefusal(formula)) return formula;
  return answerSome(call, ({ formulaId }) => formulaId === formula.id);
}

/**
 * `GET /formulas/instances`: those of all formulas; with `elementInstanceId`, those that name this instance, living or
 * dead (docs: formulas, SDK18). `searchText` looks at names.
 */
export function listFormulaInstances(call: Call): Reply {
  const { formulas } = call.account;
  const asked = call.query.get('elementInstanceId');
  const search = (call.query.get('searchText') ?? '').toLowerCase();
  if (asked !== null && !/^\d+$/.test(asked)) {
    return refuse(400, `Invalid elementInstanceId '${asked}': it must be a number`);
  }
  const wanted = asked === null ? null : asked.replace(/^0+(?=\d)/, '');
  return answerSome(
    call,
    (instance) =>
      instance.name.toLowerCase().includes(search) &&
      (wanted === null || listNamedIds(formulas.get(instance.formulaId), instance).has(wanted)),
  );
}

/** `POST /formulas/{formulaId}/instances`: whether the ids in its configuration are alive is not looked at (docs: formulas, SDK18; the latter is inferred). */
export function createFormulaInstance(call: Call): Reply {
  const { world, text } = call;
  const formula = findNamedFormula(call);
  if (isRefusal(formula)) return formula;
  const body = readObject(text);
  if (isRefusal(body)) return body;
  const draft = readFormulaInstance(body, true);
  if (isRefusal(draft)) return draft;
  return storeAndShow(call, {
    ...draft,
    id: nextObjectId(world),
    formulaId: formula.id,
    createdDate: formatDate(world.now()),
    updatedDate: null,
  });
}

/** `GET` of one, below its formula or by its id alone. */
export function readNamedFormulaInstance(call: Call): Reply {
  const instance = findNamedFormulaInstance(call);
  return isRefusal(instance) ? instance : answerJson(describeFormulaInstance(call.account, instance));
}

/** `PUT` of one: configuration and settings as a whole; only `active` stays if it is left out (inferred). */
export function replaceFormulaInstance(call: Call): Reply {
  const instance = findNamedFormulaInstance(call);
  if (isRefusal(instance)) return instance;
  const body = readObject(call.text);
  if (isRefusal(body)) return body;
  const draft = readFormulaInstance(body, instance.active);
  if (isRefusal(draft)) return draft;
  return storeAndShow(call, { ...instance, ...draft, updatedDate: formatDate(call.world.now()) });
}

/** `DELETE` of one: a second one is a 404 (inferred). */
export function deleteFormulaInstance(call: Call): Reply {
  const instance = findNamedFormulaInstance(call);
  if (isRefusal(instance)) return instance;
  call.account.formulaInstances.delete(instance.id);
  return answerEmpty();
}

/** `PUT …/active` (docs: formulas, SDK18). */
export function activateFormulaInstance(call: Call): Reply {
  return setActive(call, true);
}

/** `DELETE …/active` (docs: formulas, SDK18). */
export function deactivateFormulaInstance(call: Call): Reply {
  return setActive(call, false);
}

function setActive(call: Call, active: boolean): Reply {
  const instance = findNamedFormulaInstance(call);
  if (isRefusal(instance)) return instance;
  storeAndShow(call, { ...instance, active, updatedDate: formatDate(call.world.now()) });
  return answerEmpty();
}

function storeAndShow({ account }: Call, instance: FormulaInstance): Reply {
  account.formulaInstances.set(instance.id, instance);
  return answerJson(describeFormulaInstance(account, instance));
}

function answerSome(call: Call, only: (instance: FormulaInstance) => boolean): Reply {
  const { account } = call;
  const show = (instance: FormulaInstance): unknown => describeFormulaInstance(account, instance);
  return answerItems(call, [...account.formulaInstances.values()].filter(only), show, noInstances);
}
