/** GitHub refuses more than 65,536 characters. */
const most = 65_000;

/**
 * The first line of every comment and issue of ours: what it is about, and which inputs made it.
 * @param {string} what `plan`, `apply`, `drift`
 * @param {string} key see `makeKey`
 * @returns {string}
 */
export function makeMarker(what, key) {
  return `<!-- instate-action: ${what} ${key} -->`;
}

/**
 * A comment: marker, digest, and instate's own report in Markdown.
 * @param {object} parts
 * @param {string} parts.marker
 * @param {string} parts.command
 * @param {string | null} [parts.digest]
 * @param {string | null} parts.label
 * @param {string | null} parts.markdown null where instate left no report
 * @param {number} parts.code instate's exit code
 * @param {readonly string[]} [parts.remarks] sentences of ours
 * @param {string | null} parts.runUrl
 * @returns {string}
 */
export function composeComment({
  marker,
  command,
  digest = null,
  label,
  markdown,
  code,
  remarks = [],
  runUrl,
}) {
  const head = [
    marker,
    ...(digest === null ? [] : [`<!-- instate-action-digest: ${digest} -->`]),
    '',
    ...(label === null ? [] : [`**\`${label}\`**`, '']),
  ];
  const foot = [
    '',
    ...remarks.flatMap((remark) => [`> ${remark}`, '']),
    ...(runUrl === null ? [] : [`<sub>[the run](${runUrl})</sub>`, '']),
  ];
  /** @param {string} body */
  const frame = (body) => [...head, body.trimEnd(), ...foot].join('\n');
  const none = `### instate ${command}\n\n**It ended with exit code ${code} and left no report. The log of the run says why.**`;
  const whole = frame(markdown ?? none);
  if (whole.length <= most) return whole;
  return frame(
    `### instate ${command}\n\n**The report is too long for a comment. The run has it.** Exit code ${code}.`,
  );
}

/**
 * Whether a text is the comment of this marker. The marker stands alone on the first line, where no text from outside comes to stand.
 * @param {unknown} body
 * @param {string} marker
 * @returns {boolean}
 */
export function bearsMarker(body, marker) {
  return typeof body === 'string' && body.split(/\r?\n/, 1)[0] === marker;
}

/**
 * The digest that a comment of ours is marked with: on its second line, and nowhere else.
 * @param {string} body
 * @returns {string | null}
 */
export function readDigest(body) {
  const line = body.split(/\r?\n/, 2)[1] ?? '';
  return /^<!-- instate-action-digest: (sha256:[0-9a-f]{64}) -->$/.exec(line)?.[1] ?? null;
}
