/** Longer lists of names are shortened to the closest three. */
const MAX_LISTED = 12;

/** Characters of a name that are compared, because the time grows with them. No setting has a longer name. */
const MAX_COMPARED = 80;

/** Says which names are allowed instead of `given`: all of them if there are few, otherwise the three most similar. */
export function allowedNames(given: string, names: Iterable<string>): string {
  const all = [...names].sort();
  if (all.length <= MAX_LISTED) return `not a setting; allowed here: ${all.join(", ")}`;
  const compared = given.slice(0, MAX_COMPARED).toLowerCase();
  const candidates = all.map((name) => ({ name, edits: editsBetween(compared, name.toLowerCase()) }));
  const closest = candidates.sort((a, b) => a.edits - b.edits).slice(0, 3);
  return `not a setting; closest of ${all.length} names allowed here: ${closest.map(({ name }) => name).join(", ")}`;
}

/** The edit distance: how many letters must be inserted, deleted or replaced to turn `from` into `to`. */
function editsBetween(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [row, letter] of [...from].entries()) {
    const current = [row + 1];
    for (const [column, other] of [...to].entries()) {
      const [left = 0, above = 0, corner = 0] = [current[column], previous[column + 1], previous[column]];
      current.push(Math.min(left + 1, above + 1, corner + (letter === other ? 0 : 1)));
    }
    previous = current;
  }
  return previous[to.length] ?? 0;
}
