import { isBeyond, type Post } from './posts.ts';
import { listAddresses, type History } from './history.ts';
import type { Live } from './sandbox.ts';

/** What is wrong with the world at the end of a history. */
export interface Verdict {
  /** Instances that were made and that no record names, and addresses without an instance. */
  readonly lost: number;
  /** Addresses with more than one instance, beyond what the promise excuses. */
  readonly doubled: number;
  /** Records with another id or token than the instance that bears the tag, and tags of nobody's address. */
  readonly wrong: number;
  /** Doubles that came because the service was later than the grace period. */
  readonly excused: number;
  /** Those of them that came because it said 4xx of what it had done. */
  readonly denied: number;
  /** Creates that left without an intent that survived. */
  readonly unannounced: number;
  readonly problems: readonly string[];
}

/** What `instate output --reveal --json` says of one record. */
export interface Record {
  readonly address: string;
  readonly instanceId: number;
  readonly token: string | null;
}

export interface Ending {
  readonly live: readonly Live[];
  readonly records: readonly Record[];
  readonly posts: readonly Post[];
  /** Ownership tags are kept; a control has none, and is told by names. */
  readonly tagged: boolean;
  /** Intents are kept, so that a create without one is a fault. */
  readonly journal: boolean;
}

/** Holds the world against the records: each declared address has exactly one instance, recorded with its id and token. */
export function judge(history: History, ending: Ending): Verdict {
  const addresses = listAddresses(history.instances);
  const owners = new Map(ending.live.map((one) => [one, findOwner(one, ending.tagged)] as const));
  const of = (address: string) => ending.live.filter((one) => owners.get(one) === address);
  const total = { lost: 0, doubled: 0, wrong: 0, excused: 0, denied: 0, unannounced: 0 };
  const problems: string[] = [];
  const blame = (kind: keyof typeof total, text: string, count = 1) => {
    total[kind] += count;
    problems.push(`${kind}: ${text}`);
  };
  for (const address of addresses) {
    const instances = of(address);
    const record = ending.records.find((one) => one.address === address);
    const named = instances.find(({ id }) => id === record?.instanceId);
    const ids = instances.map(({ id }) => `#${String(id)}`).join(', ');
    const late = ending.posts.filter((post) => post.address === address && isBeyond(post)).length;
    const excused = Math.min(Math.max(0, instances.length - 1), late);
    if (excused > 0) total.excused++;
    if (excused > 0 && ending.posts.some((post) => post.address === address && post.denied)) total.denied++;
    if (instances.length === 0) blame('lost', `nothing lives for ${address}`);
    if (instances.length > 1 + excused) blame('doubled', `${address} lives as ${ids}`);
    // Two that arrived late for one address are a conflict to report: neither is recorded.
    const isConflict = excused > 0 && record === undefined;
    const unnamed = instances.length - (named === undefined ? 0 : 1) - excused;
    if (unnamed > 0 && !isConflict)
      blame('lost', `${address}: of ${ids} the record names ${String(record?.instanceId)}`, unnamed);
    if (record !== undefined && named === undefined && instances.length > 0)
      blame('wrong', `${address} is recorded as #${String(record.instanceId)}, and lives as ${ids}`);
    if (named !== undefined && record?.token !== named.token) blame('wrong', `${address} has another token`);
  }
  for (const [{ id }, owner] of owners) {
    if (owner !== null && !addresses.includes(owner))
      blame('wrong', `#${String(id)} bears the tag of ${owner}`);
  }
  if (ending.journal) {
    const silent = ending.posts.filter(({ intent }) => intent === null);
    for (const { address } of silent) blame('unannounced', `a create of ${address} left without an intent`);
  }
  return { ...total, problems };
}

function findOwner({ tags, name }: Live, tagged: boolean): string | null {
  if (!tagged) return name.startsWith('other') ? null : name;
  const tag = tags.find((one) => one.startsWith('instate:'));
  return tag === undefined ? null : tag.replace('instate:crash:', '');
}
