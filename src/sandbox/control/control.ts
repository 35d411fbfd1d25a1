import { answerJson, type Answer } from '../http/answers.ts';
import { parseFaults } from '../faults/faults.ts';
import { operations } from '../http/routes.ts';
import type { Service } from '../http/service.ts';
import { countInstances, resetWorld } from '../world/world.ts';

/** Where the control calls live, outside the vendor's paths. They need no secrets, and meet no fault and no latency. */
export const CONTROL_PATH = '/__sandbox';

/** Answers a control call: `GET stats`, `GET requests`, `POST faults`, `POST reset`. */
export function controlSandbox(service: Service, method: string, path: string, text: string): Answer {
  const { world, journal, schedule } = service;
  switch (`${method} ${path.slice(CONTROL_PATH.length)}`) {
    case 'GET /stats':
      return answerJson({ requests: journal.countRequests(), instances: countInstances(world) });
    case 'GET /requests':
      return answerJson(journal.listRequests());
    case 'POST /faults':
      return scriptFaults(service, text);
    case 'POST /reset':
      resetWorld(world);
      journal.clearRequests();
      schedule.clearFaults();
      return answerJson({});
    default:
      return answerError(404, 'Control calls are GET /stats, GET /requests, POST /faults and POST /reset');
  }
}

/** Appends faults, all or none; an empty list clears them. */
function scriptFaults({ schedule }: Service, text: string): Answer {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return answerError(400, 'faults: not valid JSON');
  }
  const parsed = parseFaults(value, operations);
  if ('problems' in parsed) return answerError(400, parsed.problems.join('; '));
  if (parsed.faults.length === 0) schedule.clearFaults();
  else schedule.addFaults(parsed.faults);
  return answerJson({ faults: schedule.countFaults() });
}

function answerError(status: number, message: string): Answer {
  return { ...answerJson({ message }), status };
}
