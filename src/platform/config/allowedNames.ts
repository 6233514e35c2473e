/** Longer lists of names help nobody. */
const FEW = 12;

/** The names that may stand where `given` does not belong: all of a few, else the three most alike. */
export function allowedNames(given: string, names: Iterable<string>): string {
  const all = [...names].sort();
  if (all.length <= FEW) return `not a setting; allowed here: ${all.join(", ")}`;
  const alike = all.map((name) => ({ name, edits: editsBetween(given.toLowerCase(), name.toLowerCase()) }));
  const closest = alike.sort((a, b) => a.edits - b.edits).slice(0, 3);
  return `not a setting; closest of ${all.length} names allowed here: ${closest.map(({ name }) => name).join(", ")}`;
}

/** How many letters must be put in, taken out or replaced to make `to` of `from`. */
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
