import type { IncomingHttpHeaders } from 'node:http';
import { answerJson, isPlainObject, type Answer } from '../http/answers.ts';
import { parseFaults } from '../faults/faults.ts';
import { operations } from '../http/routes.ts';
import type { Service } from '../http/service.ts';
import { findElement } from '../world/catalogue.ts';
import { countInstances, resetWorld, retireElement } from '../world/world.ts';
import { forbidControl } from './guard.ts';

/** Where the control calls live, outside the vendor's paths. They need no secrets, and meet no fault and no latency. */
export const CONTROL_PATH = '/__sandbox';

/** A call to the sandbox itself. */
export interface ControlCall {
  readonly method: string;
  /** From the root, without its query. */
  readonly path: string;
  readonly headers: Readonly<IncomingHttpHeaders>;
  /** The body as it came. */
  readonly text: string;
}

/**
 * Answers a control call: `GET stats`, `GET requests`, `GET operations`, `POST faults`, `POST elements`, `POST reset`, `POST stop`. 403 for a Host header that names
 * another machine, and for a browser's page of another origin.
 */
export function controlSandbox(service: Service, { method, path, headers, text }: ControlCall): Answer {
  const { world, journal, schedule, stop } = service;
  const forbidden = forbidControl(headers);
  if (forbidden !== null) return answerError(403, forbidden);
  switch (`${method} ${path.slice(CONTROL_PATH.length)}`) {
    case 'GET /stats':
      return answerJson({ requests: journal.countRequests(), instances: countInstances(world) });
    case 'GET /requests':
      return answerJson(journal.listRequests());
    case 'GET /operations':
      return answerJson(operations);
    case 'POST /stop':
      stop();
      return answerJson({});
    case 'POST /faults':
      return scriptFaults(service, text);
    case 'POST /elements':
      return setElement(service, text);
    case 'POST /reset':
      resetWorld(world);
      journal.clearRequests();
      schedule.clearFaults();
      return answerJson({});
    default:
      return answerError(
        404,
        'Control calls are GET /stats, GET /requests, GET /operations, POST /faults, POST /elements, POST /reset and POST /stop, all below /__sandbox',
      );
  }
}

/** Appends faults, all or none; an empty list clears them. */
function scriptFaults({ schedule }: Service, text: string): Answer {
  const value = readJson(text);
  if (value === undefined) return answerError(400, 'faults: not valid JSON');
  const parsed = parseFaults(value, operations);
  if ('problems' in parsed) return answerError(400, parsed.problems.join('; '));
  if (parsed.faults.length === 0) schedule.clearFaults();
  else schedule.addFaults(parsed.faults);
  return answerJson({ faults: schedule.listPending().length });
}

/** Retires an element: `{"key": "closeio", "active": false}`. */
function setElement({ world }: Service, text: string): Answer {
  const body: unknown = readJson(text);
  const { key, active } = isPlainObject(body) ? body : {};
  if (typeof key !== 'string' || findElement(key) === null)
    return answerError(400, 'elements: "key" must be the key of an element');
  if (active !== false) return answerError(400, 'elements: "active" can only be set to false');
  retireElement(world, key);
  return answerJson({ key, active });
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function answerError(status: number, message: string): Answer {
  return { ...answerJson({ message }), status };
}
