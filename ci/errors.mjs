/** Something that whoever set the job up can mend: shown in full, with what to do. Nothing in it is secret. */
export class JobError extends Error {
  /**
   * @param {string} message one sentence
   * @param {string} hint what to do
   */
  constructor(message, hint) {
    super(message);
    this.hint = hint;
  }
}

/** A request to the forge that came to nothing: named by method, path and status alone, never by what it said. */
export class RequestError extends Error {
  /**
   * @param {string} message
   * @param {number | null} status null: there was no answer
   */
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/**
 * What may be printed of an error that nobody meant: its kind and where it arose, not its text, which may quote anything.
 * @param {unknown} error
 * @returns {string}
 */
export function describeUnexpected(error) {
  if (!(error instanceof Error)) return 'an unexpected error';
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  return [`an unexpected error (${error.name})`, ...frames.slice(0, 8)].join('\n');
}
