import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { findNearest, suggest } from '../src/config/nearest.ts';
import { InstateError } from '../src/errors.ts';
import { SandboxError } from '../src/sandbox/errors.ts';
import { isQuirkName, quirks, type QuirkName } from '../src/sandbox/quirks.ts';
import { startSandbox, type Sandbox, type SandboxOptions } from '../src/sandbox/server.ts';
import type { Command } from './command.ts';
import { readList, readNumber, readText } from './options.ts';

/** `instate sandbox`: serves until SIGINT or SIGTERM. */
export const sandbox: Command = {
  groups: ['looks'],
  formats: [],
  build: (yargs) =>
    yargs.options({
      port: { type: 'string', requiresArg: true, describe: 'Port on 127.0.0.1; 0 picks a free one [4010]' },
      latency: { type: 'string', requiresArg: true, describe: 'Milliseconds before every answer [0]' },
      seed: {
        type: 'string',
        requiresArg: true,
        describe: 'Instances that every new account begins with [0]',
      },
      faults: { type: 'string', requiresArg: true, describe: 'A JSON file of faults to play' },
      quirk: {
        type: 'string',
        array: true,
        requiresArg: true,
        describe: 'NAME=off where your tenant behaves otherwise; repeatable. --quirk list shows the names',
      },
    }),
  examples: [
    ['instate sandbox', 'serve on port 4010 until Ctrl-C'],
    ['instate sandbox --port 0 --seed 300', 'a free port, and accounts with 300 instances'],
    ['instate sandbox --quirk put-keeps=off', 'another guess at what nobody wrote down'],
    ['INSTATE_BASE_URL=http://127.0.0.1:4010/elements/api-v2 instate plan', 'use it'],
  ],
  run: async (run, flags) => {
    const number = (name: string, most: number) =>
      readNumber(flags, {}, { name, variable: null, least: 0, most, whole: true });
    const settings = readList(flags, 'quirk');
    if (settings.includes('list')) {
      await run.answer({ text: () => `${describeQuirks()}\n`, body: { quirks } });
      return 0;
    }
    const file = readText(flags, {}, 'faults', null);
    const server = await start({
      port: number('port', 65_535) ?? 4010,
      latency: number('latency', 600_000) ?? 0,
      seed: number('seed', 100_000) ?? 0,
      faults: file === null ? [] : await readFaults(file, run.context.cwd),
      quirksOff: readQuirks(settings),
      now: run.context.now,
    });
    await run.answer({ text: () => `Sandbox listening on ${server.url}\n`, body: { url: server.url } });
    const { signal } = run.stopper;
    const stopped = new Promise<void>((done) =>
      signal.aborted ? done() : signal.addEventListener('abort', () => done(), { once: true }),
    );
    await Promise.race([stopped, server.stopAsked]);
    await server.close();
    return 0;
  },
};

async function start(options: SandboxOptions): Promise<Sandbox> {
  try {
    return await startSandbox(options);
  } catch (error) {
    if (!(error instanceof SandboxError)) throw error;
    throw error.about === 'port'
      ? new InstateError('port_in_use', error.message, { hint: '--port 0  picks a free one' })
      : new InstateError('usage', error.message, { hint: 'docs/sandbox.md lists the faults' });
  }
}

/** The quirks that `NAME=off` turns off; the last word on a name counts. */
function readQuirks(settings: readonly string[]): readonly QuirkName[] {
  const names = new Map<QuirkName, boolean>();
  for (const setting of settings) {
    const [, name = '', value = ''] = /^([^=]*)=(on|off)$/.exec(setting) ?? [];
    if (value === '') {
      throw new InstateError('usage', `--quirk ${setting}: must be NAME=off or NAME=on`, {
        hint: 'instate sandbox --quirk list  shows the names',
      });
    }
    if (!isQuirkName(name)) {
      throw new InstateError('usage', `--quirk: there is no quirk "${name}"`, {
        hint:
          suggest(findNearest(name, Object.keys(quirks))) || 'instate sandbox --quirk list  shows the names',
      });
    }
    names.set(name, value === 'off');
  }
  return [...names].filter(([, isOff]) => isOff).map(([name]) => name);
}

function describeQuirks(): string {
  return Object.entries(quirks)
    .map(([name, { on, off }]) => `${name}\n  on   ${on}\n  off  ${off}`)
    .join('\n');
}

async function readFaults(file: string, cwd: string): Promise<readonly unknown[]> {
  let text: string;
  try {
    text = await readFile(resolve(cwd, file), 'utf8');
  } catch {
    throw new InstateError('file_unreadable', `the faults file ${file} cannot be read`);
  }
  let faults: unknown;
  try {
    faults = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    throw new InstateError('usage', `${file} is not valid JSON`, {
      hint: 'a comma too many or a quote too few?  node -p "JSON.parse(require(\'fs\').readFileSync(0))" < FILE  says where',
    });
  }
  if (Array.isArray(faults)) return faults as readonly unknown[];
  throw new InstateError('usage', `${file} is not a JSON array of faults`, {
    hint: 'for example  [{"on": "POST /instances", "do": "drop"}]',
  });
}
