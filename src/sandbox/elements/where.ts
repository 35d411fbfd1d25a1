import { isRefusal, refuse, type Refusal } from '../http/answers.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Tells whether a described element is asked for. */
export type Where = (described: Fields) => boolean;

/** These ask how an answer looks, not which elements are in it. */
const LOOKS = new Set(['abridged', 'hydrate']);

/**
 * Reads `where`: `name='value'` and `name in ('a', 'b')`, joined by AND, as the vendor's asset tool sends it (docs: DOC; which
 * fields count is inferred). A field that elements lack is never equal to anything.
 */
export function readWhere(text: string | null): Where | Refusal {
  if (text === null || text.trim() === '') return () => true;
  const conditions = text.split(/\s+and\s+/i).map(readCondition);
  const refusal = conditions.find(isRefusal);
  if (refusal !== undefined) return refusal;
  const all = conditions.filter((condition): condition is Where => !isRefusal(condition));
  return (described) => all.every((holds) => holds(described));
}

function readCondition(text: string): Where | Refusal {
  const [, name = '', single, list] =
    /^\s*(\w+)\s*(?:=\s*('[^']*'|[^\s'()]+)|in\s*\(([^()]*)\))\s*$/i.exec(text) ?? [];
  if (name === '') return refuse(400, "where must be name='value', or name in ('a', 'b'), joined by AND");
  if (LOOKS.has(name)) return () => true;
  const wanted = (single ?? list ?? '').split(',').map((value) => value.trim().replace(/^'(.*)'$/, '$1'));
  return (described) => wanted.includes(String(described[name]));
}
