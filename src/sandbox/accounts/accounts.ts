import { answerEmpty, answerJson, isRefusal, refuse, type Reply } from '../http/answers.ts';
import type { Call } from '../http/calls.ts';
import { answerItems } from '../http/items.ts';
import type { Account } from '../world/model.ts';
import { closeAccount } from '../world/world.ts';
import { findNamedAccount, listAccountsOfOrganization } from './finding.ts';

/** `GET /accounts`: those of the caller's organization, by id; the caller's own is always among them (docs: accounts, SDK18). */
export function listAccounts(call: Call): Reply {
  const items = sortAccounts(call).map((account) => ({ id: account.user.id, account }));
  const first = items[0]?.account;
  const show = ({ account }: { account: Account }): unknown => describeAccount(account, account === first);
  return answerItems(call, items, show, refuse(404, 'No accounts found'));
}

/** `GET /accounts/{accountId}` (docs: accounts, SDK18; known texts, CE). */
export function readAccount(call: Call): Reply {
  const account = findNamedAccount(call);
  if (isRefusal(account)) return account;
  return answerJson(describeAccount(account, account === sortAccounts(call)[0]));
}

/** `DELETE /accounts/{accountId}`: its instances go with it, and their tokens are void (docs: delete, SDK18). */
export function deleteAccount(call: Call): Reply {
  const account = findNamedAccount(call);
  if (isRefusal(account)) return account;
  closeAccount(call.world, account);
  return answerEmpty();
}

/** Those that came back after a reset have the ids that they had before, so order of arrival is not order of ids. */
function sortAccounts(call: Call): readonly Account[] {
  return [...listAccountsOfOrganization(call)].sort((one, other) => one.user.id - other.user.id);
}

/** Fields of SDK18; all values are invented, also that the organization's first account is its default. */
function describeAccount({ user }: Account, defaultAccount: boolean): Readonly<Record<string, unknown>> {
  return {
    id: user.id,
    name: `Account ${user.id}`,
    description: `Account of ${user.emailAddress}`,
    externalId: `account-${user.id}`,
    active: true,
    defaultAccount,
  };
}
