/**
 * Strips HTML from a name, as the service does on create and update: `<a …>x</a>` becomes `x`; `@` and a lone `<` stay
 * (docs: names are sanitised, CH18).
 */
export function cleanName(name: string): string {
  return name.replace(/<[a-z!/?][^>]*>/gi, '');
}
