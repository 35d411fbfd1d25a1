import { describeUnexpected, RequestError } from './errors.mjs';

/**
 * A comment or an issue of ours.
 * @typedef {{ id: number, body: string }} Post
 */

/**
 * Comments on one change.
 * @typedef {object} Comments
 * @property {(marker: string) => Promise<Post | null>} find the last one that bears the marker and is by our own author
 * @property {(body: string) => Promise<unknown>} create
 * @property {(id: number, body: string) => Promise<unknown>} update
 */

/**
 * Issues of the project.
 * @typedef {object} Issues
 * @property {(marker: string) => Promise<Post | null>} find an open one that bears the marker and is by our own author
 * @property {(title: string, body: string, label: string | null) => Promise<unknown>} create
 * @property {(id: number, body: string) => Promise<unknown>} update
 * @property {(id: number, body: string) => Promise<unknown>} close
 */

/**
 * The service that keeps the repository.
 * @typedef {object} Forge
 * @property {string} change what it calls a proposed change: `pull request`
 * @property {(number: number) => Comments} commentsOn
 * @property {() => Promise<number | null>} findMerged the change that this commit was merged from
 * @property {Issues} issues
 */

/**
 * Updates the comment of this marker, or makes it where there is none.
 * @param {Comments} comments
 * @param {string} marker
 * @param {string} body
 */
export async function putComment(comments, marker, body) {
  const found = await comments.find(marker);
  await (found === null ? comments.create(body) : comments.update(found.id, body));
}

/**
 * Tells people something beside the run itself: what goes wrong here is said, and changes no exit code.
 * @param {import('./log.mjs').Log} log
 * @param {string} what such as `the comment`
 * @param {() => Promise<unknown>} action
 */
export async function tryTo(log, what, action) {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof RequestError))
      log.warn(`${what} could not be written: ${describeUnexpected(error)}`);
    else if (error.status === 403)
      log.say(
        `${what} was not written: this token may not (${error.message}). The report stands on the page of the run.`,
      );
    else log.warn(`${what} could not be written: ${error.message}`);
  }
}
