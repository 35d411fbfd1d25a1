import { answerJson, refuse, type Reply } from '../http/answers.ts';
import type { Call } from '../http/calls.ts';
import { unauthorized } from '../http/credentials.ts';
import { formatDate } from '../world/world.ts';

/**
 * `GET /hubs/{hub}/ping` and `/ping`: whether the instance behind the token reaches its vendor. The hub's name is not
 * looked at; the answer names the instance in a header; a disabled one answers 403 (docs: ping, disable, CH18, SW19).
 */
export function pingVendor({ world, bearer }: Call): Reply {
  if (bearer === null) return unauthorized;
  const headers = { 'elements-element-instance-id': `${bearer.id}` };
  if (bearer.disabled) return { ...refuse(403, 'Element instance is disabled'), headers };
  return answerJson({ dateTime: formatDate(world.now()), endpoint: bearer.element.key }, headers);
}
