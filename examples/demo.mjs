// Plays a session of instate on the declarations of this folder: real processes, real HTTP, a real state database. Every
// step is checked, and the first one that is not as told ends it with exit code 1. Everything happens in a temporary
// folder with a home of its own, and the only account it can reach is a sandbox on 127.0.0.1.
import { spawn } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, open, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const binary = join(here, '..', 'dist', 'main.js');
const mostSeconds = 120;

/** Something was not as told; `message` is for a person. */
class Unexpected extends Error {}

const stop = new AbortController();
const timer = setTimeout(() => end(`it took more than ${mostSeconds} s`), mostSeconds * 1000);
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => end(`it was stopped by ${signal}`));
function end(why) {
  stop.abort(new Unexpected(why));
}

/** The demo's own folder and sandbox, and what to do when it is over. */
async function prepare() {
  const built = await stat(binary).catch(() => null);
  if (built === null) throw new Unexpected('dist/main.js is missing. Build it first:  npm run build');
  const folder = await mkdtemp(join(tmpdir(), 'instate-demo-'));
  let server = null;
  const cleanUp = async () => {
    if (server !== null) await stopProcess(server);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await mkdir(join(folder, 'home'));
    await copyFile(join(here, 'instate.yaml'), join(folder, 'instate.yaml'));
    await copyFile(join(here, '.env.example'), join(folder, '.env'));
    // Nothing of the caller's environment can change the story: no INSTATE_*, no CI, no home with a key in it.
    const path = [dirname(process.execPath), process.env.PATH].join(delimiter);
    const env = { PATH: path, HOME: join(folder, 'home'), XDG_CONFIG_HOME: join(folder, 'home') };
    server = spawn(process.execPath, [binary, 'sandbox', '--port', '0'], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const url = await readUrl(server);
    return { folder, url, env: { ...env, INSTATE_BASE_URL: url }, cleanUp };
  } catch (error) {
    await cleanUp();
    throw error;
  }
}

/** The base URL, as soon as the sandbox says it. */
function readUrl(server) {
  return new Promise((resolve, reject) => {
    let text = '';
    server.stdout.on('data', (chunk) => {
      text += chunk;
      const said = /^Sandbox listening on (\S+)\n/m.exec(text);
      if (said !== null) resolve(said[1]);
    });
    server.once('error', (error) => reject(new Unexpected(`the sandbox did not start: ${error.code}`)));
    server.once('exit', (code) => reject(new Unexpected(`the sandbox did not start: exit code ${code}`)));
    stop.signal.addEventListener('abort', () => reject(stop.signal.reason), { once: true });
  });
}

/** Asks this one process to end, and insists after five seconds. */
async function stopProcess(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const insist = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await gone;
  clearTimeout(insist);
}

/** Narration: why the next step is made. */
function say(text) {
  console.log(`\n# ${text.replaceAll('\n', '\n# ')}`);
}

/** Runs one command of instate, shows it as typed with all that it prints, and holds it against what was told. */
async function instate(world, line, told) {
  console.log(`\n$ instate ${line}`);
  const { code, text } = await runProcess(world, line.split(' '));
  process.stdout.write(text);
  expect(`the exit code of  instate ${line}`, code, told.exit ?? 0);
  const last = text.trimEnd().split('\n').at(-1);
  if (told.last !== undefined) expect(`the last line of  instate ${line}`, last, told.last);
  for (const part of told.has ?? []) {
    if (!text.includes(part)) throw new Unexpected(`instate ${line}  does not say: ${part}`);
  }
  return text;
}

/** Both streams go to one file, so that they are shown in the order in which they were written. */
async function runProcess({ folder, env }, args) {
  const file = join(folder, 'home', 'output.txt');
  const handle = await open(file, 'w');
  try {
    const code = await new Promise((resolve, reject) => {
      const stdio = ['ignore', handle.fd, handle.fd];
      const options = { cwd: folder, env, stdio, signal: stop.signal, killSignal: 'SIGKILL' };
      const child = spawn(process.execPath, [binary, ...args], options);
      child.once('error', (error) => reject(stop.signal.reason ?? error));
      child.once('exit', (exit, signal) => resolve(exit ?? signal));
    });
    return { code, text: await readFile(file, 'utf8') };
  } finally {
    await handle.close();
  }
}

/** One request by somebody who does not use instate. */
async function call(world, method, path, body) {
  const headers = { authorization: 'User sandbox-user, Organization sandbox-organization' };
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(`${world.url}${path}`, { method, headers, signal: stop.signal, ...sent });
  const text = await response.text();
  expect(`the status of ${method} ${path}`, response.status, 200);
  return text === '' ? null : JSON.parse(text);
}

/** The same, shown. */
async function meddle(world, method, path, body) {
  console.log(`\n> ${method} ${path}${body === undefined ? '' : ` ${JSON.stringify(body)}`}`);
  await call(world, method, path, body);
  console.log('< 200');
}

/** What the sandbox has counted. */
async function count(world) {
  const response = await fetch(new URL('/__sandbox/stats', world.url), { signal: stop.signal });
  const { requests, instances } = await response.json();
  return { posts: requests['POST /instances'] ?? 0, instances };
}

async function expectCounts(world, told) {
  const counted = await count(world);
  expect('the number of POSTs that the sandbox has seen', counted.posts, told.posts);
  expect('the number of instances in the account', counted.instances, told.instances);
  console.log(`\n  (The sandbox has seen ${told.posts} POSTs, and holds ${told.instances} instances.)`);
}

function expect(what, found, told) {
  if (found === told) return;
  throw new Unexpected(
    `${what} is not as told\n  told:  ${JSON.stringify(told)}\n  found: ${JSON.stringify(found)}`,
  );
}

async function play(world) {
  const variables = '--env-file .env';
  say(
    "A sandbox plays the account: a local server that behaves like the vendor's API. It is empty.\n" +
      'The folder holds instate.yaml with four instances, and .env with their credentials.',
  );
  console.log(`\n$ export INSTATE_BASE_URL=${world.url}`);

  say('Plan: what is declared against what is recorded and what lives. Nothing is written, here or there.');
  await instate(world, `plan ${variables}`, {
    last: 'Plan: 4 to create, 0 to adopt, 0 to forget, 0 held, 0 conflicts.',
  });
  await expectCounts(world, { posts: 0, instances: 0 });

  say('Apply: create what is missing, and record each new instance with its id and its token (encrypted).');
  await instate(world, `apply ${variables} --auto-approve`, {
    last: 'Apply complete: 4 created, 0 adopted, 0 forgotten.',
  });
  await expectCounts(world, { posts: 4, instances: 4 });

  say('Plan again: as in Terraform, an applied declaration has nothing left to do.');
  await instate(world, `plan ${variables}`, { last: 'No changes. 4 instances are as declared.' });

  say('Now somebody works in the account behind our back: a tag is changed, and an instance is deleted.');
  const live = new Map((await call(world, 'GET', '/instances?hydrate=true')).map((one) => [one.name, one]));
  const close = live.get('Close US');
  const tags = close.tags.map((tag) => (tag === 'us' ? 'test' : tag));
  await meddle(world, 'PATCH', `/instances/${close.id}`, { tags });
  await meddle(world, 'DELETE', `/instances/${live.get('ServiceNow IT').id}`);

  say('Drift shows both, and proposes nothing. It exits with 2, so that a scheduled job can tell.');
  await instate(world, `drift ${variables}`, { exit: 2, last: 'Drift: 2 findings (1 changed, 1 missing).' });

  say(
    'Apply creates just the missing one. The changed tag is held: this release writes no changes, and says so.',
  );
  await instate(world, `apply ${variables} --auto-approve`, {
    last: 'Apply complete: 1 created, 0 adopted, 0 forgotten.',
    has: ['Plan: 1 to create, 0 to adopt, 0 to forget, 1 held, 0 conflicts.'],
  });
  await expectCounts(world, { posts: 5, instances: 4 });

  say('The ids, for whoever works with the instances. Tokens would be shown with --reveal alone.');
  const ids = await instate(world, `output ${variables}`, { has: ['insightly-docs', 'zendesk-emea'] });

  say('The state gets lost: the folder with the database is deleted.');
  console.log('\n$ rm -r .instate');
  await rm(join(world.folder, '.instate'), { recursive: true });

  say(
    'In Terraform this would be the day of many imports. Here every instance carries our tag, so apply\n' +
      'finds them all, records them again, and creates nothing.',
  );
  await instate(world, `apply ${variables} --auto-approve`, {
    last: 'Apply complete: 0 created, 4 adopted, 0 forgotten.',
  });
  await expectCounts(world, { posts: 5, instances: 4 });

  say('The ids are the same as before.');
  expect('the second output', await instate(world, `output ${variables}`, {}), ids);
  console.log('\nThat is the whole story, and every step was as told.');
}

async function main() {
  const world = await prepare();
  try {
    await play(world);
  } finally {
    await world.cleanUp();
  }
}

try {
  await main();
} catch (error) {
  const why = stop.signal.reason ?? error;
  const text = why instanceof Unexpected ? why.message : (why?.stack ?? String(why));
  console.error(`\nThe demo failed: ${text}`);
  process.exitCode = 1;
} finally {
  clearTimeout(timer);
}
