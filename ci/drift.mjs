import { composeComment, makeMarker } from './comment.mjs';
import { tryTo } from './forge.mjs';
import { takeStep } from './step.mjs';

/**
 * Looks for drift, and keeps one issue open while there is some. An error says nothing of drift, and leaves the issue as it is.
 * @param {import('./step.mjs').Job} job
 * @returns {Promise<number>} instate's exit code
 */
export async function runDrift(job) {
  const { inputs, forge, log } = job;
  const { code, stopped, markdown, project } = await takeStep(job);
  if (stopped || !inputs.issue || (code !== 0 && code !== 2)) return code;
  if (forge === null) {
    log.say('no issue is written: there is no token for it');
    return code;
  }
  const marker = makeMarker('drift', job.key);
  const body = composeComment({
    ...{ marker, label: inputs.label, markdown, code, command: 'drift', runUrl: job.runUrl },
    remarks: code === 0 ? ['Nothing has drifted any more.'] : [],
  });
  const title = ['instate drift', project, inputs.label].filter((part) => part !== null).join(': ');
  await tryTo(log, 'the issue', async () => {
    const found = await forge.issues.find(marker);
    if (code === 2 && found === null) await forge.issues.create(title, body, inputs.issueLabel);
    else if (code === 2 && found !== null) await forge.issues.update(found.id, body);
    else if (found !== null) await forge.issues.close(found.id, body);
  });
  return code;
}
