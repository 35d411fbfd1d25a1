import { answerJson, isRefusal, readObject, refuse, type Reply } from '../http/answers.ts';
import type { Call, Handler } from '../http/calls.ts';
import { formatDate } from '../world/world.ts';
import { readPart } from './bodies.ts';
import { findNamedFormula } from './finding.ts';
import type { PartKind } from './model.ts';

/** Makes the two calls on one list of a formula: GET shows it, 404 if it is empty; POST appends to it (docs: formulas, SDK18). */
export function servePart(kind: PartKind): Readonly<Record<'GET' | 'POST', Handler>> {
  return { GET: (call) => listParts(call, kind), POST: (call) => appendPart(call, kind) };
}

/** The texts follow `No … found` (docs: an empty result is 404, DOC). */
function listParts(call: Call, kind: PartKind): Reply {
  const formula = findNamedFormula(call);
  if (isRefusal(formula)) return formula;
  return formula[kind].length === 0 ? refuse(404, `No formula ${kind} found`) : answerJson(formula[kind]);
}

function appendPart(call: Call, kind: PartKind): Reply {
  const { world, account, text } = call;
  const formula = findNamedFormula(call);
  if (isRefusal(formula)) return formula;
  const body = readObject(text);
  if (isRefusal(body)) return body;
  const part = readPart(world, kind, body);
  if (isRefusal(part)) return part;
  account.formulas.set(formula.id, {
    ...formula,
    [kind]: [...formula[kind], part],
    updatedDate: formatDate(world.now()),
  });
  return answerJson(part);
}
