import { findIdentity, findOwner, type Model } from './model.ts';
import { readRows, type Row } from './laws.ts';
import { lookAround } from './outside.ts';
import type { Stage } from './stage.ts';

/** A story while it is told. */
export interface Telling {
  readonly stage: Stage;
  readonly say: (line: string) => void;
}

/** The world, and what is recorded of it. */
export interface Now {
  readonly model: Model;
  readonly rows: readonly Row[];
}

/** What the world and the state have come to after a step; `known` are the records, where the step cannot have changed them. */
export async function settleDown(
  { stage, say }: Telling,
  model: Model,
  known: readonly Row[] | null = null,
): Promise<Now> {
  await stage.fault([]);
  const seen = await lookAround(stage, model, false);
  const rows = known ?? (await readRows(stage));
  const recorded = new Set(
    rows.flatMap((row) =>
      seen.live.has(row.instanceId) ? (findIdentity(seen, row.address)?.name ?? []) : [],
    ),
  );
  const lost = new Map([...seen.lost].filter(([name]) => !recorded.has(name)));
  const pending = seen.pending.filter(({ at }) => at > stage.clock.now());
  const live = [...seen.live.values()].map(
    (one) => `#${String(one.id)} ${findOwner(seen, one.tags)?.name ?? '-'}`,
  );
  say(
    `    lives: ${live.join(', ')}; recorded: ${rows.map((row) => `${row.address} #${String(row.instanceId)}`).join(', ')}`,
  );
  return { model: { ...seen, lost, pending }, rows };
}
