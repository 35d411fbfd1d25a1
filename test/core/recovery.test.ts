import { describe, expect, it } from 'vitest';
import { findDecidable } from '../../src/core/recovery.ts';

/** Opened at 1,000 s, decidable after 185 s more, while the service's clock was two minutes ahead of ours. */
const intent = { openedAt: 1_000_000, resolveAfter: 1_185_000, serviceAhead: 120_000 };

describe('from when on a listing may prove that a create made nothing', () => {
  it.each([
    ['C2: the same clock: when its opener said', 1_100_000, 120_000, 1_185_000],
    ['C2: a second of difference is none', 1_100_000, 119_000, 1_185_000],
    ['C2: a clock put forward by a minute since: a minute later', 1_160_000, 60_000, 1_245_000],
    ['C2: put forward by a day: a whole period from now', 87_400_000, -86_280_000, 87_585_000],
    [
      'C2: put forward by a day, two days ago by the service: long since',
      259_200_000,
      -86_280_000,
      87_585_000,
    ],
    ['C2: a clock put back by a minute waits a minute longer than it must', 1_040_000, 180_000, 1_185_000],
    ['C2: a clock that runs before the opening: a whole period from now', 900_000, 120_000, 1_085_000],
    ['C2: so it does where the service says that it is late', 900_000, 9_000_000, 1_085_000],
    ['C2: a service that says no time: when its opener said', 1_100_000, null, 1_185_000],
  ])('%s', (_, startedAt, serviceAhead, expected) => {
    expect(findDecidable(intent, { startedAt, serviceAhead })).toBe(expected);
  });

  it('C2: an intent from before the service was asked for its time: when its opener said', () => {
    const listing = { startedAt: 1_100_000, serviceAhead: -86_280_000 };
    expect(findDecidable({ ...intent, serviceAhead: null }, listing)).toBe(1_185_000);
  });
});
