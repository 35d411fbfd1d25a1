import type { Reference } from '../core/model.ts';

/** A piece of a string: text (`$${` already undone), or a reference. */
export type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'reference'; readonly reference: Reference };

/** Why a `${` is none of ours. Says nothing of what stands inside: that may be half a secret. */
export type TemplateFault =
  'unclosed' | 'no-scheme' | 'other-scheme' | 'bad-name' | 'bad-command' | 'empty-path';

export interface Template {
  readonly parts: readonly Part[];
  readonly faults: readonly TemplateFault[];
}

const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** Names of `secretCommands`. */
export const commandPattern = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;

/** Is there anything in it that `parseTemplate` would not leave as it is? */
export function holdsReference(text: string): boolean {
  return text.includes('${');
}

/** Splits a string at its references. `$${` is a literal `${`; any other `$` is itself; references do not nest. */
export function parseTemplate(text: string): Template {
  const parts: Part[] = [];
  const faults: TemplateFault[] = [];
  let literal = '';
  let position = 0;
  for (;;) {
    const open = text.indexOf('${', position);
    if (open === -1) break;
    if (text[open - 1] === '$') {
      literal += `${text.slice(position, open - 1)}\${`;
      position = open + 2;
      continue;
    }
    literal += text.slice(position, open);
    const close = text.indexOf('}', open);
    if (close === -1) {
      faults.push('unclosed');
      position = text.length;
      break;
    }
    const inside = parseReference(text.slice(open + 2, close));
    if (typeof inside === 'string') faults.push(inside);
    else {
      if (literal !== '') parts.push({ kind: 'text', text: literal });
      literal = '';
      parts.push({ kind: 'reference', reference: inside });
    }
    position = close + 1;
  }
  literal += text.slice(position);
  if (literal !== '') parts.push({ kind: 'text', text: literal });
  return { parts, faults };
}

function parseReference(inside: string): Reference | TemplateFault {
  const colon = inside.indexOf(':');
  const scheme = colon === -1 ? '' : inside.slice(0, colon);
  const name = inside.slice(colon + 1);
  switch (scheme) {
    case 'env':
    case 'var':
      return variableName.test(name) ? { scheme, name } : 'bad-name';
    case 'file':
      return name.trim() === '' || /\p{Cc}/u.test(name) ? 'empty-path' : { scheme, name };
    case 'exec':
      return commandPattern.test(name) ? { scheme, name } : 'bad-command';
    case '':
      return 'no-scheme';
    default:
      return 'other-scheme';
  }
}

/** The references in a string, in order, each once. */
export function listReferences(parts: readonly Part[]): readonly Reference[] {
  const found = new Map<string, Reference>();
  for (const part of parts) {
    if (part.kind === 'reference')
      found.set(`${part.reference.scheme}:${part.reference.name}`, part.reference);
  }
  return [...found.values()];
}

/** How a reference is named in lists of what is missing: `INSIGHTLY_API_KEY`, `file:PATH`, or `exec:NAME`. */
export function nameReference({ scheme, name }: Reference): string {
  return scheme === 'file' || scheme === 'exec' ? `${scheme}:${name}` : name;
}

/** A reference as it is written: a template of nothing but itself. */
export function writeReference({ scheme, name }: Reference): string {
  return `\${${scheme}:${name}}`;
}

/** Is the value it stands for a secret? `${var:}` is not. */
export function isSensitive(reference: Reference): boolean {
  return reference.scheme !== 'var';
}
