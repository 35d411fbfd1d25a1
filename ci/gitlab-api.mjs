import { bearsMarker } from './comment.mjs';
import { RequestError } from './errors.mjs';
import { createApi, listAll } from './http.mjs';

/**
 * What the pipeline does at GitLab. Notes and issues are ours if the user of the token wrote them.
 * @param {object} options
 * @param {string} options.base
 * @param {string} options.project its id
 * @param {string} options.token
 * @param {string} options.sha
 * @param {string} options.branch
 * @returns {import('./forge.mjs').Forge}
 */
export function createGitlab({ base, project, token, sha, branch }) {
  const api = createApi({
    name: 'GitLab',
    base,
    headers: { 'private-token': token, 'user-agent': 'instate-ci' },
  });
  const root = `/projects/${project}`;
  /** @param {import('./http.mjs').Answer} answer */
  const isLast = ({ body, headers }) => {
    const next = headers.get('x-next-page');
    return next === null ? body.length < 100 : next === '';
  };
  /** @type {number | null} */
  let known = null;
  const findSelf = async () => {
    known ??= readId((await api('GET', '/user')).body?.id);
    return known;
  };
  return {
    change: 'merge request',
    commentsOn: (number) => {
      const notes = `${root}/merge_requests/${number}/notes`;
      return {
        find: async (marker) => {
          const self = await findSelf();
          const all = await listAll(api, notes, { query: { sort: 'asc', order_by: 'created_at' }, isLast });
          const ours = all.findLast(
            (one) => one?.system !== true && one?.author?.id === self && bearsMarker(one.body, marker),
          );
          return ours === undefined ? null : { id: readId(ours.id), body: ours.body };
        },
        create: (body) => api('POST', notes, { body: { body } }),
        update: (id, body) => api('PUT', `${notes}/${id}`, { body: { body } }),
      };
    },
    findMerged: async () => {
      const all = await listAll(api, `${root}/repository/commits/${sha}/merge_requests`, { isLast });
      const merged = all.find(
        (one) =>
          one?.state === 'merged' &&
          one.target_branch === branch &&
          // By a merge commit, by squashing, or by moving the branch forward.
          [one.merge_commit_sha, one.squash_commit_sha, one.sha].includes(sha),
      );
      return merged === undefined ? null : readId(merged.iid);
    },
    issues: {
      find: async (marker) => {
        const self = await findSelf();
        const query = { state: 'opened', scope: 'all', author_id: String(self) };
        const all = await listAll(api, `${root}/issues`, { query, isLast });
        const ours = all.find((one) => one?.author?.id === self && bearsMarker(one.description, marker));
        return ours === undefined ? null : { id: readId(ours.iid), body: ours.description };
      },
      create: (title, description, label) =>
        api('POST', `${root}/issues`, {
          body: { title, description, ...(label === null ? {} : { labels: label }) },
        }),
      update: (id, description) => api('PUT', `${root}/issues/${id}`, { body: { description } }),
      close: (id, description) =>
        api('PUT', `${root}/issues/${id}`, { body: { description, state_event: 'close' } }),
    },
  };
}

/**
 * @param {unknown} id
 * @returns {number}
 */
function readId(id) {
  if (typeof id === 'number' && Number.isSafeInteger(id)) return id;
  throw new RequestError('GitLab answered with something else than an id', null);
}
