import { fileURLToPath } from 'node:url';

/** Where we lie: `dist/`, with all that was bundled into it. */
const home = new URL('.', import.meta.url);
const quote = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
const frame = new RegExp(
  String.raw`^\s+at (?:[\w$#.<>[\] ]{1,200} \()?(?:${quote(home.href)}|${quote(fileURLToPath(home))})[\w./-]+:\d+:\d+\)?$`,
);

/**
 * Where an error that nobody meant happened: our own frames, and not a word of the error, whose text may hold anything and
 * may look like frames itself (safety.md E1). Empty where none of ours can be found; never throws.
 */
export function listOwnFrames(error: unknown): readonly string[] {
  try {
    if (!(error instanceof Error) || typeof error.stack !== 'string') return [];
    const { stack, message } = error;
    const at = stack.indexOf(message);
    return stack
      .slice(at < 0 ? 0 : at + message.length)
      .split('\n')
      .filter((line) => frame.test(line));
  } catch {
    // Whatever was thrown may do anything when it is looked at.
    return [];
  }
}
