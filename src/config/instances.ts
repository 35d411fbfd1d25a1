import type { Declaration } from '../core/model.ts';
import { checkConfiguration, checkInheritedSecrets, declareValue, type Owner } from './configuration.ts';
import { judgeName } from './names.ts';
import type { Report } from './problems.ts';
import {
  type EntryValue,
  findValue,
  isSettled,
  listEntries,
  listItems,
  readBoolean,
  readNumber,
  readText,
  toSource,
  type Value,
} from './values.ts';
import { showKey } from './zones.ts';

/** `defaults`, read once. */
export interface Defaults {
  /** null: the key is absent. */
  readonly tags: readonly string[] | null;
  readonly configuration: readonly EntryValue[];
}

export function readDefaults(value: Value | undefined, report: Report): Defaults {
  const configuration = listEntries(findValue(value, 'configuration'));
  checkConfiguration(configuration, { address: null, element: null }, report);
  return {
    tags: readTags(findValue(value, 'tags'), { path: 'defaults.tags', address: null, report }),
    configuration,
  };
}

interface Reading {
  readonly path: string;
  readonly address: string | null;
  readonly report: Report;
}

function readTags(value: Value | undefined, reading: Reading): readonly string[] | null {
  if (value === undefined) return null;
  return listItems(value).flatMap((item, index) => {
    checkName(item, 'tag', { ...reading, path: `${reading.path}[${String(index)}]` });
    const tag = readText(item);
    return tag === null ? [] : [tag];
  });
}

function checkName(value: Value | undefined, kind: 'name' | 'tag', { path, address, report }: Reading): void {
  if (value?.kind !== 'scalar' || typeof value.value !== 'string' || !isSettled(value)) return;
  const finding = judgeName(value.value, kind);
  if (finding) report.add({ ...finding, place: value.place, path, address });
}

/** One instance with the defaults merged in; what is wrong with it is reported, and replaced by a harmless value. */
export function readInstance(
  { key: address, place, value }: EntryValue,
  defaults: Defaults,
  report: Report,
): Declaration {
  const path = `instances.${showKey(address)}`;
  const element = readText(findValue(value, 'element')) ?? '';
  const name = findValue(value, 'name');
  checkName(name, 'name', { path: `${path}.name`, address, report });
  const ownTags = readTags(findValue(value, 'tags'), { path: `${path}.tags`, address, report });
  return {
    address,
    element,
    name: readText(name) ?? address,
    tags: uniteTags(defaults.tags, ownTags),
    configuration: readConfiguration(value, { owner: { address, element }, defaults, report }),
    externalAuthentication: readText(findValue(value, 'externalAuthentication')) === null ? null : 'initial',
    id: readNumber(findValue(value, 'id')),
    protect: readProtect(findValue(value, 'protect')),
    ignore: listItems(findValue(value, 'ignore')).flatMap((item) => readText(item) ?? []),
    source: toSource(place),
  };
}

function uniteTags(
  shared: readonly string[] | null,
  own: readonly string[] | null,
): readonly string[] | null {
  if (shared === null && own === null) return null;
  return [...new Set([...(shared ?? []), ...(own ?? [])])];
}

/** A `${var:}` that is not set yet protects: the other way round would be the dangerous one. */
function readProtect(value: Value | undefined): boolean {
  if (value === undefined) return false;
  return readBoolean(value) ?? true;
}

function readConfiguration(
  instance: Value,
  {
    owner,
    defaults,
    report,
  }: { readonly owner: Owner; readonly defaults: Defaults; readonly report: Report },
): Declaration['configuration'] {
  const own = listEntries(findValue(instance, 'configuration'));
  checkConfiguration(own, owner, report);
  const ownKeys = new Set(own.map((entry) => entry.key));
  const inherited = defaults.configuration.filter((entry) => !ownKeys.has(entry.key));
  checkInheritedSecrets(inherited, owner, report);
  return Object.fromEntries([...inherited, ...own].map((entry) => [entry.key, declareValue(entry.value)]));
}
