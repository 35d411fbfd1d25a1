import { answerText, isRefusal, refuse, type Refusal, type Reply } from '../http/answers.ts';
import type { Call, PageFaults } from '../http/calls.ts';
import type { Account, Instance } from '../world/model.ts';
import { cutPage, describePage, readPaging, type Cursor, type Page, type PageTwist } from '../http/pages.ts';
import { isOn } from '../world/world.ts';
import { showInstance, type Detail } from './views.ts';

/** The answer of a list where nothing matches: 404, never `[]` (docs: an empty result is 404, CH18, DOC). */
export const emptyList: Refusal = refuse(404, 'No element instances found');

/** Tells which instances a list call asks for; null for all. */
type Filter = ((instance: Instance) => boolean) | null;

/**
 * `GET /instances`: by id, paged, filtered by `tags[]` (that all of them must be on the instance is inferred) and
 * `searchText`. `hydrate` is false by default (docs: operations, SW19).
 */
export function listInstances(call: Call): Reply {
  return answerList(call, call.account, null);
}

/** One page of an account's instances, of those that `only` lets through. */
export function answerList(call: Call, account: Account, only: Filter): Reply {
  const asked = readPaging(call.query);
  if (isRefusal(asked)) return asked;
  const { drift } = call.pageFaults;
  const paging =
    asked.cursor === null ? asked : { ...asked, cursor: twistCursor(asked.cursor, call.pageFaults) };
  if (drift !== null && asked.cursor !== null) drift(account, asked.cursor.after);

  const filter = joinFilters(only, readFilter(call));
  const ids = selectIds(account, filter);
  const page = cutPage(ids, paging);
  if (ids.length === 0) {
    const isPlainlyEmpty = filter === null && !isOn(call.world, 'empty-account-404');
    return isPlainlyEmpty ? answerText('[]', describePage(page)) : emptyList;
  }
  const items = showPage(account, page, chooseDetail(call));
  if (asked.cursor !== null || page.next === null) return answerText(items, describePage(page));

  const next = twistCursor(page.next, call.pageFaults);
  if (drift !== null) drift(account, page.next.after);
  return answerText(items, describePage({ ...page, next }));
}

function twistCursor(cursor: Cursor, { repeat, drift }: PageFaults): Cursor {
  const twist: PageTwist = repeat ? 'repeat' : drift !== null ? 'shift' : cursor.twist;
  return { ...cursor, twist };
}

function showPage(account: Account, page: Page, detail: Detail): string {
  const items = page.ids.map((id) => account.instances.get(id)).filter((instance) => instance !== undefined);
  return `[${items.map((instance) => showInstance(instance, detail)).join(',')}]`;
}

/** How much of each instance a list shows: what `hydrate` asks for, or its default (docs: operations, SW19, KY). */
function chooseDetail({ world, query }: Call): Detail {
  const hydrate = query.get('hydrate')?.toLowerCase();
  const isFull = hydrate === undefined ? !isOn(world, 'hydrate-default-false') : hydrate === 'true';
  if (isFull) return 'full';
  return isOn(world, 'tags-need-hydrate') ? 'bare' : 'tagged';
}

function joinFilters(one: Filter, other: Filter): Filter {
  if (one === null || other === null) return one ?? other;
  return (instance) => one(instance) && other(instance);
}

function readFilter({ world, query }: Call): Filter {
  const tags = query.getAll('tags[]').filter((tag) => tag !== '');
  const search = (query.get('searchText') ?? '').toLowerCase();
  if (tags.length === 0 && search === '') return null;
  const matches = isOn(world, 'tags-all') ? tags.every.bind(tags) : tags.some.bind(tags);
  return ({ name, element, tags: own }) =>
    (tags.length === 0 || matches((tag: string) => own.includes(tag))) &&
    (search === '' || name.toLowerCase().includes(search) || element.key.toLowerCase().includes(search));
}

function selectIds(account: Account, filter: Filter): readonly number[] {
  if (filter === null) return account.listed;
  return account.listed.filter((id) => {
    const instance = account.instances.get(id);
    return instance !== undefined && filter(instance);
  });
}
