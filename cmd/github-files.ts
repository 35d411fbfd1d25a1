import { appendFileSync } from 'node:fs';
import { InstateError } from '../src/errors.ts';
import {
  renderGithubFile,
  renderMasks,
  type AccountHandover,
  type Variable,
} from '../src/render/handover.ts';
import type { Report } from '../src/render/report.ts';
import { drawReport } from './formats.ts';
import type { Context } from './context.ts';

const files = ['GITHUB_OUTPUT', 'GITHUB_ENV'] as const;

/** Refuses where no GitHub runner listens. */
export function requireGithub(env: Context['env']): void {
  if (files.some((name) => (env[name] ?? '') !== '')) return;
  throw new InstateError(
    'usage',
    '--format github writes to $GITHUB_OUTPUT and $GITHUB_ENV, and neither is set',
    {
      hint: 'run it in a step of a GitHub job, or take  --format dotenv',
    },
  );
}

/** The report in words on the run's page, and its numbers as outputs of the step. Without a runner there is nobody to tell. */
export async function reportToGithub(
  { env, newId }: Pick<Context, 'env' | 'newId'>,
  report: Report,
): Promise<void> {
  const outputs = { ...report.outputs, summary: report.summary, ok: String(report.ok) };
  const variables = Object.entries(outputs).map(([name, value]) => ({ name, value, secret: false }));
  append(env, 'GITHUB_OUTPUT', renderGithubFile(variables, `instate_${newId()}`));
  append(env, 'GITHUB_STEP_SUMMARY', await drawReport('markdown', report));
}

function append(env: Context['env'], name: string, text: string): void {
  const path = env[name];
  if (path === undefined || path === '') return;
  try {
    appendFileSync(path, text);
  } catch {
    throw new InstateError('file_unwritable', `the file of $${name} cannot be written`, {
      hint: 'the runner makes it for each step',
    });
  }
}

/** First the runner learns what to mask, then the values go into its files: outputs of the step, variables of later ones. */
export function handToGithub(
  context: Context,
  variables: readonly Variable[],
  account: AccountHandover | null,
): number {
  // Not through the answer: that makes the words harmless which this is all about.
  context.stdout.write(renderMasks(variables, account));
  for (const name of files)
    append(context.env, name, renderGithubFile(variables, `instate_${context.newId()}`));
  return 0;
}
