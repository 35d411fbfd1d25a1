/**
 * Text as HTML and XML take it, between tags and in quoted attributes. What neither may hold at all (half of a surrogate pair,
 * U+FFFE, U+FFFF) becomes U+FFFD. `##` loses its second sign to an entity: Azure's agent obeys `##[` and `##vso[` wherever they stand.
 */
export function escapeMarkup(text: string): string {
  return text
    .replace(/[\p{Cs}\ufffe\uffff]/gu, '\ufffd')
    .replace(/[&<>"']/g, (one) => entities[one as keyof typeof entities])
    .replaceAll('##', '#&#35;');
}

const entities = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' } as const;
