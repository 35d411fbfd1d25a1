import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { answer, freePort, item, open, range, reading, serve, type Local, type Seen } from './support.ts';

type Items = readonly Record<string, unknown>[];
interface Page {
  readonly items: Items;
  readonly total?: number | null;
  readonly next?: string | null;
}

const empty = { requestId: '5b0437c6e4b07731ae39b533', message: 'No element instances found' };

function send(response: ServerResponse, page: Page): void {
  answer(response, 200, page.items, {
    ...(page.total === undefined || page.total === null
      ? {}
      : { 'elements-total-count': String(page.total) }),
    ...(page.next === undefined || page.next === null ? {} : { 'elements-next-page-token': page.next }),
    'elements-returned-count': String(page.items.length),
  });
}

/** Serves the pages by cursor: the first for none, then `1`, `2` …; each listing may have its own. */
function servePages(...listings: readonly (readonly Page[])[]): Promise<Local> {
  let listing = -1;
  return serve((request, response) => {
    const cursor = new URL(request.url, 'http://x').searchParams.get('nextPage');
    if (cursor === null) listing = Math.min(listing + 1, listings.length - 1);
    const page = listings[listing]?.[Number(cursor ?? '0')]; // NaN, and so none, for a cursor of words
    if (page === undefined) answer(response, 404, empty);
    else send(response, page);
  });
}

/** Pages with their cursors and one total. */
function pages(total: number | null, ...items: readonly Items[]): Page[] {
  return items.map((each, index) => ({
    items: each,
    total,
    next: index + 1 < items.length ? String(index + 1) : null,
  }));
}

function firsts(local: Local): number {
  return local.seen.filter((request: Seen) => !request.url.includes('nextPage')).length;
}

async function listFrom(local: Local): Promise<{ complete: boolean; note: string | null; ids: number[] }> {
  const { complete, note, instances } = await open(local.url).read.list(reading);
  return { complete, note, ids: instances.map((instance) => instance.id) };
}

describe('A3: a complete listing', () => {
  it('A3: asks for hydrated pages of 200 and follows the cursors, ⌈live/200⌉ requests', async () => {
    const local = await servePages(pages(450, range(1, 200), range(201, 400), range(401, 450)));
    const { complete, note, ids } = await listFrom(local);
    expect({ complete, note }).toEqual({ complete: true, note: null });
    expect(ids).toEqual(range(1, 450).map(({ id }) => id));
    expect(local.seen.map((request) => request.url)).toEqual([
      '/elements/api-v2/instances?hydrate=true&pageSize=200',
      '/elements/api-v2/instances?hydrate=true&pageSize=200&nextPage=1',
      '/elements/api-v2/instances?hydrate=true&pageSize=200&nextPage=2',
    ]);
    expect(local.seen[0]?.headers.authorization).toBe('User USER-canary-2, Organization ORG-canary-3');
  });

  it('A3: does not follow a cursor once the total is reached', async () => {
    const local = await servePages([{ items: range(1, 200), total: 200, next: '1' }]);
    expect(await listFrom(local)).toMatchObject({ complete: true, note: null });
    expect(local.seen).toHaveLength(1);
  });

  it('A3: sends a cursor back as it came', async () => {
    const token = 'eyJhIjoxfQ==&x=/+ä';
    const local = await serve((request, response) => {
      const cursor = new URL(request.url, 'http://x').searchParams.get('nextPage');
      if (cursor === null) send(response, { items: range(1, 2), total: 3, next: encodeURIComponent(token) });
      else send(response, { items: cursor === encodeURIComponent(token) ? range(3, 3) : [], total: 3 });
    });
    expect(await listFrom(local)).toMatchObject({ complete: true, ids: [1, 2, 3] });
  });

  it('A3: without a total, a short last page without a cursor ends it', async () => {
    const local = await servePages(pages(null, range(1, 200), range(201, 210)));
    expect(await listFrom(local)).toMatchObject({ complete: true, note: null });
  });

  it('A3: without a total, an empty page ends it, cursor or not', async () => {
    const local = await servePages([
      { items: range(1, 200), next: '1' },
      { items: [], next: '2' },
    ]);
    expect(await listFrom(local)).toMatchObject({ complete: true, note: null });
    expect(local.seen).toHaveLength(2);
  });

  it('takes the wall clock before the first request of the listing that it gives', async () => {
    let now = 100;
    const broken = pages(5, range(1, 2), range(1, 3));
    const local = await servePages(broken, pages(3, range(1, 3)));
    const api = open(local.url, { now: () => (now += 1) });
    const { complete, startedAt } = await api.read.list(reading);
    expect(complete).toBe(true);
    // 101 and 102: the first listing, and its first answer; 103: the second.
    expect(startedAt).toBe(103);
  });

  it.each([
    ['Tue, 24 Nov 2026 04:00:07 GMT', 7_000],
    ['soon', null],
  ])(
    'C2: by how much the service is ahead, from the Date of its first answer (%s)',
    async (date, expected) => {
      const local = await serve((_, response) =>
        answer(response, 200, [item(1)], { date, 'elements-total-count': '1' }),
      );
      const now = () => Date.parse('2026-11-24T04:00:00Z');
      expect((await open(local.url, { now }).read.list(reading)).serviceAhead).toBe(expected);
    },
  );

  it('keeps tokens only where they are asked for', async () => {
    const local = await servePages(pages(2, [item(1), item(2, { token: 'bad token' })]));
    const api = open(local.url);
    expect((await api.read.list(reading)).tokens.size).toBe(0);
    const { tokens } = await api.read.list({ ...reading, tokens: true });
    expect([...tokens.keys()]).toEqual([1]);
    expect(tokens.get(1)?.equals('token1=')).toBe(true);
  });
});

describe('A3: a listing that does not add up', () => {
  it('A3: a total that lags behind is accepted with a note when two listings agree', async () => {
    for (const total of [5, 7, 1]) {
      const local = await servePages(pages(total, range(1, 6)));
      const { complete, note, ids } = await listFrom(local);
      expect(complete).toBe(true);
      expect(note).toBe(
        `the service counts ${String(total)} instances, but lists 6; two listings agree, so it is taken as complete`,
      );
      expect(ids).toHaveLength(6);
      expect(firsts(local)).toBe(2);
    }
  });

  it('A3: two listings that disagree are not accepted, three times at most', async () => {
    const local = await servePages(pages(9, range(1, 6)), pages(9, range(1, 7)), pages(9, range(1, 8)));
    const { complete, note } = await listFrom(local);
    expect(complete).toBe(false);
    expect(note).toBe('the list is incomplete: the service counts 9 instances, but lists 8 (listed 3 times)');
    expect(firsts(local)).toBe(3);
  });

  it('A3: the second and the third may agree', async () => {
    const local = await servePages(pages(9, range(1, 6)), pages(9, range(1, 7)), pages(9, range(1, 7)));
    expect(await listFrom(local)).toMatchObject({ complete: true });
    expect(firsts(local)).toBe(3);
  });

  it('A3: a listing that was broken off agrees with none', async () => {
    const cutOff = [{ items: range(1, 6), total: 7, next: 'nowhere' }];
    const local = await servePages(pages(7, range(1, 6)), cutOff, cutOff);
    expect(await listFrom(local)).toMatchObject({ complete: false });
    expect(firsts(local)).toBe(3);
  });

  it('A3: equal counts of other ids do not agree', async () => {
    const local = await servePages(pages(4, range(1, 3)), pages(4, range(2, 4)), pages(4, range(3, 5)));
    expect(await listFrom(local)).toMatchObject({ complete: false });
  });

  it('A3: a repeated page is listed again', async () => {
    const repeated = pages(6, range(1, 2), range(1, 2), range(3, 4), range(5, 6));
    const local = await servePages(repeated, pages(6, range(1, 2), range(3, 4), range(5, 6)));
    expect(await listFrom(local)).toMatchObject({ complete: true, note: null });
    expect(firsts(local)).toBe(2);
  });

  it('A3: an instance that comes twice in every listing is accepted with a note', async () => {
    const local = await servePages(pages(4, range(1, 2), range(2, 3), range(4, 4)));
    const { complete, note, ids } = await listFrom(local);
    expect({ complete, ids }).toEqual({ complete: true, ids: [1, 2, 3, 4] });
    expect(note).toContain('an instance came twice');
  });

  const holes: readonly [string, readonly Page[]][] = [
    ['whose cursor skips it', pages(600, range(1, 200), range(401, 600))],
    ['that is empty', pages(600, range(1, 200), [], range(401, 600))],
    ['that is the last one again, short', pages(215, range(1, 200), range(201, 210), range(201, 210))],
    ['of two instances', pages(6, range(1, 2), range(5, 6))],
  ];
  it.each(holes)(
    'A3: a page missing in the middle is incomplete, in whatever listings agree: %s',
    async (_, listing) => {
      const local = await servePages(listing);
      const { complete, note } = await listFrom(local);
      expect(complete).toBe(false);
      expect(note).toMatch(/the service counts \d+ instances, but lists \d+ \(listed 3 times\)/);
      expect(firsts(local)).toBe(3);
    },
  );

  const prefixes: readonly [string, readonly Page[]][] = [
    ['a full page, no cursor, and more in the total', pages(437, range(1, 200), range(201, 400))],
    ['one full page, no cursor, and one more in the total', pages(201, range(1, 200))],
    ['a full page, no cursor, no total', pages(null, range(1, 200))],
    ['nothing at all, with a total', pages(3, [])],
  ];
  it.each(prefixes)('A3: never a plan from a prefix: %s', async (_, listing) => {
    expect(await listFrom(await servePages(listing))).toMatchObject({ complete: false });
  });

  it('A3: one deleted and one added between pages, with totals that show it, is listed again', async () => {
    const drifting = [
      { items: range(1, 2), total: 4, next: '1' },
      { items: range(4, 5), total: 5, next: null },
    ];
    const local = await servePages(drifting, pages(4, range(2, 3), range(4, 5)));
    expect(await listFrom(local)).toMatchObject({ complete: true, note: null, ids: [2, 3, 4, 5] });
  });

  it('A3: a total that is sent on some pages only is doubted', async () => {
    const listing = [
      { items: range(1, 2), total: 4, next: '1' },
      { items: range(3, 4), total: null, next: null },
    ];
    const { complete, note } = await listFrom(await servePages(listing));
    expect(complete).toBe(true);
    expect(note).toContain('the total changed');
  });
});

describe('A3: a listing without an end', () => {
  it('A3: a cursor that comes twice', async () => {
    const local = await serve((_, response) =>
      send(response, { items: range(1, 2), total: 9, next: 'same' }),
    );
    const { complete, note } = await listFrom(local);
    expect({ complete, note }).toEqual({
      complete: false,
      note: 'the list is incomplete: a cursor came twice (listed 3 times)',
    });
    expect(local.seen).toHaveLength(6);
  });

  it('A3: new cursors for the same page', async () => {
    const local = await serve((_, response, count) =>
      send(response, { items: range(1, 2), next: `c${String(count)}` }),
    );
    const { complete, note } = await listFrom(local);
    expect({ complete, note }).toEqual({
      complete: false,
      note: 'the list is incomplete: its pages repeat themselves (listed 3 times)',
    });
  });

  it('A3: ever new instances', async () => {
    const local = await serve((_, response, count) =>
      send(response, { items: [item(count)], next: `c${String(count)}` }),
    );
    const { complete, note } = await listFrom(local);
    expect({ complete, note }).toEqual({
      complete: false,
      note: 'the list is incomplete: its pages do not end (listed once)',
    });
    expect(local.seen).toHaveLength(1_000);
  });

  it('A3: far more instances than the total', async () => {
    const local = await serve((_, response, count) =>
      send(response, { items: range(count * 200, count * 200 + 199), total: 10, next: `c${String(count)}` }),
    );
    expect(await listFrom(local)).toMatchObject({ complete: false });
    expect(local.seen.length).toBeLessThan(10);
  });
});

describe('A2: what 404 means', () => {
  it("A2: the vendor's own, on the first page: an empty account", async () => {
    const local = await serve((_, response) => answer(response, 404, empty));
    expect(await listFrom(local)).toEqual({ complete: true, note: null, ids: [] });
    expect(local.seen).toHaveLength(1);
  });

  it('A2: with the request id in the header alone, too', async () => {
    const local = await serve((_, response) => answer(response, 404, { message: empty.message }));
    expect(await listFrom(local)).toMatchObject({ complete: true, ids: [] });
  });

  it('A2: an empty list is an empty account, too', async () => {
    expect(await listFrom(await servePages(pages(0, [])))).toEqual({ complete: true, note: null, ids: [] });
  });

  it('A2: on a later page the listing is incomplete', async () => {
    const local = await servePages([{ items: range(1, 200), total: 201, next: '1' }]);
    const { complete, note, ids } = await listFrom(local);
    expect({ complete, note }).toEqual({
      complete: false,
      note: 'the list is incomplete: a later page was answered with 404 (listed 3 times)',
    });
    expect(ids).toHaveLength(200);
  });

  const others: readonly [string, unknown, Record<string, string>][] = [
    ['HTML', '<!doctype html><html>404</html>', { 'content-type': 'text/html' }],
    ['HTML in the guise of JSON', '<!doctype html><html>404</html>', {}],
    ['no request id', { message: empty.message }, { 'elements-request-id': '' }],
    ['another message', { requestId: 'r', message: 'Not found' }, {}],
    ['an account that is not there', { requestId: 'r', message: 'No account found with ID 123456' }, {}],
    [
      'an instance that is not there',
      { requestId: 'r', message: 'No element instance found with ID 12' },
      {},
    ],
    ['a message that is no string', { requestId: 'r', message: ['No x found'] }, {}],
    ['a list', [empty], {}],
    ['a text', 'No element instances found', {}],
    ['nothing', '', {}],
  ];
  it.each(others)('A2: a 404 with %s is a bad answer', async (_, body, headers) => {
    const local = await serve((_request, response) => answer(response, 404, body, headers));
    await expect(open(local.url).read.list(reading)).rejects.toMatchObject({
      name: 'InstateError',
      code: 'bad_answer',
    });
  });
});

describe('a page that is none', () => {
  const html = { 'content-type': 'text/html' };
  const rows: readonly [string, number, unknown, Record<string, string>, string, RegExp][] = [
    [
      'HTML',
      200,
      '<html>log in</html>',
      html,
      'bad_answer',
      /answered the listing with HTML, not JSON \(a proxy or a wrong base URL\?\)/,
    ],
    ['no JSON', 200, 'hello', {}, 'bad_answer', /something that is not JSON/],
    ['half a JSON', 200, '[{"id":1,"name":"canary', {}, 'bad_answer', /something that is not JSON/],
    ['an object', 200, { id: 1 }, {}, 'bad_answer', /JSON that is not a list/],
    [
      'an item without an id',
      200,
      [{ ...item(1), id: 'x' }],
      {},
      'bad_answer',
      /an instance has no numeric id/,
    ],
    [
      'an item without an element',
      200,
      [item(12, { element: undefined })],
      {},
      'bad_answer',
      /instance 12 names no element key/,
    ],
    ['an item without a name', 200, [item(12, { name: null })], {}, 'bad_answer', /instance 12 has no name/],
    ['204', 204, '', {}, 'bad_answer', /204/],
    [
      '401',
      401,
      { message: 'Invalid Organization or User secret' },
      {},
      'unauthorized',
      /did not accept the secrets for the listing: Invalid Org/,
    ],
    ['403', 403, { message: 'x' }, {}, 'forbidden', /forbade the listing: x/],
    ['400', 400, { message: 'x' }, {}, 'refused', /refused the listing: x/],
    ['429', 429, { message: 'x' }, {}, 'rate_limited', /4 attempts/],
    ['500', 500, { message: 'x' }, {}, 'vendor_error', /failed at the listing: x \(4 attempts\)/],
    ['502 with HTML', 502, '<html></html>', html, 'bad_answer', /with 502 and HTML/],
  ];
  it.each(rows)('%s', async (_, status, body, headers, code, message) => {
    const local = await serve((_request, response) => answer(response, status, body, headers));
    const failure = open(local.url).read.list(reading);
    await expect(failure).rejects.toMatchObject({
      name: 'InstateError',
      code,
      requestId: 'req-1',
      message: expect.stringMatching(message),
    });
  });

  it('a dead host', async () => {
    const api = open(`http://127.0.0.1:${String(await freePort())}`);
    await expect(api.read.list(reading)).rejects.toMatchObject({
      code: 'network',
      message: expect.stringContaining('refused the connection'),
    });
  });

  it('a page of more than 64 MiB', async () => {
    const local = await serve((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const chunk = Buffer.alloc(1024 * 1024, ' ');
      let count = 0;
      const more = (): void => {
        while (count < 70 && !response.destroyed) {
          count += 1;
          if (!response.write(chunk)) return void response.once('drain', more);
        }
        response.end('[]');
      };
      more();
    });
    await expect(open(local.url).read.list(reading)).rejects.toMatchObject({
      code: 'bad_answer',
      message: expect.stringContaining('too large'),
    });
  });
});

describe('A3: missing tags', () => {
  it('A3: are read one by one, by no more than the parallelism at once; still none is null', async () => {
    const without = range(1, 30).map((each) => ({
      ...each,
      tags: (each['id'] as number) % 2 === 0 ? null : undefined,
    }));
    let now = 0;
    let most = 0;
    const local = await serve((request, response) => {
      const id = /\/instances\/(\d+)$/.exec(request.url)?.[1];
      if (id === undefined) return send(response, { items: [...without, item(31)], total: 31 });
      now += 1;
      most = Math.max(most, now);
      setTimeout(() => {
        now -= 1;
        if (id === '3') answer(response, 500, { message: 'x' });
        else if (id === '4') answer(response, 404, { message: 'No element instance found with ID 4' });
        else
          answer(response, 200, id === '5' ? item(5, { tags: null }) : item(Number(id), { tags: ['read'] }));
      }, 5);
    });
    const { complete, instances } = await open(local.url, { parallelism: 4 }).read.list(reading);
    expect(complete).toBe(true);
    expect(instances.map((each) => each.id)).toEqual(range(1, 31).map(({ id }) => id));
    const tags = new Map(instances.map((each) => [each.id, each.tags]));
    expect([tags.get(1), tags.get(3), tags.get(4), tags.get(5), tags.get(31)]).toEqual([
      ['read'],
      null,
      null,
      null,
      ['Docs'],
    ]);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(4);
  });
});
