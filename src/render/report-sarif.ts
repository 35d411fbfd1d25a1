import { explainItem, fingerprintItems, nameItem, type Report, type ReportItem } from './report.ts';
import { defuseJson } from './screen.ts';
import { describeRule } from './rules.ts';

const homepage = 'https://www.npmjs.com/package/instate';

/** SARIF 2.1.0: a result for each item, at its declaration or at line 1 of the first file; rule ids and fingerprints are stable. */
export function renderSarif(report: Report): string {
  const { command, project, version, timestamp, items, answered } = report;
  const ids = [...new Set(items.map(({ rule }) => rule))].sort();
  const prints = fingerprintItems(items);
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            ...{ name: 'instate', semanticVersion: version, informationUri: homepage },
            rules: ids.map((id) => ({
              id,
              shortDescription: { text: describeRule(id).summary },
              defaultConfiguration: { level: items.find(({ rule }) => rule === id)?.level ?? 'warning' },
            })),
          },
        },
        automationDetails: { id: `instate/${command}/${project ?? ''}/` },
        columnKind: 'utf16CodeUnits',
        originalUriBaseIds: { SRCROOT: { description: { text: 'The root of the checkout.' } } },
        invocations: [{ executionSuccessful: answered, endTimeUtc: timestamp }],
        results: items.map((item, at) =>
          describeResult(item, report, ids.indexOf(item.rule), prints[at] ?? ''),
        ),
      },
    ],
  };
  return defuseJson(`${JSON.stringify(log, null, 2)}\n`);
}

function describeResult(item: ReportItem, { home }: Report, ruleIndex: number, print: string): object {
  const { file, line, column } = item.place ?? home;
  return {
    ruleId: item.rule,
    ruleIndex,
    level: item.level,
    message: { text: [nameItem(item), ...explainItem(item)].join('\n') },
    locations: [
      {
        physicalLocation: {
          artifactLocation: locate(file),
          region: { startLine: line, startColumn: column },
        },
        ...(item.address === null ? {} : { logicalLocations: [{ name: item.address, kind: 'resource' }] }),
      },
    ],
    partialFingerprints: { 'instate/v1': print },
    ...(item.instanceId === null ? {} : { properties: { instanceId: item.instanceId } }),
  };
}

/** Below the root of the checkout, or wherever the user named it. */
function locate(file: string): object {
  if (file.startsWith('/')) return { uri: `file://${writeUri(file)}` };
  return file.startsWith('../') ? { uri: writeUri(file) } : { uri: writeUri(file), uriBaseId: 'SRCROOT' };
}

/** A path as a URI reference. */
function writeUri(path: string): string {
  // Half of a surrogate pair has no encoding.
  return path
    .replace(/\p{Cs}/gu, '\ufffd')
    .split('/')
    .map(encodeURIComponent)
    .join('/');
}
