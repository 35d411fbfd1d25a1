import { JobError } from './errors.mjs';

/**
 * What binds an apply to what somebody has looked at.
 * @typedef {{ digest: string | null, maxCreates: string | null }} Bounds
 */

/**
 * The words that follow `instate`. Values are joined to their flags, so that none of them can become a flag of its own.
 * @param {import('./inputs.mjs').Inputs} inputs
 * @param {object} run
 * @param {boolean} run.untrusted
 * @param {Bounds} run.bounds
 * @param {readonly string[]} run.reports `FORMAT:FILE`
 * @returns {string[]}
 */
export function chooseWords(inputs, { untrusted, bounds, reports }) {
  const { command, files, target, exclude, selectTag, failOn, allowExec } = inputs;
  const scope = [
    ...files.map((file) => `--file=${file}`),
    ...target.map((glob) => `--target=${glob}`),
    ...exclude.map((glob) => `--exclude=${glob}`),
    ...selectTag.map((tag) => `--select-tag=${tag}`),
  ];
  const exec = allowExec ? ['--allow-exec'] : [];
  const own = {
    plan: () => (untrusted ? ['--untrusted'] : []),
    apply: () => ['--auto-approve', ...bind(bounds), ...exec],
    drift: () => [...(failOn === null ? [] : [`--fail-on=${failOn}`]), ...exec],
  };
  return [command, ...own[command](), ...scope, ...reports.map((report) => `--report=${report}`)];
}

/** @param {Bounds} bounds */
function bind({ digest, maxCreates }) {
  if (digest === null && maxCreates === null)
    throw new JobError(
      'nothing binds this apply to what somebody reviewed',
      'give a digest or a number of creates',
    );
  return [
    ...(digest === null ? [] : [`--expect-digest=${digest}`]),
    ...(maxCreates === null ? [] : [`--max-creates=${maxCreates}`]),
  ];
}
