import { beforeAll, describe, expect, it } from 'vitest';
import { runCampaign } from '../crash/campaign.ts';
import { graces } from '../crash/faults.ts';
import { describeHistory, type History } from '../crash/history.ts';
import type { Post } from '../crash/posts.ts';
import { addUp } from '../crash/tally.ts';
import { judge, type Ending } from '../crash/verdict.ts';
import { binary, requireBinary } from './support/binary.ts';

const common = { binary, first: 0, jobs: 3, filter: '' };
const nothing = { lost: 0, doubled: 0, wrong: 0, unannounced: 0, persons: 0, silent: 0, repeated: 0 };

/** One instance, whose create is seen two seconds late, and a run that dies as it waits for the answer. */
const unseen = (id: string, kind: string, afterMs: number): History => ({
  ...{ id, instances: 1, before: 0, others: 0, beyond: false, grace: graces.long },
  faults: [{ on: 'POST /instances', nth: 1, do: kind, ms: 2_000 }],
  crashes: [{ kind: 'instant', since: 'create', signals: [{ signal: 'SIGKILL', afterMs }] }],
});

beforeAll(requireBinary);

describe('npm run crash, in small', () => {
  it('applies that are killed, stopped or cut off, with faults: each instance lives once, recorded, and nobody is asked', async () => {
    const { played } = await runCampaign({ ...common, subject: 'instate', seed: 'test', count: 30 });
    const bad = played.filter(({ isBad }) => isBad);
    expect(bad.map(({ history, problems }) => [describeHistory(history), ...problems])).toEqual([]);
    expect(addUp(played)).toMatchObject({ histories: 30, ...nothing });
  }, 180_000);

  it('without its journal the same product doubles: the harness can see', async () => {
    const histories = ['late-commit', 'delay'].flatMap((kind) =>
      [0, 50, 150].map((ms, at) => unseen(`${kind}-${String(at + 1)}`, kind, ms)),
    );
    const campaign = { ...common, histories, seed: 'test', count: histories.length };
    const control = addUp(
      (await runCampaign({ ...campaign, subject: 'no-journal', isControl: true })).played,
    );
    expect(control.lost).toBeGreaterThan(0);
    expect(control.doubled).toBeGreaterThan(0);
    expect(addUp((await runCampaign({ ...campaign, subject: 'instate' })).played)).toMatchObject(nothing);
  }, 120_000);
});

describe('the verdict', () => {
  const history = unseen('verdict', 'late-commit', 0);
  const live = { id: 7, name: 'i1', token: 't', tags: ['instate:crash:i1'] };
  const record = { address: 'i1', instanceId: 7, token: 't' };
  const intent = { address: 'i1', openedAt: 0, resolveAfter: 1_000 };
  const post: Post = { address: 'i1', at: 1, listedAt: 1, denied: false, intent };
  const well: Ending = { live: [live], records: [record], posts: [post], tagged: true, journal: true };
  const rows: readonly (readonly [string, Partial<Ending>, object])[] = [
    ['all is well', {}, { problems: [] }],
    ['nothing lives', { live: [] }, { lost: 1 }],
    ['nothing is recorded', { records: [] }, { lost: 1, doubled: 0 }],
    ['two live', { live: [live, { ...live, id: 8 }] }, { lost: 1, doubled: 1 }],
    [
      'two live since the service was late',
      { live: [live, { ...live, id: 8 }], posts: [{ ...post, listedAt: 1_001 }, post] },
      { lost: 0, doubled: 0, excused: 1 },
    ],
    ['another id is recorded', { records: [{ ...record, instanceId: 9 }] }, { wrong: 1 }],
    ['another token is recorded', { records: [{ ...record, token: null }] }, { wrong: 1 }],
    ["a tag of nobody's", { live: [live, { ...live, id: 8, tags: ['instate:crash:i9'] }] }, { wrong: 1 }],
    ['a create without an intent', { posts: [{ ...post, intent: null }] }, { unannounced: 1 }],
    ['instances of others', { live: [live, { ...live, id: 8, tags: [] }] }, { problems: [] }],
  ];
  it.each(rows)('%s', (_, change, expected) => {
    expect(judge(history, { ...well, ...change })).toMatchObject(expected);
  });
});
