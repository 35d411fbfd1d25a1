import { countWords, explainItem, nameItem, tellApart, type Report, type ReportItem } from './report.ts';
import { escapeMarkup } from './markup.ts';
import { clean } from './screen.ts';

/**
 * JUnit XML: a test case for each item; what counts against the exit code is a failure, everything else passes and stands in
 * system-out with its reasons. A report without items has one case that passes: runners take an empty suite for a broken one.
 */
export function renderJunit(report: Report): string {
  const { command, project, host, timestamp, summary, items, ms } = report;
  const failed = items.filter(({ fails }) => fails).length;
  const suite = attributes({
    name: `instate ${command}${project === null ? '' : ` ${project}`}`,
    tests: Math.max(1, items.length),
    failures: failed,
    errors: 0,
    time: (ms / 1000).toFixed(3),
    // The common schema knows neither fractions nor zones.
    timestamp: timestamp.slice(0, 19),
    hostname: host ?? 'localhost',
    package: 'instate',
    id: 0,
  });
  const names = nameCases(items);
  const cases =
    items.length === 0
      ? [renderCase(command, summary, [])]
      : items.map((item, at) => renderItem(item, command, names[at] ?? ''));
  const passing = items.filter(({ fails }) => !fails);
  const out = [
    summary,
    ...report.facts,
    ...passing.map((item) => [nameItem(item), ...explainItem(item)].join('; ')),
  ];
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    `  <testsuite ${suite}>`,
    '    <properties>',
    `      <property ${attributes({ name: 'instate.version', value: report.version })}/>`,
    ...(report.digest === null
      ? []
      : [`      <property ${attributes({ name: 'instate.digest', value: report.digest })}/>`]),
    '    </properties>',
    ...cases.flat(),
    `    <system-out>${escapeMarkup(out.map(clean).join('\n'))}</system-out>`,
    '    <system-err></system-err>',
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

/** What servers know a case by from one run to the next; where several would have one name, each says where it stands. */
function nameCases(items: readonly ReportItem[]): readonly string[] {
  const often = countWords(items.map(nameItem));
  const placed = items.map((item) => {
    const name = nameItem(item);
    return often.get(name) === 1 ? name : [name, ...nameLine(item)].join(' ');
  });
  return tellApart(placed, (nth) => ` (${String(nth)})`);
}

function nameLine({ place }: ReportItem): readonly string[] {
  return place === null ? [] : [`${place.file}:${String(place.line)}:${String(place.column)}`];
}

function renderItem(item: ReportItem, command: string, name: string): readonly string[] {
  const { fails, rule } = item;
  if (!fails) return renderCase(command, name, []);
  const where = nameLine(item);
  const lines = [...explainItem(item), ...where];
  const head = attributes({ message: lines[0] ?? name, type: rule });
  return renderCase(command, name, [
    `      <failure ${head}>${escapeMarkup(lines.map(clean).join('\n'))}</failure>`,
  ]);
}

function renderCase(command: string, name: string, inside: readonly string[]): readonly string[] {
  const head = attributes({ name, classname: `instate.${command}`, time: '0' });
  return inside.length === 0
    ? [`    <testcase ${head}/>`]
    : [`    <testcase ${head}>`, ...inside, '    </testcase>'];
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}="${escapeMarkup(clean(String(value)))}"`)
    .join(' ');
}
