import {
  currentAddress,
  findIdentity,
  findOwner,
  listOf,
  type Identity,
  type Live,
  type Model,
} from './model.ts';
import { listVisible } from './outside.ts';
import type { Run, Stage } from './stage.ts';

/** A record, as `instate state list --json` has it. */
export interface Row {
  readonly address: string;
  readonly instanceId: number;
}

/** What instate says of what crashes have left. */
export interface Left {
  readonly open: readonly { readonly address: string }[];
  readonly blocked: readonly { readonly address: string }[];
  readonly lost: readonly { readonly address: string; readonly arrivedIds: readonly number[] }[];
  readonly strays: readonly { readonly instanceId: number | null }[];
}

export class Broken extends Error {}

/** Throws, with the words of the law, where it does not hold. */
export function require(holds: boolean, law: string): asserts holds {
  if (!holds) throw new Broken(law);
}

export const readRows = async (stage: Stage): Promise<readonly Row[]> => {
  const { json } = await stage.run('state list --json');
  return json().instances;
};

/** null: nothing can be said, since the list that there is cannot be right. */
export const readLeft = async (stage: Stage): Promise<Left | null> => {
  const said = (await stage.run('recover --list --json')).json();
  return said.error?.code === 'incomplete_list' ? null : said;
};

/** At most one instance of each identity was made by us, none of them is unaccounted for, and records name the right ones. */
export async function checkWorld(stage: Stage, model: Model, rows: readonly Row[]): Promise<void> {
  for (const identity of model.identities) {
    const ours = listOf(model, identity).filter(({ byHand }) => !byHand);
    require(ours.length < 2, `C: ${nameAll(identity, ours)} were both made by instate`);
  }
  for (const { address, instanceId } of rows) {
    const live = model.live.get(instanceId);
    const owner = live === undefined ? null : findOwner(model, live.tags);
    require(live === undefined ||
      (owner !== null &&
        owner.name ===
          findIdentity(model, address)
            ?.name), `B1: ${address} is recorded as #${String(instanceId)}, which belongs to ${owner?.name ?? 'nobody'}`);
  }
  const recorded = new Set(rows.map(({ instanceId }) => instanceId));
  const loose = [...model.live.values()].filter(
    ({ id, tags, byHand }) => !byHand && !recorded.has(id) && findOwner(model, tags) !== null,
  );
  if (loose.length > 0)
    await checkLoose(
      stage,
      model,
      loose.map(({ id }) => id),
    );
}

/** The invariant of architecture.md §6: what is not recorded has an open intent or a tombstone, or is reported. */
async function checkLoose(stage: Stage, model: Model, ids: readonly number[]): Promise<void> {
  const left = await readLeft(stage);
  if (left === null) return;
  const told = new Set<unknown>([
    ...left.strays.map(({ instanceId }) => instanceId),
    ...left.lost.flatMap(({ arrivedIds }) => arrivedIds),
  ]);
  const watched = [...left.open, ...left.lost].map(({ address }) => findIdentity(model, address)?.name);
  const ownerOf = (id: number) => findOwner(model, model.live.get(id)?.tags ?? [])?.name ?? '';
  const visible = await listVisible(stage);
  // Where somebody copied what no list shows yet, the copy was found in its place; once both are seen, both are named.
  const hasCopy = (id: number) =>
    [...model.live.values()].some((one) => one.byHand && findOwner(model, one.tags)?.name === ownerOf(id));
  const rest = ids.filter(
    (id) => !told.has(id) && !watched.includes(ownerOf(id)) && (visible.has(id) || !hasCopy(id)),
  );
  if (rest.length === 0) return;
  const plan = await stage.run('plan --json');
  const named = new Set([...plan.json().changes.map((one: { instanceId: number }) => one.instanceId)]);
  for (const id of rest) {
    require(named.has(id) ||
      plan.out.includes(
        `#${String(id)}`,
      ), `C: #${String(id)} (${ownerOf(id)}) is lost: no record, no open create, no report names it`);
  }
}

/** Whose create it was. */
export function findCreated(model: Model, run: Run): readonly Identity[] {
  return run.posts.map((post) => {
    const owner = findOwner(model, post.body?.tags ?? []);
    require(owner !== null, `C: a POST without a tag of ours`);
    return owner;
  });
}

/** Only what was missing is created, and once in a run. `before` is the world as the run began. */
export function checkPosts(before: Model, created: readonly Identity[]): void {
  for (const identity of created) {
    const { name } = identity;
    const address = currentAddress(identity);
    const alive = listOf(before, identity);
    require(identity.declared, `a POST for ${address}, which is not declared`);
    require(alive.length === 0, `C: a POST for ${address}, while ${nameAll(identity, alive)} lives`);
    require(!before.pending.some(
      (one) => one.name === name,
    ), `C2: a POST for ${address}, while an earlier create of it may still be done`);
    require(created.filter((one) => one.name === name).length ===
      1, `C4: two POSTs for ${address} in one run`);
  }
}

/** Whatever lives twice in plain sight is named, with all ids, and the run fails. */
export function checkDuplicates(before: Model, visible: ReadonlySet<number>, run: Run): void {
  for (const identity of before.identities) {
    const all = listOf(before, identity);
    if (all.length < 2 || all.some(({ id }) => !visible.has(id))) continue;
    const text = `${run.out}${run.err}`;
    require(run.code === 1 &&
      all.every(({ id }) =>
        text.includes(`#${String(id)}`),
      ), `C6: ${nameAll(identity, all)} live twice, and apply says (${String(run.code)}): ${text}`);
  }
}

/** Each declared identity lives, and its instance is recorded under its name. */
export function checkComplete(model: Model, rows: readonly Row[], run: Run): void {
  require(run.code === 0, `a calm apply ends with ${String(run.code)}: ${run.out}${run.err}`);
  for (const identity of model.identities.filter(({ declared }) => declared)) {
    const address = currentAddress(identity);
    const all = listOf(model, identity);
    const row = rows.find((one) => one.address === address);
    require(all.length === 1 &&
      all[0]?.id ===
        row?.instanceId, `${nameAll(identity, all)} live, and ${address} is recorded as #${String(row?.instanceId)}`);
  }
}

/** Nothing is open, tokens are right, and a plan names only what others have changed and what is no longer declared. */
export async function checkEnd(stage: Stage, model: Model, rows: readonly Row[]): Promise<void> {
  const open = (await readLeft(stage))?.open;
  require(open?.length === 0, `C: still open: ${JSON.stringify(open)}`);
  const { outputs } = (await stage.run('output --reveal --json')).json();
  for (const { address, instanceId, token } of outputs) {
    const live = model.live.get(instanceId);
    require(live === undefined || live.token === token, `${String(address)} has another token`);
  }
  const run = await stage.run('plan --json --detailed-exitcode');
  const declared = model.identities.filter((one) => one.declared);
  const isChanged = ({ name, tags }: Live, wanted: string): boolean =>
    name !== wanted || tags.includes('vip');
  const updates = declared
    .filter((one) => listOf(model, one).some((live) => isChanged(live, one.name)))
    .map((one) => `update ${currentAddress(one)}`);
  const addresses = new Set(declared.map(currentAddress));
  const deletes = rows.filter((row) => !addresses.has(row.address)).map((row) => `delete ${row.address}`);
  const changes = run
    .json()
    .changes.map((one: { action: string; address: string }) => `${one.action} ${one.address}`);
  const expected = [...updates, ...deletes].sort();
  require(run.code === (expected.length > 0 ? 2 : 0) &&
    changes.sort().join() ===
      expected.join(), `the last plan says (${String(run.code)}) ${changes.join(', ')}; expected: ${expected.join(', ')}`);
}

function nameAll(identity: Identity, all: readonly { readonly id: number }[]): string {
  return `${identity.name} (${currentAddress(identity)}): ${all.map(({ id }) => `#${String(id)}`).join(', ') || 'nothing'}`;
}
