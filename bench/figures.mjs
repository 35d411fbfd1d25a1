// Medians, and rows of them. Times in milliseconds, memory in MB.

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Median, and least to most in brackets. */
function spread(values, unit) {
  const show = (value) => String(Math.round(value));
  return `${show(median(values))} ${unit} (${show(Math.min(...values))}–${show(Math.max(...values))})`;
}

/**
 * One scenario as rows: what both clients took, and how many times more instate takes. The ratio is the median of the
 * rounds' own ratios: what slows the machine down for a while slows both clients of a round.
 */
export function describeScenario(name, { instate, raw }) {
  const row = (what, key, unit) => {
    const [ours, theirs] = [instate, raw].map((runs) => runs.map((run) => run[key]));
    const ratio = median(ours.map((value, round) => value / theirs[round])).toFixed(1);
    return [`  ${what}`, spread(ours, unit), spread(theirs, unit), `${ratio} ×`];
  };
  const rounds = instate.length === 1 ? '1 round' : `${instate.length} rounds`;
  return [
    [`${name}: ${rounds}`, '', '', ''],
    row('wall', 'wall', 'ms'),
    row('CPU', 'cpu', 'ms'),
    row('peak memory', 'memory', 'MB'),
  ];
}

const widths = [14, 24, 24, 10];

/** Rows in columns of a fixed width, so that each can be shown as soon as it is known. */
export function drawRows(rows) {
  const pad = (text, column) => (column === 0 ? text.padEnd(widths[0]) : text.padStart(widths[column]));
  return rows.map((row) => row.map(pad).join('').trimEnd()).join('\n');
}
