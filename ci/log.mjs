/**
 * Where a job says something. `say` is a line of the log, `warn` and `fail` are marked as such.
 * @typedef {object} Log
 * @property {(text: string) => void} say
 * @property {(text: string) => void} warn
 * @property {(text: string) => void} fail
 */

/** @param {string} text */
const print = (text) => void process.stdout.write(`${text}\n`);

/**
 * Annotations of a GitHub runner. Data are escaped as the runner's own toolkit does, so that no text begins a command of its own.
 * @returns {Log}
 */
export function createGithubLog() {
  return {
    say: (text) => print(defuse(text)),
    warn: (text) => print(`::warning title=instate::${escapeData(text)}`),
    fail: (text) => print(`::error title=instate::${escapeData(text)}`),
  };
}

/**
 * Plain lines.
 * @returns {Log}
 */
export function createPlainLog() {
  return {
    say: (text) => print(defuse(text)),
    warn: (text) => print(defuse(`WARNING: ${text}`)),
    fail: (text) => print(defuse(`ERROR: ${text}`)),
  };
}

/** @param {string} text */
function escapeData(text) {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/**
 * Line starts that a runner would obey, and control characters, made harmless.
 * @param {string} text
 */
function defuse(text) {
  return text.replace(/[^\P{Cc}\n]/gu, '?').replace(/^(\s*)(::|##\[)/gm, '$1.$2');
}
