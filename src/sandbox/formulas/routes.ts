import { serve, type Route } from '../http/route.ts';
import {
  createFormula,
  deleteFormula,
  listFormulas,
  readExport,
  readNamedFormula,
  replaceFormula,
  updateFormula,
} from './formulas.ts';
import {
  activateFormulaInstance,
  createFormulaInstance,
  deactivateFormulaInstance,
  deleteFormulaInstance,
  listFormulaInstances,
  listInstancesOfFormula,
  readNamedFormulaInstance,
  replaceFormulaInstance,
} from './instances.ts';
import { servePart } from './parts.ts';

/** Formulas and their instances, so that element instances have dependents. Nothing of them ever runs (docs: formulas, SDK18). */
export const formulaRoutes: readonly Route[] = [
  serve('/formulas', { GET: listFormulas, POST: createFormula }),
  serve('/formulas/{formulaId}', {
    GET: readNamedFormula,
    PUT: replaceFormula,
    PATCH: updateFormula,
    DELETE: deleteFormula,
  }),
  serve('/formulas/{formulaId}/export', { GET: readExport }),
  serve('/formulas/{formulaId}/steps', servePart('steps')),
  serve('/formulas/{formulaId}/triggers', servePart('triggers')),
  serve('/formulas/{formulaId}/configuration', servePart('configuration')),
  serve('/formulas/instances', { GET: listFormulaInstances }),
  serve('/formulas/instances/{formulaInstanceId}', { GET: readNamedFormulaInstance }),
  serve('/formulas/{formulaId}/instances', { GET: listInstancesOfFormula, POST: createFormulaInstance }),
  serve('/formulas/{formulaId}/instances/{formulaInstanceId}', {
    GET: readNamedFormulaInstance,
    PUT: replaceFormulaInstance,
    DELETE: deleteFormulaInstance,
  }),
  serve('/formulas/{formulaId}/instances/{formulaInstanceId}/active', {
    PUT: activateFormulaInstance,
    DELETE: deactivateFormulaInstance,
  }),
];
