import type { Diagnostic } from '../diagnostics.ts';
import type { InstateError } from '../errors.ts';
import { sortItems, type Report, type ReportHead, type ReportItem } from './report.ts';
import { placeOf } from './place.ts';
import { clean } from './screen.ts';
import { countDiagnostics } from './text-diagnostics.ts';

const levels = { error: 'error', warning: 'warning', info: 'note' } as const;

/** What the run found to say of itself or of the files. */
export function listProblems({ diagnostics, locate, declared }: ReportHead): readonly ReportItem[] {
  return diagnostics.map((one) => describeProblem(one, locate, declared));
}

function describeProblem(
  diagnostic: Diagnostic,
  locate: ReportHead['locate'],
  declared: ReportHead['declared'],
): ReportItem {
  const { severity, code, summary, detail, address, path, file, line, column, requestId } = diagnostic;
  return {
    rule: `problem/${code}`,
    kind: severity === 'info' ? 'note' : severity,
    level: levels[severity],
    fails: severity === 'error',
    address: address ?? null,
    ...{ element: null, name: null, instanceId: null, fields: [] },
    text: `${path === undefined ? '' : `${clean(path)}: `}${clean(summary)}`,
    details: [...(detail === '' ? [] : [clean(detail)]), ...nameRequest(requestId ?? null)],
    place:
      file === undefined
        ? placeOf(declared.get(address ?? '')?.source ?? null, locate)
        : { file: locate(file), line: line ?? 1, column: column ?? 1 },
  };
}

/** Apart from the sentence, by which scanners tell what they have seen before. */
function nameRequest(id: string | null): readonly string[] {
  return id === null ? [] : [`request ${clean(id)}`];
}

/** A run that came to no answer: the error, and every finding under it. */
export function reportFailure(error: InstateError, head: ReportHead): Report {
  const { diagnostics: _diagnostics, declared: _declared, locate: _locate, ...rest } = head;
  const found = listProblems({ ...head, diagnostics: [...head.diagnostics, ...error.diagnostics] });
  // Where each mistake stands by itself, the sentence that sums them up would only be one more.
  const isSum = error.code === 'invalid_declarations' && found.some(({ level }) => level === 'error');
  const own: ReportItem = {
    ...{ rule: `problem/${error.code}`, kind: 'error', level: 'error', fails: true },
    ...{ address: null, element: null, name: null, instanceId: null, fields: [], place: null },
    text: `${clean(error.message)} [${error.code}]`,
    details: [...(error.hint === '' ? [] : [clean(error.hint)]), ...nameRequest(error.requestId)],
  };
  return {
    ...rest,
    summary: `Error: ${clean(error.message)} [${error.code}]`,
    ok: false,
    answered: isSum,
    digest: null,
    next: null,
    facts: [],
    outputs: { error: error.code },
    items: sortItems(isSum ? found : [own, ...found]),
  };
}

/** What `validate` found in valid declarations: warnings, if anything. */
export function reportValidation(head: ReportHead, instances: number): Report {
  const { diagnostics, declared: _declared, locate: _locate, ...rest } = head;
  const items = sortItems(listProblems(head));
  const problems = countDiagnostics(diagnostics);
  return {
    ...rest,
    summary: problems === '' ? 'Valid.' : `Valid, ${problems}.`,
    ok: true,
    answered: true,
    digest: null,
    next: null,
    facts: [`${String(instances)} declared`],
    outputs: { valid: 'true' },
    items,
  };
}
