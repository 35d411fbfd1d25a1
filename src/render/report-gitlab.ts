import { explainItem, fingerprintItems, nameItem, type Report, type ReportItem } from './report.ts';
import { defuseJson } from './screen.ts';

const severities = { error: 'major', warning: 'minor', note: 'info' } as const;

/** GitLab's code quality report: a JSON array with an entry for each item; what fails is critical. */
export function renderGitlab(report: Report): string {
  const prints = fingerprintItems(report.items);
  const entries = report.items.map((item, at) => describeEntry(item, report, prints[at] ?? ''));
  return defuseJson(`${JSON.stringify(entries, null, 2)}\n`);
}

function describeEntry(item: ReportItem, { project, home }: Report, print: string): object {
  const { file, line } = item.place ?? home;
  return {
    description: [nameItem(item), ...explainItem(item)].join('; '),
    check_name: item.rule,
    fingerprint: `instate:${project ?? ''}:${print}`,
    severity: item.fails && item.level === 'error' ? 'critical' : severities[item.level],
    location: { path: file, lines: { begin: line } },
  };
}
