import type { Address } from '../core/model.ts';

/**
 * What later requests through one instance need, opened: made for `output --reveal` alone, and written nowhere but to where that goes.
 * A token holds nothing but `A-Za-z0-9+/=._~-` (safety.md E7).
 */
export interface Handover {
  readonly address: Address;
  readonly instanceId: number;
  /** null: the service shows none. */
  readonly token: string | null;
}

/** The account's side of a request, opened. */
export interface AccountHandover {
  readonly baseUrl: string;
  readonly user: string;
  /** null unless `--full` asks for it. */
  readonly organization: string | null;
}

/** A variable's name and value, and whether that opens something. */
export interface Variable {
  readonly name: string;
  readonly value: string;
  readonly secret: boolean;
}

/** `INSIGHTLY_SALES` of `insightly-sales`: what the names of its variables begin with. */
export function nameVariables(address: Address): string {
  const name = address.toUpperCase().replace(/[^A-Z0-9]/g, '_');
  return /^[0-9]/.test(name) ? `_${name}` : name;
}

/** Two addresses whose variables would have one name, or null. */
export function findClash(addresses: readonly Address[]): readonly [Address, Address] | null {
  const seen = new Map<string, Address>();
  for (const address of addresses) {
    const name = nameVariables(address);
    const other = seen.get(name);
    if (other !== undefined) return [other, address];
    seen.set(name, address);
  }
  return null;
}

/** `…_ID` and `…_TOKEN` of each instance; with an account whose organization is asked for, `…_AUTHORIZATION` too. */
export function listVariables(
  instances: readonly Handover[],
  account: AccountHandover | null,
): readonly Variable[] {
  return instances.flatMap((one): readonly Variable[] => {
    const name = nameVariables(one.address);
    if (one.token === null) return [{ name: `${name}_ID`, value: String(one.instanceId), secret: false }];
    return [
      { name: `${name}_ID`, value: String(one.instanceId), secret: false },
      { name: `${name}_TOKEN`, value: one.token, secret: true },
      ...(account === null || account.organization === null
        ? []
        : [{ name: `${name}_AUTHORIZATION`, value: authorize(account, one.token), secret: true }]),
    ];
  });
}

/** The value of the Authorization header of a request through an instance (facts.md §1.2). */
function authorize({ user, organization }: AccountHandover, token: string): string {
  return [
    `User ${user}`,
    ...(organization === null ? [] : [`Organization ${organization}`]),
    `Element ${token}`,
  ].join(', ');
}

/** One header line. */
export function renderHeader(account: AccountHandover, token: string): string {
  return `Authorization: ${authorize(account, token)}\n`;
}

/** Lines of an env file; tokens and ids stand without quotes, as shells, Docker and `--env-file` read alike. */
export function renderDotenv(variables: readonly Variable[]): string {
  return variables.map(({ name, value }) => `${name}=${quoteForShell(value)}\n`).join('');
}

/** Without quotes wherever that is safe: Docker takes quotes for a part of the value. */
function quoteForShell(value: string): string {
  if (/^[A-Za-z0-9+/=._-][A-Za-z0-9+/=._~-]*$/.test(value)) return value;
  return `'${value.replaceAll("'", "'\\''")}'`;
}

/**
 * A command for a shell that asks each instance's vendor for a sign of life. What is secret stands in a here-document for
 * `--config -`, so that no process list shows it (safety.md E7); `delimiter`: random, so that nothing in it ends it. The service ignores which hub is named once a token is given
 * (facts.md §1.3), so any will do.
 */
export function renderCurl(
  account: AccountHandover,
  instances: readonly (Handover & { readonly token: string })[],
  delimiter: string,
): string {
  const blocks = instances.map(({ address, token }) =>
    [
      `# ${address}`,
      `curl --config - <<'${delimiter}'`,
      `url = ${quoteForCurl(`${account.baseUrl}/hubs/crm/ping`)}`,
      `header = ${quoteForCurl(`Authorization: ${authorize(account, token)}`)}`,
      'silent',
      'show-error',
      'fail',
      'write-out = "\\n%{http_code}\\n"',
      delimiter,
      '',
    ].join('\n'),
  );
  return blocks.join('\n');
}

function quoteForCurl(text: string): string {
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}

/** An environment file as Postman imports it; what opens something is of type `secret`. */
export function renderPostman(
  project: string,
  variables: readonly Variable[],
  account: AccountHandover | null,
  id: string,
): string {
  const own: readonly Variable[] =
    account === null
      ? []
      : [
          { name: 'baseUrl', value: account.baseUrl, secret: false },
          { name: 'userSecret', value: account.user, secret: true },
          ...(account.organization === null
            ? []
            : [{ name: 'organizationSecret', value: account.organization, secret: true }]),
        ];
  const values = [...own, ...variables].map(({ name, value, secret }) => ({
    ...{ key: name, value, type: secret ? 'secret' : 'default', enabled: true },
  }));
  const file = { id, name: `instate ${project}`, values, _postman_variable_scope: 'environment' };
  return `${JSON.stringify(file, null, 2)}\n`;
}

/** What a GitHub runner is told on stdout: from here on it masks these values in the log. */
export function renderMasks(variables: readonly Variable[], account: AccountHandover | null): string {
  const escape = (value: string) =>
    value.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  // A later step may take a header apart: its parts are masked by themselves.
  const parts =
    account === null ? [] : [account.user, account.organization ?? ''].filter((part) => part !== '');
  const values = [...parts, ...variables.flatMap(({ value, secret }) => (secret ? [value] : []))];
  return values.map((value) => `::add-mask::${escape(value)}\n`).join('');
}

/** Entries of `$GITHUB_OUTPUT` or `$GITHUB_ENV`. `delimiter`: random, so that no value can end its own entry (safety.md E7). */
export function renderGithubFile(variables: readonly Variable[], delimiter: string): string {
  return variables.map(({ name, value }) => `${name}<<${delimiter}\n${value}\n${delimiter}\n`).join('');
}
