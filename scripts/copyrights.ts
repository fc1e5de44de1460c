const COMMENT = /^[ \t]*\/\*[\s\S]*?\*\/|(?:^[ \t]*\/\/.*(?:\n|$))+/gm;
/** A line such as `Copyright (c) 2003-2005  Tom Wu`; not one that speaks of `the above copyright notice`. */
const CLAIM = /\bCopyright\b(?! (?:notice|holder|owner|and))(.*)/g;

/**
 * What a source file says of rights in it: its comments that name somebody whom `known` does not name. A package's
 * own licence is silent about code that it took from elsewhere, and a licence of that code may ask for its notice.
 *
 * @param known licence and notices that go along anyway
 */
export function noticesOfOthers(source: string, known: string): readonly string[] {
  if (!source.includes('Copyright')) return [];
  const told = known.toLowerCase();
  return (source.match(COMMENT) ?? [])
    .filter((comment) => holdersIn(comment).some((holder) => !told.includes(holder.toLowerCase())))
    .map(plain);
}

/** Names alone, without years, signs and what follows the name. */
function holdersIn(comment: string): readonly string[] {
  return [...comment.matchAll(CLAIM)]
    .map(([, claim = '']) =>
      claim
        .replaceAll(/\(c\)|©|<.*|https?:.*|\*\/|\d{4}(?:\s*[-,]\s*\d{4})*/gi, '')
        .replace(/\.(\s.*)?$/, '')
        .replace(/ Corporation$/, '')
        .replaceAll(/^[\s:,]+|[\s.,]+$/g, ''),
    )
    .filter((holder) => holder !== '');
}

function plain(comment: string): string {
  return comment
    .replaceAll(/\r/g, '')
    .split('\n')
    .map((line) => line.replace(/^\s*(?:\/\*+!?|\*+(?!\/)|\/\/)? ?/, '').replace(/\s*\*+\/\s*$/, ''))
    .join('\n')
    .trim();
}
