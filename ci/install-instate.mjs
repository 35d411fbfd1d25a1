// Installs the instate of one version for the steps of a job, outside of the checkout. `action.yml` starts it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeInstallEnvironment } from './child-environment.mjs';
import { describeUnexpected, JobError } from './errors.mjs';
import { createGithubLog } from './log.mjs';
import { writeOutputs } from './outputs.mjs';
import { ownBinary } from './place.mjs';

const log = createGithubLog();
try {
  const version = (process.env['INSTATE_ACTION_VERSION'] ?? '').trim();
  // A version and nothing else: no range, no tag, no path and no URL.
  if (!/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/.test(version))
    throw new JobError('the input version is no exact version', 'write one such as  0.1.0');
  const bin = isInstalled(version) ? ownBinary : await install(version);
  writeOutputs(process.env, { bin });
} catch (error) {
  log.fail(error instanceof JobError ? `${error.message}\n${error.hint}` : describeUnexpected(error));
  process.exitCode = 1;
}

/**
 * The action came out of an installed package of that version: `uses: ./node_modules/instate`.
 * @param {string} version
 */
function isInstalled(version) {
  const own = fileURLToPath(new URL('../package.json', import.meta.url));
  try {
    createRequire(ownBinary).resolve('better-sqlite3');
    return existsSync(ownBinary) && JSON.parse(readFileSync(own, 'utf8')).version === version;
  } catch {
    return false;
  }
}

/**
 * In a new folder that is npm's whole project, so that no `.npmrc` of the checkout is read; and without the secrets of this job.
 * @param {string} version
 */
async function install(version) {
  const folder = mkdtempSync(join(realpathSync(process.env['RUNNER_TEMP'] ?? ''), 'instate-install-'));
  // SQLite's binding is fetched or compiled by a script; no other package of instate has one.
  const project = { private: true, allowScripts: { 'better-sqlite3': true } };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(project)}\n`);
  const words = ['install', '--no-audit', '--no-fund', '--save-exact', `instate@${version}`];
  const child = spawn('npm', words, {
    ...{ cwd: folder, env: makeInstallEnvironment(process.env), shell: false },
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const [code] = await once(child, 'close').catch(() => [null]);
  const bin = join(folder, 'node_modules/instate/dist/main.js');
  if (code === 0 && existsSync(bin)) return bin;
  throw new JobError(`instate ${version} could not be installed`, 'the log of npm above says why');
}
