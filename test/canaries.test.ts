import pLimit from 'p-limit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { forms } from './canaries/forms.ts';
import { playCopies, playInJson, playInText, playFormats, playWords } from './canaries/paths-commands.ts';
import { playEchoedReads, playEchoedTokens, playRefusedCreates } from './canaries/paths-echoes.ts';
import { playLiterals, playOtherFiles } from './canaries/paths-files.ts';
import { playFaults, playRedirects, playStrangers } from './canaries/paths-hosts.ts';
import { playListings, playLocks, playNode, playSignals } from './canaries/paths-crashes.ts';
import { playDamage, playDrift, playSandbox } from './canaries/paths-damage.ts';
import { playReports, playUncaught, playUnexpected } from './canaries/paths-errors.ts';
import { playKeys, playKilledRekeys } from './canaries/paths-keys.ts';
import { playOutput } from './canaries/paths-output.ts';
import { canaries } from './canaries/secrets.ts';
import { openStage, type Stage } from './canaries/stage.ts';
import { createTally, renderTally } from './canaries/tally.ts';
import { requireBinary } from './support/binary.ts';

const tally = createTally();
for (const { name } of canaries) tally.secrets.add(name);
/** Processes at once: more would only wait for each other. */
const atOnce = pLimit(3);

beforeAll(requireBinary);
afterAll(() => void process.stdout.write(`\n${renderTally(tally, Object.keys(forms).length)}\n`));

const stories: readonly (readonly [string, (stage: Stage) => Promise<void>])[] = [
  ['commands in text', playInText],
  ['commands in JSON', playInJson],
  ['refused creates', playRefusedCreates],
  ['echoed reads', playEchoedReads],
  ['echoed tokens', playEchoedTokens],
  ['strangers', playStrangers],
  ['redirects', playRedirects],
  ['faults', playFaults],
  ['literals', playLiterals],
  ['other files', playOtherFiles],
  ['keys', playKeys],
  ['killed rekeys', playKilledRekeys],
  ['signals', playSignals],
  ['locks', playLocks],
  ['Node', playNode],
  ['listings', playListings],
  ['output', playOutput],
  ['uncaught', playUncaught],
  ['unexpected', playUnexpected],
  ['reports', playReports],
  ['damage', playDamage],
  ['drift', playDrift],
  ['sandbox', playSandbox],
  ['copies', playCopies],
  ['formats', playFormats],
  ['words', playWords],
];

describe('E: no secret is in what any path writes or prints', () => {
  it.concurrent.each(stories)('%s', { timeout: 300_000 }, async (name, play) => {
    expect(await atOnce(() => tell(name, play))).toEqual([]);
  });

  it('so many paths, secrets and bytes that it means something', () => {
    expect(new Set(tally.paths).size).toBeGreaterThanOrEqual(250);
    expect(tally.paths.filter((path, at) => tally.paths.indexOf(path) !== at)).toEqual([]);
    expect(tally.secrets.size).toBeGreaterThanOrEqual(40);
    expect(tally.bytes).toBeGreaterThan(10_000_000);
    expect(tally.hits).toEqual([]);
  });
});

async function tell(name: string, play: (stage: Stage) => Promise<void>): Promise<readonly string[]> {
  const stage = await openStage(name, tally);
  try {
    await play(stage);
  } finally {
    await stage.close();
  }
  return stage.problems;
}
