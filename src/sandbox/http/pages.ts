import { isRefusal, refuse, type Refusal } from './answers.ts';
import { findFirstAfter } from '../world/world.ts';

/** Something that a fault does to the page which a cursor leads to. */
export type PageTwist = 'plain' | 'repeat' | 'shift';

/** What an opaque next-page token stands for: ids rather than places, so it holds while others come and go. */
export interface Cursor {
  /** The last id of the page before. */
  readonly after: number;
  /** The last id of the page before that one, 0 if there was none. */
  readonly previous: number;
  readonly twist: PageTwist;
}

/** What a list call asks for. */
export interface Paging {
  readonly pageSize: number;
  readonly cursor: Cursor | null;
}

/** A page of ids, and the token of the next one while more remains. */
export interface Page {
  readonly ids: readonly number[];
  readonly total: number;
  readonly next: Cursor | null;
}

/** Default and maximum of `pageSize` (docs: operations, SW19). */
const MAX_PAGE_SIZE = 200;
const TWISTS: readonly PageTwist[] = ['plain', 'repeat', 'shift'];

/** Reads `pageSize` and `nextPage`; refuses what is not a whole number from 1 to 200, or no token of ours (texts inferred). */
export function readPaging(query: URLSearchParams): Paging | Refusal {
  const size = query.get('pageSize') ?? String(MAX_PAGE_SIZE);
  const pageSize = /^\d{1,6}$/.test(size) ? Number(size) : 0;
  if (pageSize < 1 || pageSize > MAX_PAGE_SIZE) {
    return refuse(400, `Invalid pageSize '${size}': it must be a whole number from 1 to ${MAX_PAGE_SIZE}`);
  }
  const token = query.get('nextPage');
  const cursor = token === null || token === '' ? null : decodeCursor(token);
  return isRefusal(cursor) ? cursor : { pageSize, cursor };
}

/**
 * Cuts one page out of ascending ids. With the cursor's twist `repeat` the page before comes again in its place; with
 * `shift` it starts one later, as where an offset counts on while an earlier row was deleted.
 */
export function cutPage(ids: readonly number[], { pageSize, cursor }: Paging): Page {
  const shift = cursor?.twist === 'shift' ? 1 : 0;
  const start = cursor === null ? 0 : findFirstAfter(ids, cursor.after) + shift;
  const own = ids.slice(start, start + pageSize);
  const end = own.at(-1);
  const isLast = end === undefined || start + own.length >= ids.length;
  const next: Cursor | null = isLast ? null : { after: end, previous: cursor?.after ?? 0, twist: 'plain' };
  const repeated = cursor?.twist === 'repeat' ? cutPrevious(ids, cursor, pageSize) : own;
  return { ids: repeated, total: ids.length, next };
}

/**
 * The headers of a list: total over all pages, count of this page, and the next page's token only while more remains
 * (docs: response headers, CH18).
 */
export function describePage(page: Page): Readonly<Record<string, string>> {
  const counts = { 'elements-total-count': `${page.total}`, 'elements-returned-count': `${page.ids.length}` };
  return page.next === null ? counts : { ...counts, 'elements-next-page-token': encodeCursor(page.next) };
}

function cutPrevious(
  ids: readonly number[],
  { previous, after }: Cursor,
  pageSize: number,
): readonly number[] {
  return ids.slice(findFirstAfter(ids, previous), findFirstAfter(ids, after)).slice(0, pageSize);
}

function encodeCursor({ after, previous, twist }: Cursor): string {
  return Buffer.from(`${after}.${previous}.${TWISTS.indexOf(twist)}`).toString('base64url');
}

function decodeCursor(token: string): Cursor | Refusal {
  const text = Buffer.from(token, 'base64url').toString('latin1');
  const [, after, previous, twist] = /^(\d{1,15})\.(\d{1,15})\.([012])$/.exec(text) ?? [];
  if (after === undefined) return refuse(400, 'Invalid nextPage token');
  return { after: Number(after), previous: Number(previous), twist: TWISTS[Number(twist)] ?? 'plain' };
}
