import { createHash } from 'node:crypto';
import { request, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { SECRETS, sendRaw, startBench, waitFor, type Bench } from './client.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());
beforeEach(() => bench.control('POST', '/reset'));

interface Page {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Asks for something outside the API, with whatever Host and Origin. */
function ask(
  path: string,
  {
    method = 'GET',
    headers = {},
    to = bench,
  }: { method?: string; headers?: Record<string, string>; to?: Bench } = {},
): Promise<Page> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port: to.port, path, method, headers }, (incoming) => {
      let text = '';
      incoming.setEncoding('utf8');
      incoming.on('data', (chunk: string) => (text += chunk));
      incoming.on('end', () =>
        resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text }),
      );
      incoming.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
}

/** The rows of the table whose caption begins so: the text of their cells, as it stands in the HTML. */
function readRows({ text }: Page, caption: string): readonly (readonly string[])[] {
  const table =
    text.split('<table>').find((part) => part.replace(/\s+/g, ' ').startsWith(` <caption> ${caption}`)) ?? '';
  const rows = (table.split('<tbody>')[1] ?? '').split('</table>')[0]?.split('<tr').slice(1) ?? [];
  return rows.map((row) =>
    [...row.matchAll(/<(t[hd])[ >][^]*?<\/\1>/g)].map(([cell]) =>
      cell
        .replace(/<[^>]*>/g, ' ')
        .replace(/\s+/g, ' ')
        .trim(),
    ),
  );
}

/** The target of the link with this text. */
function readLink({ text }: Page, label: string): string | null {
  const link = [...text.matchAll(/<a\s+href="([^"]*)"[^>]*>([^<]*)<\/a\s*>/g)].find(
    ([, , name]) => name?.trim() === label,
  );
  return link?.[1]?.replaceAll('&amp;', '&').replace(/#.*/, '') ?? null;
}

describe('what is shown', () => {
  test('an empty sandbox says so, and how to begin', async () => {
    const page = await ask('/');
    expect(page.status).toBe(200);
    expect(page.text).toMatch(/^<!doctype html>\s*<html lang="en">/);
    expect(page.text).toContain('<title>instate sandbox at 127.0.0.1:');
    expect(page.text).toContain(`http://127.0.0.1:${bench.port}/elements/api-v2`);
    expect(page.text).toContain('POST /__sandbox/faults');
    expect(page.text).not.toContain('<table');
  });

  test('accounts, instances and what depends on them', async () => {
    const { id, createdDate } = await bench.create({ name: 'Sales', tags: ['eu', 'crm'] });
    const other = await bench.create({ name: 'Support' });
    await bench.call('DELETE', `/instances/${other.id}/enabled`);
    await bench.call('POST', '/elements/closeio/clone', {});
    const formula = await bench.call('POST', '/formulas', {
      name: 'Sync',
      configuration: [
        { key: 'from', name: 'From', type: 'elementInstance' },
        { key: 'limit', name: 'Limit', type: 'value' },
      ],
    });
    const user = { name: 'Sync it', configuration: { from: String(id), limit: String(other.id) } };
    await bench.call('POST', `/formulas/${(formula.body as { id: number }).id}/instances`, user);
    await bench.call('GET', '/instances', undefined, 'User second, Organization organization-secret');

    const page = await ask('/');
    const [first, second] = readRows(page, 'Accounts');
    expect(first?.slice(1)).toEqual(['2', '1', '1']);
    expect(second?.slice(1)).toEqual(['0', '0', '0']);
    const created = createdDate.replace('T', ' ').replace('Z', '');
    expect(readRows(page, 'Instances')).toEqual([
      [String(id), 'Sales', 'closeio', 'eu crm', created, 'enabled', '1'],
      [String(other.id), 'Support', 'closeio', expect.any(String), expect.any(String), 'disabled', '0'],
    ]);
    const ofSecond = await ask(`/?account=${second?.[0]}`);
    expect(ofSecond.text).toContain('No instances here.');
    expect((await ask('/?account=77')).status).toBe(404);
  });

  test('requests, newest first, with status and faults, and counts', async () => {
    await bench.call('GET', '/instances');
    await bench.script(
      { on: 'GET /instances', do: 'delay', ms: 1 },
      { on: 'GET /instances', do: 'drop', times: 2 },
      { on: 'POST /instances', do: 'late-commit', ms: 60_000 },
      { on: 'GET /instances/{id}', do: 'status', code: 503, nth: 3, times: 4 },
    );
    await expect(bench.callUnchecked('GET', '/instances?pageSize=5')).rejects.toThrow();
    bench.callUnchecked('POST', '/instances', {}).catch(() => null);
    await waitFor(async () => readRows(await ask('/'), 'The last')[0]?.[1] === 'POST');

    const page = await ask('/');
    expect(readRows(page, 'The last').map((row) => row.slice(1))).toEqual([
      ['POST', '/instances', 'no answer yet', 'late-commit'],
      ['GET', '/instances?pageSize=5', 'connection closed', 'delay, drop'],
      ['GET', '/instances', '404', ''],
    ]);
    expect(readRows(page, 'Requests since')).toEqual([
      ['GET /instances', '2'],
      ['POST /instances', '1'],
    ]);
    expect(readRows(page, 'Faults still')).toEqual([
      ['GET /instances', 'drop', '1', '2', '1'],
      ['GET /instances/{id}', 'status, 503', '3', '4', '0'],
    ]);
    await bench.script();
    expect((await ask('/')).text).toContain('None to come.');
  });

  test('the last 50 requests', async () => {
    for (let id = 1; id <= 53; id += 1) await bench.call('GET', `/instances/${id}`);
    const paths = readRows(await ask('/'), 'The last').map((row) => row[2]);
    expect([paths.length, paths[0], paths.at(-1)]).toEqual([50, '/instances/53', '/instances/4']);
  });

  test('quirks that are off, and what a fault hides', async () => {
    const odd = await startBench({ quirksOff: ['put-keeps'] });
    try {
      const { id } = await odd.create();
      await odd.script({ on: 'GET /instances/{id}', do: 'hide-from-list', ms: 60_000 });
      await odd.call('GET', `/instances/${id}`);
      const page = await ask('/', { to: odd });
      expect(page.text).toContain('PUT replaces: tags and configuration');
      expect(page.text).toContain('1 instance more: kept out of lists');
    } finally {
      await odd.close();
    }
    expect((await ask('/')).text).not.toContain('PUT replaces');
  });
});

describe('requests by the control call', () => {
  test('have status, faults and time', async () => {
    await bench.script({ on: 'GET /instances', do: 'commit-then-drop' });
    await expect(bench.callUnchecked('GET', '/instances')).rejects.toThrow();
    const before = Date.now();
    await bench.call('GET', '/instances');
    const requests = (await bench.control('GET', '/requests')).body as readonly { at: string }[];
    expect(requests).toEqual([
      expect.objectContaining({ status: 'closed', faults: ['commit-then-drop'] }),
      expect.objectContaining({ status: 404, faults: [], method: 'GET', path: '/instances', body: null }),
    ]);
    expect(requests[1]?.at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(Date.parse(requests[1]?.at ?? '')).toBeGreaterThanOrEqual(before);
  });

  test('a client that went away before its answer counts as closed', async () => {
    await bench.script({ on: 'GET /instances', do: 'delay', ms: 200 });
    const gone = fetch(`${bench.url}/instances`, {
      headers: { authorization: SECRETS },
      signal: AbortSignal.timeout(50),
    });
    await expect(gone).rejects.toThrow();
    const read = async () =>
      ((await bench.control('GET', '/requests')).body as readonly { status: unknown }[])[0]?.status;
    expect(await read()).toBeNull();
    await waitFor(async () => (await read()) !== null);
    expect(await read()).toBe('closed');
  });
});

describe('hostile text', () => {
  test.each([
    ['an image', '< img src=x onerror=alert(1)>', '&lt; img src=x onerror=alert(1)&gt;'],
    ['an entity', 'a&lt;b & c', 'a&amp;lt;b &amp; c'],
    ['quotes', `"onmouseover='x'`, '&quot;onmouseover=&#39;x&#39;'],
    ['a mark that turns writing', 'a\u202Eb\u200Fc\u2066d', 'a\uFFFDb\uFFFDc\uFFFDd'],
    ['control characters', 'a\nb\u0000c\u0085d\u2028e\u001B[31m', 'a\uFFFDb\uFFFDc\uFFFDd\uFFFDe\uFFFD[31m'],
    ['half a surrogate pair', 'a\uD800b', 'a\uFFFDb'],
  ])('%s is text', async (_what, hostile, shown) => {
    await bench.create({ name: hostile, tags: [`tag ${hostile}`] });
    const clone = await bench.call('POST', '/elements/closeio/clone', { key: `key ${hostile}` });
    const { id } = await bench.create();
    await bench.call('PATCH', `/instances/${id}`, { element: { id: (clone.body as { id: number }).id } });
    const page = await ask('/');
    expect(page.text).toContain(`<bdi>${shown}</bdi>`);
    expect(page.text).toContain(`<bdi>tag ${shown}</bdi>`);
    expect(page.text).toContain(`<bdi>key ${shown}</bdi>`);
    expect(page.text).not.toContain(hostile);
  });

  test('a name in HTML is stripped as by the service; a tag in HTML is kept, as text', async () => {
    const image = '<img src=x onerror="alert(1)">';
    await bench.create({ name: `A ${image}name`, tags: [image] });
    const { text } = await ask('/');
    expect(text).toContain('<bdi>A name</bdi>');
    expect(text).toContain('<bdi>&lt;img src=x onerror=&quot;alert(1)&quot;&gt;</bdi>');
  });

  test('in a search and in a path it is text too', async () => {
    await bench.create();
    const search = `"><img src=x onerror='1'>`;
    const page = await ask(`/?search=${encodeURIComponent(search)}&account=%3Cb%3E&after=%22`);
    expect(page.text).toContain('value="&quot;&gt;&lt;img src=x onerror=&#39;1&#39;&gt;"');
    await bench.call('GET', `/instances?searchText='"%3Cimg>`);
    expect((await ask('/')).text).not.toMatch(/<img|<b>/);
  });

  test('long names and many tags are cut', async () => {
    const tags = Array.from({ length: 500 }, (_none, index) => `t${index}-${'y'.repeat(300)}`);
    await bench.create({ name: 'x'.repeat(100_000), tags });
    const { text } = await ask('/');
    expect(text.length).toBeLessThan(30_000);
    expect(text).toContain('and 480 more');
  });

  test('no script, no style in attributes, nothing from elsewhere', async () => {
    await bench.create();
    const { text } = await ask('/');
    expect(text).not.toMatch(/<script|<link|<iframe|<img| on[a-z]+=| style=|javascript:| src=/i);
    expect([...text.matchAll(/ (?:href|action)="([^"]*)"/g)].every(([, to]) => /^[/#]/.test(to ?? ''))).toBe(
      true,
    );
  });
});

describe('secrets', () => {
  const canaries = {
    user: 'canary-user+/=',
    organization: 'canary-organization&<>',
    password: 'canary-password"',
    username: 'canary-username@example.com',
    inQuery: 'canary in query?&',
    inOther: 'canary-in-other',
  };
  const forms = (text: string): readonly string[] => [
    text,
    encodeURIComponent(text),
    encodeURIComponent(encodeURIComponent(text)),
    new URLSearchParams({ '': text }).toString().slice(1),
    Buffer.from(text).toString('base64').replace(/=+$/, ''),
    Buffer.from(text).toString('base64url'),
    Buffer.from(text).toString('hex'),
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
  ];

  test('of headers, bodies, configurations and queries are nowhere in the page', async () => {
    const secrets = `User ${canaries.user}, Organization ${canaries.organization}`;
    const { user, organization, username, password, inQuery, inOther } = canaries;
    const body = { name: 'Shown', element: { key: 'closeio' }, configuration: { username, password } };
    const { token } = (await bench.callUnchecked('POST', '/instances', body, secrets)).body as {
      token: string;
    };
    const withToken = `${secrets}, Element ${token}`;
    const word = encodeURIComponent;
    const paths = [
      `/instances?apiSecret=${word(inQuery)}&pageSize=1`,
      `/instances?Authorization=${word(withToken)}&User=${word(user)}&Element=${word(token)}`,
      `/instances?${word(withToken)}&${inOther}&=${inOther}&${inOther}=&${inOther}==`,
      `/instances?pageSize=1;apiSecret=${inOther}&hydrate=true?secret=${inOther}`,
      `/instances?PageSize=${inOther}&%74oken=${inOther}&tags=${inOther}&__proto__=${inOther}`,
      `/instances/${word(token)}/docs;apiSecret=${inOther}`,
      `/elements/closeio/oauth/url?apiKey=${inOther}&apiSecret=${inOther}&callbackUrl=https%3A%2F%2F${inOther}`,
      `/contacts?where=${inOther}&fields=${word(user)}`,
    ];
    for (const path of paths) await bench.callUnchecked('GET', path, undefined, withToken);
    await bench.callUnchecked('POST', `/instances?x=${word(organization)}`, `{"broken ${inOther}`, secrets);
    await bench.script({
      on: 'PUT /instances/{id}',
      do: 'status',
      code: 500,
      headers: { 'x-a': inOther },
      body: inOther,
    });

    const pages = [await ask('/'), await ask('/?search=s'), await ask('/?account=1')];
    for (const { text } of pages) {
      for (const canary of [...Object.values(canaries), token, secrets]) {
        for (const form of forms(canary)) expect(text).not.toContain(form);
      }
      expect(text).not.toMatch(/canary|Authorization=[^…]/);
    }
    expect(readRows(pages[0] as Page, 'Instances').map((row) => row[1])).toEqual(['Shown']);
  });

  test('what cannot be a secret is shown of a query, raw as it came', async () => {
    const shown =
      '/instances?pageSize=7&nextPage=NTAwMTAwLjAuMA&hydrate=true&tags[]=a&tags%5B%5D=b%20c&searchText=Sal&expand=x';
    await bench.callUnchecked('GET', shown);
    await bench.callUnchecked('GET', '/formulas/instances?elementInstanceId=500001&limit=9');
    const paths = readRows(await ask('/'), 'The last').map((row) => row[2]?.replaceAll('&amp;', '&'));
    expect(paths).toEqual(['/formulas/instances?elementInstanceId=500001&limit=…', shown]);
  });
});

describe('pages of instances', () => {
  test('250 in three pages, to and fro', async () => {
    for (let number = 1; number <= 250; number += 1) await bench.create({ name: `Number ${number}` });
    const seen: (readonly string[])[] = [];
    let path: string | null = '/';
    let last = '/';
    while (path !== null) {
      last = path;
      const page: Page = await ask(path);
      const rows = readRows(page, 'Instances');
      expect(rows.length).toBeLessThanOrEqual(100);
      seen.push(...rows);
      path = readLink(page, 'Next');
    }
    expect(seen.map((row) => row[1])).toEqual(
      Array.from({ length: 250 }, (_none, index) => `Number ${index + 1}`),
    );
    const third = await ask(last);
    expect(third.text).toContain('Instances 201 to 250 of 250');
    const second = await ask(readLink(third, 'Previous') ?? '');
    expect(second.text).toContain('Instances 101 to 200 of 250');
    const first = await ask(readLink(second, 'Previous') ?? '');
    expect(first.text).toContain('Instances 1 to 100 of 250');
    expect([readLink(first, 'Previous'), readLink(third, 'First')]).toEqual([
      null,
      expect.stringMatching(/^\/\?account=\d+$/),
    ]);
  });

  test('a search looks at names and tags, and is paged', async () => {
    for (let number = 1; number <= 120; number += 1)
      await bench.create({ name: `Find ${number}`, tags: ['x'] });
    await bench.create({ name: 'By tag', tags: ['x', 'to-FIND'] });
    await bench.create({ name: 'Other', tags: ['x'] });
    const first = await ask('/?search=find');
    const second = await ask(readLink(first, 'Next') ?? '');
    const names = [first, second].flatMap((page) => readRows(page, 'Instances').map((row) => row[1]));
    expect([names.length, names[0], names.at(-1)]).toEqual([121, 'Find 1', 'By tag']);
    expect((await ask('/?search=nowhere')).text).toContain('No instance found.');
    expect((await ask(`/?search=${'x'.repeat(5000)}`)).status).toBe(200);
  });

  test('more accounts than one page takes', async () => {
    for (let number = 1; number <= 130; number += 1) {
      await bench.call('GET', '/elements?pageSize=1', undefined, `User many-${number}, Organization any`);
    }
    const first = await ask('/');
    const second = await ask(readLink(first, 'Next accounts') ?? '');
    const ids = [first, second].flatMap((page) => readRows(page, 'Accounts').map((row) => Number(row[0])));
    expect(ids).toHaveLength(130);
    expect(ids).toEqual([...new Set(ids)].sort((one, other) => one - other));
  });
});

test('100,000 instances: a page is no longer than another, and a search goes on where it stopped', async () => {
  const large = await startBench({ seed: 100_000 });
  try {
    const { id } = await large.create({ name: 'A needle' });
    const page = await ask('/', { to: large });
    expect(page.text).toContain('Instances 1 to 100 of 100001');
    expect(page.text.length).toBeLessThan(120_000);
    const middle = await ask(`/?account=1001&after=${id - 50_000}`, { to: large });
    expect(readRows(middle, 'Instances')[0]?.[0]).toBe(String(id - 49_999));
    const search = await ask('/?search=needle', { to: large });
    expect(search.text).toContain('None found so far.');
    const found = await ask(readLink(search, 'Search on') ?? '', { to: large });
    expect(readRows(found, 'Instances').map((row) => row[1])).toEqual(['A needle']);
  } finally {
    await large.close();
  }
});

describe('headers and methods', () => {
  test('the policy names the style by its hash, and allows nothing else', async () => {
    const { headers, text } = await ask('/');
    const style = /<style>([^]*)<\/style>/.exec(text)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'`,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    });
  });

  test('HEAD is GET without the body', async () => {
    const head = await ask('/', { method: 'HEAD' });
    const get = await ask('/');
    expect([head.status, head.text]).toEqual([200, '']);
    expect(head.headers['content-length']).toBe(String(Buffer.byteLength(get.text)));
    expect(head.headers['content-security-policy']).toBe(get.headers['content-security-policy']);
  });

  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('%s is 405', async (method) => {
    const { status, headers } = await ask('/', { method });
    expect([status, headers.allow]).toEqual([405, 'GET, HEAD']);
  });

  test('the page is at / alone, and is no request of the API', async () => {
    for (const path of ['/index.html', '/x', '//']) expect((await ask(path)).status).toBe(404);
    await ask('/?pageSize=1');
    expect((await bench.control('GET', '/requests')).body).toEqual([]);
  });
});

describe('who may look', () => {
  test.each([
    'localhost',
    'LOCALHOST:1',
    'sandbox.localhost:4010',
    '127.0.0.1',
    '127.9.8.255:80',
    '[::1]:4010',
    '[::1]',
  ])('Host %s', async (host) => {
    expect((await ask('/', { headers: { host } })).status).toBe(200);
    expect((await ask('/__sandbox/stats', { headers: { host } })).status).toBe(200);
  });

  test.each([
    'example.com',
    'localhost.example.com',
    '127.0.0.1.example.com',
    'xlocalhost',
    'localhost@example.com',
    '127.0.0.256',
    '0.0.0.0',
    '192.168.0.1:4010',
    '[::2]',
    '::1',
    'localhost:99999999',
    '.localhost',
  ])('not Host %s', async (host) => {
    await bench.create({ name: 'Hidden' });
    for (const path of ['/', '/__sandbox/stats', '/__sandbox/requests', '/__sandbox/nothing', '/__sandbox']) {
      const { status, text } = await ask(path, { headers: { host } });
      expect(status).toBe(403);
      expect(text).toContain('Use localhost');
      expect(text).not.toContain('Hidden');
    }
    expect((await ask('/__sandbox/reset', { method: 'POST', headers: { host } })).status).toBe(403);
    expect((await bench.control('GET', '/stats')).body).toMatchObject({ instances: 1 });
  });

  test('not no Host at all', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(bench.port, '127.0.0.1', () => socket.write('GET / HTTP/1.0\r\n\r\n'));
      let text = '';
      socket.setEncoding('utf8');
      socket.on('data', (chunk: string) => (text += chunk));
      socket.on('close', () => resolve(text));
      socket.on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
  });

  test.each(['http://example.com', 'https://localhost:1', 'null', 'http://localhost', ''])(
    'a control call of a page of %s is refused, and does nothing',
    async (origin) => {
      await bench.create();
      const headers = { host: `localhost:${bench.port}`, origin };
      const answer = await ask('/__sandbox/reset', { method: 'POST', headers });
      expect(answer.status).toBe(403);
      expect(answer.text).toContain('without an Origin header');
      expect((await bench.control('GET', '/stats')).body).toMatchObject({ instances: 1 });
    },
  );

  test('a control call of a page of the sandbox itself is carried out', async () => {
    await bench.create();
    const headers = { host: `localhost:${bench.port}`, origin: `http://localhost:${bench.port}` };
    expect((await ask('/__sandbox/reset', { method: 'POST', headers })).status).toBe(200);
    expect((await bench.control('GET', '/stats')).body).toMatchObject({ instances: 0 });
  });

  test('the API itself answers under any name', async () => {
    await bench.create();
    const headers = { host: 'api.example.com', authorization: SECRETS };
    expect((await sendRaw(`${bench.url}/instances`, { method: 'GET', headers })).status).toBe(200);
  });
});

test('a token that somebody put into a path is not shown, whatever characters it has', async () => {
  const token = 'j2gMgNMN/K5PHJl0diyl9qWc/HdL/L2j1y9cpKOU2wbw=';
  for (const path of [
    `/instances/${token}`,
    `/elements/${token}`,
    `/${token}`,
    `/hubs/crm/contacts/${token}`,
  ]) {
    await bench.callUnchecked('GET', path);
  }
  const page = await (await fetch(`http://127.0.0.1:${bench.port}/`)).text();
  for (const part of token.split('/')) expect(page).not.toContain(part);
});
