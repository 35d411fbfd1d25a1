import { openSensitive, type Sensitive } from '../core/sensitive.ts';
import type { Variables } from './env-file.ts';
import { isStateKey } from './references.ts';
import { isSecretVariable } from './secret-keys.ts';

/** What is known of a variable that `${var:}` names. */
export type VariableVerdict =
  | { readonly kind: 'value'; readonly text: string }
  | { readonly kind: 'unset' }
  | { readonly kind: 'refused'; readonly why: string; readonly hint: string };

export interface JudgeOptions {
  readonly variables: Variables;
  /** Names that `${env:}` uses anywhere in the files. */
  readonly secretNames: ReadonlySet<string>;
  /** All sensitive values that the files refer to. */
  readonly secrets: readonly Sensitive[];
}

/**
 * Decides what `${var:}` may read: its value is no secret, so it would be shown, planned and stored in clear. Refused are
 * a secret-like name, a variable that is used as a secret too, and one whose value contains a secret (safety.md F2).
 */
export function makeJudge({
  variables,
  secretNames,
  secrets,
}: JudgeOptions): (name: string) => VariableVerdict {
  const known = new Map<string, VariableVerdict>();
  const judge = (name: string): VariableVerdict => {
    const refuse = (why: string, hint: string): VariableVerdict => ({ kind: 'refused', why, hint });
    const asSecret = `Write \${env:${name}} in \`configuration\`, or use another variable.`;
    if (isStateKey(name)) return refuse('it is the key of the state', 'Use another variable.');
    if (name.startsWith('INSTATE_')) return refuse('it is for instate itself', 'Use another variable.');
    if (isSecretVariable(name)) return refuse('its name says that it holds a secret', asSecret);
    if (secretNames.has(name)) return refuse('${env:} uses it as a secret', asSecret);
    if (!variables.allowed(name)) {
      const hint = 'Add its name to INSTATE_ENV_ALLOW if the file is to be trusted with it.';
      return refuse('INSTATE_ENV_ALLOW does not let files read this variable', hint);
    }
    const value = variables.get(name);
    if (value === null) return { kind: 'unset' };
    if (holdsAny(value, secrets)) return refuse('its value contains a secret that the files use', asSecret);
    const text = openSensitive(value);
    if (/:\/\/[^/?#\s]*:[^/?#\s]*@/.test(text))
      return refuse('its value is an address with a password', asSecret);
    return { kind: 'value', text };
  };
  return (name) => {
    const verdict = known.get(name) ?? judge(name);
    known.set(name, verdict);
    return verdict;
  };
}

/** The variables that `${var:}` has put into the files and whose value holds one of these secrets, which were not known then. */
export function listShowing(
  shown: ReadonlyMap<string, Sensitive>,
  secrets: readonly Sensitive[],
): readonly string[] {
  return [...shown].filter(([, value]) => holdsAny(value, secrets)).map(([name]) => name);
}

/** Below four characters a secret hides nothing by being kept out. */
function holdsAny(value: Sensitive, secrets: readonly Sensitive[]): boolean {
  const text = openSensitive(value);
  return secrets.map(openSensitive).some((secret) => secret.length >= 4 && text.includes(secret));
}
