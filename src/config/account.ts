import type { DeclaredAccount, SensitiveTemplate, Source } from '../core/model.ts';
import { declareValue } from './configuration.ts';
import type { Report } from './problems.ts';
import { writeReference } from './template.ts';
import type { Place } from './tree.ts';
import { findValue, isSettled, readNumber, readText, toSource, type Value } from './values.ts';

/** US production. */
export const defaultBaseUrl = 'https://api.cloud-elements.com/elements/api-v2';

/** The variables that the account's secrets come from unless the files say otherwise. */
export const defaultSecrets = {
  userSecret: 'CE_USER_SECRET',
  organizationSecret: 'CE_ORGANIZATION_SECRET',
} as const;

const nowhere: Source = { file: '', line: 1, column: 1 };

/** The same as declared values, for a run without files. */
export const defaultAccountSecrets = {
  userSecret: referTo(defaultSecrets.userSecret),
  organizationSecret: referTo(defaultSecrets.organizationSecret),
} as const;

function referTo(name: string): SensitiveTemplate {
  const reference = { scheme: 'env', name } as const;
  return { kind: 'sensitive', template: writeReference(reference), references: [reference], source: nowhere };
}

export interface AccountOptions {
  /** `--base-url`: counts instead of the file's. */
  readonly baseUrl: string | null;
  /** Where the defaults are said to stand. */
  readonly beginning: Place;
  readonly report: Report;
}

/** The account, with its defaults. */
export function readAccount(value: Value | undefined, options: AccountOptions): DeclaredAccount {
  const own = readBaseUrl(findValue(value, 'baseUrl'), options.report);
  return {
    baseUrl:
      options.baseUrl === null ? (own ?? defaultBaseUrl) : readGivenUrl(options.baseUrl, options.report),
    user: readNumber(findValue(value, 'user')),
    userSecret: readSecret(value, 'userSecret', options),
    organizationSecret: readSecret(value, 'organizationSecret', options),
  };
}

function readBaseUrl(value: Value | undefined, report: Report): string | null {
  const text = readText(value);
  if (text === null || value?.kind !== 'scalar') return null;
  if (!isSettled(value)) return text;
  const judged = judgeUrl(text);
  if ('url' in judged) return judged.url;
  report.add({ code: 'bad_url', ...judged, place: value.place, path: 'account.baseUrl' });
  return null;
}

function readGivenUrl(text: string, report: Report): string {
  const judged = judgeUrl(text);
  if ('url' in judged) return judged.url;
  report.add({
    code: 'bad_url',
    summary: `--base-url (or INSTATE_BASE_URL): ${judged.summary}`,
    detail: judged.detail,
  });
  return defaultBaseUrl;
}

/** A base URL in the one form in which it is compared; userinfo is refused (safety.md F1). */
function judgeUrl(
  text: string,
): { readonly url: string } | { readonly summary: string; readonly detail: string } {
  const detail = `Write it as in ${defaultBaseUrl}.`;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || !/^https?:\/\//i.test(text))
    return { summary: 'the base URL must begin with https:// and name a host', detail };
  if (url.username !== '' || url.password !== '' || /^[a-z]+:\/\/[^/?#]*@/i.test(text)) {
    return { summary: 'the base URL may not hold a user or password', detail };
  }
  if (/[?#]/.test(text)) return { summary: 'the base URL may not hold ? or #', detail };
  if (text !== text.trim()) return { summary: 'the base URL may not begin or end with a space', detail };
  return { url: `${url.origin}${url.pathname.replace(/\/+$/, '')}` };
}

function readSecret(
  account: Value | undefined,
  key: keyof typeof defaultSecrets,
  { beginning, report }: AccountOptions,
): SensitiveTemplate {
  const name = defaultSecrets[key];
  const value = findValue(account, key);
  const declared = value ? declareValue(value) : null;
  if (declared?.kind === 'sensitive') return declared;
  const isMalformed = value?.kind === 'scalar' && !value.known && value.references.length === 0;
  if (value?.kind === 'scalar' && value.value !== null && !isMalformed) {
    report.add({
      code: 'literal_secret',
      summary:
        value.references.length > 0
          ? '`${var:}` is shown in clear, so a secret may not come from it'
          : 'a secret may not stand in the file',
      detail: `Write \`${key}: "\${env:${name}}"\`.`,
      place: value.place,
      path: `account.${key}`,
    });
  }
  return {
    kind: 'sensitive',
    template: `\${env:${name}}`,
    references: [{ scheme: 'env', name }],
    source: toSource(beginning),
    folder: beginning.file.folder,
  };
}

/** `state:` as written, with the folder that a path is relative to; null: the default. */
export interface WrittenState {
  readonly text: string;
  readonly folder: string;
  /** Taken as it is: a URL, or a text that still wants a variable. */
  readonly isPath: boolean;
}

/** Refuses a password in a state URL: that comes from the environment only (safety.md E6). Never shows the URL. */
export function readState(value: Value | undefined, report: Report): WrittenState | null {
  const text = readText(value);
  if (text === null || text === '' || value?.kind !== 'scalar') return null;
  const { folder } = value.place.file;
  if (!isSettled(value)) return { text, folder, isPath: false };
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  const refuse = (summary: string, detail: string): null => {
    report.add({ code: 'bad_state', summary, detail, place: value.place, path: 'state' });
    return null;
  };
  if (scheme === undefined) return { text, folder, isPath: true };
  if (scheme !== 'postgres' && scheme !== 'postgresql') {
    return refuse('the state is a path or postgres://…; no other URL', 'Write `state: .instate/state.db`.');
  }
  if (/:\/\/[^@]*:[^@]+@/.test(text) || /[?&](ssl)?password=/i.test(text)) {
    const detail = 'Leave it out here and give the URL as INSTATE_STATE, or set PGPASSWORD.';
    return refuse('a state URL in a file may not hold a password', detail);
  }
  return { text, folder, isPath: false };
}
