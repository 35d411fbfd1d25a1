/**
 * Strips HTML from a name, as the service does on create and update: `<a …>x</a>` becomes `x`; `@` and a lone `<` stay
 * (docs: names are sanitised, CH18). In one pass: a name may be as long as a body.
 */
export function cleanName(name: string): string {
  const kept: string[] = [];
  const opening = /<[a-z!/?]/gi;
  let from = 0;
  for (let tag = opening.exec(name); tag !== null; tag = opening.exec(name)) {
    const end = name.indexOf('>', tag.index);
    if (end < 0) break;
    kept.push(name.slice(from, tag.index));
    from = end + 1;
    opening.lastIndex = from;
  }
  return kept.join('') + name.slice(from);
}
