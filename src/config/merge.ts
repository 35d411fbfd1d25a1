import { describePlace, type Report } from './problems.ts';
import type { SourceFile } from './tree.ts';
import { type EntryValue, listEntries, type Value } from './values.ts';
import { showKey } from './zones.ts';

/** All documents of all files as one. */
export interface Merged {
  /** Top-level keys, the first of each; `instances` only tells that it stood somewhere. */
  readonly top: ReadonlyMap<string, EntryValue>;
  /** In the order of the files, every address once. */
  readonly instances: readonly EntryValue[];
}

/** Joins `instances`, lets `version` repeat, and reports whatever else stands twice, naming both places. */
export function mergeDocuments(documents: readonly Value[], report: Report): Merged {
  const top = new Map<string, EntryValue>();
  const instances = new Map<string, EntryValue>();
  for (const entry of documents.flatMap(listEntries)) {
    const first = top.get(entry.key);
    if (!first) top.set(entry.key, entry);
    else if (entry.key !== 'instances' && entry.key !== 'version') {
      report.add({
        code: 'duplicate_key',
        summary: `\`${showKey(entry.key)}\` stands already at ${describePlace(first.place)}`,
        detail: 'It may stand once in all files; remove one of the two.',
        place: entry.place,
        path: showKey(entry.key),
      });
    }
    if (entry.key === 'instances') addInstances(instances, entry.value, report);
  }
  return { top, instances: [...instances.values()] };
}

function addInstances(instances: Map<string, EntryValue>, value: Value, report: Report): void {
  for (const entry of listEntries(value)) {
    const first = instances.get(entry.key);
    if (!first) {
      instances.set(entry.key, entry);
      continue;
    }
    report.add({
      code: 'duplicate_address',
      summary: `the address \`${showKey(entry.key)}\` stands already at ${describePlace(first.place)}`,
      detail: 'Rename or remove one of the two.',
      place: entry.place,
      path: `instances.${showKey(entry.key)}`,
      address: entry.key,
    });
  }
}

/** What the whole needs; a key that is missing is reported at the beginning of the first file. */
export function checkRequired(
  merged: Merged,
  file: SourceFile,
  options: { report: Report; hasProject: boolean },
): void {
  const examples = { version: 'version: 1', project: 'project: my-project', instances: 'instances: {}' };
  for (const [key, example] of Object.entries(examples)) {
    if (merged.top.has(key) || (key === 'project' && options.hasProject)) continue;
    options.report.add({
      code: 'missing_key',
      summary: `\`${key}\` is missing`,
      detail: `Add \`${example}\`.`,
      place: { file, start: 0, end: 0 },
      path: key,
    });
  }
}
