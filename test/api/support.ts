import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
} from 'node:http';
import { isIP, type AddressInfo, type Server as NetServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { openApi, type Api, type ApiOptions } from '../../src/api/instances.ts';
import { Sensitive } from '../../src/core/sensitive.ts';
import type { Projection } from '../../src/core/model.ts';
import type { Permit, Resolved } from '../../src/ports.ts';

export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

export interface Local {
  readonly url: string;
  readonly port: number;
  readonly seen: readonly Seen[];
  /** Sockets open at once, at most. */
  most(): number;
  server: Server;
}

const endings: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

/** Runs at the end of the test. */
export function atEnd(end: () => Promise<void> | void): void {
  endings.push(end);
}

/** A real server on a free port; it reads each body whole before the handler runs. */
export async function serve(
  handler: (request: Seen, response: ServerResponse, count: number) => void,
): Promise<Local> {
  const seen: Seen[] = [];
  const onRequest: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers, rawHeaders } = request;
      const entry = { method, url, headers, rawHeaders, body: Buffer.concat(chunks).toString('utf8') };
      seen.push(entry);
      handler(entry, response, seen.length);
    });
  };
  const server = createServer(onRequest);
  const { port, most } = await listen(server);
  return { url: `http://127.0.0.1:${String(port)}/elements/api-v2`, port, seen, most, server };
}

/** Listens on 127.0.0.1; at the end of the test its sockets are destroyed. */
export async function listen(server: NetServer): Promise<{ port: number; most: () => number }> {
  const sockets = new Set<Socket>();
  let most = 0;
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    most = Math.max(most, sockets.size);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  atEnd(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  return { port: (server.address() as AddressInfo).port, most: () => most };
}

export function answer(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'elements-request-id': 'req-1',
    ...headers,
  });
  response.end(text);
}

/** An instance as the documentation shows it, cut short. */
export function item(id: number, more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    id,
    name: `Instance ${String(id)}`,
    createdDate: '2026-01-02T03:04:05Z',
    token: `token${String(id)}=`,
    element: { id: 5993, key: 'insightly', name: 'Insightly' },
    tags: ['Docs'],
    valid: true,
    disabled: false,
    configuration: { username: 'u', password: '********', 'base.url': 'https://example.com' },
    user: { id: 8421, emailAddress: 'a@example.com', firstName: 'A', lastName: 'B' },
    ...more,
  };
}

export function range(from: number, to: number): Record<string, unknown>[] {
  return Array.from({ length: to - from + 1 }, (_, index) => item(from + index));
}

export const noProjection: Projection = new Map();
export const reading = { projection: noProjection, tokens: false };
export const permit: Permit = { release: () => undefined };
export const terms = { sendBy: Infinity, sendByMonotonic: Infinity, permit, projection: noProjection };

export const resolved: Resolved = {
  address: 'insightly-sales',
  element: 'insightly',
  name: 'API Instance',
  tags: ['Docs', 'instate:crm:insightly-sales'],
  configuration: { username: 'me@example.com', password: new Sensitive('PASSWORD-canary-1') },
  externalAuthentication: null,
};

/** An API on that URL that waits for nothing; closed at the end of the test. */
export function open(baseUrl: string, options: Partial<ApiOptions> = {}): Api {
  const api = openApi({
    baseUrl,
    userSecret: new Sensitive('USER-canary-2'),
    organizationSecret: new Sensitive('ORG-canary-3'),
    parallelism: 10,
    timeouts: { getMs: 20_000, postMs: 20_000 },
    userAgent: 'instate/0.1.0',
    now: () => Date.now(),
    monotonic: () => performance.now(),
    random: () => 0.5,
    delay: () => Promise.resolve(),
    ...options,
  });
  atEnd(async () => {
    api.abort();
    await api.close();
  });
  return api;
}

/** A port on which nobody listens. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A self-signed certificate made now for that host, valid or long expired; with the path of its file. */
export function makeCertificate(host: string, expired = false): { key: string; cert: string; file: string } {
  const folder = mkdtempSync(join(tmpdir(), 'instate-cert-'));
  atEnd(() => rmSync(folder, { recursive: true }));
  const at = (name: string): string => join(folder, name);
  const alternative = isIP(host) === 0 ? `DNS:${host}` : `IP:${host}`;
  writeFileSync(
    at('ca.cnf'),
    `[ca]\ndefault_ca=d\n[d]\ndatabase=${at('index')}\nnew_certs_dir=${folder}\ndefault_md=sha256\nrand_serial=yes\npolicy=p\n` +
      `x509_extensions=e\n[p]\ncommonName=supplied\n[e]\nsubjectAltName=${alternative}\nbasicConstraints=CA:true\n` +
      '[req]\ndistinguished_name=n\n[n]\n',
  );
  writeFileSync(at('index'), '');
  const openssl = (...args: readonly string[]): void => {
    execFileSync('openssl', args, { stdio: 'ignore' });
  };
  const config = ['-config', at('ca.cnf')];
  const key = ['-newkey', 'rsa:2048', '-nodes', '-keyout', at('key.pem')];
  openssl('req', '-new', ...config, ...key, '-subj', `/CN=${host}`, '-out', at('request.pem'));
  const until = expired ? '20200102000000Z' : '20491231235959Z';
  const dates = ['-startdate', '20200101000000Z', '-enddate', until];
  const from = ['-selfsign', '-batch', '-notext', '-in', at('request.pem'), '-keyfile', at('key.pem')];
  openssl('ca', ...config, ...from, ...dates, '-out', at('cert.pem'));
  return {
    key: readFileSync(at('key.pem'), 'utf8'),
    cert: readFileSync(at('cert.pem'), 'utf8'),
    file: at('cert.pem'),
  };
}

/** A promise with its handle. */
export function defer<T = void>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
