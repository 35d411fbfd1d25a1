import type { Report } from '../src/render/report.ts';

/** Formats that are drawn from a report; each loads its renderer only when it is asked for. */
export const reportFormats = ['markdown', 'html', 'sarif', 'junit', 'github', 'gitlab'] as const;
export type ReportFormat = (typeof reportFormats)[number];

/** All that a command which can report can answer with. */
export const allFormats = ['text', 'json', ...reportFormats] as const;

/** Whether a format is drawn from a report. */
export function isReportFormat(format: string): format is ReportFormat {
  return (reportFormats as readonly string[]).includes(format);
}

/** Draws a report. */
export async function drawReport(format: ReportFormat, report: Report): Promise<string> {
  switch (format) {
    case 'markdown':
      return (await import('../src/render/report-markdown.ts')).renderMarkdown(report);
    case 'html':
      return (await import('../src/render/report-html.ts')).renderHtml(report);
    case 'sarif':
      return (await import('../src/render/report-sarif.ts')).renderSarif(report);
    case 'junit':
      return (await import('../src/render/report-junit.ts')).renderJunit(report);
    case 'github':
      return (await import('../src/render/report-github.ts')).renderGithub(report);
    case 'gitlab':
      return (await import('../src/render/report-gitlab.ts')).renderGitlab(report);
    default:
      return format satisfies never;
  }
}
