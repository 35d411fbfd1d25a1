import { runInstate } from './run-instate.mjs';
import { openReports, readFacts } from './reports.mjs';
import { chooseWords } from './words.mjs';

/**
 * All that a job is about.
 * @typedef {object} Job
 * @property {import('./inputs.mjs').Inputs} inputs
 * @property {string} key see `makeKey`
 * @property {string} bin instate's main file
 * @property {string} folder where it runs
 * @property {Record<string, string>} env what it gets of the environment
 * @property {boolean} untrusted the files are a stranger's
 * @property {readonly import('./reports.mjs').Format[]} formats
 * @property {string} reportFolder
 * @property {string | null} runUrl
 * @property {number | null} change the proposed change that this run is for
 * @property {import('./forge.mjs').Forge | null} forge null: there is no token to speak to it with
 * @property {import('./log.mjs').Log} log
 * @property {(reports: import('./reports.mjs').Reports) => void} onReports once instate has ended
 * @property {(outputs: Record<string, string>) => void} onEnd
 */

/**
 * What one run of instate left.
 * @typedef {object} Step
 * @property {number} code
 * @property {boolean} stopped the job was cancelled: there is no time to tell anybody
 * @property {string | null} markdown
 * @property {string | null} digest of a plan that can be applied
 * @property {string | null} project
 */

/**
 * Runs instate once and hands on what it reports.
 * @param {Job} job
 * @param {import('./words.mjs').Bounds} [bounds] of an apply
 * @returns {Promise<Step>}
 */
export async function takeStep(job, bounds = { digest: null, maxCreates: null }) {
  const { inputs, bin, folder, env, untrusted } = job;
  const reports = openReports(job.reportFolder, inputs.command, job.formats);
  const words = chooseWords(inputs, { untrusted, bounds, reports: reports.flags });
  const { code, stopped } = await runInstate({ bin, words, folder, env });
  const { digest, project } = readFacts(reports);
  const markdown = reports.read('markdown');
  job.onReports(reports);
  job.onEnd({ 'exit-code': String(code), digest: digest ?? '', 'report-dir': reports.folder });
  return { code, stopped, markdown, digest, project };
}
