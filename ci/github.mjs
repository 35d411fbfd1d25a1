// Runs instate in a job of GitHub Actions, and tells the pull request or an issue what came of it. `action.yml` starts it.
import { makeChildEnvironment } from './child-environment.mjs';
import { JobError } from './errors.mjs';
import { createGithub } from './github-api.mjs';
import { readEvent } from './github-event.mjs';
import { makeKey, readInputs } from './inputs.mjs';
import { createGithubLog } from './log.mjs';
import { runJob } from './main.mjs';
import { writeOutputs } from './outputs.mjs';
import { findFolder, ownBinary } from './place.mjs';
import { makeReportFolder } from './reports.mjs';

const log = createGithubLog();
process.exitCode = await runJob(log, () => prepareJob(process.env));

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {import('./step.mjs').Job}
 */
function prepareJob(env) {
  const token = takeToken(env);
  const inputs = readInputs(env, {
    prefix: 'INSTATE_ACTION_',
    spell: (name) => `the input ${name.toLowerCase().replaceAll('_', '-')}`,
  });
  const event = readEvent(env, inputs);
  const untrusted = inputs.command === 'plan' && (inputs.untrusted || event.isStrangers);
  const { folder, shown } = findFolder(need(env, 'GITHUB_WORKSPACE'), inputs.workingDirectory);
  return {
    ...{ inputs, folder, untrusted, log },
    key: makeKey(inputs, shown, env),
    bin: env['INSTATE_ACTION_BIN'] || ownBinary,
    env: makeChildEnvironment(env, { untrusted, tokens: [token] }),
    formats: ['markdown', 'json', 'html', 'sarif', 'github'],
    reportFolder: makeReportFolder(need(env, 'RUNNER_TEMP'), inputs.reportDir),
    runUrl: findRun(env),
    change: event.change,
    forge: token === '' ? null : openGithub(env, token, event.branch),
    // Annotations: commands to the runner, made harmless by instate where they quote anything.
    onReports: (reports) => void process.stdout.write(reports.read('github') ?? ''),
    onEnd: (outputs) => writeOutputs(env, outputs),
  };
}

/**
 * The token, out of the environment that anything after this is given. (The system still shows what this process was started with to the
 * user that it runs as.)
 * @param {NodeJS.ProcessEnv} env
 */
function takeToken(env) {
  const token = (env['INSTATE_ACTION_GITHUB_TOKEN'] ?? '').trim();
  delete env['INSTATE_ACTION_GITHUB_TOKEN'];
  if (/^[\x21-\x7e]*$/.test(token)) return token;
  throw new JobError('the input github-token is no token', 'leave it out, or give one line');
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {string} token
 * @param {string} branch
 */
function openGithub(env, token, branch) {
  const repository = need(env, 'GITHUB_REPOSITORY', /^[\w.-]+\/[\w.-]+$/);
  const author = (env['INSTATE_ACTION_COMMENT_AUTHOR'] ?? '').trim() || 'github-actions[bot]';
  const sha = need(env, 'GITHUB_SHA', /^[0-9a-f]{40,64}$/);
  const base = env['GITHUB_API_URL'] || 'https://api.github.com';
  return createGithub({ base, repository, token, author, sha, branch, log });
}

/** @param {NodeJS.ProcessEnv} env */
function findRun(env) {
  const [server = '', repository = '', run = ''] = [
    'GITHUB_SERVER_URL',
    'GITHUB_REPOSITORY',
    'GITHUB_RUN_ID',
  ].map((name) => env[name]);
  const url = `${server}/${repository}/actions/runs/${run}`;
  return /^https?:\/\/[\w.:-]+\/[\w.-]+\/[\w.-]+\/actions\/runs\/\d+$/.test(url) ? url : null;
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {string} name
 * @param {RegExp} [shape]
 */
function need(env, name, shape = /^[^\0\r\n]+$/) {
  const value = env[name] ?? '';
  if (shape.test(value)) return value;
  throw new JobError(
    `${name} is not set as a runner of GitHub sets it`,
    'run this in a job of GitHub Actions',
  );
}
