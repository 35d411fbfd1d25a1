/** What an address of the page asks for. Whatever makes no sense is as if it were left out. */
export interface PageQuery {
  /** The user id of the account whose instances are shown; null for the first one. */
  readonly account: number | null;
  /** Instances above this id. */
  readonly after: number;
  /** Part of a name or a tag; empty for all. */
  readonly search: string;
  /** Accounts above this user id. */
  readonly accountsAfter: number;
}

/** The longest text that is searched for. */
export const MAX_SEARCH = 100;

/** Reads the query of the page's address. */
export function readPageQuery(search: string): PageQuery {
  const query = new URLSearchParams(search.slice(0, 2000));
  return {
    account: readId(query.get('account')),
    after: readId(query.get('after')) ?? 0,
    search: (query.get('search') ?? '').trim().slice(0, MAX_SEARCH),
    accountsAfter: readId(query.get('accounts-after')) ?? 0,
  };
}

/** The address of a page, with the part of it that a link leads to. */
export function writePageQuery(
  { account, after = 0, search = '', accountsAfter = 0 }: Partial<PageQuery>,
  part: string,
): string {
  const query = new URLSearchParams();
  if (account !== null && account !== undefined) query.set('account', String(account));
  if (after > 0) query.set('after', String(after));
  if (search !== '') query.set('search', search);
  if (accountsAfter > 0) query.set('accounts-after', String(accountsAfter));
  return `/${query.size === 0 ? '' : `?${query}`}#${part}`;
}

function readId(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}
