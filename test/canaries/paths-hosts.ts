import { networkInterfaces } from 'node:os';
import { command, declare, flags, furnish, instances, looking, manyOf } from './project.ts';
import { values } from './secrets.ts';
import { openSink } from './servers.ts';
import type { Path, Stage } from './stage.ts';

/** Hosts that the files name and nobody else: nothing is sent there, not even a connection is opened. */
export async function playStrangers(stage: Stage): Promise<void> {
  furnish(stage);
  await stage.run({ line: `apply --yes ${flags}`, says: '4 created' });
  // All addresses of this machine; 0.0.0.0 leads here too, and is no loopback by its name.
  const sink = await openSink('0.0.0.0');
  const outer = Object.values(networkInterfaces())
    .flat()
    .find((one) => one !== undefined && !one.internal && one.family === 'IPv4');
  const port = String(sink.port);
  const point = (url: string) =>
    stage.write('project/instate.yaml', declare(instances, `${command}account:\n  baseUrl: "${url}"\n`));
  const hosts = ['0.0.0.0', ...(outer === undefined ? [] : [outer.address])];
  const nowhere = { INSTATE_BASE_URL: undefined };
  try {
    for (const host of [...hosts, '[::ffff:7f00:1]']) {
      point(`https://${host}:${port}/elements/api-v2`);
      await stage.run({
        line: `plan ${looking}`,
        with: `host ${host}`,
        env: nowhere,
        code: 1,
        says: '[untrusted_host]',
      });
    }
    point(`https://0.0.0.0:${port}/elements/api-v2`);
    const lines = [
      `apply --yes ${flags} --verbose`,
      `drift ${looking} --json`,
      'show by-env',
      `recover --list ${looking}`,
      `recover ${looking} --json --verbose`,
      'output --reveal --refresh',
      'state rekey --lost',
    ];
    for (const line of lines.slice(0, -1))
      await stage.run({
        line,
        with: 'untrusted host',
        env: nowhere,
        code: 1,
        says: /untrusted_host|wrong_account/,
      });
    const lost = { ...nowhere, INSTATE_STATE_KEY: values['old state key'] };
    await stage.run({
      line: lines.at(-1) ?? '',
      with: 'untrusted host',
      env: lost,
      code: 1,
      says: 'untrusted_host',
    });
    for (const host of hosts) {
      const env = { INSTATE_BASE_URL: `http://${host}:${port}` };
      await stage.run({
        line: `plan ${looking}`,
        with: `http to ${host}`,
        env,
        code: 1,
        says: '[untrusted_host]',
      });
    }
    const user = `https://someone:${values['password in a base URL']}@127.0.0.1:${port}`;
    for (const line of [`plan ${looking}`, `apply --yes ${flags} --json --verbose`, 'validate'])
      await stage.run({
        line,
        with: 'a password in INSTATE_BASE_URL',
        env: { INSTATE_BASE_URL: user },
        code: 1,
        says: 'invalid_declarations',
      });
    if (sink.connections() > 0) stage.problems.push('a stranger was connected to');
    // Trusted, but no HTTPS: it gets the beginning of a handshake and not a letter more.
    const tls = { INSTATE_BASE_URL: `https://127.0.0.1:${port}` };
    await stage.run({
      line: `plan ${looking}`,
      with: 'a host that speaks no TLS',
      env: tls,
      code: 1,
      says: /\[\w+\]/,
    });
    if (sink.connections() === 0) stage.problems.push('nobody came to the one who speaks no TLS');
    stage.examine('a host that speaks no TLS', [{ name: 'what it received', bytes: sink.received() }], []);
    const open = { NODE_TLS_REJECT_UNAUTHORIZED: '0' };
    await stage.run({
      line: `plan ${looking}`,
      with: 'certificates unchecked',
      env: open,
      code: 1,
      says: '[insecure_tls]',
    });
  } finally {
    await sink.close();
  }
}

/** Redirects, of reads and creates: nobody follows them. */
export async function playRedirects(stage: Stage): Promise<void> {
  furnish(stage);
  const sink = await openSink('127.0.0.2');
  const location = `http://127.0.0.2:${String(sink.port)}/elements/api-v2/instances`;
  const redirect = (on: string, code: number) =>
    stage.fault({ on, times: 99, do: 'status', code, headers: { location }, body: '' });
  const plan: Path = { line: `plan ${looking}`, code: 1, says: '[redirect]' };
  try {
    for (const code of [301, 307]) {
      await redirect('GET /instances', code);
      await stage.run({ ...plan, with: `a list redirected by ${String(code)}` });
    }
    for (const code of [302, 307, 308]) {
      await redirect('POST /instances', code);
      const line = `apply --yes ${flags} --grace 0.2 --timeout 1 --json`;
      await stage.run({ line, with: `creates redirected by ${String(code)}`, code: 1, says: '"redirect"' });
    }
    if (sink.connections() > 0) stage.problems.push('a redirect was followed');
  } finally {
    await sink.close();
  }
}

/** What the network does to lists and creates. */
export async function playFaults(stage: Stage): Promise<void> {
  furnish(stage);
  const limits = '--timeout 0.5';
  for (const kind of ['drop', 'truncate', 'garbage', 'stall']) {
    await stage.fault({ on: 'GET /instances', times: 99, do: kind });
    await stage.run({
      line: `plan ${looking} ${limits} --verbose`,
      with: `lists: ${kind}`,
      code: 1,
      says: /\[\w+\]/,
    });
  }
  const kinds = [
    'drop',
    'truncate',
    'garbage',
    'stall',
    'commit-then-drop',
    'late-commit',
    'clone',
    'strip-tags',
  ];
  stage.write('project/instate.yaml', declare(manyOf(kinds.length)));
  for (const [at, kind] of kinds.entries()) {
    await stage.fault({ on: 'POST /instances', do: kind, ...(kind === 'late-commit' ? { ms: 50 } : {}) });
    const line = `apply --yes --target i${String(at)} ${limits} --grace 0.1 --json --verbose`;
    await stage.run({ line, with: `a create: ${kind}`, code: 'any', says: '"results"' });
  }
  await stage.fault();
  await stage.run({ line: 'recover --wait --verbose', with: 'after all of those', code: 'any' });
  await stage.run({
    line: 'drift --json --fail-on changed',
    with: 'after all of those',
    code: 'any',
    says: '"items"',
  });
}
