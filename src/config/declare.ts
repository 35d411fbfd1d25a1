import type { Declarations } from '../core/model.ts';
import { readAccount, readState, type WrittenState } from './account.ts';
import { checkAcross, checkIgnore, readMoves } from './cross-checks.ts';
import { readDefaults, readInstance } from './instances.ts';
import { checkRequired, type Merged, mergeDocuments } from './merge.ts';
import type { Report } from './problems.ts';
import { readTree, type ReadScalar } from './read-tree.ts';
import { projectPattern } from './schema.ts';
import { checkShape } from './shape.ts';
import { isEmptyDocument } from './survey.ts';
import type { YamlFile } from './tree.ts';
import { isSettled, readText, type Value } from './values.ts';
import { root } from './zones.ts';

export interface DeclareOptions {
  /** The files that parsed. */
  readonly files: readonly YamlFile[];
  /** All files parsed: only then what is missing is missing. */
  readonly isWhole: boolean;
  readonly readScalar: ReadScalar;
  /** `--project`: counts instead of the file's. */
  readonly project: string | null;
  /** `--base-url`: counts instead of the file's. */
  readonly baseUrl: string | null;
  readonly report: Report;
}

/** What the files say, before paths are made absolute. */
export interface Declared extends Omit<Declarations, 'state' | 'files' | 'commands'> {
  readonly state: WrittenState | null;
  /** `secretCommands:`, as it stands. */
  readonly commands: Value | undefined;
}

/** Puts the documents together and checks them; null where there is nothing in them. All problems are reported. */
export function declare(options: DeclareOptions): Declared | null {
  const { files, report, isWhole } = options;
  const documents = files.flatMap((file) => file.documents).filter((document) => !isEmptyDocument(document));
  const [first] = files;
  if (!first) return null;
  if (documents.length === 0) {
    if (isWhole) reportEmpty(files, report);
    return null;
  }
  const values = documents.map((document) =>
    readTree(document, root, { report, readScalar: options.readScalar }),
  );
  for (const value of values) checkShape(value, report);
  const merged = mergeDocuments(values, report);
  const areMappings = values.every((value) => value.kind === 'map');
  if (isWhole && areMappings)
    checkRequired(merged, first.source, { report, hasProject: options.project !== null });
  return assemble(merged, { ...options, first });
}

function reportEmpty(files: readonly YamlFile[], report: Report): void {
  for (const { source } of files) {
    report.add({
      code: 'empty_file',
      summary: 'the file declares nothing',
      detail:
        'Write `version: 1`, `project: …` and `instances: {}`, or let `instate init` write a file to begin with.',
      place: { file: source, start: 0, end: 0 },
    });
  }
}

function assemble(merged: Merged, options: DeclareOptions & { readonly first: YamlFile }): Declared {
  const { report, first, isWhole } = options;
  const top = (key: string) => merged.top.get(key)?.value;
  const defaults = readDefaults(top('defaults'), report);
  const instances = merged.instances.map((entry) => ({
    entry,
    declaration: readInstance(entry, defaults, report),
  }));
  checkAcross(instances, report);
  for (const instance of instances) checkIgnore(instance, report);
  const addresses = new Set(merged.instances.map((entry) => entry.key));
  const beginning = { file: first.source, start: 0, end: 0 };
  return {
    project: readProject(merged, options),
    ownership: readText(top('ownership')) === 'none' ? 'none' : 'tag',
    account: readAccount(top('account'), { baseUrl: options.baseUrl, beginning, report }),
    state: readState(top('state'), report),
    commands: top('secretCommands'),
    instances: instances
      .map(({ declaration }) => declaration)
      .sort((a, b) => (a.address < b.address ? -1 : 1)),
    moved: readMoves(top('moved'), addresses, { report, isWhole }),
  };
}

function readProject(merged: Merged, { project, report }: DeclareOptions): string {
  const written = merged.top.get('project')?.value;
  if (project === null) {
    const isReadable = written?.kind !== 'scalar' || isSettled(written);
    return (isReadable ? readText(written) : null) ?? '';
  }
  if (!projectPattern.test(project)) {
    report.add({
      code: 'bad_project',
      summary: '--project must be up to 32 of a-z 0-9 -, beginning with a letter or digit',
      detail: 'Write it as in --project crm.',
    });
  }
  return project;
}
