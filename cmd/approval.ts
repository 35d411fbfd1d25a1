import { listAwaited } from '../src/core/awaited.ts';
import type { Plan, Planning } from '../src/core/plan.ts';
import { compareChanges } from '../src/core/stale.ts';
import { InstateError } from '../src/errors.ts';
import type { SavedPlan } from '../src/plan-file.ts';
import { hostOf } from '../src/render/text-plan.ts';
import { readBoolean, readFlag, readNumber, readText, type Flags } from './options.ts';
import type { Run } from './run.ts';

/** What was said beforehand about how the plan must be. None of it has an environment variable (safety.md F4). */
export interface Releases {
  readonly digest: string | null;
  /** The plan file that the digest comes from, if one was given. */
  readonly saved: SavedPlan | null;
  readonly missing: number | null;
  readonly maxCreates: number | null;
}

/** Whether somebody has approved already; off a terminal, without that, nothing is begun. */
export function chooseApproval(run: Run, flags: Flags, saved: SavedPlan | null): 'given' | 'ask' {
  const { context } = run;
  if (saved !== null || readFlag(flags, 'auto-approve') || readBoolean(context.env, 'INSTATE_AUTO_APPROVE'))
    return 'given';
  if (context.stdin.isTTY && context.stderr.isTTY) return 'ask';
  throw new InstateError(
    'needs_approval',
    'apply asks before it creates anything, and nobody can answer here: this is no terminal',
    {
      hint: 'give --auto-approve, best with --expect-digest or --max-creates, or a plan file',
    },
  );
}

/** Reads the flags that bind an apply to what was reviewed. */
export function readReleases(flags: Flags, saved: SavedPlan | null): Releases {
  const bound = { variable: null, least: 0, most: 1_000_000, whole: true };
  const digest = readText(flags, {}, 'expect-digest', null);
  if (digest !== null && !/^sha256:[0-9a-f]{64}$/.test(digest)) {
    throw new InstateError('usage', '--expect-digest takes a whole digest', {
      hint: 'it is  sha256:  and 64 digits, as  instate plan --json  shows it',
    });
  }
  if (digest !== null && saved !== null && digest !== saved.digest) {
    throw new InstateError('stale_plan', 'the plan file has another digest than --expect-digest', {
      hint: 'plan again, and have that reviewed',
    });
  }
  return {
    digest: digest ?? saved?.digest ?? null,
    saved,
    missing: readNumber(flags, {}, { ...bound, name: 'expect-missing' }),
    maxCreates: readNumber(flags, {}, { ...bound, name: 'max-creates' }),
  };
}

/** Refuses a plan that is not the reviewed one, creates too much, or meets a guard that nothing has released. */
export function checkReleases(planning: Planning, releases: Releases, approval: 'given' | 'ask'): void {
  const { plan } = planning;
  if (releases.digest !== null && releases.digest !== plan.digest) {
    throw refuseStale(plan, releases.saved);
  }
  const creates = plan.summary.create + listAwaited(planning).length;
  if (releases.maxCreates !== null && creates > releases.maxCreates) {
    throw new InstateError(
      'too_many_creates',
      `${String(creates)} would be created, at most ${String(releases.maxCreates)} may be`,
      {
        hint: `look at the plan; if it is right:  --max-creates ${String(creates)}`,
      },
    );
  }
  const guard = findUnreleased(plan, releases);
  if (guard !== null && approval === 'given') {
    throw new InstateError('mass_missing', `${guard.text} Nothing was created or forgotten.`, {
      hint: `check the secrets and the base URL; if they are really gone:  --expect-missing ${String(guard.missing)}`,
    });
  }
}

/** With the saved plan at hand it is told what changed in between. */
function refuseStale(plan: Plan, saved: SavedPlan | null): InstateError {
  const differences = saved === null ? [] : compareChanges(saved.changes, plan.changes);
  const shown = differences.slice(0, mostDifferences);
  const more = differences.length - shown.length;
  const base = { severity: 'info', code: 'changed_since', detail: '' } as const;
  return new InstateError(
    'stale_plan',
    `what would be done is not what was ${saved === null ? 'expected' : 'saved'}: the digest is ${plan.digest} now`,
    {
      hint: 'the files, the state or the account changed since; plan again, and have that reviewed',
      diagnostics: [
        ...shown.map(({ address, text }) => ({ ...base, summary: text, address })),
        ...(more === 0 ? [] : [{ ...base, summary: `and ${String(more)} more addresses` }]),
      ],
    },
  );
}

const mostDifferences = 20;

function findUnreleased(plan: Plan, releases: Releases): Plan['guards'][number] | null {
  return plan.guards.find((guard) => releases.digest === null && releases.missing !== guard.missing) ?? null;
}

/** Asks at the terminal. Only "yes" is a yes; a guard wants the number of missing instances typed. */
export async function askApproval(run: Run, plan: Plan, releases: Releases): Promise<boolean> {
  const ask = async (question: string): Promise<string> => {
    const typed = await run.context.stdin.ask(question, run.stopper.signal);
    // Ctrl-C and the end of input leave the cursor behind the question.
    if (typed === null) run.context.stderr.write('\n');
    return typed?.trim() ?? '';
  };
  const guard = findUnreleased(plan, releases);
  if (guard !== null) {
    const missing = String(guard.missing);
    if ((await ask(`Type ${missing} if so many recorded instances are really gone: `)) !== missing)
      return false;
  }
  return (
    (await ask(`Do this in ${plan.project} on ${hostOf(plan.baseUrl)}? Only "yes" is accepted: `)) === 'yes'
  );
}
