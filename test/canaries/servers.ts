import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTcp, type AddressInfo, type Socket } from 'node:net';

/** A place that no byte may come to. */
export interface Sink {
  readonly port: number;
  /** Everything that anybody sent, and how often somebody connected. */
  readonly received: () => Buffer;
  readonly connections: () => number;
  readonly close: () => Promise<void>;
}

/** Listens on an address of this machine, keeps what comes, and answers nothing that makes sense. */
export async function openSink(host: string): Promise<Sink> {
  const chunks: Buffer[] = [];
  const sockets = new Set<Socket>();
  let count = 0;
  const server = createTcp((socket) => {
    count += 1;
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      socket.end('no\r\n');
    });
  });
  server.listen(0, host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    received: () => Buffer.concat(chunks),
    connections: () => count,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** What a request brought, as text. */
export interface Sent {
  readonly method: string;
  readonly head: string;
  readonly body: string;
}

export type Echo = (sent: Sent, response: ServerResponse) => void;

/** A service that hands back what it was sent, as `echo` says. */
export async function openEcho(
  echo: Echo,
): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const server = createServer((request, response) => void answer(echo, request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(port)}/elements/api-v2`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function answer(echo: Echo, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const { method = '', url = '', rawHeaders } = request;
  const head = [`${method} ${url}`, ...rawHeaders].join('\n');
  echo({ method, head, body: Buffer.concat(chunks).toString('utf8') }, response);
}
