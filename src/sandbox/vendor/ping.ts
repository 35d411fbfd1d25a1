import { answerJson, refuse, type Reply } from '../http/answers.ts';
import type { Call } from '../http/calls.ts';
import type { Instance } from '../world/model.ts';
import { formatDate, isOn } from '../world/world.ts';

/** `GET /hubs/{hub}/ping`: whether the instance reaches its vendor (docs: ping, CH18, SW19). */
export function pingVendor({ world }: Call, { element }: Instance): Reply {
  return answerJson({ dateTime: formatDate(world.now()), endpoint: element.key });
}

/** `GET /ping`: the same without a hub's name (inferred). */
export function pingBare(call: Call, instance: Instance): Reply {
  return isOn(call.world, 'bare-ping')
    ? pingVendor(call, instance)
    : refuse(404, 'Resource not found: /ping');
}
