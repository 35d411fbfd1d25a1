/**
 * The word of `known` that was probably meant by `word`, or null: the same but for case and separators, at most two
 * letters away (one, for words up to four letters), or, from three letters on, its beginning.
 */
export function findNearest(word: string, known: Iterable<string>): string | null {
  let best: string | null = null;
  let bestScore = Number.POSITIVE_INFINITY;
  for (const candidate of known) {
    const score = scoreOf(word, candidate);
    if (score < bestScore || (score === bestScore && best !== null && candidate < best)) {
      best = candidate;
      bestScore = score;
    }
  }
  return bestScore === Number.POSITIVE_INFINITY ? null : best;
}

/** As `findNearest`, without the beginnings: for lists so long that something begins like anything. */
export function findTypo(word: string, known: Iterable<string>): string | null {
  const near: string[] = [];
  for (const candidate of known) if (scoreOf(word, candidate) < prefixScore) near.push(candidate);
  return findNearest(word, near);
}

/** "did you mean `x`?", or nothing. */
export function suggest(nearest: string | null): string {
  return nearest === null ? '' : `did you mean \`${nearest}\`?`;
}

const prefixScore = 3;

function scoreOf(word: string, candidate: string): number {
  const bare = simplify(word);
  const other = simplify(candidate);
  if (bare === other) return 0;
  const limit = Math.min(word.length, candidate.length) <= 4 ? 1 : 2;
  if (Math.abs(bare.length - other.length) <= limit) {
    const steps = distance(bare, other);
    if (steps <= limit) return steps;
  }
  const short = bare.length < other.length ? bare : other;
  const long = bare.length < other.length ? other : bare;
  return short.length >= 3 && long.startsWith(short) ? prefixScore : Number.POSITIVE_INFINITY;
}

function simplify(word: string): string {
  return word.toLowerCase().replace(/[-._ ]/g, '');
}

/** Levenshtein's distance, two neighbours exchanged counting as one step. */
function distance(a: string, b: string): number {
  let last: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let best = Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        best = Math.min(best, (last[j - 2] ?? 0) + 1);
      next.push(best);
    }
    last = row;
    row = next;
  }
  return row[b.length] ?? 0;
}
