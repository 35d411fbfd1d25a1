import type { Change } from '../core/change.ts';
import type { Matching } from '../core/claims.ts';
import type { Address, Declaration } from '../core/model.ts';
import { findUser } from '../core/observation.ts';
import type { Planning } from '../core/plan.ts';
import { createInstance, type Round } from './create.ts';
import { project } from './observe.ts';
import { resolveCreate } from './resolve.ts';
import type { Result } from '../core/result.ts';
import { describeError } from './results.ts';
import type { ApplyRun } from './run.ts';

/** Creates what is missing, as many at once as the gate has slots. Never throws: each create says what became of it. */
export async function createAll(
  creates: readonly Change[],
  planning: Planning,
  run: ApplyRun,
  report: (result: Result) => void,
): Promise<void> {
  if (creates.length === 0) return;
  // Recording bumped row versions: what is compared and set must be what is there now.
  const recorded = await run.hands.lock.read();
  const known = new Set(planning.matching.live.all.map((instance) => instance.id));
  const settled = (result: Result): void => {
    if (result.instanceId !== null) known.add(result.instanceId);
    if (run.failFast && result.status !== 'done') run.hands.gate.stop();
  };
  const round: Round = {
    projection: project(run.declarations, recorded),
    knownIds: { ids: [...known].sort((a, b) => a - b) },
    serviceAhead: planning.matching.observation.listing?.serviceAhead ?? null,
    isKnown: (id) => known.has(id),
    started: run.events.onCreate,
    settled,
  };
  const rows = new Map(recorded.instances.map((row) => [row.address, row]));
  const createOne = async (declaration: Declaration): Promise<boolean> => {
    const result = await tryCreate(declaration.address, () => {
      const create = resolveCreate(declaration, planning.matching.observation);
      return createInstance(create, rows.get(declaration.address) ?? null, run.hands, round);
    });
    report(result);
    return result.status === 'done';
  };
  const queue = creates.flatMap(({ address }) => planning.matching.addresses.declared.get(address) ?? []);
  // B4: until somebody has seen that the account keeps tags, creates go out one at a time; A4: and until it has shown whose it is.
  let proven = (recorded.tagProven || run.declarations.ownership === 'none') && showsUser(planning.matching);
  let next = 0;
  for (const declaration of queue) {
    if (proven) break;
    next++;
    proven = await createOne(declaration);
  }
  await Promise.all(queue.slice(next).map(createOne));
}

/** Whether the account shows an instance of the user that it should be of; nothing speaks against it while nobody knows that user. */
function showsUser({ observation, live }: Matching): boolean {
  const user = findUser(observation);
  return user === null || live.all.some((instance) => instance.user === user);
}

async function tryCreate(address: Address, create: () => Promise<Result>): Promise<Result> {
  try {
    return await create();
  } catch (error) {
    return { address, action: 'create', status: 'failed', instanceId: null, error: describeError(error) };
  }
}
