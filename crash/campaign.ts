import { existsSync, mkdtempSync, readdirSync, rmSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Subject } from './control.ts';
import { findPoints } from './calibrate.ts';
import { drawHistory, type Points } from './generate.ts';
import { describeHistory, type History } from './history.ts';
import { describeBreak, playHistory, type Played } from './play.ts';
import { endAll } from './processes.ts';
import { openSandbox, type Sandbox } from './sandbox.ts';

export interface Campaign {
  /** `dist/main.js`, built. */
  readonly binary: string;
  readonly subject: Subject;
  readonly seed: string;
  /** Numbers of histories: those of the seed from `first` on. */
  readonly first: number;
  readonly count: number;
  readonly jobs: number;
  /** Only histories whose line has this text. */
  readonly filter: string;
  /** Known points save looking for them. */
  readonly points?: Points;
  /** Just these; seed, first, count and filter then mean nothing. */
  readonly histories?: readonly History[];
  /** Only names the histories. */
  readonly isListing?: boolean;
  /** Only histories within the promise, and nothing of them is kept. */
  readonly isControl?: boolean;
  readonly onPlayed?: (played: Played) => void;
}

export interface Outcome {
  readonly played: readonly Played[];
  readonly points: Points;
  readonly histories: readonly History[];
}

/** Plays histories, several at once, each worker with a sandbox process of its own. */
export async function runCampaign(campaign: Campaign): Promise<Outcome> {
  const base = mkdtempSync(join(tmpdir(), 'instate-crash-'));
  const sandboxes = await Promise.all(
    Array.from({ length: campaign.jobs }, () => openSandbox(campaign.binary)),
  );
  try {
    const { binary, subject } = campaign;
    const tools = { binary, base, subject: 'instate' as const };
    const isKnown = campaign.histories !== undefined;
    const points = campaign.points ?? (isKnown ? new Map() : await findPoints(sandboxes, tools));
    const histories = campaign.histories ?? listHistories(campaign, points);
    const played: Played[] = [];
    if (campaign.isListing === true) return { played, points, histories };
    let next = 0;
    const work = async (sandbox: Sandbox) => {
      for (;;) {
        const history = histories[next++];
        if (history === undefined) return;
        const tools = { sandbox, binary, base, subject };
        const result = await playHistory(history, tools).catch((error: unknown) =>
          describeBreak(history, tools, error),
        );
        played.push(result);
        campaign.onPlayed?.(result);
      }
    };
    await Promise.all(sandboxes.map(work));
    return { played, points, histories };
  } finally {
    endAll();
    await Promise.all(sandboxes.map((sandbox) => sandbox.close()));
    if (campaign.isControl === true) rmSync(base, { recursive: true, force: true });
    removeIfEmpty(base);
  }
}

function listHistories(
  { seed, first, count, filter, isControl }: Campaign,
  points: Points,
): readonly History[] {
  const histories: History[] = [];
  // A filter that nothing fits must end, too.
  for (let index = first; histories.length < count && index < first + 200 * count; index++) {
    const history = drawHistory(seed, index, points);
    const isMeant = isControl !== true || !history.beyond;
    if (isMeant && describeHistory(history).includes(filter)) histories.push(history);
  }
  return histories;
}

/** A folder in which something was kept stays. */
function removeIfEmpty(folder: string): void {
  if (existsSync(folder) && readdirSync(folder).length === 0) rmdirSync(folder);
}
