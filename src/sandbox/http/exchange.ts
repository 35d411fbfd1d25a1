import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Answer } from './answers.ts';

/** A request, read to its end. */
export interface ApiRequest {
  readonly method: string;
  /** Below the base URL, still encoded. */
  readonly path: string;
  /** Without the question mark. */
  readonly search: string;
  readonly headers: Readonly<IncomingHttpHeaders>;
  /** The body, whatever its Content-Type says; empty if it was too large. */
  readonly text: string;
  readonly isTooLarge: boolean;
}

/** How an answer leaves: whole, not at all, half of it, or headers alone with the rest never coming. */
export type Manner = 'whole' | 'drop' | 'half' | 'headers';

/** The most that a body may hold: 8 MB (docs: payload size, CE technical restrictions). */
const MAX_BODY = 8 * 1024 * 1024;

/**
 * Reads a body to its end; also one that is too large, since a client that is cut off while it sends would not read the
 * answer. Bodies on GET and DELETE and a missing Content-Type are fine (docs: what clients send). Resolves with null if
 * the client went away.
 */
export function readBody(request: IncomingMessage): Promise<Pick<ApiRequest, 'text' | 'isTooLarge'> | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  return new Promise((resolve) => {
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size <= MAX_BODY) chunks.push(chunk);
      else chunks.length = 0;
    });
    request.on('end', () => {
      resolve({ text: Buffer.concat(chunks).toString('utf8'), isTooLarge: size > MAX_BODY });
    });
    request.on('error', () => resolve(null));
    request.on('close', () => resolve(null));
  });
}

/** How much of an answer goes out, and when that is by the sandbox's clock, ms: its Date. */
export interface Sending {
  readonly manner: Manner;
  readonly at: number;
}

/**
 * Sends an answer. One whose client went away is dropped in silence. One without a body that is to be cut announces two bytes:
 * there must be something that does not come.
 */
export function sendAnswer(response: ServerResponse, answer: Answer, { manner, at }: Sending): void {
  if (response.destroyed) return;
  if (manner === 'drop') {
    response.destroy();
    return;
  }
  const text = answer.body === '' && manner !== 'whole' ? '{}' : answer.body;
  const bytes = Buffer.from(hasBody(answer.status) ? text : '');
  const date = new Date(at).toUTCString();
  response.writeHead(answer.status, { date, ...answer.headers, 'content-length': bytes.length });
  switch (manner) {
    case 'whole':
      response.end(bytes);
      return;
    case 'half':
      response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy());
      return;
    case 'headers':
      response.flushHeaders();
      return;
    default:
      manner satisfies never;
  }
}

function hasBody(status: number): boolean {
  return status !== 204 && status !== 304;
}
