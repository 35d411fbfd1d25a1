import type { Source } from '../core/model.ts';
import type { Place, ReportHead } from './report.ts';

/** The declared place, as seen from the root of the checkout. */
export function placeOf(source: Source | null, locate: ReportHead['locate']): Place | null {
  return source === null ? null : { ...source, file: locate(source.file) };
}
