import type { Reference } from '../core/model.ts';
import type { Problem, Report } from './problems.ts';
import type { ReadScalar } from './read-tree.ts';
import type { Reading } from './references.ts';
import type { VariableVerdict } from './shown.ts';
import {
  holdsReference,
  isSensitive,
  listReferences,
  parseTemplate,
  type Part,
  type TemplateFault,
} from './template.ts';
import type { ScalarNode } from './tree.ts';
import { type ScalarValue, toSource } from './values.ts';
import type { UnsetReference } from './unset.ts';
import { type At, takesSecrets } from './zones.ts';

export interface FillOptions {
  readonly report: Report;
  /** What is known of a variable that `${var:}` names (safety.md F2). */
  readonly judge: (name: string) => VariableVerdict;
  /** What a reference to a secret gives; `folder` is that of the file it stands in. */
  readonly read: (reference: Reference, folder: string) => Reading;
  /** May files read this variable (`INSTATE_ENV_ALLOW`)? */
  readonly allowed: (name: string) => boolean;
  readonly onUnset: (unset: UnsetReference) => void;
  /** Is told of each `${exec:NAME}` that stands where it may. */
  readonly onCommand: (used: UsedCommand) => void;
}

/** Where `${exec:NAME}` stands. */
export interface UsedCommand {
  readonly name: string;
  readonly place: ScalarNode;
  readonly at: At;
}

const none: readonly Reference[] = [];

/** Looks at the references in a scalar and fills in `${var:}`; secrets stay references. */
export function makeFill(options: FillOptions): ReadScalar {
  return (node, at, written) => {
    if (typeof written !== 'string' || !holdsReference(written)) {
      return { kind: 'scalar', place: node, written, value: written, references: none, known: true };
    }
    const { parts, faults } = parseTemplate(written);
    for (const fault of faults) report(options, node, at, explainFault(fault));
    return fill(options, { node, at, written, parts, isSound: faults.length === 0 });
  };
}

interface Filling {
  readonly node: ScalarNode;
  readonly at: At;
  readonly written: string;
  readonly parts: readonly Part[];
  readonly isSound: boolean;
}

function fill(options: FillOptions, { node, at, written, parts, isSound }: Filling): ScalarValue {
  const references = listReferences(parts);
  let known = isSound;
  const texts = new Map<string, string>();
  for (const reference of references) {
    if (isSensitive(reference)) checkSecret(options, reference, { node, at });
    else {
      const text = readVariable(options, reference, { node, at });
      if (text === null) known = false;
      else texts.set(reference.name, text);
    }
  }
  const asWritten = !known || references.some(isSensitive);
  const value = asWritten ? written : parts.map((part) => textOf(part, texts)).join('');
  return { kind: 'scalar', place: node, written, value, references, known };
}

function textOf(part: Part, texts: ReadonlyMap<string, string>): string {
  return part.kind === 'text' ? part.text : (texts.get(part.reference.name) ?? '');
}

interface Where {
  readonly node: ScalarNode;
  readonly at: At;
}

type Finding = Pick<Problem, 'code' | 'summary' | 'detail'>;

function report(options: FillOptions, node: ScalarNode, at: At, finding: Finding): void {
  options.report.add({ ...finding, place: node, path: at.path, address: at.address });
}

function noteUnset(options: FillOptions, reference: Reference, { node, at }: Where): void {
  const secretRole = at.zone === 'secret' ? 'account' : 'credential';
  options.onUnset({
    reference,
    path: at.path,
    address: at.address,
    source: toSource(node),
    role: isSensitive(reference) ? secretRole : 'variable',
  });
}

/** A variable's text; null if it is unset, or refused, which is reported. */
function readVariable(options: FillOptions, reference: Reference, where: Where): string | null {
  const verdict = options.judge(reference.name);
  if (verdict.kind === 'value') return verdict.text;
  if (verdict.kind === 'unset') noteUnset(options, reference, where);
  else {
    report(options, where.node, where.at, {
      code: 'refused_variable',
      summary: `\${var:${reference.name}} is refused: ${verdict.why}`,
      detail: verdict.hint,
    });
  }
  return null;
}

function checkSecret(options: FillOptions, reference: Reference, where: Where): void {
  const { node, at } = where;
  const written = `\${${reference.scheme}:${reference.name}}`;
  if (!takesSecrets(at.zone)) {
    if (at.zone === 'unknown') return;
    report(options, node, at, {
      code: 'misplaced_reference',
      summary: `${written} is sensitive: it may stand in \`configuration\` and in the account's two secrets only`,
      detail: reference.scheme === 'env' ? `Write \${var:${reference.name}} if the value is no secret.` : '',
    });
    return;
  }
  if (reference.scheme === 'env' && !options.allowed(reference.name)) {
    report(options, node, at, {
      code: 'refused_reference',
      summary: `${written} is refused: INSTATE_ENV_ALLOW does not let files read this variable`,
      detail: 'Add its name to INSTATE_ENV_ALLOW if the file is to be trusted with it.',
    });
    return;
  }
  if (reference.scheme === 'exec') {
    options.onCommand({ name: reference.name, place: node, at });
    return;
  }
  const reading = options.read(reference, node.file.folder);
  if (reading.kind === 'unset') noteUnset(options, reference, where);
  else if (reading.kind === 'refused') {
    const summary = `${written} is refused: ${reading.why}`;
    report(options, node, at, { code: 'refused_reference', summary, detail: reading.hint });
  }
}

/** Names nothing of what stands in the braces: it may be half a secret (safety.md E2). */
function explainFault(fault: TemplateFault): Finding {
  const code = 'bad_reference';
  const literal = 'Write $${ for a literal ${.';
  switch (fault) {
    case 'unclosed':
      return { code, summary: 'a reference is not closed: its } is missing', detail: literal };
    case 'no-scheme':
      return {
        code,
        summary: 'a reference needs a scheme',
        detail: `Write \${env:NAME}, \${file:PATH}, \${exec:NAME} or \${var:NAME}. ${literal}`,
      };
    case 'other-scheme':
      return {
        code,
        summary: 'this scheme of a reference does not exist',
        detail: `There are \${env:NAME}, \${file:PATH}, \${exec:NAME} and \${var:NAME}. ${literal}`,
      };
    case 'bad-command':
      return {
        code,
        summary: 'an ${exec:…} needs the name of a command of `secretCommands`',
        detail: 'Write it as in ${exec:insightly-key}.',
      };
    case 'bad-name':
      return {
        code,
        summary: 'a reference needs the name of a variable: letters, digits and _',
        detail: 'Write it as in ${env:INSIGHTLY_API_KEY}.',
      };
    case 'empty-path':
      return { code, summary: 'a ${file:…} needs a path', detail: 'Write it as in ${file:secrets/api-key}.' };
    default:
      return fault satisfies never;
  }
}
