import { createHash } from 'node:crypto';
import { JobError } from './errors.mjs';

/** @typedef {'plan' | 'apply' | 'drift'} Command */

/**
 * What an apply is bound to: a digest that was given, the one in the comment on the merged change, or none (then `maxCreates` is).
 * @typedef {{ kind: 'digest', digest: string } | { kind: 'reviewed' } | { kind: 'none' }} Expected
 */

/**
 * What a job was told: inputs of the action, or variables of the pipeline.
 * @typedef {object} Inputs
 * @property {Command} command
 * @property {readonly string[]} files
 * @property {string} workingDirectory
 * @property {readonly string[]} target
 * @property {readonly string[]} exclude
 * @property {readonly string[]} selectTag
 * @property {string | null} maxCreates
 * @property {Expected} expected
 * @property {string | null} failOn
 * @property {boolean} comment
 * @property {boolean} issue
 * @property {string | null} issueLabel
 * @property {string | null} label tells this plan from another one of the same files: `staging`, `production`
 * @property {string | null} branch whose pushes are applied; null: the default branch
 * @property {boolean} untrusted
 * @property {boolean} allowExec
 * @property {string | null} reportDir
 */

const digest = /^sha256:[0-9a-f]{64}$/;

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {{ prefix: string, spell: (name: string) => string }} style how variables are named, and how people write an input
 * @returns {Inputs}
 */
export function readInputs(env, { prefix, spell }) {
  /** @param {string} name */
  const text = (name) => {
    const value = (env[`${prefix}${name}`] ?? '').trim();
    if (/[^\P{Cc}\r\n]/u.test(value))
      throw new JobError(`${spell(name)} holds a control character`, 'take it out');
    return value;
  };
  /**
   * @param {string} name
   * @param {RegExp} shape
   * @param {string} hint
   */
  const shaped = (name, shape, hint) => {
    const value = text(name);
    if (value === '') return null;
    if (!shape.test(value)) throw new JobError(`${spell(name)} cannot be understood`, hint);
    return value;
  };
  /** @param {string} name */
  const lines = (name) =>
    text(name)
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter((line) => line !== '');
  /**
   * @param {string} name
   * @param {boolean} otherwise
   */
  const flag = (name, otherwise) => {
    const value = shaped(name, /^(true|false)$/, 'write  true  or  false');
    return value === null ? otherwise : value === 'true';
  };
  const command = text('COMMAND');
  if (command !== 'plan' && command !== 'apply' && command !== 'drift')
    throw new JobError(`${spell('COMMAND')} is no command for CI`, 'write  plan, apply  or  drift');
  return {
    command,
    files: lines('FILES'),
    workingDirectory: text('WORKING_DIRECTORY') || '.',
    ...{ target: lines('TARGET'), exclude: lines('EXCLUDE'), selectTag: lines('SELECT_TAG') },
    maxCreates: shaped('MAX_CREATES', /^\d{1,7}$/, 'write a whole number'),
    expected: readExpected(text('EXPECT_DIGEST'), spell('EXPECT_DIGEST')),
    failOn: shaped(
      'FAIL_ON',
      /^[a-z][a-z,-]*$/,
      'write kinds with commas between them, such as  drift,health',
    ),
    ...{ comment: flag('COMMENT', true), issue: flag('ISSUE', true) },
    issueLabel: shaped('ISSUE_LABEL', /^[\w .:/-]{1,50}$/, 'write the name of one label'),
    label: shaped('LABEL', /^[\w .-]{1,40}$/, 'write up to 40 letters, digits, spaces, dots or dashes'),
    branch: shaped('BRANCH', /^[^\s]+$/, 'write the name of a branch'),
    ...{ untrusted: flag('UNTRUSTED', false), allowExec: flag('ALLOW_EXEC', false) },
    reportDir: text('REPORT_DIR') || null,
  };
}

/**
 * @param {string} text
 * @param {string} name
 * @returns {Expected}
 */
function readExpected(text, name) {
  if (text === '' || text === 'reviewed') return { kind: 'reviewed' };
  if (text === 'none') return { kind: 'none' };
  if (digest.test(text)) return { kind: 'digest', digest: text };
  throw new JobError(
    `${name} is no digest`,
    'write  reviewed, none,  or  sha256:  and 64 digits as a plan shows it',
  );
}

/**
 * Tells one plan from another: what is read, from where, and for which account. The comment on a change and the apply after it find
 * each other by this, so both need the same inputs.
 * @param {Inputs} inputs
 * @param {string} folder from the root of the checkout, with slashes
 * @param {NodeJS.ProcessEnv} env
 * @returns {string}
 */
export function makeKey({ files, target, exclude, selectTag, label }, folder, env) {
  const account = [env['INSTATE_BASE_URL'] ?? '', env['INSTATE_PROJECT'] ?? ''];
  const text = JSON.stringify([folder, files, target, exclude, selectTag, label, account]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
