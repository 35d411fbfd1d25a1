import { InstateError } from '../src/errors.ts';
import { countDiagnostics, renderDiagnostics } from '../src/render/text-diagnostics.ts';
import { reportFailure, reportValidation } from '../src/render/report-problems.ts';
import { clean, count, type Look } from '../src/render/screen.ts';
import type { Command } from './command.ts';
import { allFormats } from './formats.ts';
import { readFiles, type Files } from './files.ts';

/** `instate validate`: needs no credential and makes no request. */
export const validate: Command = {
  groups: ['files', 'looks', 'report'],
  formats: allFormats,
  examples: [
    ['instate validate', 'check instate.yaml'],
    ['instate validate -f connectors/ --json', 'check every *.yaml of a folder, for a script'],
  ],
  run: async (run) => {
    const files = await readFiles(run);
    const { loaded } = files;
    for (const diagnostic of loaded.diagnostics) run.note(diagnostic);
    const valid = loaded.declarations !== null;
    run.known.project = loaded.declarations?.project ?? null;
    if (loaded.declarations !== null)
      run.known.account = {
        baseUrl: loaded.declarations.account.baseUrl,
        user: loaded.declarations.account.user,
      };
    if (!valid) {
      const summary = `${countDiagnostics(loaded.diagnostics)} in ${loaded.files.join(', ') || 'the declarations'}`;
      const error = new InstateError('invalid_declarations', summary);
      if (!run.options.json) throw error;
      await run.answer({
        text: (look) => `${renderDiagnostics(loaded.diagnostics, look)}\n${summary}\n`,
        report: (head) => reportFailure(error, head),
        body: {
          valid,
          files: loaded.files,
          instances: loaded.instanceCount,
          unset: listUnset(files),
          error: { code: error.code, message: summary, hint: '' },
        },
      });
      return 1;
    }
    await run.answer({
      report: (head) => reportValidation(head, loaded.instanceCount),
      text: (look) => renderValid(files, look),
      body: { valid, files: loaded.files, instances: loaded.instanceCount, unset: listUnset(files) },
    });
    return 0;
  },
};

function listUnset({ loaded }: Files): readonly string[] {
  return [...new Set(loaded.unset.map((one) => one.reference.name))].sort();
}

function renderValid(files: Files, look: Look): string {
  const { loaded } = files;
  const unset = listUnset(files);
  const warnings = countDiagnostics(loaded.diagnostics);
  const lines =
    look.quiet || unset.length === 0
      ? []
      : [`Not set here: ${unset.map(clean).join(', ')} (not needed to validate).`];
  const verdict = `Valid: ${count(loaded.instanceCount, 'instance')} in ${loaded.files.map(clean).join(', ')}${warnings === '' ? '' : `, ${warnings}`}.`;
  return [...lines, verdict].join('\n') + '\n';
}
