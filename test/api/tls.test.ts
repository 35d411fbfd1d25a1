import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer as createHttps } from 'node:https';
import { connect, createServer as createTcp } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CreateOutcome } from '../../src/ports.ts';
import { buildChildProgram, type ChildProgram } from '../support/child-process.ts';
import { answer, item, listen, makeCertificate, open, reading, resolved, serve, terms } from './support.ts';

let program: ChildProgram;

beforeAll(async () => {
  program = await buildChildProgram('api/tls-child.ts');
});
afterAll(() => program.dispose());

interface ChildReport {
  readonly outcome: CreateOutcome;
  readonly stats: { readonly requests: { readonly POST: number } };
}

/** One create in a process that trusts that certificate. */
async function createTrusting(
  file: string,
  order: { url: string; sendWithinMs: number },
): Promise<ChildReport> {
  const env = { PATH: process.env['PATH'], NODE_EXTRA_CA_CERTS: file };
  const child = spawn(process.execPath, [program.path, JSON.stringify(order)], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(child, 'close');
  return JSON.parse(Buffer.concat(chunks).toString()) as ChildReport;
}

/** An HTTPS server; counts the requests that reach it. */
async function serveTls(certificate: {
  key: string;
  cert: string;
}): Promise<{ port: number; requests: () => number }> {
  let requests = 0;
  const server = createHttps(certificate, (request, response) => {
    requests += 1;
    request.resume().on('end', () => answer(response, 200, item(7)));
  });
  const { port } = await listen(server);
  return { port, requests: () => requests };
}

describe('E1, C4: TLS that fails', () => {
  it('C4: a self-signed certificate: not sent, and the hint names NODE_EXTRA_CA_CERTS', async () => {
    const tls = await serveTls(makeCertificate('127.0.0.1'));
    const api = open(`https://127.0.0.1:${String(tls.port)}`);
    expect(await api.create.create(resolved, terms)).toMatchObject({
      kind: 'not-sent',
      failure: {
        code: 'network',
        message: `no secure connection to 127.0.0.1:${String(tls.port)} for the create: its certificate is self-signed`,
        hint: expect.stringContaining('NODE_EXTRA_CA_CERTS=') as string,
        status: null,
      },
    });
    await expect(api.read.list(reading)).rejects.toMatchObject({
      code: 'network',
      hint: expect.stringContaining('NODE_EXTRA_CA_CERTS') as string,
    });
    expect(tls.requests()).toBe(0);
    expect(api.stats()).toEqual({ requests: { GET: 0, POST: 0 }, retries: 0 });
  });

  it('C4: an expired certificate and one for another host, trusted both: not sent', async () => {
    const expired = makeCertificate('127.0.0.1', true);
    const first = await serveTls(expired);
    const { outcome } = await createTrusting(expired.file, {
      url: `https://127.0.0.1:${String(first.port)}`,
      sendWithinMs: 60_000,
    });
    expect(outcome).toMatchObject({
      kind: 'not-sent',
      failure: { code: 'network', message: expect.stringContaining('its certificate has expired') as string },
    });
    const other = makeCertificate('other.example');
    const second = await serveTls(other);
    const report = await createTrusting(other.file, {
      url: `https://127.0.0.1:${String(second.port)}`,
      sendWithinMs: 60_000,
    });
    expect(report.outcome).toMatchObject({
      kind: 'not-sent',
      failure: { message: expect.stringContaining('for another host name') as string },
    });
    expect([first.requests(), second.requests()]).toEqual([0, 0]);
  });

  it('C4: a server that does not speak TLS: not sent', async () => {
    const plain = await serve((_, response) => answer(response, 200, item(7)));
    const outcome = await open(`https://127.0.0.1:${String(plain.port)}`).create.create(resolved, terms);
    expect(outcome).toMatchObject({
      kind: 'not-sent',
      failure: { code: 'network', message: expect.stringContaining('the TLS handshake failed') as string },
    });
    expect(plain.seen).toHaveLength(0);
  });

  it('C4: a server that accepts and cuts the connection before the handshake: not sent', async () => {
    const { port } = await listen(createTcp((socket) => socket.once('data', () => socket.destroy())));
    const outcome = await open(`https://127.0.0.1:${String(port)}`).create.create(resolved, terms);
    expect(outcome).toMatchObject({ kind: 'not-sent', failure: { code: 'network' } });
  });

  it('C4: a server that accepts and never shakes hands: not sent, once the time is over', async () => {
    const { port } = await listen(createTcp(() => undefined));
    const api = open(`https://127.0.0.1:${String(port)}`, { timeouts: { getMs: 200, postMs: 200 } });
    expect(await api.create.create(resolved, terms)).toMatchObject({
      kind: 'not-sent',
      failure: { code: 'timeout' },
    });
    await api.close();
  });
});

describe('C1: a handshake that takes long', () => {
  /** Passes bytes on to the TLS server only after a while: TCP is there at once, TLS is late. */
  async function delay(port: number, ms: number): Promise<number> {
    const relay = createTcp((near) => {
      near.pause();
      setTimeout(() => {
        const far = connect(port, '127.0.0.1');
        near.pipe(far).pipe(near);
        far.on('error', () => near.destroy());
        near.on('close', () => far.destroy());
      }, ms);
    });
    return (await listen(relay)).port;
  }

  it('C1: longer than sendBy: not sent, and the server gets no request', async () => {
    const certificate = makeCertificate('127.0.0.1');
    const tls = await serveTls(certificate);
    const port = await delay(tls.port, 600);
    const report = await createTrusting(certificate.file, {
      url: `https://127.0.0.1:${String(port)}`,
      sendWithinMs: 300,
    });
    expect(report).toMatchObject({
      outcome: { kind: 'not-sent', failure: { code: 'not_sent' } },
      stats: { requests: { POST: 0 } },
    });
    expect(tls.requests()).toBe(0);
  });

  it('C1: within sendBy: created', async () => {
    const certificate = makeCertificate('127.0.0.1');
    const tls = await serveTls(certificate);
    const port = await delay(tls.port, 100);
    const report = await createTrusting(certificate.file, {
      url: `https://127.0.0.1:${String(port)}`,
      sendWithinMs: 60_000,
    });
    expect(report).toMatchObject({
      outcome: { kind: 'created', instance: { id: 7 }, token: '(sensitive)' },
      stats: { requests: { POST: 1 } },
    });
    expect(tls.requests()).toBe(1);
  });
});
