import { answerJson, isRefusal, refuse, type Reply } from '../http/answers.ts';
import type { Call } from '../http/calls.ts';
import { elements, type Element } from '../world/catalogue.ts';
import { seeElement } from '../world/world.ts';
import { findNamedElement } from './finding.ts';
import { answerItems } from '../http/items.ts';
import { readWhere } from './where.ts';
import { describeElement, describeKeys } from '../instances/views.ts';

/** `GET /elements`: the catalogue by id, paged (docs: operations, SAP). */
export function listElements(call: Call): Reply {
  return answerPage(call, (element) => describeElement(seeElement(call.world, element)));
}

/** `GET /elements/keys`: the same, keys alone (docs: operations, SDK18). */
export function listElementKeys(call: Call): Reply {
  return answerPage(call, ({ key }) => key);
}

/** `GET /elements/{keyOrId}`: with the keys that an instance takes. */
export function readElement(call: Call): Reply {
  const element = findNamedElement(call);
  if (isRefusal(element)) return element;
  return answerJson({
    ...describeElement(seeElement(call.world, element)),
    configuration: describeKeys(element),
  });
}

/** `GET /elements/{keyOrId}/configuration`: keys and provider data; the shape of `authentication` is a guess (docs: operations, SDK18, CHI). */
export function readElementConfiguration(call: Call): Reply {
  const element = findNamedElement(call);
  if (isRefusal(element)) return element;
  const code = {
    id: element.id * 1000 + 999,
    key: 'code',
    name: 'OAuth Code',
    description: 'OAuth Code',
    type: 'TEXTFIELD_1000',
  };
  return answerJson({
    authentication: { type: element.authentication },
    configuration: describeKeys(element),
    providerData: element.grant ? [code] : [],
  });
}

/** Clones come last: their ids are above those of the catalogue. */
function answerPage(call: Call, show: (element: Element) => unknown): Reply {
  const where = readWhere(call.query.get('where'));
  if (isRefusal(where)) return where;
  const all = [...elements, ...call.account.clones.values()].filter((one) =>
    where(describeElement(seeElement(call.world, one))),
  );
  return answerItems(call, all, show, refuse(404, 'No elements found'));
}
