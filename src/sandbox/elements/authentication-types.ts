import { answerJson, isRefusal, refuse, type Reply } from '../http/answers.ts';
import type { Call } from '../http/calls.ts';
import { describeKeys } from '../instances/views.ts';
import type { Element } from '../world/catalogue.ts';
import { findNamedElement } from './finding.ts';

/** The keys by which a way to authenticate is known, where an element leaves the choice to `authentication.type`. */
const keysOf: ReadonlyMap<string, RegExp> = new Map([
  ['oauth2', /^oauth\.(api\.key|api\.secret|callback\.url)$/],
  ['basic', /(^|\.)(username|password)$/],
  ['apiKey', /^(?!oauth\.).*api\.?key$/i],
]);

/** `GET /elements/{keyOrId}/authentication-types`: the element's own, then others that its keys allow (docs: operations, CHI pull/1844; shape invented). */
export function listAuthenticationTypes(call: Call): Reply {
  const element = findNamedElement(call);
  if (isRefusal(element)) return element;
  return answerJson(listTypes(element).map((type) => ({ type, default: type === element.authentication })));
}

/** `GET …/authentication-types/{type}/configurations`: the keys that must be sent to authenticate so (docs: operations, CHI pull/1844; shape invented). */
export function listRequiredKeys(call: Call): Reply {
  const element = findNamedElement(call);
  if (isRefusal(element)) return element;
  const { type = '' } = call.params;
  if (!listTypes(element).includes(type))
    return refuse(404, `No authentication type found with name ${type}`);
  const names = new Set(requireKeys(element, type));
  const keys = describeKeys(element).filter(({ key }) => names.has(String(key)));
  if (keys.length === 0) return refuse(404, 'No configurations found');
  return answerJson(keys.map((key) => ({ ...key, required: true })));
}

function listTypes({ authentication, keys }: Element): readonly string[] {
  if (!keys.some(({ key }) => key === 'authentication.type')) return [authentication];
  const others = [...keysOf].filter(([, pattern]) => keys.some(({ key }) => pattern.test(key)));
  return [...new Set([authentication, ...others.map(([type]) => type)])];
}

/** Of the element's required keys those that no other way alone asks for, and the ones by which this way is known. */
function requireKeys({ authentication, keys }: Element, type: string): readonly string[] {
  const own = keysOf.get(type);
  const isCommon = (key: string): boolean => ![...keysOf.values()].some((pattern) => pattern.test(key));
  return keys
    .filter(({ key, required }) => {
      if (own?.test(key) === true) return true;
      return required && (type === authentication || isCommon(key));
    })
    .map(({ key }) => key);
}
