import { openSensitive } from '../src/core/sensitive.ts';
import { InstateError } from '../src/errors.ts';
import type { Variable } from '../src/render/handover.ts';
import { clean } from '../src/render/screen.ts';
import { environmentOfChild } from './environment.ts';
import type { Run } from './run.ts';

/** The program gets what is harmless of our environment, what was named, ids and tokens; its exit code is ours. */
export async function execute(
  run: Run,
  { words, passed }: { readonly words: readonly string[]; readonly passed: readonly string[] },
  variables: readonly Variable[],
): Promise<number> {
  const { context } = run;
  warnOfFamiliar(run, variables);
  // Signals are the program's from here on: Ctrl-C may mean something to it.
  run.stopper.close();
  const named = passed.map((name) => {
    const sealed = context.sealedEnv.get(name);
    return [name, sealed === undefined ? context.env[name] : openSensitive(sealed)] as const;
  });
  const own = variables.map(({ name, value }) => [name, value] as const);
  const env = { ...environmentOfChild(context.env), ...Object.fromEntries([...named, ...own]) };
  const ended = await context.attach({ words, cwd: context.cwd, env });
  if ('code' in ended) return ended.code;
  throw new InstateError('usage', `${clean(words[0] ?? '')} was not run: ${ended.failed}`, {
    hint: 'check the program after  --',
  });
}

/** What other programs take for their own credentials, and would send to their own service. */
const familiar = [
  'GITHUB_TOKEN',
  'GH_TOKEN',
  'GITLAB_TOKEN',
  'NPM_TOKEN',
  'VAULT_TOKEN',
  'SLACK_TOKEN',
  'DOCKER_TOKEN',
];

function warnOfFamiliar(run: Run, variables: readonly Variable[]): void {
  for (const { name } of variables.filter((one) => familiar.includes(one.name))) {
    const summary = `the program gets ${name}, which other programs take for a credential of their own`;
    run.note({ severity: 'warning', code: 'familiar_name', summary, detail: 'rename the address: moved:' });
  }
}
