import { answerText, isRefusal, refuse, type Refusal, type Reply } from '../http/answers.ts';
import type { Call, PageFaults } from '../http/calls.ts';
import type { Account, Instance } from '../world/model.ts';
import { cutPage, describePage, readPaging, type Cursor, type Page, type PageTwist } from '../http/pages.ts';
import { showInstance } from './views.ts';

/** The answer of a list where nothing matches: 404, never `[]` (docs: an empty result is 404, CH18, DOC). */
export const emptyList: Refusal = refuse(404, 'No element instances found');

/** Tells which instances a list call asks for; null for all. */
type Filter = ((instance: Instance) => boolean) | null;

/**
 * `GET /instances`: by id, paged, filtered by `tags[]` (all of them must be on the instance: inferred) and `searchText`.
 * `hydrate` is false by default (docs: operations, SW19).
 */
export function listInstances(call: Call): Reply {
  const asked = readPaging(call.query);
  if (isRefusal(asked)) return asked;
  const { drift } = call.pageFaults;
  const paging =
    asked.cursor === null ? asked : { ...asked, cursor: twistCursor(asked.cursor, call.pageFaults) };
  if (drift !== null && asked.cursor !== null) drift(asked.cursor.after);

  const ids = selectIds(call.account, readFilter(call.query));
  if (ids.length === 0) return emptyList;
  const page = cutPage(ids, paging);
  const hydrate = call.query.get('hydrate')?.toLowerCase() === 'true';
  const items = showPage(call.account, page, hydrate);
  if (asked.cursor !== null || page.next === null) return answerText(items, describePage(page));

  const next = twistCursor(page.next, call.pageFaults);
  if (drift !== null) drift(page.next.after);
  return answerText(items, describePage({ ...page, next }));
}

function twistCursor(cursor: Cursor, { repeat, drift }: PageFaults): Cursor {
  const twist: PageTwist = repeat ? 'repeat' : drift !== null ? 'shift' : cursor.twist;
  return { ...cursor, twist };
}

function showPage(account: Account, page: Page, hydrate: boolean): string {
  const items = page.ids.map((id) => account.instances.get(id)).filter((instance) => instance !== undefined);
  return `[${items.map((instance) => showInstance(instance, hydrate)).join(',')}]`;
}

function readFilter(query: URLSearchParams): Filter {
  const tags = query.getAll('tags[]').filter((tag) => tag !== '');
  const search = (query.get('searchText') ?? '').toLowerCase();
  if (tags.length === 0 && search === '') return null;
  return ({ name, element, tags: own }) =>
    tags.every((tag) => own.includes(tag)) &&
    (search === '' || name.toLowerCase().includes(search) || element.key.toLowerCase().includes(search));
}

function selectIds(account: Account, filter: Filter): readonly number[] {
  if (filter === null) return account.listed;
  return account.listed.filter((id) => {
    const instance = account.instances.get(id);
    return instance !== undefined && filter(instance);
  });
}
