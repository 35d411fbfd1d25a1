import { composeComment, makeMarker } from './comment.mjs';
import { putComment, tryTo } from './forge.mjs';
import { takeStep } from './step.mjs';

/**
 * Plans, and keeps one comment on the proposed change that shows the latest plan and bears its digest.
 * @param {import('./step.mjs').Job} job
 * @returns {Promise<number>} instate's exit code
 */
export async function runPlan(job) {
  const { inputs, forge, change, log, untrusted } = job;
  const { code, stopped, markdown, digest } = await takeStep(job);
  if (stopped || !inputs.comment || change === null) return code;
  if (forge === null) {
    log.say('no comment is written: there is no token for it');
    return code;
  }
  const marker = makeMarker('plan', job.key);
  const remarks = untrusted
    ? ["Planned offline, as a stranger's files: the account was not asked, and there is no digest to apply."]
    : [];
  const body = composeComment({
    ...{ marker, digest, label: inputs.label, markdown, code, remarks },
    ...{ command: 'plan', runUrl: job.runUrl },
  });
  await tryTo(log, 'the comment', () => putComment(forge.commentsOn(change), marker, body));
  return code;
}
