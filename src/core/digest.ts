import { createHash } from 'node:crypto';
import type { Change } from './change.ts';
import type { FieldChange } from './diff.ts';
import type { Guard } from './guards.ts';
import type { Declaration, Declarations, Json, SensitiveTemplate } from './model.ts';
import type { Addresses } from './observation.ts';
import { sensitiveLabel } from './sensitive.ts';

/** References of the account's secrets, and the program of each secret command that is referred to. */
export interface Sources {
  readonly account: readonly string[];
  readonly commands: readonly { readonly name: string; readonly words: readonly string[] }[];
}

/**
 * What a reviewer approves, in one line (safety.md F5): account and the names of its secrets, project, ownership mode, guards, the
 * secret commands, and every change with its ids, plain values and reference names; of what may be created also the text around the references. Verdicts on secret values are left out, so that a plan made where no credential is
 * set has the digest of one made where they are.
 */
export function digestPlan(bound: {
  /** The account was asked. A plan made without looking stands for nothing that an apply would do. */
  readonly live: boolean;
  readonly baseUrl: string;
  readonly user: number | null;
  readonly project: string;
  readonly ownership: string;
  readonly changes: readonly Change[];
  readonly guards: readonly Guard[];
  readonly rows: Addresses['rows'];
  readonly declarations: Declarations;
}): string {
  const declared = new Map(bound.declarations.instances.map((one) => [one.address, one]));
  const changes = bound.changes.flatMap((change) => {
    // A create, or a conflict that apply waits for and may create then.
    const isCreate = change.action === 'create' || change.action === 'conflict';
    const fields = change.fields.filter((field) => field.declared !== sensitiveLabel || isCreate);
    if (change.action === 'update' && fields.length === 0) return [];
    const { address, action, instanceId, element, name, reason } = change;
    const recorded = bound.rows.get(address)?.instanceId ?? null;
    const templates = isCreate ? listTemplates(declared.get(address)) : [];
    const base = [address, action, reason.code, instanceId, recorded, element, name];
    return [[...base, fields.map(listBound), ...(templates.length === 0 ? [] : [templates])]];
  });
  const guards = bound.guards.map((guard) => [guard.code, guard.recorded, guard.missing]);
  const { account, commands } = bound.declarations;
  const secrets = [account.userSecret, account.organizationSecret].map(listReferences);
  const programs = commands.map(({ name, words, env, timeoutMs }) => [name, words, env, timeoutMs]);
  const { baseUrl, user, project, ownership, live } = bound;
  const parts = [baseUrl, user, project, ownership, changes, guards, secrets, programs];
  const text = JSON.stringify(live ? parts : [...parts, 'offline']);
  return `sha256:${createHash('sha256').update(text).digest('hex')}`;
}

/** Where the secrets come from that no create tells of. */
export function listSources({ account, commands }: Declarations): Sources {
  return {
    account: [account.userSecret, account.organizationSecret].flatMap(listReferences),
    commands: commands.map(({ name, words }) => ({ name, words })),
  };
}

function listReferences({ references }: SensitiveTemplate): readonly string[] {
  return references.map(({ scheme, name }) => `${scheme}:${name}`);
}

/** What stands around the references of a value: it may say where they go. */
function listTemplates(declaration: Declaration | undefined): readonly Json[] {
  return Object.entries(declaration?.configuration ?? {})
    .flatMap(([key, value]): Json[] => (value.kind === 'sensitive' ? [[key, value.template]] : []))
    .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

function listBound(field: FieldChange): readonly Json[] {
  return [
    field.path,
    field.references === undefined ? field.declared : null,
    field.recorded,
    field.live,
    field.references ?? null,
  ];
}
