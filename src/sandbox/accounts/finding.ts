import { refuse, type Refusal } from '../http/answers.ts';
import type { Call } from '../http/calls.ts';
import type { Account } from '../world/model.ts';

/** The accounts of the caller's organization, whose administrator every caller is taken to be (docs: authentication, SDK18). */
export function listAccountsOfOrganization({ world, account }: Call): readonly Account[] {
  return [...world.accounts.values()].filter(
    ({ organizationSecret }) => organizationSecret === account.organizationSecret,
  );
}

/** The account that `{accountId}` of a path names; the 404 word for word (docs: known texts, CE). */
export function findNamedAccount(call: Call): Account | Refusal {
  const { accountId = '' } = call.params;
  const account = listAccountsOfOrganization(call).find(({ user }) => String(user.id) === accountId);
  return account ?? refuse(404, `No account found with ID ${accountId}`);
}
