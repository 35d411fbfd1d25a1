import { appendFileSync } from 'node:fs';
import { InstateError } from '../src/errors.ts';
import {
  renderGithubFile,
  renderMasks,
  type AccountHandover,
  type Variable,
} from '../src/render/handover.ts';
import type { Run } from './run.ts';

const files = ['GITHUB_OUTPUT', 'GITHUB_ENV'] as const;

/** Refuses where no GitHub runner listens. */
export function requireGithub(env: Run['context']['env']): void {
  if (files.some((name) => (env[name] ?? '') !== '')) return;
  throw new InstateError(
    'usage',
    '--format github writes to $GITHUB_OUTPUT and $GITHUB_ENV, and neither is set',
    {
      hint: 'run it in a step of a GitHub job, or take  --format dotenv',
    },
  );
}

/** First the runner learns what to mask, then the values go into its files: outputs of the step, variables of later ones. */
export function handToGithub(
  { context }: Run,
  variables: readonly Variable[],
  account: AccountHandover | null,
): number {
  // Not through the answer: that makes the words harmless which this is all about.
  context.stdout.write(renderMasks(variables, account));
  for (const name of files) {
    const path = context.env[name];
    if (path === undefined || path === '') continue;
    try {
      appendFileSync(path, renderGithubFile(variables, `instate_${context.newId()}`));
    } catch {
      throw new InstateError('file_unwritable', `the file of $${name} cannot be written`, {
        hint: 'the runner makes it for each step',
      });
    }
  }
  return 0;
}
