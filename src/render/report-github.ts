import { describeRule } from './rules.ts';
import { explainItem, nameItem, type Report, type ReportItem } from './report.ts';

const commands = { error: 'error', warning: 'warning', note: 'notice' } as const;

/**
 * Workflow commands that a GitHub runner makes annotations of: a line for each item, at the line of its declaration or at line 1 of
 * the first file. Data and properties are escaped as the runner's own toolkit does, so that no name can end one or begin another.
 */
export function renderGithub(report: Report): string {
  return report.items.map((item) => renderAnnotation(item, report)).join('');
}

function renderAnnotation(item: ReportItem, { command, home }: Report): string {
  const { file, line, column } = item.place ?? home;
  const properties = [
    `file=${escapeProperty(file)}`,
    `line=${String(line)}`,
    `col=${String(column)}`,
    `title=${escapeProperty(`instate ${command}: ${nameItem(item)}`)}`,
  ].join(',');
  const message = explainItem(item).join('\n');
  return `::${commands[item.level]} ${properties}::${escapeData(message === '' ? describeRule(item.rule).summary : message)}\n`;
}

function escapeData(text: string): string {
  return text
    .replace(/##(?=\[|vso\[)/g, '#\\#')
    .replaceAll('%', '%25')
    .replaceAll('\r', '%0D')
    .replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
