import { bearsMarker } from './comment.mjs';
import { createApi, listAll } from './http.mjs';

/**
 * What the action does at GitHub.
 * @param {object} options
 * @param {string} options.base
 * @param {string} options.repository `owner/name`
 * @param {string} options.token
 * @param {string} options.author who must have written what bears our marker
 * @param {string} options.sha
 * @param {string} options.branch
 * @param {import('./log.mjs').Log} options.log
 * @returns {import('./forge.mjs').Forge}
 */
export function createGithub({ base, repository, token, author, sha, branch, log }) {
  const api = createApi({
    ...{ name: 'GitHub', base },
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'application/vnd.github+json',
      'x-github-api-version': '2022-11-28',
      'user-agent': 'instate-action',
    },
  });
  const root = `/repos/${repository}`;
  /** @param {import('./http.mjs').Answer} answer */
  const isLast = ({ body, headers }) => {
    const link = headers.get('link');
    return link === null ? body.length < 100 : !link.includes('rel="next"');
  };
  /**
   * @param {any} post
   * @param {string} marker
   */
  const isOurs = (post, marker) => post?.user?.login === author && bearsMarker(post.body, marker);
  /**
   * @param {string} path
   * @param {object} content
   */
  const create = async (path, content) => {
    const login = (await api('POST', path, { body: content })).body?.user?.login;
    if (login === author || !/^[\w-]+(\[bot\])?$/.test(login)) return;
    log.warn(
      `this was written as ${login}: no later run finds it again, unless the input comment-author says so`,
    );
  };
  return {
    change: 'pull request',
    commentsOn: (number) => ({
      find: async (marker) => {
        const all = await listAll(api, `${root}/issues/${number}/comments`, { isLast });
        return all.findLast((one) => isOurs(one, marker)) ?? null;
      },
      create: (body) => create(`${root}/issues/${number}/comments`, { body }),
      update: (id, body) => api('PATCH', `${root}/issues/comments/${id}`, { body: { body } }),
    }),
    findMerged: async () => {
      const pulls = await listAll(api, `${root}/commits/${sha}/pulls`, { isLast });
      const merged = pulls.find(
        (one) =>
          typeof one?.merged_at === 'string' &&
          one.merge_commit_sha === sha &&
          one.base?.ref === branch &&
          Number.isSafeInteger(one.number),
      );
      return merged?.number ?? null;
    },
    issues: {
      find: async (marker) => {
        const all = await listAll(api, `${root}/issues`, { query: { state: 'open' }, isLast });
        const ours = all.find((one) => one?.pull_request === undefined && isOurs(one, marker));
        return ours === undefined ? null : { id: ours.number, body: ours.body };
      },
      create: (title, body, label) =>
        create(`${root}/issues`, { title, body, ...(label === null ? {} : { labels: [label] }) }),
      update: (id, body) => api('PATCH', `${root}/issues/${id}`, { body: { body } }),
      close: (id, body) =>
        api('PATCH', `${root}/issues/${id}`, { body: { body, state: 'closed', state_reason: 'completed' } }),
    },
  };
}
