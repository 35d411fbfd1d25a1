import type { Problem } from './problems.ts';

/** What is wrong with a display name or a tag, or null. Never quotes it. */
export function judgeName(
  text: string,
  kind: 'name' | 'tag',
): Pick<Problem, 'code' | 'summary' | 'detail'> | null {
  const what = kind === 'name' ? 'a name' : 'a tag';
  const code = kind === 'name' ? 'bad_name' : 'bad_tag';
  if (holdsHtml(text)) {
    return {
      code: 'html_in_name',
      summary: `${what} may not hold HTML: the service strips it, so it would differ for ever`,
      detail: 'Remove everything from < to >.',
    };
  }
  if (/\p{Cc}/u.test(text)) {
    return {
      code,
      summary: `${what} may not hold line breaks or other control characters`,
      detail: 'Remove them.',
    };
  }
  if (text !== text.trim()) {
    return { code, summary: `${what} may not begin or end with a space`, detail: 'Remove the space.' };
  }
  if (kind === 'tag' && /^instate:/i.test(text)) {
    return {
      code: 'reserved_tag',
      summary: 'tags that begin with `instate:` are the marks of ownership, which instate sets itself',
      detail: 'Remove the tag.',
    };
  }
  return null;
}

/** `/<[a-z!\/?][^>]*>/i`, in one pass: files of strangers may hold names of any length. */
function holdsHtml(text: string): boolean {
  const opening = text.search(/<[a-z!/?]/i);
  return opening >= 0 && text.includes('>', opening);
}
