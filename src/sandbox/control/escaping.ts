/** HTML that may be put into a page as it is: nothing that came from outside is unescaped in it. */
export type Html = { readonly html: string };

type Part = Html | string | number | readonly Html[];

/**
 * Joins a template to HTML. Whatever is filled in is text from outside, and is escaped, unless it is Html itself:
 * forgetting to escape is not possible.
 */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Html {
  let joined = texts[0] ?? '';
  parts.forEach((part, index) => {
    joined += renderPart(part) + (texts[index + 1] ?? '');
  });
  return { html: joined };
}

/** Nothing at all. */
export const nothing: Html = { html: '' };

/** Shortens a text that somebody made too long to be read. */
export function cutText(text: string, most = 200): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

function renderPart(part: Part): string {
  if (typeof part === 'string') return escapeText(part);
  if (typeof part === 'number') return String(part);
  return 'html' in part ? part.html : part.map((item) => item.html).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Escapes a text, and makes what cannot be seen visible: control characters, line ends, marks that turn the direction of
 * writing, zero-width characters and halves of surrogate pairs become U+FFFD.
 */
function escapeText(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu, '\uFFFD')
    .replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
