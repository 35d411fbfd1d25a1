import { runApply } from './apply.mjs';
import { runDrift } from './drift.mjs';
import { describeUnexpected, JobError } from './errors.mjs';
import { runPlan } from './plan.mjs';

const commands = { plan: runPlan, apply: runApply, drift: runDrift };

/**
 * Prepares a job and runs it to its end. The exit code is instate's; 1 where it could not be begun.
 * @param {import('./log.mjs').Log} log
 * @param {() => import('./step.mjs').Job} prepare
 * @returns {Promise<number>}
 */
export async function runJob(log, prepare) {
  /** @type {import('./step.mjs').Job | null} */
  let job = null;
  try {
    job = prepare();
    return await commands[job.inputs.command](job);
  } catch (error) {
    log.fail(error instanceof JobError ? `${error.message}\n${error.hint}` : describeUnexpected(error));
    job?.onEnd({ 'exit-code': '1' });
    return 1;
  }
}
