import { answerJson, isRefusal, type Reply } from '../http/answers.ts';
import type { Call } from '../http/calls.ts';
import { listObjects } from '../vendor/objects.ts';
import { findNamedElement } from './finding.ts';

const EVENTS = ['CREATED', 'UPDATED', 'DELETED'];

/**
 * `GET /elements/{elementId}/metadata`: what events an element can tell of; the number alone names it. `expand=true` adds
 * the resources that are polled; that every element polls and none calls back is invented (docs: operations, CH18, SDK18).
 */
export function readMetadata(call: Call): Reply {
  const element = findNamedElement({ ...call, params: { keyOrId: call.params['elementId'] ?? '' } });
  if (isRefusal(element)) return element;
  const { id, key, name, hub } = element;
  const isExpanded = call.query.get('expand')?.toLowerCase() === 'true';
  const resources = listObjects(hub).map((resource) => [
    resource,
    { pollUrl: `/hubs/${hub}/${resource}`, eventTypes: EVENTS },
  ]);
  const polling = isExpanded ? { polling: Object.fromEntries(resources) as unknown } : {};
  const events = { supported: true, methods: ['polling'], ...polling };
  return answerJson({ id, key, name, description: `Connects an account of ${name}.`, events });
}
