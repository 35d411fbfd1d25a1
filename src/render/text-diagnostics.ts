import type { Diagnostic } from '../diagnostics.ts';
import { errorCodes } from '../errors.ts';
import { clean, count, paint, type Look } from './screen.ts';

/** Findings as people read them: place, path, the line with a caret under it, what to type. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], look: Pick<Look, 'colour'>): string {
  return diagnostics.map((diagnostic) => renderDiagnostic(diagnostic, look).join('\n') + '\n').join('\n');
}

function renderDiagnostic(diagnostic: Diagnostic, look: Pick<Look, 'colour'>): readonly string[] {
  const { severity, path, summary, detail } = diagnostic;
  const painter = paint(look);
  const colour = { error: painter.red, warning: painter.yellow, info: painter.cyan }[severity];
  const place = locate(diagnostic);
  const request = diagnostic.requestId === undefined ? '' : ` (request ${clean(diagnostic.requestId)})`;
  // An error that stands alone ends with its code, as every error does.
  const isListed = (errorCodes as readonly string[]).includes(diagnostic.code);
  const code = severity === 'error' && isListed ? ` [${diagnostic.code}]` : '';
  if (place === '') {
    return [
      `${colour(severity)}: ${clean(summary)}${request}${code}`,
      ...(detail === '' ? [] : [`  ${clean(detail)}`]),
    ];
  }
  const head = [place, colour(severity), ...(path === undefined ? [] : [clean(path)])].join('  ');
  return [
    head,
    ...renderExcerpt(diagnostic),
    `  ${clean(summary)}${request}`,
    ...(detail === '' ? [] : [`  ${clean(detail)}`]),
  ];
}

/** `instances.yaml:14:7`; empty where there is no file. */
export function locate({ file, line, column }: Pick<Diagnostic, 'file' | 'line' | 'column'>): string {
  if (file === undefined) return '';
  return [
    clean(file),
    ...(line === undefined ? [] : [String(line)]),
    ...(column === undefined ? [] : [String(column)]),
  ].join(':');
}

function renderExcerpt({ excerpt, line, column }: Diagnostic): readonly string[] {
  if (excerpt === undefined || line === undefined || column === undefined) return [];
  const gutter = `${String(line).padStart(5)} | `;
  const before = ' '.repeat(column - 1);
  return [
    `${gutter}${clean(excerpt.text.replace(/\t/g, ' '))}`,
    `${' '.repeat(gutter.length)}${before}${'^'.repeat(Math.max(1, excerpt.width))}`,
  ];
}

/** `1 error, 1 warning` */
export function countDiagnostics(diagnostics: readonly Diagnostic[]): string {
  const errors = diagnostics.filter((one) => one.severity === 'error').length;
  const warnings = diagnostics.filter((one) => one.severity === 'warning').length;
  return [
    ...(errors > 0 ? [count(errors, 'error')] : []),
    ...(warnings > 0 ? [count(warnings, 'warning')] : []),
  ].join(', ');
}
