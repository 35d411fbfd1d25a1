import { countKinds, explainItem, type Report, type ReportItem } from './report.ts';
import { clean, count, defuse } from './screen.ts';

/** GitHub refuses comments above 65,536 characters; what a bot adds around ours needs room, too. */
export const markdownLimit = 60_000;

/**
 * A report for a pull request's comment: worst first, at most 60,000 characters. What comes from outside stands in code spans and
 * fences alone, where nothing is markup, a mention or a reference to an issue (safety.md E8).
 */
export function renderMarkdown(report: Report): string {
  const { command, project, host, summary, facts, digest, next, version } = report;
  const head = [
    // A bot finds its own comment by this, and replaces it.
    `<!-- instate:${command}:${project ?? ''} -->`,
    ...(digest === null ? [] : [`<!-- instate:digest:${digest} -->`]),
    `### instate ${command}${project === null ? '' : `: ${quote(project)}`}`,
    '',
    `**${escapeWords(summary)}**`,
    '',
    ...[...(host === null ? [] : [`account ${host}`]), ...facts.map(shorten)].map(
      (fact) => `- ${escapeWords(fact)}`,
    ),
    '',
  ];
  const tail = [
    ...(next === null
      ? []
      : ['Apply exactly this, or nothing, with the same files and filters and:', '', ...fence([next]), '']),
    `<sub>instate ${quote(version)}, ${quote(report.timestamp)}</sub>`,
    '',
  ];
  const room = markdownLimit - length(head) - length(tail) - 400;
  return defuse([...head, ...renderItems(report.items, room), ...tail].join('\n'));
}

function length(lines: readonly string[]): number {
  return lines.reduce((sum, line) => sum + line.length + 1, 0);
}

/** As many as there is room for, under a heading for each kind; then how many more of which kind. */
function renderItems(items: readonly ReportItem[], room: number): readonly string[] {
  const lines: string[] = [];
  const counts = countKinds(items);
  let [left, kind] = [room, ''];
  for (const [at, item] of items.entries()) {
    const heading =
      item.kind === kind
        ? []
        : [
            ...(at === 0 ? [] : ['']),
            `#### ${escapeWords(item.kind)} (${String(counts.get(item.kind))})`,
            '',
          ];
    const block = [...heading, ...renderItem(item)];
    left -= length(block);
    if (left < 0) return [...lines, '', summariseRest(items.slice(at)), ''];
    lines.push(...block);
    kind = item.kind;
  }
  return items.length === 0 ? [] : [...lines, ''];
}

function summariseRest(items: readonly ReportItem[]): string {
  const kinds = [...countKinds(items)].map(([kind, n]) => `${String(n)} ${kind}`).join(', ');
  return `…and ${String(items.length)} more: ${escapeWords(kinds)}. The JSON and HTML reports have all of them.`;
}

function renderItem(item: ReportItem): readonly string[] {
  const { rule, address, element, name, instanceId, place } = item;
  const parts = [
    ...(address === null ? [] : [`**${quote(address)}**`]),
    ...(element === null ? [] : [quote(element)]),
    ...(name === null ? [] : [quote(shorten(name))]),
    ...(instanceId === null ? [] : [quote(`#${String(instanceId)}`)]),
    ...(place === null ? [] : [quote(`${shorten(place.file)}:${String(place.line)}`)]),
  ];
  const lines = explainItem(item).map(shorten);
  const head = `- ${parts.length === 0 ? quote(rule) : parts.join(' ')}`;
  const shown = lines.slice(0, mostLines);
  const more = lines.length - shown.length;
  const body = more === 0 ? shown : [...shown, `(${count(more, 'more line')})`];
  return lines.length === 0 ? [head] : [head, ...fence(body).map((line) => `  ${line}`)];
}

const mostLines = 40;

/** One item may not fill the comment. */
function shorten(text: string): string {
  return text.length > 300 ? `${text.slice(0, 297)}...` : text;
}

/** A code span that nothing inside can end. */
function quote(text: string): string {
  const safe = clean(text);
  const ticks = '`'.repeat(longestRun(safe) + 1);
  const pad = safe === '' || safe.startsWith('`') || safe.endsWith('`') ? ' ' : '';
  return `${ticks}${pad}${safe}${pad}${ticks}`;
}

/** A block of code that nothing inside can end. */
function fence(lines: readonly string[]): readonly string[] {
  const safe = lines.map(clean);
  const ticks = '`'.repeat(Math.max(3, ...safe.map((line) => longestRun(line) + 1)));
  return [`${ticks}text`, ...safe, ticks];
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}

/** Our own words, in which a name may stand all the same: nothing in them is markup, a mention or a reference. */
function escapeWords(text: string): string {
  return clean(text)
    .replace(/[\\`*_[\]<>#|~&@$]|:(?=\/)/g, (one) => `\\${one}`)
    .replace(/\\([@#])/g, '\\$1<!-- -->')
    .replace(/www\./gi, (one) => `${one.slice(0, 3)}\\.`);
}
