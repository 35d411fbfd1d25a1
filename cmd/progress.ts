import type { Address } from '../src/core/model.ts';
import type { Result } from '../src/core/result.ts';
import type { ApplyEvents } from '../src/engine/run.ts';
import { showDuration } from '../src/render/screen.ts';
import { describeStatus } from '../src/render/text-apply.ts';
import type { Run } from './run.ts';

/** Progress of an apply: a line that rewrites itself, on a terminal only; waits are announced everywhere. */
export function showProgress(run: Run): ApplyEvents & { readonly clear: () => void } {
  const { context, options } = run;
  const { stderr, now, monotonic } = context;
  const lively = stderr.isTTY && !options.quiet && context.env['TERM'] !== 'dumb' && !context.env['CI'];
  let [total, done, startedAt] = [0, 0, monotonic()];
  const draw = (text: string) => {
    if (lively) stderr.write(`\r\u001b[2K${text.slice(0, Math.max(20, (stderr.columns || 80) - 1))}`);
  };
  run.transient.clear = () => draw('');
  return {
    onStart: (count) => {
      [total, done, startedAt] = [total + count, done, monotonic()];
      if (count > 0) draw(`  creating  0/${String(total)}`);
    },
    onCreate: () => undefined,
    onResult: (result: Result) => {
      if (result.action !== 'create') return;
      done++;
      const seconds = (monotonic() - startedAt) / 1000;
      const rate = done / Math.max(seconds, 0.001);
      const left = total > done ? `, ${showDuration(((total - done) / rate) * 1000)} left` : '';
      draw(
        `  creating  ${String(done)}/${String(total)}  ${rate.toFixed(1)}/s${left}  ${result.address} ${describeStatus(result)}`,
      );
    },
    onWait: (addresses: readonly Address[], until: number) => {
      run.say(
        `waiting ${showDuration(until - now())} for ${name(addresses)}: an earlier create was cut off and may still arrive`,
      );
    },
    onLag: (addresses: readonly Address[], until: number) => {
      run.say(
        `waiting up to ${showDuration(until - now())}: the list of instances does not show ${name(addresses)} yet, recorded a moment ago`,
      );
    },
    onUnclear: (addresses: readonly Address[]) => {
      run.say(`looking for ${name(addresses)}: no clear answer came, and the list may lag`);
    },
    clear: () => draw(''),
  };
}

function name([first, ...more]: readonly Address[]): string {
  return `${first ?? ''}${more.length === 0 ? '' : ` and ${String(more.length)} more`}`;
}
