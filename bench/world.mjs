// The place of a measurement: a temporary folder, one sandbox process for both clients, declarations, and whole processes
// that are timed from spawn to exit.
import { spawn } from 'node:child_process';
import { mkdtemp, open, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const binary = join(here, '..', 'dist', 'main.js');
const raw = join(here, 'raw.mjs');
const preload = join(here, 'usage.cjs');

/** Opens the folder and the sandbox; `close` ends the one and removes the other. `signal` ends everything early. */
export async function openWorld(signal) {
  if ((await stat(binary).catch(() => null)) === null) {
    throw new Error('dist/main.js is missing. Build it first:  npm run build');
  }
  const folder = await mkdtemp(join(tmpdir(), 'instate-bench-'));
  const server = spawn(process.execPath, [binary, 'sandbox', '--port', '0'], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const close = async () => {
    if (server.exitCode === null && server.signalCode === null) {
      const gone = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGKILL');
      await gone;
    }
    await rm(folder, { recursive: true, force: true });
  };
  try {
    return { folder, url: await readUrl(server, signal), signal, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function readUrl(server, signal) {
  return new Promise((resolve, reject) => {
    let text = '';
    server.stdout.on('data', (chunk) => {
      text += chunk;
      const said = /^Sandbox listening on (\S+)\n/m.exec(text);
      if (said !== null) resolve(said[1]);
    });
    server.once('exit', (code) => reject(new Error(`the sandbox did not start: exit code ${code}`)));
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}

const kinds = [
  { element: 'closeio', keys: { 'event.notification.enabled': true, 'event.poller.refresh_interval': 15 } },
  { element: 'insightly', keys: {} },
  { element: 'servicenow', keys: { 'servicenow.subdomain': 'dev00001' } },
];

/** Writes `count` instances twice: as instate.yaml for instate, and as ready request bodies for the raw client. */
export async function declare({ folder }, count) {
  const instances = Array.from({ length: count }, (_, index) => {
    const { element, keys } = kinds[index % kinds.length];
    const address = `${element}-${String(index).padStart(5, '0')}`;
    return { address, element, keys, name: `Instance ${index}`, tags: ['bench', `team-${index % 20}`] };
  });
  const yaml = instances.map(({ address, element, keys, name, tags }) =>
    [
      `  ${address}:`,
      `    element: ${element}`,
      `    name: ${name}`,
      `    tags: [${tags.join(', ')}]`,
      '    configuration:',
      '      username: "${env:BENCH_USERNAME}"',
      '      password: "${env:BENCH_PASSWORD}"',
      ...Object.entries(keys).map(([key, value]) => `      ${key}: ${value}`),
    ].join('\n'),
  );
  const bodies = instances.map(({ address, element, keys, name, tags }) => ({
    address,
    body: {
      element: { key: element },
      configuration: { username: 'bench-user', password: 'bench-password', ...keys },
      tags: [...tags, `instate:bench:${address}`],
      name,
    },
  }));
  const files = { yaml: join(folder, `${count}.yaml`), bodies: join(folder, `${count}.json`) };
  await writeFile(files.yaml, `version: 1\nproject: bench\ninstances:\n${yaml.join('\n')}\n`);
  await writeFile(files.bodies, JSON.stringify(bodies));
  return { count, ...files };
}

/** Runs `instate COMMAND` on an account (any name makes a new, empty one) and a state of that name. */
export function runInstate(world, declared, account, command) {
  const database = join(world.folder, account, 'state.db');
  const args = [binary, ...command, '--file', declared.yaml, '--state', database];
  return measure(world, args, account, { INSTATE_BASE_URL: world.url });
}

/** Runs the raw client in the same way. */
export function runRaw(world, declared, account, mode) {
  const variables = {
    URL: world.url,
    BODIES: declared.bodies,
    DATABASE: join(world.folder, `${account}.db`),
  };
  return measure(world, [raw, mode], account, variables);
}

/** One whole process: milliseconds from spawn to exit, CPU milliseconds, peak memory in MB, and what it printed. */
export async function measure({ folder, signal }, args, account = 'none', variables = {}) {
  const usage = join(folder, 'usage.json');
  const output = join(folder, 'output.txt');
  const handle = await open(output, 'w');
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    XDG_CONFIG_HOME: folder,
    BENCH_USAGE: usage,
    CE_USER_SECRET: account,
    CE_ORGANIZATION_SECRET: 'bench',
    BENCH_USERNAME: 'bench-user',
    BENCH_PASSWORD: 'bench-password',
    ...variables,
  };
  try {
    const start = performance.now();
    const code = await new Promise((resolve, reject) => {
      const stdio = ['ignore', handle.fd, handle.fd];
      const options = { cwd: folder, env, stdio, signal, killSignal: 'SIGKILL' };
      const child = spawn(process.execPath, ['--require', preload, ...args], options);
      child.once('error', (error) => reject(signal.reason ?? error));
      child.once('exit', resolve);
    });
    const wall = performance.now() - start;
    const text = await readFile(output, 'utf8');
    if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}:\n${text.slice(-2000)}`);
    const { cpu, memory } = JSON.parse(await readFile(usage, 'utf8'));
    return { wall, cpu: cpu / 1000, memory: memory / 1024, last: text.trimEnd().split('\n').at(-1) };
  } finally {
    await handle.close();
  }
}
