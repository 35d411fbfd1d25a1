import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { listen } from '../api/support.ts';

export interface Comment {
  readonly id: number;
  readonly user: { readonly login: string };
  body: string;
}

export interface Issue extends Comment {
  readonly number: number;
  title: string;
  state: string;
  readonly labels: readonly string[];
  readonly pull_request?: object;
}

/** A request that the server saw, with the token that came with it. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly authorization: string;
}

/** How the next requests go wrong: a status, a redirect to elsewhere, or a connection that closes. */
export interface Trouble {
  readonly on: RegExp;
  readonly times: number;
  readonly answer: { readonly status: number; readonly location?: string } | 'drop';
}

export type Github = Awaited<ReturnType<typeof startGithub>>;

/** The part of GitHub's API that keeps comments, issues and pull requests; it wants the token, and sends pages with a Link. */
export async function startGithub({
  token,
  login = 'github-actions[bot]',
}: {
  token: string;
  login?: string;
}) {
  const comments = new Map<number, Comment[]>();
  const issues: Issue[] = [];
  const pulls: { readonly sha: string; readonly pull: Readonly<Record<string, unknown>> }[] = [];
  const seen: Seen[] = [];
  const troubles: { -readonly [key in keyof Trouble]: Trouble[key] }[] = [];
  const rights = { write: true };
  let last = 1000;
  const say = (number: number, who: string, body: string): Comment => {
    const comment = { id: ++last, user: { login: who }, body };
    comments.set(number, [...(comments.get(number) ?? []), comment]);
    return comment;
  };
  const open = (who: string, title: string, body: string, more: Partial<Issue> = {}): Issue => {
    const id = ++last;
    const issue = { id, number: id, user: { login: who }, title, body, state: 'open', labels: [], ...more };
    issues.push(issue);
    return issue;
  };

  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  type Act = (found: readonly string[], body: any, url: URL) => unknown;
  type Routes = readonly [string, RegExp, Act][];
  const routes: Routes = [
    ['GET', /^\/issues\/(\d+)\/comments$/, ([number]) => comments.get(Number(number)) ?? []],
    ['POST', /^\/issues\/(\d+)\/comments$/, ([number], { body }) => say(Number(number), login, body)],
    [
      'PATCH',
      /^\/issues\/comments\/(\d+)$/,
      ([id], { body }) => {
        const found = [...comments.values()].flat().find((one) => one.id === Number(id));
        return found === undefined ? null : Object.assign(found, { body });
      },
    ],
    [
      'GET',
      /^\/commits\/([0-9a-f]+)\/pulls$/,
      ([sha]) => pulls.filter((one) => one.sha === sha).map((one) => one.pull),
    ],
    [
      'GET',
      /^\/issues$/,
      (_, __, url) => issues.filter((one) => one.state === url.searchParams.get('state')),
    ],
    ['POST', /^\/issues$/, (_, { title, body, labels = [] }) => open(login, title, body, { labels })],
    [
      'PATCH',
      /^\/issues\/(\d+)$/,
      ([number], change) => {
        const found = issues.find((one) => one.number === Number(number));
        return found === undefined ? null : Object.assign(found, change);
      },
    ],
  ];

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '', 'http://127.0.0.1');
    const [method = '', authorization = ''] = [request.method, request.headers.authorization];
    seen.push({ method, path: url.pathname, authorization });
    const send = (status: number, body: unknown, headers: Record<string, string> = {}) =>
      response
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(JSON.stringify(body));
    const trouble = troubles.find((one) => one.times > 0 && one.on.test(`${method} ${url.pathname}`));
    if (trouble !== undefined) {
      trouble.times -= 1;
      if (trouble.answer === 'drop') return void request.socket.destroy();
      const { status, location } = trouble.answer;
      return void send(
        status,
        { message: `echo ${authorization}` },
        location === undefined ? {} : { location },
      );
    }
    if (authorization !== `Bearer ${token}`) return void send(401, { message: 'Bad credentials' });
    if (method !== 'GET' && !rights.write)
      return void send(403, { message: 'Resource not accessible by integration' });
    const root = '/api/v3/repos/acme/connectors';
    const path = url.pathname.startsWith(root) ? url.pathname.slice(root.length) : '';
    const body = method === 'GET' ? {} : JSON.parse(await text(request));
    for (const [verb, shape, act] of routes) {
      const found = verb === method ? shape.exec(path) : null;
      if (found === null) continue;
      const result = act(found.slice(1), body, url);
      if (result === null) break;
      if (
        typeof (body as { body?: unknown }).body === 'string' &&
        String((body as { body: string }).body).length > 65_536
      )
        return void send(422, { message: 'body is too long (maximum is 65536 characters)' });
      if (!Array.isArray(result)) return void send(method === 'POST' ? 201 : 200, result);
      const size = Math.min(100, Number(url.searchParams.get('per_page') ?? 30));
      const page = Number(url.searchParams.get('page') ?? 1);
      const more = result.length > page * size;
      const link = `<http://127.0.0.1${url.pathname}?page=${String(page + 1)}>; rel="next"`;
      return void send(200, result.slice((page - 1) * size, page * size), more ? { link } : {});
    }
    send(404, { message: 'Not Found' });
  };

  const server = createServer((request, response) => void answer(request, response));
  const { port } = await listen(server);
  return {
    url: `http://127.0.0.1:${String(port)}/api/v3`,
    ...{ token, issues, seen, rights, say, open },
    commentsOn: (number: number): readonly Comment[] => comments.get(number) ?? [],
    /** Says that a commit came of merging a pull request. */
    merge: (number: number, sha: string, more: Readonly<Record<string, unknown>> = {}) => {
      const pull = {
        number,
        merged_at: '2026-11-25T20:00:00Z',
        merge_commit_sha: sha,
        base: { ref: 'main' },
        ...more,
      };
      pulls.push({ sha, pull });
    },
    trouble: (on: RegExp, what: Trouble['answer'], times = 1) =>
      void troubles.push({ on, times, answer: what }),
  };
}
