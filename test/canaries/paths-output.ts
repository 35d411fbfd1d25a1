import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { listWords } from './places.ts';
import { flags, furnish, listIds, looking } from './project.ts';
import { until, type Path, type Stage } from './stage.ts';

/** What `output` hands over: what it was asked for, and not a secret more. */
export async function playOutput(stage: Stage): Promise<void> {
  furnish(stage);
  await stage.run({ line: `apply --yes ${flags}`, says: '4 created' });
  const ids = await listIds(stage);
  const token = (address: string) => `token of #${String(ids[address])}`;
  const all = Object.keys(ids).map(token);
  const [own, user, organization] = [token('by-env'), 'user secret', 'organization secret'];
  const github = {
    GITHUB_OUTPUT: stage.at('project/github-output'),
    GITHUB_ENV: stage.at('project/github-env'),
  };
  const paths: readonly Path[] = [
    { line: 'output --reveal', asks: all },
    { line: 'output by-env --reveal --verbose', asks: [own] },
    { line: 'output by-env --reveal --json', asks: [own] },
    { line: 'output by-env --reveal --json --refresh --verbose', asks: [own] },
    { line: 'output by-env --reveal --report json:revealed.json --report text:revealed.txt', asks: [own] },
    { line: 'output --reveal --format dotenv', asks: all },
    { line: 'output by-env --reveal --format dotenv --full', asks: [own, user, organization] },
    { line: 'output by-env --reveal --format header', asks: [own, user] },
    { line: 'output by-env --reveal --format header --full', asks: [own, user, organization] },
    { line: 'output by-part by-env --reveal --format curl', asks: [token('by-part'), own, user] },
    { line: 'output by-env --reveal --format postman', asks: [own, user] },
    { line: 'output by-env --reveal --format postman --full', asks: [own, user, organization] },
    { line: 'output by-env --reveal --format github', env: github, asks: [own] },
    { line: 'output by-env --exec -- env', asks: [own] },
    { line: 'output by-env --exec --full -- env', asks: [own, user, organization] },
  ];
  for (const path of paths) {
    await stage.run(path);
    for (const name of ['revealed.json', 'revealed.txt', 'github-output', 'github-env'])
      rmSync(stage.at(`project/${name}`), { force: true });
  }
  const refused: readonly Path[] = [
    ...['dotenv', 'github'].map((format) => ({
      line: `output by-env --format ${format}`,
    })),
    { line: 'output --reveal --format github', with: 'no runner' },
    { line: 'output by-env --exec -- ./no-such-program' },
    { line: 'output by-env --exec' },
    { line: 'output by-env --reveal --format dotenv --report json:r.json' },
  ];
  for (const path of refused) await stage.run({ ...path, code: 1, says: '[usage]' });
  await stage.fault({
    on: 'GET /instances/{id}',
    times: 9,
    do: 'status',
    code: 403,
    body: { message: 'no', requestId: 'x' },
  });
  await stage.run({
    line: `output by-env --reveal --refresh ${looking}`,
    with: 'refused by the service',
    code: 1,
    says: '[no_token]',
  });
  await playCurl(stage, own);
  await playExec(stage, own);
}

/** The printed command, run: it asks the vendor, and its words show nothing. */
async function playCurl(stage: Stage, own: string): Promise<void> {
  await stage.fault({ on: 'GET /hubs/{hub}/ping', do: 'delay', ms: 1_000 });
  const script = await stage.run({
    line: 'output by-env --reveal --format curl',
    with: 'for a shell',
    asks: [own, 'user secret'],
  });
  const shell = spawn('sh', {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], HOME: stage.at('home') },
  });
  const said: Buffer[] = [];
  shell.stdout.on('data', (chunk: Buffer) => said.push(chunk));
  shell.stderr.on('data', (chunk: Buffer) => said.push(chunk));
  shell.stdin.end(script);
  const closed = once(shell, 'close');
  const isSeen = () => listWords(shell.pid ?? 0).some(({ bytes }) => bytes.toString().startsWith('curl'));
  await until(() => isSeen() || shell.exitCode !== null);
  const words = stage.look('curl, as a shell runs what was printed', { child: shell });
  if (!words.includes('curl')) stage.problems.push(`curl is not in the list: ${words}`);
  await closed;
  const answer = Buffer.concat(said);
  stage.examine('what curl says', [{ name: 'stdout of curl', bytes: answer }], []);
  if (!answer.toString().includes('\n200\n')) stage.problems.push(`curl says ${answer.toString()}`);
}

/** A program with tokens in its environment: not in its words, nor in those of the one that started it. */
async function playExec(stage: Stage, own: string): Promise<void> {
  const line = ['output', 'by-env', '--exec', '--', 'sh', '-c', 'echo "$BY_ENV_TOKEN"; sleep 1'];
  const running = stage.start({ line, with: 'while it runs', asks: [own], code: 'any' });
  await until(() => running.said().includes('\n') || running.child.exitCode !== null);
  const words = stage.look('in the middle of --exec', running);
  if (!words.includes('sleep 1') && running.child.exitCode === null)
    stage.problems.push('the program is not in the list');
  await running.done;
}
