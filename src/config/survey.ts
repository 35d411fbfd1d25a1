import type { Reference } from '../core/model.ts';
import type { Sensitive } from '../core/sensitive.ts';
import { defaultSecrets } from './account.ts';
import type { Variables } from './env-file.ts';
import type { ReadReference } from './references.ts';
import { resolvePlain } from './scalars.ts';
import { holdsReference, listReferences, parseTemplate } from './template.ts';
import type { Node, YamlFile } from './tree.ts';

/** A reference and the folder of the file that it stands in. */
interface FoundReference {
  readonly reference: Reference;
  readonly folder: string;
}

/** Every reference in the files, wherever it stands. */
function surveyReferences(files: readonly YamlFile[]): readonly FoundReference[] {
  const found: FoundReference[] = [];
  for (const { source, documents } of files) {
    const seen = new Set<number>();
    const visit = (node: Node): void => {
      if (node.kind === 'list') for (const item of node.items) visit(item);
      else if (node.kind === 'map') {
        for (const pair of node.pairs) {
          visit(pair.key);
          visit(pair.value);
        }
      } else if (holdsReference(node.text) && !seen.has(node.from)) {
        seen.add(node.from);
        const references = listReferences(parseTemplate(node.text).parts);
        found.push(...references.map((reference) => ({ reference, folder: source.folder })));
      }
    };
    documents.forEach(visit);
  }
  return found;
}

/**
 * All that the files and the account's defaults use as a secret, by name and by value, before anything is filled in:
 * what `${var:}` may read depends on it (safety.md F2).
 */
export function surveySecrets(
  files: readonly YamlFile[],
  variables: Variables,
  read: ReadReference,
): {
  readonly secretNames: ReadonlySet<string>;
  readonly secrets: readonly Sensitive[];
  /** Names that `${var:}` uses. */
  readonly variableNames: ReadonlySet<string>;
} {
  const secretNames = new Set<string>(Object.values(defaultSecrets));
  const secrets = new Set<Sensitive>();
  const variableNames = new Set<string>();
  for (const name of secretNames) {
    const value = variables.get(name);
    if (value !== null) secrets.add(value);
  }
  for (const { reference, folder } of surveyReferences(files)) {
    if (reference.scheme === 'var') {
      variableNames.add(reference.name);
      continue;
    }
    if (reference.scheme === 'env') secretNames.add(reference.name);
    const reading = read(reference, folder);
    if (reading.kind === 'value') secrets.add(reading.value);
  }
  return { secretNames, secrets: [...secrets], variableNames };
}

/** Does a document hold nothing at all? */
export function isEmptyDocument(document: Node): boolean {
  return (
    document.kind === 'scalar' &&
    document.plain &&
    !document.tagged &&
    resolvePlain(document.text).value === null
  );
}
