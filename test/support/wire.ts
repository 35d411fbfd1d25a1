import { Agent, createServer, request as send, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Where the power of whoever sends is cut: at the `nth` request of a kind, before it reaches the service, once the service has
 * done it and before the answer leaves, or after the answer, as the next request leaves. */
export interface Cut {
  readonly of: 'POST' | 'any';
  readonly nth: number;
  readonly when: 'before' | 'done' | 'answered';
}

/** A wire between a client and a service, on which connections can be cut for good at one request. */
export interface Wire {
  readonly port: number;
  /** A new run begins: requests count from 1, and the power is on. `onCut` is called in the very instant of the cut. */
  readonly begin: (cut: Cut | null, onCut: () => void) => void;
  readonly isCut: () => boolean;
  /** How many requests were handed on to the service, ever. */
  readonly countForwarded: () => number;
  /** Lets go of what hangs. */
  readonly end: () => void;
  readonly close: () => Promise<void>;
}

/** Opens a wire on 127.0.0.1 that leads to a port there. It hands on what comes, as it comes: cut answers stay cut, stalled ones stall. */
export async function openWire(target: number): Promise<Wire> {
  const agent = new Agent({ keepAlive: true });
  const hanging = new Set<() => void>();
  let [arrived, forwarded, off, last] = [0, 0, false, false];
  let cut: Cut | null = null;
  let onCut = (): void => undefined;

  const turnOff = (): void => {
    if (off) return;
    off = true;
    onCut();
    server.closeAllConnections();
  };
  const forward = (request: IncomingMessage, body: Buffer, response: ServerResponse, fatal: Cut | null) => {
    const { method, url, headers } = request;
    const options = { host: '127.0.0.1', port: target, agent, method, path: url, headers };
    const fail = (): void => {
      if (fatal?.when === 'done') turnOff();
      else response.destroy();
    };
    forwarded++;
    const upstream = send(options, (answer) => {
      answer.on('error', fail);
      if (fatal?.when === 'done') turnOff();
      if (off) {
        answer.resume();
        return;
      }
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      response.flushHeaders();
      answer.on('data', (chunk: Buffer) => response.write(chunk));
      answer.on('end', () => {
        last ||= fatal !== null;
        response.end();
      });
    });
    const letGo = (): void => void upstream.destroy();
    hanging.add(letGo);
    upstream.on('close', () => hanging.delete(letGo));
    upstream.on('error', fail);
    response.on('close', () => {
      if (!response.writableFinished && fatal?.when === 'done') turnOff();
    });
    upstream.end(body);
  };
  const take = (request: IncomingMessage, body: Buffer, response: ServerResponse): void => {
    if (last) turnOff();
    if (off) {
      response.destroy();
      return;
    }
    const counts = cut !== null && (cut.of === 'any' || cut.of === request.method);
    if (counts) arrived++;
    const fatal = counts && arrived === cut?.nth ? cut : null;
    if (fatal?.when === 'before') turnOff();
    else forward(request, body, response, fatal);
  };
  const server = createServer({ keepAliveTimeout: 120_000 }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('error', () => undefined);
    request.on('end', () => take(request, Buffer.concat(chunks), response));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    port: (server.address() as AddressInfo).port,
    begin: (planned, callback) => {
      [arrived, off, last, cut, onCut] = [0, false, false, planned, callback];
    },
    isCut: () => off,
    countForwarded: () => forwarded,
    end: () => hanging.forEach((letGo) => letGo()),
    close: async () => {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
