import { composeComment, makeMarker, readDigest } from './comment.mjs';
import { JobError, RequestError } from './errors.mjs';
import { putComment, tryTo } from './forge.mjs';
import { takeStep } from './step.mjs';

/**
 * Applies exactly what was reviewed, and says on the merged change what became of it. Never begun without a digest or a largest
 * number of creates.
 * @param {import('./step.mjs').Job} job
 * @returns {Promise<number>} instate's exit code
 */
export async function runApply(job) {
  const { inputs, forge, log } = job;
  const { expected, maxCreates } = inputs;
  const review = await findReview(job);
  const digest = expected.kind === 'digest' ? expected.digest : review.digest;
  if (digest === null && maxCreates === null) {
    throw new JobError(
      expected.kind === 'none' ? 'nothing binds this apply' : `no reviewed plan was found: ${review.why}`,
      'plan again and give its digest (expect-digest), or give max-creates, the most that may be created; a plan with comment: false, or by another comment-author, cannot be found',
    );
  }
  if (digest === null)
    log.say(
      `Not bound to a review${review.why === '' ? '' : ` (${review.why})`}: at most ${maxCreates} may be created.`,
    );
  const { code, stopped, markdown } = await takeStep(job, { digest, maxCreates });
  const { change } = review;
  if (stopped || !inputs.comment || change === null || forge === null) return code;
  const marker = makeMarker('apply', job.key);
  const body = composeComment({
    ...{ marker, label: inputs.label, markdown, code, command: 'apply', runUrl: job.runUrl },
  });
  await tryTo(log, 'the comment', () => putComment(forge.commentsOn(change), marker, body));
  return code;
}

/**
 * The merged change, and the digest in our comment on it. Where the digest matters, a forge that does not answer is an error.
 * @param {import('./step.mjs').Job} job
 * @returns {Promise<{ change: number | null, digest: string | null, why: string }>}
 */
async function findReview({ inputs, forge, key, log }) {
  const matters = inputs.expected.kind === 'reviewed';
  /** @type {number | null} */
  let change = null;
  /** @param {string} why */
  const without = (why) => ({ change, digest: null, why });
  if (forge === null) return without('there is no token to look with');
  if (!matters && !inputs.comment) return without('');
  try {
    change = await forge.findMerged();
    if (change === null) return without(`this commit is not the merge of a ${forge.change}`);
    if (!matters) return without('');
    const comment = await forge.commentsOn(change).find(makeMarker('plan', key));
    if (comment === null)
      return without(
        `${forge.change} ${change} has no comment with a plan of these files, targets and label`,
      );
    const digest = readDigest(comment.body);
    if (digest === null)
      return without(
        `the last plan on ${forge.change} ${change} failed, was made offline or beside an apply, or met a guard`,
      );
    return { change, digest, why: '' };
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    if (matters)
      throw new JobError(
        `the reviewed plan could not be looked up: ${error.message}`,
        'run the job again, or give the digest (expect-digest)',
      );
    log.warn(`the merged ${forge.change} could not be looked up: ${error.message}`);
    return without('');
  }
}
