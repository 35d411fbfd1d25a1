import type { Probe } from '../core/model.ts';
import { isVendor404, readRequestId, saysEmpty } from './answers.ts';
import { pageSize } from './completeness.ts';
import { describeTried, toError, type Subject } from './failures.ts';
import type { PageAnswer } from './listing.ts';
import type { Tried } from './retry.ts';
import { isId, readInstance, readJson, type Reading, type ReadResult } from './wire.ts';

/** A GET below the base URL, with its retries. */
export type Get = (path: string, maxBytes: number) => Promise<Tried>;

export interface ReadTerms {
  readonly get: Get;
  readonly reading: Reading;
  /** For messages; `what` is filled in here. */
  readonly subject: Omit<Subject, 'what'>;
}

const mostPageBytes = 64 * 1024 * 1024;
const mostInstanceBytes = 8 * 1024 * 1024;

/**
 * One page of the account's list, cut down to projections; `null` asks for the first. Throws an InstateError for all
 * that is no page; a 404 means empty on the first page only (safety.md A2).
 */
export async function readPage(terms: ReadTerms, cursor: string | null): Promise<PageAnswer> {
  const next = cursor === null ? '' : `&nextPage=${encodeURIComponent(cursor)}`;
  const tried = await terms.get(`/instances?hydrate=true&pageSize=${String(pageSize)}${next}`, mostPageBytes);
  const { reply } = tried;
  const subject = { ...terms.subject, what: 'the listing' };
  const fail = (why: string): Error => toError(describeTried(subject, tried, why));
  if (reply.status === 404 && cursor !== null) return { kind: 'gone' };
  if (reply.status === 404 && saysEmpty(reply, subject.scrub)) {
    return { kind: 'page', entries: [], total: null, next: null, date: readDate(reply.header('date')) };
  }
  if (reply.status !== 200 || reply.text === null) throw fail('an answer that was cut off');
  const body = readJson(reply.text);
  if (!Array.isArray(body)) {
    throw fail(body === undefined ? 'something that is not JSON' : 'JSON that is not a list');
  }
  const entries = body.map((item: unknown) => readInstance(item, terms.reading));
  const bad = entries.find((entry) => entry.kind === 'bad');
  if (bad !== undefined) throw fail(`a list that cannot be read: ${bad.why}`);
  return {
    kind: 'page',
    entries: entries.filter(
      (entry): entry is Extract<ReadResult, { kind: 'instance' }> => entry.kind === 'instance',
    ),
    total: readCount(reply.header('elements-total-count')),
    next: reply.header('elements-next-page-token') ?? null,
    date: readDate(reply.header('date')),
  };
}

function readCount(header: string | null): number | null {
  return header !== null && /^\d{1,9}$/.test(header) ? Number(header) : null;
}

/** The Date of an answer (RFC 9110 §6.6.1), in ms; null if it makes no sense. */
function readDate(header: string | null): number | null {
  const ms = header === null ? Number.NaN : Date.parse(header);
  return Number.isNaN(ms) ? null : ms;
}

/**
 * What a GET by id says (safety.md A1): *missing* is the vendor's own 404 and nothing else. Never throws: whatever
 * else goes wrong is *unknown*, with the reason.
 */
export async function readProbe(terms: ReadTerms, id: number): Promise<Probe> {
  const what = `the read of instance ${String(id)}`;
  if (!isId(id)) return { kind: 'unknown', why: `${what} was not tried: that is no id`, requestId: null };
  const subject = { ...terms.subject, what };
  const tried = await terms.get(`/instances/${String(id)}`, mostInstanceBytes);
  const { reply } = tried;
  if (reply.status !== null && isVendor404(reply, subject.scrub)) return { kind: 'missing' };
  const read: ReadResult =
    reply.status === 200 && reply.text !== null
      ? readInstance(readJson(reply.text), terms.reading)
      : { kind: 'bad', why: 'an answer that was cut off' };
  if (read.kind === 'instance' && read.instance.id === id) {
    return { kind: 'live', instance: read.instance, token: read.token };
  }
  const why = read.kind === 'bad' ? `something that is no instance (${read.why})` : 'another instance';
  const requestId = reply.status === null ? null : readRequestId(reply, subject.scrub);
  return { kind: 'unknown', why: describeTried(subject, tried, why).message, requestId };
}
