import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { listen } from '../api/support.ts';

export interface Note {
  readonly id: number;
  readonly system: boolean;
  readonly author: { readonly id: number };
  body: string;
}

export interface Issue {
  readonly iid: number;
  readonly author: { readonly id: number };
  title: string;
  description: string;
  state: string;
}

export type Gitlab = Awaited<ReturnType<typeof startGitlab>>;

/** The part of GitLab's API that keeps notes, issues and merge requests; the token's user has the id 42. */
export async function startGitlab({ token }: { token: string }) {
  const self = 42;
  const notes = new Map<number, Note[]>();
  const issues: Issue[] = [];
  const merged: { readonly sha: string; readonly request: object }[] = [];
  const seen: string[] = [];
  const strangers: string[] = [];
  let last = 100;
  const say = (iid: number, author: number, body: string, system = false): Note => {
    const note = { id: ++last, system, author: { id: author }, body };
    notes.set(iid, [...(notes.get(iid) ?? []), note]);
    return note;
  };
  const open = (author: number, title: string, description: string): Issue => {
    const issue = { iid: ++last, author: { id: author }, title, description, state: 'opened' };
    issues.push(issue);
    return issue;
  };

  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  type Act = (found: readonly string[], body: any, query: URLSearchParams) => unknown;
  type Routes = readonly [string, RegExp, Act][];
  const routes: Routes = [
    ['GET', /^\/user$/, () => ({ id: self, username: 'project_77_bot' })],
    ['GET', /^\/projects\/77\/merge_requests\/(\d+)\/notes$/, ([iid]) => notes.get(Number(iid)) ?? []],
    [
      'POST',
      /^\/projects\/77\/merge_requests\/(\d+)\/notes$/,
      ([iid], { body }) => say(Number(iid), self, body),
    ],
    [
      'PUT',
      /^\/projects\/77\/merge_requests\/(\d+)\/notes\/(\d+)$/,
      ([iid, id], { body }) => {
        const found = (notes.get(Number(iid)) ?? []).find((one) => one.id === Number(id));
        return found === undefined ? null : Object.assign(found, { body });
      },
    ],
    [
      'GET',
      /^\/projects\/77\/repository\/commits\/([0-9a-f]+)\/merge_requests$/,
      ([sha]) => merged.filter((one) => one.sha === sha).map((one) => one.request),
    ],
    [
      'GET',
      /^\/projects\/77\/issues$/,
      (_, __, query) =>
        issues.filter(
          (one) => one.state === query.get('state') && String(one.author.id) === query.get('author_id'),
        ),
    ],
    ['POST', /^\/projects\/77\/issues$/, (_, { title, description }) => open(self, title, description)],
    [
      'PUT',
      /^\/projects\/77\/issues\/(\d+)$/,
      ([iid], { description, state_event: event }) => {
        const found = issues.find((one) => one.iid === Number(iid));
        if (found === undefined) return null;
        return Object.assign(found, { description }, event === 'close' ? { state: 'closed' } : {});
      },
    ],
  ];

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '', 'http://127.0.0.1');
    const method = request.method ?? '';
    const path = url.pathname.replace('/api/v4', '');
    seen.push(`${method} ${path}`);
    const send = (status: number, body: unknown, headers: Record<string, string> = {}) =>
      response
        .writeHead(status, { 'content-type': 'application/json', ...headers })
        .end(JSON.stringify(body));
    if (request.headers['private-token'] !== token) {
      strangers.push(`${method} ${path}`);
      return void send(401, { message: '401 Unauthorized' });
    }
    const body = method === 'GET' ? {} : JSON.parse(await text(request));
    for (const [verb, shape, act] of routes) {
      const found = verb === method ? shape.exec(path) : null;
      if (found === null) continue;
      const result = act(found.slice(1), body, url.searchParams);
      if (result === null) break;
      if (!Array.isArray(result)) return void send(method === 'POST' ? 201 : 200, result);
      const size = Math.min(100, Number(url.searchParams.get('per_page') ?? 20));
      const page = Number(url.searchParams.get('page') ?? 1);
      const next = result.length > page * size ? String(page + 1) : '';
      return void send(200, result.slice((page - 1) * size, page * size), { 'x-next-page': next });
    }
    send(404, { message: '404 Not found' });
  };

  const server = createServer((request, response) => void answer(request, response));
  const { port } = await listen(server);
  return {
    url: `http://127.0.0.1:${String(port)}/api/v4`,
    ...{ self, issues, seen, strangers, say, open },
    notesOn: (iid: number): readonly Note[] => notes.get(iid) ?? [],
    /** Says that a commit came of merging a merge request. */
    merge: (iid: number, sha: string, more: object = {}) => {
      const request = { iid, state: 'merged', target_branch: 'main', merge_commit_sha: sha, ...more };
      merged.push({ sha, request });
    },
  };
}
