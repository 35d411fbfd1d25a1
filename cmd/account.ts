import type { UnsetReference } from '../src/config/load.ts';
import { writeReference } from '../src/config/template.ts';
import type { Declarations } from '../src/core/model.ts';
import type { Sensitive } from '../src/core/sensitive.ts';
import { hintOfMissing } from '../src/engine/resolve.ts';
import { InstateError } from '../src/errors.ts';
import type { References } from '../src/ports.ts';
import type { Api } from './context.ts';
import type { Run } from './run.ts';
import { refuseUnset } from './unset.ts';

/** The account's secrets, once it is sure that they may go to its host. */
export interface AccountSecrets {
  readonly user: Sensitive;
  readonly organization: Sensitive;
}

/** F1: no secret is sent, or handed to somebody who will send it, before its host is trusted and its certificates are checked. */
export async function resolveAccount(
  { context, options }: Run,
  { account }: Declarations,
  references: References,
  unset: readonly UnsetReference[],
): Promise<AccountSecrets> {
  if (context.env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0') {
    throw new InstateError('insecure_tls', 'NODE_TLS_REJECT_UNAUTHORIZED=0 switches certificate checks off', {
      hint: 'unset it; for a certificate of your own, set NODE_EXTRA_CA_CERTS to its file',
    });
  }
  refuseUnset(unset.filter((one) => one.role === 'account'));
  const [user, organization] = [
    references.resolve(account.userSecret),
    references.resolve(account.organizationSecret),
  ];
  if (!('value' in user) || !('value' in organization)) throw refuseUnread(user, organization);
  const trust = { named: options.trustBaseUrl, allowHosts: context.env['INSTATE_ALLOW_HOSTS'] || null };
  await context.checkHost(account.baseUrl, trust);
  return { user: user.value, organization: organization.value };
}

/** Opens the account; sends nothing as yet. */
export async function connect(
  run: Run,
  declarations: Declarations,
  references: References,
  { user, organization }: AccountSecrets,
): Promise<Api> {
  const { context, options } = run;
  const api = await context.openApi({
    baseUrl: declarations.account.baseUrl,
    userSecret: user,
    organizationSecret: organization,
    secrets: () => listSecrets(declarations, references),
    parallelism: options.parallelism,
    timeouts: { getMs: options.timeoutMs ?? 30_000, postMs: options.timeoutMs ?? 120_000 },
    userAgent: `instate/${context.version}`,
    now: context.now,
    monotonic: context.monotonic,
    random: context.random,
    delay: context.wait,
  });
  run.known.stats = api.stats;
  return api;
}

type Resolution = ReturnType<References['resolve']>;

/** What is missing here was not run: what is merely unset was refused before. */
function refuseUnread(...resolutions: readonly Resolution[]): InstateError {
  const names = [...new Set(resolutions.flatMap((one) => ('missing' in one ? one.missing : [])))];
  return new InstateError(
    'missing_reference',
    `the account's secrets need ${names.join(', ')}, which was not run, or gave nothing`,
    {
      hint: hintOfMissing(names),
    },
  );
}

/** Every declared credential that is at hand, and each reference in it: none of them may come back in a message. */
function listSecrets({ account, instances }: Declarations, references: References): readonly Sensitive[] {
  const declared = instances.flatMap(({ configuration }) => Object.values(configuration));
  const whole = [account.userSecret, account.organizationSecret, ...declared].flatMap((value) =>
    value.kind === 'sensitive' ? [value] : [],
  );
  // The service may name the user of an address, or one line of a JSON text, alone.
  const parts = whole.flatMap((value) =>
    value.references.map((reference) => ({
      ...{ ...value, template: writeReference(reference), references: [reference] },
    })),
  );
  return [...whole, ...parts].flatMap((value) => {
    const resolved = references.resolve(value);
    return 'value' in resolved ? [resolved.value] : [];
  });
}
