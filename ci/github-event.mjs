import { readFileSync } from 'node:fs';
import { JobError } from './errors.mjs';

/** Events on which a command may run: none that hands this repository's secrets to what a stranger proposes. */
const allowed = {
  plan: [
    'pull_request',
    'push',
    'merge_group',
    'schedule',
    'workflow_dispatch',
    'workflow_run',
    'repository_dispatch',
  ],
  apply: ['push', 'workflow_dispatch'],
  drift: ['schedule', 'push', 'workflow_dispatch', 'workflow_run', 'repository_dispatch'],
};

/**
 * What started the job.
 * @typedef {object} Event
 * @property {string} name
 * @property {number | null} change the pull request, if it is about one
 * @property {boolean} isStrangers the files come from a fork, or from a bot that gets no secrets
 * @property {string} branch the one that is applied
 */

/**
 * Reads what started the job, and refuses what no command may run on.
 * @param {NodeJS.ProcessEnv} env
 * @param {import('./inputs.mjs').Inputs} inputs
 * @returns {Event}
 */
export function readEvent(env, { command, branch }) {
  const name = env['GITHUB_EVENT_NAME'] ?? '';
  const repository = env['GITHUB_REPOSITORY'] ?? '';
  if (name === 'pull_request_target') {
    throw new JobError(
      "pull_request_target is refused: it runs with the secrets of this repository, and the files may be anybody's",
      "use  on: pull_request ; a fork's pull request is then planned offline, without secrets",
    );
  }
  if (!allowed[command].includes(name)) {
    throw new JobError(
      `${command} does not run on the event ${/^\w+$/.test(name) ? name : '(none)'}`,
      `it runs on ${allowed[command].join(', ')}`,
    );
  }
  const payload = readPayload(env['GITHUB_EVENT_PATH'] ?? '');
  if (name === 'workflow_run' && payload.workflow_run?.head_repository?.full_name !== repository) {
    throw new JobError(
      "workflow_run after a run of a fork is refused: it runs with the secrets of this repository, and the files may be the fork's",
      'plan in the workflow of the pull request itself',
    );
  }
  // A schedule runs on the default branch alone, and its payload need not name the repository.
  const named = payload.repository?.default_branch;
  const scheduled = name === 'schedule' ? env['GITHUB_REF']?.replace(/^refs\/heads\//, '') : undefined;
  const own = branch ?? named ?? scheduled;
  if (command !== 'plan' && (typeof own !== 'string' || env['GITHUB_REF'] !== `refs/heads/${own}`)) {
    throw new JobError(
      `${command} runs on the default branch, or on the one that the input branch names, and this is another ref`,
      'what is on it was reviewed and merged; nothing else is applied',
    );
  }
  const isPull = name === 'pull_request';
  const { number, head, base } = payload.pull_request ?? {};
  return {
    name,
    change: isPull && Number.isSafeInteger(number) ? number : null,
    isStrangers: isPull && (isForeign(head, base, repository) || env['GITHUB_ACTOR'] === 'dependabot[bot]'),
    branch: typeof own === 'string' ? own : '',
  };
}

/**
 * Whether a pull request comes from another repository than the one that it is for. A head without one is a fork that was deleted.
 * @param {any} head
 * @param {any} base
 * @param {string} repository
 */
function isForeign(head, base, repository) {
  const from = head?.repo?.full_name;
  return typeof from !== 'string' || from !== base?.repo?.full_name || from !== repository;
}

/**
 * @param {string} path
 * @returns {any}
 */
function readPayload(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) ?? {};
  } catch {
    throw new JobError(
      'the event of this run cannot be read',
      'GITHUB_EVENT_PATH names its file; the runner sets it',
    );
  }
}
