import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/**
 * How a run ended. `stopped`: somebody cancelled the job meanwhile.
 * @typedef {{ code: number, stopped: boolean }} Ended
 */

/**
 * Runs the command line, without a shell, its words as they are; what it says goes to the log as it comes. A signal to this process
 * is passed on and waited out: instate then sends nothing new and settles what is in flight.
 * @param {object} run
 * @param {string} run.bin the file that node runs
 * @param {readonly string[]} run.words
 * @param {string} run.folder
 * @param {Record<string, string>} run.env
 * @returns {Promise<Ended>}
 */
export function runInstate({ bin, words, folder, env }) {
  return new Promise((resolve) => {
    let stopped = false;
    // `--`: node takes no flag of ours for one of its own.
    const child = spawn(process.execPath, ['--', bin, ...words], {
      // A group of its own: a signal to ours would reach it twice, and the second one ends it at once.
      ...{ cwd: folder, env, shell: false, detached: true },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    /** @param {NodeJS.Signals} signal */
    const passOn = (signal) => {
      stopped = true;
      child.kill(signal);
    };
    process.on('SIGINT', passOn).on('SIGTERM', passOn);
    /** @param {number} code */
    const end = (code) => {
      process.off('SIGINT', passOn).off('SIGTERM', passOn);
      resolve({ code, stopped });
    };
    child.on('error', () => end(1));
    child.on('close', (code, signal) => end(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}
