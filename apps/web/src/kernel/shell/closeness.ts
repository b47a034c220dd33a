/**
 * How well typed letters fit a text: 0 when a letter is missing or out of order, higher when they
 * stand together and at the beginnings of words. An empty wish fits everything alike.
 */
export function closeness(wish: string, text: string): number {
  const letters = Array.from(wish.toLowerCase().replaceAll(' ', ''));
  const within = Array.from(text.toLowerCase());
  if (letters.length === 0) return 1;
  let score = 0;
  let from = 0;
  let last = -2;
  for (const letter of letters) {
    const at = within.indexOf(letter, from);
    if (at < 0) return 0;
    const begins = at === 0 || !/[\p{L}\p{N}]/u.test(within[at - 1]!);
    score += at === last + 1 ? 3 : 1;
    if (begins) score += 2;
    last = at;
    from = at + 1;
  }
  // Of two equal fits the shorter text is the one that was meant.
  return score + 1 / (1 + within.length);
}
