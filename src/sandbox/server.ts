import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { refuse, renderRefusal } from './http/answers.ts';
import { CONTROL_PATH, controlSandbox } from './control/control.ts';
import { dispatchRequest } from './http/dispatch.ts';
import { SandboxError } from './errors.ts';
import { readBody, sendAnswer } from './http/exchange.ts';
import { createFaultSchedule } from './faults/schedule.ts';
import { parseFaults } from './faults/faults.ts';
import { createJournal } from './control/journal.ts';
import { answerPage, PAGE_PATH } from './control/page.ts';
import { operations } from './http/routes.ts';
import type { QuirkName } from './quirks.ts';
import type { Service } from './http/service.ts';
import { createTimers, type StartTimer } from './world/timers.ts';
import { createWorld, makeRequestId } from './world/world.ts';

/** How to start a sandbox. */
export interface SandboxOptions {
  /** 0, the default, picks a free one. */
  readonly port?: number;
  /** Milliseconds that every answer of the API waits. */
  readonly latency?: number;
  /** How many instances every new account starts with, 0 to 100,000. */
  readonly seed?: number;
  /** Faults to start with, as for the control call. */
  readonly faults?: readonly unknown[];
  /** What is only inferred of the service, and is not to be so here. */
  readonly quirksOff?: readonly QuirkName[];
  /** Wall clock, milliseconds. It dates instances and request ids, and times nothing. */
  readonly now: () => number;
  /** The clock of what happens later in the world: `late-commit`, `hide-from-list`. Delays and latency are always real. */
  readonly startTimer?: StartTimer;
}

/** A running sandbox. */
export interface Sandbox {
  readonly port: number;
  /** The base URL to give to a client: `http://127.0.0.1:PORT/elements/api-v2`. */
  readonly url: string;
  /** Resolves once somebody asked by a control call that the sandbox be closed. */
  readonly stopAsked: Promise<void>;
  /** Stops at once: open connections are cut, and what faults still had to do is forgotten. */
  readonly close: () => Promise<void>;
}

const HOST = '127.0.0.1';
const BASE_PATH = '/elements/api-v2';
const MAX_SEED = 100_000;
const MAX_LATENCY = 600_000;
/** Longer than clients keep idle connections, so that the sandbox is never the one that closes under a request. */
const KEEP_ALIVE = 120_000;

/**
 * Starts a local stand-in for the vendor's API, on 127.0.0.1 alone. Rejects with a SandboxError if an option is wrong
 * or the port is taken.
 */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  let stop = (): void => undefined;
  const stopAsked = new Promise<void>((resolve) => (stop = resolve));
  const service = createService(options, stop);
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE }, (request, response) => {
    takeRequest(service, request, response).catch(() => response.destroy());
  });
  const port = await listen(server, readNumber('port', options.port, 65_535));
  return { port, url: `http://${HOST}:${port}${BASE_PATH}`, stopAsked, close: () => close(server, service) };
}

function createService(
  { latency, seed, faults = [], quirksOff = [], now, startTimer }: SandboxOptions,
  stop: () => void,
): Service {
  const parsed = parseFaults(faults, operations);
  if ('problems' in parsed) throw new SandboxError(parsed.problems.join('; '));
  const schedule = createFaultSchedule();
  schedule.addFaults(parsed.faults);
  return {
    world: createWorld(now, new Set(quirksOff), createTimers(startTimer)),
    schedule,
    journal: createJournal(now),
    stop,
    sending: createTimers(),
    seed: readNumber('seed', seed, MAX_SEED),
    latency: readNumber('latency', latency, MAX_LATENCY),
  };
}

function readNumber(name: string, value = 0, most: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= most) return value;
  throw new SandboxError(`${name} must be a whole number from 0 to ${most}, not ${value}`);
}

async function takeRequest(
  service: Service,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await readBody(request);
  if (body === null) return;
  const { method = 'GET', headers } = request;
  // A client behind a proxy setting sends the whole address (RFC 9112, absolute-form).
  const url = (request.url ?? '/').replace(/^https?:\/\/[^/?]*/i, '') || '/';
  const mark = url.indexOf('?');
  const [path, search] = mark < 0 ? [url, ''] : [url.slice(0, mark), url.slice(mark + 1)];
  if (path === CONTROL_PATH || path.startsWith(`${CONTROL_PATH}/`)) {
    sendAnswer(response, controlSandbox(service, { method, path, headers, text: body.text }), {
      manner: 'whole',
      at: service.world.now(),
    });
  } else if (path === PAGE_PATH) {
    sendAnswer(response, answerPage(service, method, search, headers), {
      manner: 'whole',
      at: service.world.now(),
    });
  } else if (path === BASE_PATH || path.startsWith(`${BASE_PATH}/`)) {
    dispatchRequest(
      service,
      { method, path: path.slice(BASE_PATH.length), search, headers, ...body },
      response,
    );
  } else {
    const refusal = refuse(404, `Resource not found: ${path}. The API is below ${BASE_PATH}`);
    sendAnswer(response, renderRefusal(refusal, makeRequestId(service.world)), {
      manner: 'whole',
      at: service.world.now(),
    });
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const taken = error.code === 'EADDRINUSE';
      const why = taken ? `port ${port} is taken` : `port ${port} cannot be listened on: ${error.code}`;
      reject(new SandboxError(why, 'port'));
    });
    server.listen(port, HOST, () => {
      const address = server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
}

function close(server: Server, { world, sending }: Service): Promise<void> {
  world.timers.clearTimers();
  sending.clearTimers();
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
