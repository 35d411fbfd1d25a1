/** What the parser said, in our words: `what` completes "this is not YAML: …". */
interface Reason {
  readonly what: string;
  readonly hint: string;
}

const quoting =
  'Put the value in quotes if it holds `: `, ` #`, or begins with one of @ ` % & * ! | > { } [ ] , - ?';
const indentation = 'Indent with spaces, every key of a mapping by the same number of them.';

const missingColon: Reason = {
  what: 'a line before this one is no `key: value`, or this line is indented too far',
  hint: 'Write a colon and a space after every key, and indent the keys of a mapping alike.',
};

/**
 * Keyed by the parser's own fixed texts. Those that quote the file (tags, anchors) are left out on purpose: a text that
 * is not here is never passed on (safety.md E2).
 */
const reasons: Readonly<Record<string, Reason>> = {
  'bad indentation of a mapping entry': {
    what: 'the line is indented otherwise than those of its mapping, or holds what belongs in quotes',
    hint: `${indentation} ${quoting}`,
  },
  'bad indentation of a sequence entry': {
    what: 'this list item is indented differently',
    hint: indentation,
  },
  'deficient indentation': {
    what: 'a quote, [ or { of a line before is still open here, or this line is indented too little',
    hint: 'Close it, or indent the line further.',
  },
  'can not read a block mapping entry; a multiline key may not be an implicit key': missingColon,
  "expected ':' after a mapping key": {
    what: 'a colon is missing after a key',
    hint: 'Write a colon and a space after every key.',
  },
  'a whitespace character is expected after the key-value separator within a block mapping': {
    what: 'a space is missing after the colon',
    hint: 'Write a colon and a space after every key.',
  },
  'end of the stream or a document separator is expected': {
    what: 'the document should have ended before this line',
    hint: indentation,
  },
  'missed comma between flow collection entries': {
    what: 'a comma is missing between the entries of [ ] or { }',
    hint: 'Put entries in quotes if they hold [ ] { } or commas.',
  },
  "expected the node content, but found ','": {
    what: 'there is nothing before this comma',
    hint: 'Remove the comma, or write "" for an empty value.',
  },
  'unexpected end of the stream within a flow collection': {
    what: 'a [ or { is never closed',
    hint: 'Look for the one that was opened last, and close it.',
  },
  'unexpected end of the stream within a double quoted scalar': {
    what: 'a double quote is never closed',
    hint: 'Look for the one that was opened last, and close it.',
  },
  'unexpected end of the stream within a single quoted scalar': {
    what: 'a single quote is never closed',
    hint: "Look for the one that was opened last; a ' inside single quotes is written ''.",
  },
  'unexpected end of the document within a double quoted scalar': {
    what: 'a double quote is not closed before the document ends',
    hint: 'Close it before the line with --- or ...',
  },
  'unexpected end of the document within a single quoted scalar': {
    what: 'a single quote is not closed before the document ends',
    hint: 'Close it before the line with --- or ...',
  },
  'unknown escape sequence': {
    what: 'a backslash in double quotes begins no escape that YAML knows',
    hint: 'Double the backslash, or use single quotes: they take it as it is.',
  },
  'expected hexadecimal character': {
    what: 'an escape in double quotes lacks hexadecimal digits',
    hint: 'Double the backslash, or use single quotes: they take it as it is.',
  },
  'expected valid JSON character': {
    what: 'a control character stands in quotes',
    hint: 'Write it as an escape in double quotes, such as \\n or \\x1B.',
  },
  'the stream contains non-printable characters': {
    what: 'a control character stands in the text',
    hint: 'Remove it, or write it as an escape in double quotes, such as \\x1B.',
  },
  'a line break is expected': {
    what: 'text stands behind | or >',
    hint: 'Begin the text on the next line, indented; or put it in quotes.',
  },
  'alias node should not have any properties': {
    what: 'an alias (*name) cannot have an anchor or tag of its own',
    hint: quoting,
  },
  'directives end mark is expected': {
    what: '--- is missing after a line that begins with %',
    hint: quoting,
  },
};

const unknown: Reason = { what: 'it cannot be read from here on', hint: quoting };

/**
 * Our words for a reason of the parser. Its most common one has many causes: `before`, the line up to the place, and
 * `next`, the character there, tell some apart; neither is shown.
 */
export function explainReason(reason: string, before: string, next: string): Reason {
  if (reason === 'bad indentation of a mapping entry') {
    if (next === ':' && /:\s/.test(before)) {
      return {
        what: 'a second colon with a space behind it stands in the line',
        hint: 'Put the value in quotes.',
      };
    }
    if (next === ':') return missingColon;
    if (/[:-]\s+$/.test(before) && '@`%|>&*!,]}-'.includes(next)) {
      return {
        what: 'a value without quotes may not begin with this character',
        hint: 'Put the value in quotes.',
      };
    }
    if (/["']\s*$/.test(before)) {
      return {
        what: 'text stands behind the closing quote',
        hint: 'Put the whole value in one pair of quotes.',
      };
    }
  }
  return Object.hasOwn(reasons, reason) ? (reasons[reason] ?? unknown) : unknown;
}
