import fc from 'fast-check';
import type { Cut } from '../support/wire.ts';

/** What may become of a create's answer, and of what it made. Times in virtual seconds. */
export interface Lost {
  readonly nth: number;
  readonly times: number;
  readonly how: (typeof ways)[number];
  /** How late it is done, where `how` is late-commit. */
  readonly late: number;
  /** For how long no list shows what it made. */
  readonly hidden: number;
}

export interface Apply {
  readonly parallelism: 1 | 4;
  readonly lost: Lost | null;
  /** No list can be read after the one that the plan was made from. */
  readonly blind: boolean;
  readonly cut: Cut | null;
  /** Whether a person says how many are really gone, where that is asked for. */
  readonly release: boolean;
}

/** One step of a story. `pick` chooses among what there is to choose from, whatever their number. */
export type Step =
  | { readonly do: 'declare' | 'drop' | 'move'; readonly pick: number }
  | ({ readonly do: 'apply' } & Apply)
  | { readonly do: 'look'; readonly command: 'plan' | 'drift' }
  | { readonly do: 'delete' | 'rename' | 'retag' | 'disable' | 'clone'; readonly pick: number }
  | { readonly do: 'stranger' | 'vanish' }
  | { readonly do: 'lag'; readonly pick: number; readonly seconds: number }
  | { readonly do: 'forget' }
  | { readonly do: 'pass'; readonly seconds: number }
  | { readonly do: 'recover'; readonly wait: boolean };

export interface Story {
  /** How many addresses are declared at first. */
  readonly first: number;
  readonly steps: readonly Step[];
}

/** `--grace` of every run, seconds. What is done late and hidden takes less than this altogether. */
export const grace = 60;

const ways = [
  'answered',
  'drop',
  'commit-then-drop',
  'status 500',
  'commit-then-status 500',
  'status 400',
  'commit-then-status 400',
  'status 408',
  'commit-then-status 429',
  'truncate',
  'garbage',
  'stall',
  'late-commit',
] as const;

const pick = fc.nat(11);
const seconds = fc.integer({ min: 1, max: grace / 2 - 3 });
const orNone = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: null, freq: 2 });

const lost: fc.Arbitrary<Lost> = fc.record({
  nth: fc.integer({ min: 1, max: 3 }),
  times: fc.integer({ min: 1, max: 2 }),
  how: fc.constantFrom(...ways),
  late: seconds,
  hidden: fc.oneof(fc.constant(0), seconds),
});
const cut: fc.Arbitrary<Cut> = fc.record({
  of: fc.constantFrom('POST', 'POST', 'any'),
  nth: fc.integer({ min: 1, max: 3 }),
  when: fc.constantFrom('before', 'done', 'answered'),
});
const apply: fc.Arbitrary<Step> = fc.record({
  do: fc.constant('apply' as const),
  parallelism: fc.constantFrom(1, 4),
  lost: orNone(lost),
  blind: fc.nat(3).map((one) => one === 3),
  cut: orNone(cut),
  release: fc.boolean(),
});
const calm: fc.Arbitrary<Step> = fc.constant({
  ...{ do: 'apply', parallelism: 4, lost: null, blind: false, cut: null, release: true },
});
const picked = <T extends Step['do']>(...names: readonly T[]) =>
  fc.record({ do: fc.constantFrom(...names), pick }) as unknown as fc.Arbitrary<Step>;

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: apply },
  { weight: 4, arbitrary: calm },
  { weight: 4, arbitrary: picked('declare', 'drop', 'move') },
  { weight: 5, arbitrary: picked('delete', 'clone', 'delete', 'rename', 'retag', 'disable') },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('look' as const), command: fc.constantFrom('plan', 'drift') }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('stranger' as const, 'vanish' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('lag' as const), pick, seconds: fc.integer({ min: 1, max: 50 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'forget' }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('pass' as const),
      seconds: fc.integer({ min: 1, max: 2 * grace }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('recover' as const), wait: fc.boolean() }) },
);

/** Stories of at most twelve steps. */
export const stories: fc.Arbitrary<Story> = fc.record({
  first: fc.integer({ min: 1, max: 4 }),
  steps: fc.array(step, { minLength: 1, maxLength: 12 }),
});

/** Within these an answer is lost only after the client's patience, which is real time. */
export function isSilent(lost: Lost | null): boolean {
  return lost !== null && (lost.how === 'stall' || lost.how === 'late-commit');
}

/** The faults of the sandbox that make an apply go so. */
export function scriptFaults({ lost, blind }: Apply): readonly object[] {
  const lists = blind ? [{ on: 'GET /instances', nth: 3, times: 50, do: 'status', code: 403 }] : [];
  if (lost === null) return lists;
  const { nth, times, how } = lost;
  const at = { on: 'POST /instances', nth, times };
  const [kind = '', code] = how.split(' ');
  const fault = {
    ...at,
    do: kind,
    ...(code === undefined ? {} : { code: Number(code) }),
    ...(kind === 'late-commit' ? { ms: lost.late * 1_000 } : {}),
  };
  // A service that says 400 of what it has done and hides it is outside the promise (docs/safety.md, C4).
  const hidden = how === 'commit-then-status 400' ? 0 : lost.hidden;
  return [
    ...lists,
    ...(how === 'answered' ? [] : [fault]),
    ...(hidden === 0 ? [] : [{ ...at, do: 'hide-from-list', ms: hidden * 1_000 }]),
  ];
}

/** A step as a line that a person reads. */
export function describeStep(step: Step): string {
  if (step.do !== 'apply') {
    return Object.values(step).join(' ');
  }
  const { lost, blind, cut, parallelism, release } = step;
  const parts = [
    `apply, ${String(parallelism)} at a time`,
    ...(lost === null ? [] : [JSON.stringify(scriptFaults({ ...step, blind: false }))]),
    ...(blind ? ['lists after the second are refused'] : []),
    ...(cut === null
      ? []
      : [`power cut at ${cut.of === 'any' ? 'request' : cut.of} ${String(cut.nth)} (${cut.when})`]),
    ...(release ? ['released'] : []),
  ];
  return parts.join('; ');
}
