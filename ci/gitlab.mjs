// Runs instate in a job of GitLab CI, and tells the merge request or an issue what came of it. The template in gitlab/ starts it.
import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeChildEnvironment } from './child-environment.mjs';
import { JobError } from './errors.mjs';
import { createGitlab } from './gitlab-api.mjs';
import { readEvent } from './gitlab-event.mjs';
import { makeKey, readInputs } from './inputs.mjs';
import { createPlainLog } from './log.mjs';
import { runJob } from './main.mjs';
import { findFolder, ownBinary } from './place.mjs';

const log = createPlainLog();
process.exitCode = await runJob(log, () => prepareJob(process.env, process.argv.slice(2)));

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {readonly string[]} words the command, and `--allow-exec`, for which there is no variable (safety.md F4)
 * @returns {import('./step.mjs').Job}
 */
function prepareJob(env, [command = '', ...flags]) {
  const token = takeToken(env);
  const settings = {
    ...env,
    INSTATE_COMMAND: command,
    INSTATE_ALLOW_EXEC: String(flags.includes('--allow-exec')),
  };
  const inputs = readInputs(settings, { prefix: 'INSTATE_', spell: (name) => `INSTATE_${name}` });
  const event = readEvent(env, inputs);
  const untrusted = command === 'plan' && (inputs.untrusted || event.isStrangers);
  const root = need(env, 'CI_PROJECT_DIR');
  const { folder, shown } = findFolder(root, inputs.workingDirectory);
  // A runner takes artifacts from the checkout alone; instate writes them elsewhere, where no file of the change can lie in the way.
  const reportFolder = mkdtempSync(join(realpathSync(tmpdir()), 'instate-reports-'));
  return {
    ...{ inputs, folder, untrusted, log, reportFolder },
    key: makeKey(inputs, shown, env),
    bin: ownBinary,
    env: makeChildEnvironment(env, { untrusted, tokens: [token] }),
    formats: ['markdown', 'json', 'html', 'junit', 'gitlab'],
    runUrl: /^https?:\/\/[\w.:/-]+$/.test(env['CI_JOB_URL'] ?? '') ? (env['CI_JOB_URL'] ?? null) : null,
    change: event.change,
    forge: token === '' ? null : openGitlab(env, token, event.branch),
    onReports: () => publish(reportFolder, root),
    onEnd: () => undefined,
  };
}

/**
 * Copies the reports to where the template's artifacts are taken from: a new folder, whatever the checkout had there.
 * @param {string} from
 * @param {string} root
 */
function publish(from, root) {
  const folder = join(realpathSync(root), 'instate-reports');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  cpSync(from, folder, { recursive: true });
  rmSync(from, { recursive: true, force: true });
}

/**
 * The token, out of the environment that anything after this is given. (The system still shows what this process was started with to the
 * user that it runs as.)
 * @param {NodeJS.ProcessEnv} env
 */
function takeToken(env) {
  const token = (env['INSTATE_GITLAB_TOKEN'] ?? '').trim();
  delete env['INSTATE_GITLAB_TOKEN'];
  if (/^[\x21-\x7e]*$/.test(token)) return token;
  throw new JobError('INSTATE_GITLAB_TOKEN is no token', 'unset it, or give one line');
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {string} token
 * @param {string} branch
 */
function openGitlab(env, token, branch) {
  const project = need(env, 'CI_PROJECT_ID', /^\d+$/);
  const sha = need(env, 'CI_COMMIT_SHA', /^[0-9a-f]{40,64}$/);
  return createGitlab({ base: need(env, 'CI_API_V4_URL'), project, token, sha, branch });
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {string} name
 * @param {RegExp} [shape]
 */
function need(env, name, shape = /^[^\0\r\n]+$/) {
  const value = env[name] ?? '';
  if (shape.test(value)) return value;
  throw new JobError(`${name} is not set as a runner of GitLab sets it`, 'run this in a job of GitLab CI');
}
