import type { Fault } from './history.ts';
import type { Random } from './random.ts';

/** What every apply of the harness runs with. */
export const limits = ['--timeout', '0.4'] as const;

/**
 * The grace periods of the harness, in seconds: a create is decided 0.65 s later, counted from its intent. The longer one leaves room
 * for lists that lag longer than one look has patience (1.3 s), and are within the promise all the same.
 */
export const graces = { short: 0.6, long: 3 } as const;

const vendorError = { message: 'An error occurred', requestId: '5b0437c6e4b07731ae39b533' };
const page = '<html><body>502 Bad Gateway</body></html>';

/**
 * Left out: `strip-tags`, `truncate-tags` (nothing is promised without a tag), `clone` and `drift-pages` (somebody else
 * changes the account), `repeat-page` (lists here have one page), `hide-from-list` on a read and a second `empty-404`
 * in a row with an empty state (a list that lies at any time is one that lists later than the grace period).
 */
export function drawFaults(random: Random, instances: number, beyond: boolean): readonly Fault[] {
  if (beyond) return [...drawBeyond(random, instances), ...(random.chance(0.2) ? drawRead(random) : [])];
  const kind = random.next();
  if (kind < 0.2) return [];
  if (kind < 0.7) return drawWrite(random, instances);
  if (kind < 0.85) return drawRead(random);
  return [...drawWrite(random, instances), ...drawRead(random)];
}

/** Faults of a create that the promise covers: what it made is listed well before its intent is decided. */
function drawWrite(random: Random, instances: number): readonly Fault[] {
  const at = { on: 'POST /instances' as const, nth: random.between(1, instances) };
  const repeated = random.chance(0.2) ? { ...at, times: 2 } : at;
  const body = random.pick([undefined, vendorError, vendorError, page]);
  const answer = {
    code: random.pick([500, 502, 503, 429, 408, 400, 401]),
    ...(body === undefined ? {} : { body }),
  };
  const hidden = { ...at, do: 'hide-from-list', ms: random.between(50, 700) };
  const ways: readonly [() => readonly Fault[], ...(() => readonly Fault[])[]] = [
    () => [{ ...repeated, do: 'delay', ms: random.between(20, 800) }],
    () => [{ ...repeated, do: 'status', ...answer }],
    () => [{ ...repeated, do: 'commit-then-status', ...answer }],
    () => [{ ...repeated, do: 'drop' }],
    () => [{ ...repeated, do: 'commit-then-drop' }],
    () => [{ ...repeated, do: 'late-commit', ms: random.between(20, 800) }],
    () => [{ ...repeated, do: 'truncate' }],
    () => [{ ...repeated, do: 'garbage' }],
    () => [{ ...repeated, do: 'stall' }],
    () => [hidden],
    () => [{ ...at, do: 'commit-then-drop' }, hidden],
    () => [{ ...at, do: 'commit-then-status', ...answer }, hidden],
    () => [
      { ...at, do: 'late-commit', ms: random.between(20, 400) },
      { ...hidden, ms: random.between(50, 350) },
    ],
    () => [
      { ...at, do: 'delay', ms: random.between(20, 600) },
      { ...at, do: 'commit-then-drop' },
    ],
  ];
  return random.pick(ways)();
}

/** The `nth` create is done, and not to be seen for a while that is well within the promise. */
export function drawUnseen(random: Random, nth: number): readonly Fault[] {
  const at = { on: 'POST /instances' as const, nth };
  const hidden = { ...at, do: 'hide-from-list', ms: random.between(300, 750) };
  const ways: readonly [readonly Fault[], ...(readonly Fault[])[]] = [
    [{ ...at, do: 'late-commit', ms: random.between(300, 800) }],
    [{ ...at, do: 'delay', ms: random.between(300, 800) }],
    [hidden],
    [{ ...at, do: 'commit-then-drop' }, hidden],
    [{ ...at, do: 'stall' }, hidden],
  ];
  return random.pick(ways);
}

/** Lists that hide the `nth` create, and perhaps those after it, for longer than one look has patience, within the long grace period. */
export function drawLag(random: Random, nth: number): readonly Fault[] {
  const at = { on: 'POST /instances' as const, nth };
  const hidden = {
    ...at,
    do: 'hide-from-list',
    ms: random.between(1_500, 2_600),
    times: random.between(1, 3),
  };
  const ways: readonly [readonly Fault[], ...(readonly Fault[])[]] = [
    [hidden],
    [hidden],
    [{ ...at, do: 'commit-then-drop' }, hidden],
    [{ ...at, do: 'garbage' }, hidden],
  ];
  return random.pick(ways);
}

/** Later than any intent of this run can wait. */
function drawBeyond(random: Random, instances: number): readonly Fault[] {
  const at = { on: 'POST /instances' as const, nth: random.between(1, instances) };
  const ms = random.between(1_400, 2_200);
  const hidden = { ...at, do: 'hide-from-list', ms };
  const ways: readonly [readonly Fault[], ...(readonly Fault[])[]] = [
    [{ ...at, do: 'late-commit', ms }],
    [{ ...at, do: 'late-commit', ms }],
    [{ ...at, do: 'delay', ms }],
    [{ ...at, do: 'commit-then-drop' }, hidden],
    [{ ...at, do: 'garbage' }, hidden],
    [hidden],
  ];
  return random.pick(ways);
}

function drawRead(random: Random): readonly Fault[] {
  const on = random.chance(0.85) ? ('GET /instances' as const) : ('GET /instances/{id}' as const);
  const at = { on, nth: random.between(1, on === 'GET /instances' ? 5 : 2) };
  const repeated = random.chance(0.3) ? { ...at, times: random.between(2, 4) } : at;
  const ways: readonly [Fault, ...Fault[]] = [
    { ...repeated, do: 'status', code: random.pick([500, 503, 408]), body: vendorError },
    { ...repeated, do: 'status', code: 429, headers: { 'retry-after': '0' } },
    { ...repeated, do: 'status', code: random.pick([401, 403]), body: vendorError },
    { ...repeated, do: 'drop' },
    { ...repeated, do: 'truncate' },
    { ...repeated, do: 'garbage' },
    { ...at, do: 'stall' },
    { ...repeated, do: 'delay', ms: random.between(20, 300) },
    ...(on === 'GET /instances' ? [{ ...at, do: 'empty-404' }] : []),
  ];
  return [random.pick(ways)];
}
