import { answerJson, type Reply } from '../http/answers.ts';
import type { Call } from '../http/calls.ts';

/** `GET /instances/count`: the total, and counts by element key; the shape of the latter is invented (docs: operations, CHI pull/1758). */
export function countInstances({ account }: Call): Reply {
  const counts = new Map<string, number>();
  for (const { element } of account.instances.values()) {
    counts.set(element.key, (counts.get(element.key) ?? 0) + 1);
  }
  return answerJson({
    totalInstances: account.instances.size,
    elementInstances: Object.fromEntries([...counts].sort(([one], [other]) => (one < other ? -1 : 1))),
  });
}
