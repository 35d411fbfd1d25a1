import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readLeft, readRows } from './laws/laws.ts';
import { addIdentity, emptyModel, writeDeclarations } from './laws/model.ts';
import { playStory } from './laws/play.ts';
import { openStage } from './laws/stage.ts';
import { stories, type Story } from './laws/steps.ts';

const runs = Number(process.env['INSTATE_LAWS_RUNS'] ?? 150);
/** The same stories in each run of the suite, so that a red one is about the change; `random` explores (CONTRIBUTING.md). */
const seed = process.env['INSTATE_LAWS_SEED'] ?? '20261125';

/** A story as it went, told line by line, with the law that it broke. */
async function tell(story: Story): Promise<string> {
  const lines: string[] = [];
  const broken = await playStory(story, (line) => void lines.push(line)).catch((error: unknown) => error);
  const law = broken instanceof Error ? (broken.stack ?? broken.message) : 'played again, it broke no law';
  return [...lines, law].join('\n');
}

describe('laws of the world', () => {
  it.each([
    ['before', 0, ['i1'], []],
    ['done', 1, ['i1'], []],
    ['answered', 1, [], ['i1']],
  ] as const)(
    'C1: a power cut at a create (%s) leaves what was committed, and only that',
    async (when, lives, open, recorded) => {
      const stage = await openStage();
      try {
        stage.write(writeDeclarations(addIdentity(emptyModel)));
        const run = await stage.run('apply --yes --json', { of: 'POST', nth: 1, when });
        expect([run.cut, run.posts.length]).toEqual([true, lives]);
        const left = await readLeft(stage);
        expect(left?.open.map(({ address }) => address)).toEqual(open);
        expect((await readRows(stage)).map(({ address }) => address)).toEqual(recorded);
      } finally {
        await stage.close();
      }
    },
  );

  it(
    'C: whatever crashes, is lost, lags or is changed by others: nothing is lost, and nothing is doubled in silence',
    async () => {
      const played = await fc.check(
        fc.asyncProperty(stories, (story) => playStory(story, () => undefined)),
        { numRuns: runs, ...(seed === 'random' ? {} : { seed: Number(seed) }) },
      );
      const [story] = played.counterexample ?? [];
      const told =
        story === undefined
          ? ''
          : `INSTATE_LAWS_SEED=${String(played.seed)}, path ${String(played.counterexamplePath)}, after ${String(played.numRuns)} stories:\n${await tell(story)}`;
      expect(told).toBe('');
    },
    600_000 + runs * 2_000,
  );
});
