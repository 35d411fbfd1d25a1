/** What the whole suite has done so far. */
export interface Tally {
  readonly secrets: Set<string>;
  readonly paths: string[];
  bytes: number;
  readonly hits: string[];
}

export function createTally(): Tally {
  return { secrets: new Set(), paths: [], bytes: 0, hits: [] };
}

/** The line that the suite ends with. */
export function renderTally({ secrets, paths, bytes, hits }: Tally, forms: number): string {
  const number = (value: number) => value.toLocaleString('en-US');
  return `Canaries: ${number(secrets.size)} secrets, ${number(paths.length)} paths, ${number(bytes)} bytes searched in ${number(forms)} forms, ${number(hits.length)} hits`;
}
