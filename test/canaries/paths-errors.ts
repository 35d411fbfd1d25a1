import { furnish, flags, looking, declare, manyOf } from './project.ts';
import { values } from './secrets.ts';
import type { Stage } from './stage.ts';

const secret = JSON.stringify(values['text of a foreign error']);

/** What may go wrong in the middle of a run that nobody has thought of: each is thrown once the first handler is there. */
const bombs: Readonly<Record<string, string>> = {
  'an error': `throw new Error(${secret})`,
  'an error with lines like frames': `throw new Error('x\\n    at ' + ${secret} + '\\n    at f (/' + ${secret} + ':1:2)')`,
  'an error with a cause': `throw new Error(${secret}, { cause: new Error(${secret}) })`,
  'an error with another stack': `throw Object.assign(new Error('x'), { stack: 'Error\\n    at ' + ${secret} + ' (x:1:2)' })`,
  'an error with a name': `throw Object.assign(new Error('x'), { name: ${secret}, code: ${secret} })`,
  'an error whose stack cannot be read': `const error = new Error('x'); Object.defineProperty(error, 'stack', { get() { throw new Error(${secret}); } }); throw error`,
  'a text': `throw ${secret}`,
  'an object': `throw { toString: () => ${secret}, stack: ${secret} }`,
  'a promise with an error': `void Promise.reject(new Error(${secret}))`,
};

const ignite = (bomb: string) => `
const timer = setInterval(() => {
  if (process.listenerCount('uncaughtException') === 0) return;
  clearInterval(timer);
  ${bomb};
}, 1);
`;

/** Functions of Node's that throw as they are called, in the middle of a command, which catches that. */
const broken: Readonly<Record<string, string>> = {
  'crypto.hkdfSync': `apply --yes ${flags} --verbose`,
  'crypto.randomUUID': `apply --yes ${flags} --verbose`,
  'fs.realpathSync': `plan ${looking} --json --verbose`,
  'fs.statSync': `state list --verbose`,
};

const breakDown = (name: string) => `
import * as modules from 'node:module';
import crypto from 'node:crypto';
import fs from 'node:fs';
const fail = () => { throw new Error('x\\n    at ' + ${secret} + ' (/x:1:2)', { cause: ${secret} }); };
({ crypto, fs })['${name.split('.')[0] ?? ''}']['${name.split('.')[1] ?? ''}'] = fail;
modules.syncBuiltinESMExports();
`;

/** Errors that nobody meant, and a command caught. */
export async function playUnexpected(stage: Stage): Promise<void> {
  furnish(stage);
  await stage.run({ line: `apply --yes ${flags}`, says: '4 created' });
  for (const [name, line] of Object.entries(broken)) {
    const file = `project/preload-${name.replace('.', '-')}.mjs`;
    stage.plant(file, breakDown(name));
    const env = { NODE_OPTIONS: `--import=file://${stage.at(file)}` };
    await stage.run({ line, with: `${name} fails`, env, code: 1, says: 'internal' });
  }
}

/** Errors that nobody caught. */
export async function playUncaught(stage: Stage): Promise<void> {
  furnish(stage);
  await stage.fault({ on: 'GET /instances', times: 99, do: 'delay', ms: 2_000 });
  for (const [at, [what, bomb]] of Object.entries(bombs).entries()) {
    stage.plant(`project/preload-${String(at)}.mjs`, ignite(bomb));
    const env = { NODE_OPTIONS: `--import=file://${stage.at(`project/preload-${String(at)}.mjs`)}` };
    const way = at % 2 === 0 ? '--verbose' : '--json';
    const says = at % 2 === 0 ? '[internal]' : '"internal"';
    await stage.run({ line: `apply --yes ${flags} ${way}`, with: `uncaught: ${what}`, env, code: 1, says });
  }
}

/** A report of Node's at the end of a run, by its own environment and by everything else that is in it. */
export async function playReports(stage: Stage): Promise<void> {
  furnish(stage);
  stage.write('project/instate.yaml', declare(manyOf(2)));
  stage.plant('project/preload-report.mjs', "process.on('exit', () => process.report.writeReport());\n");
  const env = {
    NODE_OPTIONS: `--import=file://${stage.at('project/preload-report.mjs')} --report-directory=${stage.at('temp')}`,
  };
  const url = `postgres://someone:${values['password in a state URL']}@127.0.0.1:9/db`;
  const base = `https://someone:${values['password in a base URL']}@127.0.0.1/`;
  const thrown = {
    ...env,
    NODE_OPTIONS: `${env.NODE_OPTIONS} --report-uncaught-exception --import=file://${stage.at('project/preload-bomb.mjs')}`,
  };
  stage.plant('project/preload-bomb.mjs', ignite(bombs['an error'] ?? ''));
  await stage.run({ line: `apply --yes ${looking}`, with: 'a report at its end', env, says: '2 created' });
  await stage.run({
    line: 'plan',
    with: 'a report at its end, a state URL',
    env: { ...env, INSTATE_STATE: url },
    code: 1,
    says: '[state_unsupported]',
  });
  await stage.run({
    line: 'plan',
    with: 'a report at its end, a password in the base URL',
    env: { ...env, INSTATE_BASE_URL: base },
    code: 1,
    says: '[invalid_declarations]',
  });
  await stage.run({
    line: 'plan',
    with: 'a report at its end, an uncaught error',
    env: thrown,
    code: 1,
    says: '[internal]',
  });
}
