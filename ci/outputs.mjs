import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';

/**
 * Adds outputs of a step of GitHub Actions. Between random delimiters: no value can end its own entry and begin another.
 * @param {NodeJS.ProcessEnv} env without GITHUB_OUTPUT nobody listens
 * @param {Record<string, string>} outputs
 */
export function writeOutputs(env, outputs) {
  const path = env['GITHUB_OUTPUT'] ?? '';
  const end = `instate_${randomUUID()}`;
  const entries = Object.entries(outputs).map(([name, value]) => `${name}<<${end}\n${value}\n${end}\n`);
  if (path !== '') appendFileSync(path, entries.join(''));
}
