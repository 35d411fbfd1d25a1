import { JobError } from './errors.mjs';

/**
 * What started the pipeline.
 * @typedef {object} Event
 * @property {number | null} change the merge request, if it is about one
 * @property {boolean} isStrangers the files come from another project
 * @property {string} branch the one that is applied
 */

/**
 * Reads what started the job, and refuses what a command may not run on.
 * @param {NodeJS.ProcessEnv} env
 * @param {import('./inputs.mjs').Inputs} inputs
 * @returns {Event}
 */
export function readEvent(env, { command, branch }) {
  const isProposed = env['CI_PIPELINE_SOURCE'] === 'merge_request_event';
  const own = branch ?? env['CI_DEFAULT_BRANCH'] ?? '';
  if (command !== 'plan' && (isProposed || own === '' || env['CI_COMMIT_BRANCH'] !== own)) {
    throw new JobError(
      `${command} runs on the default branch, or on the one that INSTATE_BRANCH names, and this is another ref`,
      'what is on it was reviewed and merged; nothing else is applied',
    );
  }
  const iid = env['CI_MERGE_REQUEST_IID'] ?? '';
  const source = env['CI_MERGE_REQUEST_SOURCE_PROJECT_ID'] ?? '';
  const homes = [env['CI_PROJECT_ID'], env['CI_MERGE_REQUEST_PROJECT_ID'] ?? env['CI_PROJECT_ID']];
  return {
    change: isProposed && /^\d{1,15}$/.test(iid) ? Number(iid) : null,
    // Also where a maintainer runs the pipeline of a fork in this project, with this project's variables.
    isStrangers: isProposed && (source === '' || homes.some((home) => home !== source)),
    branch: own,
  };
}
