import { refuse, type Reply } from '../http/answers.ts';
import type { Call } from '../http/calls.ts';
import { answerItems } from '../http/items.ts';
import type { Account } from '../world/model.ts';
import { formatDate, nextObjectId } from '../world/world.ts';
import type { AuditEntry } from './model.ts';

const KEPT = 1000;
const noLogs = refuse(404, 'No audit logs found');

/** Remembers what a call did to an element instance, if it did anything to one, among the last changes of the account. */
export function recordChange(
  { world, account: { audit } }: Call,
  method: string,
  template: string,
  elementInstanceId: number | null,
): void {
  if (elementInstanceId === null) return;
  audit.push({ id: nextObjectId(world), at: world.now(), method, template, elementInstanceId });
  if (audit.length >= 2 * KEPT) audit.splice(0, audit.length - KEPT);
}

/** `GET /audit-logs/element-instances`: the last 1,000 changes, oldest first, paged (docs: audit logs, SDK18). */
export function listAuditLogs(call: Call): Reply {
  return answerEntries(call, null);
}

/** `GET /audit-logs/element-instances/{id}`: those of one element instance, also of a deleted one. */
export function listAuditLogsOfInstance(call: Call): Reply {
  return answerEntries(call, Number(call.params['id']));
}

function answerEntries(call: Call, only: number | null): Reply {
  const { audit } = call.account;
  const kept = audit
    .slice(-KEPT)
    .filter(({ elementInstanceId }) => only === null || elementInstanceId === only);
  return answerItems(call, kept, (entry) => describeEntry(call.account, entry), noLogs);
}

/** The names of the fields are SDK18's; what stands in them, the order and the limit are invented. */
function describeEntry({ user }: Account, entry: AuditEntry): Readonly<Record<string, unknown>> {
  const { id, at, method, template, elementInstanceId } = entry;
  return {
    id: String(id),
    timestamp: formatDate(at),
    method,
    resource_uri: template.replace('{id}', String(elementInstanceId)),
    status: 200,
    entity_id: String(elementInstanceId),
    instance_id: elementInstanceId,
    user_id: user.id,
    account_id: user.id,
  };
}
