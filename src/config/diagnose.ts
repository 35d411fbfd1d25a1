import type { Diagnostic } from '../diagnostics.ts';
import { makeExcerpts, type MakeExcerpt } from './excerpt.ts';
import type { Problem } from './problems.ts';
import type { YamlFile } from './tree.ts';

/** Problems as diagnostics, in the order of the files, then by line and column. `files`: those that parsed. */
export function toDiagnostics(
  problems: readonly Problem[],
  files: readonly YamlFile[],
  order: readonly string[],
): readonly Diagnostic[] {
  const excerpt = makeExcerpts(files);
  const ranks = new Map(order.map((name, index) => [name, index]));
  const rank = ({ file }: Diagnostic): number =>
    file === undefined ? -1 : (ranks.get(file) ?? order.length);
  return problems
    .map((problem) => toDiagnostic(problem, excerpt))
    .sort((a, b) => rank(a) - rank(b) || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
}

function toDiagnostic(problem: Problem, excerpt: MakeExcerpt): Diagnostic {
  const { place, path, address } = problem;
  const file = place?.file.name ?? problem.file;
  const cut = place ? excerpt(place) : null;
  return {
    severity: problem.severity ?? 'error',
    code: problem.code,
    summary: problem.summary,
    detail: problem.detail ?? '',
    ...(address === null || address === undefined ? {} : { address }),
    ...(file === undefined ? {} : { file }),
    ...(place ? place.file.locate(place.start) : {}),
    ...(path === undefined || path === '' ? {} : { path }),
    ...(cut ? { excerpt: cut } : {}),
  };
}
