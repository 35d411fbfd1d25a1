import type { Listing, LiveInstance, Probe } from '../core/model.ts';
import type { Sensitive } from '../core/sensitive.ts';
import { judge, type Pass } from './completeness.ts';

/** One page of the list, or a 404 where a later page should be. */
export type PageAnswer =
  | {
      readonly kind: 'page';
      readonly entries: readonly { readonly instance: LiveInstance; readonly token: Sensitive | null }[];
      /** `elements-total-count`, or null if it was not sent. */
      readonly total: number | null;
      /** `elements-next-page-token`; it may be sent though nothing follows (facts.md §1.4). */
      readonly next: string | null;
      /** When the service answered, by its own clock, ms; null if it did not say. */
      readonly date: number | null;
    }
  | { readonly kind: 'gone' };

/** Where a listing comes from. */
export interface ListingSource {
  /** Null asks for the first page. */
  readonly page: (cursor: string | null) => Promise<PageAnswer>;
  readonly probe: (id: number) => Promise<Probe>;
  /** Wall clock, ms. */
  readonly now: () => number;
}

/** As safety.md A3 says. */
const mostListings = 3;
const mostPages = 1_000;
/** In a row, without one instance that was not there before. */
const mostStalePages = 3;

interface Walk extends Pass {
  readonly startedAt: number;
  readonly serviceAhead: number | null;
  readonly live: ReadonlyMap<number, LiveInstance>;
  readonly tokens: ReadonlyMap<number, Sensitive>;
}

/**
 * The whole account. Lists again, three times in all, until a listing is complete or two successive ones agree
 * (safety.md A3); otherwise `complete: false` with a note, and the last listing's instances, which then prove presence
 * alone. Instances without tags are read one by one. Rejects with what a page was refused with.
 */
export async function list(source: ListingSource): Promise<Listing> {
  let previous: Walk | null = null;
  for (let count = 1; ; count += 1) {
    const walk: Walk = await walkPages(source);
    const verdict = judge(walk);
    if (verdict.kind === 'complete') return finish(source, walk, null);
    const agreed: boolean = previous !== null && haveSameIds(previous, walk);
    if (verdict.kind === 'doubtful' && agreed)
      return finish(source, walk, `${verdict.why}; two listings agree, so it is taken as complete`);
    if (count === mostListings || walk.endless) {
      return {
        complete: false,
        note: `the list is incomplete: ${verdict.why} (listed ${times(count)})`,
        startedAt: walk.startedAt,
        serviceAhead: walk.serviceAhead,
        ...contents(walk),
      };
    }
    previous = verdict.kind === 'doubtful' ? walk : null;
  }
}

function times(count: number): string {
  return count === 1 ? 'once' : `${String(count)} times`;
}

/** Follows the pages until the total is reached, a page is empty, or no cursor is left. */
async function walkPages(source: ListingSource): Promise<Walk> {
  const startedAt = source.now();
  const live = new Map<number, LiveInstance>();
  const tokens = new Map<number, Sensitive>();
  const totals = new Set<number | null>();
  const sizes: number[] = [];
  const cursors = new Set<string>();
  let stale = 0;
  let serviceAhead: number | null = null;
  const end = (how: Pick<Pass, 'ended' | 'broken' | 'endless'>): Walk => ({
    startedAt,
    serviceAhead,
    live,
    tokens,
    totals,
    sizes,
    distinct: live.size,
    ...how,
  });
  for (let cursor: string | null = null; ;) {
    const page = await source.page(cursor);
    if (page.kind === 'gone') return end(breakOff('a later page was answered with 404'));
    if (cursor === null && page.date !== null) serviceAhead = page.date - source.now();
    const before = live.size;
    for (const { instance, token } of page.entries) {
      live.set(instance.id, instance);
      if (token !== null) tokens.set(instance.id, token);
    }
    totals.add(page.total);
    if (page.entries.length === 0) return end({ ended: 'empty-page', broken: null, endless: false });
    sizes.push(page.entries.length);
    if (live.size === page.total) return end({ ended: 'total', broken: null, endless: false });
    if (page.next === null || page.next === '') {
      return end({ ended: 'no-cursor', broken: null, endless: false });
    }
    if (cursors.has(page.next)) return end(breakOff('a cursor came twice'));
    stale = live.size === before ? stale + 1 : 0;
    if (stale === mostStalePages) return end(breakOff('its pages repeat themselves'));
    if (sizes.length === mostPages || isFarBeyond(live.size, page.total)) {
      return end({ ...breakOff('its pages do not end'), endless: true });
    }
    cursors.add(page.next);
    cursor = page.next;
  }
}

function breakOff(why: string): Pick<Pass, 'ended' | 'broken' | 'endless'> {
  return { ended: 'broken-off', broken: why, endless: false };
}

/** A total may lag behind a few creates, not by hundreds. */
function isFarBeyond(distinct: number, total: number | null): boolean {
  return total !== null && distinct > 2 * total + 1_000;
}

function haveSameIds(a: Walk, b: Walk): boolean {
  return a.live.size === b.live.size && [...a.live.keys()].every((id) => b.live.has(id));
}

async function finish(source: ListingSource, walk: Walk, note: string | null): Promise<Listing> {
  const { instances, tokens } = contents(walk);
  const known = await Promise.all(instances.map((instance) => fillTags(source, instance)));
  const { startedAt, serviceAhead } = walk;
  return { complete: true, note, startedAt, serviceAhead, instances: known, tokens };
}

function contents(walk: Walk): Pick<Listing, 'instances' | 'tokens'> {
  return { instances: [...walk.live.values()], tokens: walk.tokens };
}

/** Missing tags mean unknown, not none (safety.md A3). */
async function fillTags(source: ListingSource, instance: LiveInstance): Promise<LiveInstance> {
  if (instance.tags !== null) return instance;
  const probe = await source.probe(instance.id);
  return probe.kind === 'live' && probe.instance.tags !== null ? probe.instance : instance;
}
