import { answerJson, isPlainObject, isRefusal, refuse, type Refusal, type Reply } from '../http/answers.ts';
import type { Call } from '../http/calls.ts';
import { findNamedElement, lookUpElement } from '../elements/finding.ts';
import { findTarget } from '../instances/target.ts';
import type { Belongings, Kept } from '../world/model.ts';
import { findBelongings, formatDate } from '../world/world.ts';
import type { Shelf } from './shelves.ts';

/** The object definitions of an instance (docs: operations, SW19; shape, SDK18). */
export const instanceDefinitions: Shelf = {
  noun: 'object definition',
  find: (call) => findOwn(call, 'definitions'),
  complete: completeFields,
};

/** The transformations of an instance (docs: operations, SW19; shape, SDK18). */
export const instanceTransformations: Shelf = {
  noun: 'transformation',
  find: (call) => findOwn(call, 'transformations'),
  complete: (sent, name, call) => completeTransformation(sent, name, call, 'instance'),
};

/** The object definitions of the organization (docs: common resources, SDK18, DC); here they are the caller's account's alone. */
export const organizationDefinitions: Shelf = {
  noun: 'object definition',
  find: ({ account }) => account.definitions,
  complete: completeFields,
};

/** The transformations of the organization for one element (docs: common resources, SDK18, DC). */
export const organizationTransformations: Shelf = {
  noun: 'transformation',
  find: findOfElement,
  complete: (sent, name, call) => completeTransformation(sent, name, call, 'organization'),
};

/**
 * `GET /organizations/objects/{objectName}/transformations`: where an object is transformed, as the vendor's asset tool asks
 * before it removes one: level and element of each; none is a 404 (docs: common resources, SDK18, DOC).
 */
export function listTransformationsOf({ account, params }: Call): Reply {
  const { objectName = '' } = params;
  const found = [...account.transformations].flatMap(([elementId, things]) => {
    const element = things.has(objectName) ? lookUpElement(account, String(elementId)) : null;
    if (element === null) return [];
    const { id, key, name, hub } = element;
    const image = `elements/provider_${key}.png`;
    return [{ name: objectName, level: 'organization', element: { id, key, name, hub, image } }];
  });
  return found.length === 0 ? refuse(404, 'No transformations found') : answerJson(found);
}

function findOwn(call: Call, kind: 'definitions' | 'transformations'): Belongings[typeof kind] | Refusal {
  const instance = findTarget(call);
  return isRefusal(instance) ? instance : findBelongings(call.account, instance.id)[kind];
}

function findOfElement(call: Call): Map<string, Kept> | Refusal {
  const element = findNamedElement(call);
  if (isRefusal(element)) return element;
  const { transformations } = call.account;
  const found = transformations.get(element.id) ?? new Map<string, Kept>();
  transformations.set(element.id, found);
  return found;
}

/** `{fields: [{path, type}]}`; anything more is kept as it was sent. That `fields` may be left out is inferred. */
function completeFields(sent: Kept): Kept | null {
  const { fields = [] } = sent;
  const isGood =
    Array.isArray(fields) &&
    fields.every((field: unknown) => isPlainObject(field) && typeof field['path'] === 'string');
  return isGood ? { ...sent, fields } : null;
}

/** `{level, vendorName, startDate, configuration, fields}`; the values for what is left out are invented. */
function completeTransformation(sent: Kept, name: string, call: Call, level: string): Kept | null {
  const whole = completeFields(sent);
  if (whole === null) return null;
  return { level, vendorName: name, startDate: formatDate(call.world.now()), configuration: [], ...whole };
}
