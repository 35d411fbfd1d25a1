import { answerJson, isRefusal, type Refusal, type Reply } from './answers.ts';
import type { Call } from './calls.ts';
import { cutPage, describePage, readPaging } from './pages.ts';

/** One page of items that stand in ascending order of their ids; `none` where there is not a single one. */
export function answerItems<Item extends { readonly id: number }>(
  { query }: Call,
  items: readonly Item[],
  show: (item: Item) => unknown,
  none: Refusal,
): Reply {
  const paging = readPaging(query);
  if (isRefusal(paging)) return paging;
  if (items.length === 0) return none;
  const byId = new Map(items.map((item) => [item.id, item]));
  const page = cutPage([...byId.keys()], paging);
  const shown = page.ids.map((id) => byId.get(id)).filter((item) => item !== undefined);
  return answerJson(shown.map(show), describePage(page));
}
