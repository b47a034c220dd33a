/** A screen as far as sheets, tills and logs call it by something. */
export type NamedScreen = {
  readonly id: string;
  readonly name: string;
  readonly number: number | null;
};

/** `1`, `1号厅`, `第1厅`, `Screen 01`; `3D厅` is the third of nothing. */
const NUMBERED =
  /^(?:第|no\.?|screen|hall|auditorium|影厅|厅)?\s*0*(\d{1,4})\s*(?:$|[号號#]|影厅|厅|screen|hall)/i;

const plain = (text: string) => text.normalize('NFKC').trim().toLowerCase();

/**
 * Finds a cinema's screen by what another system calls it: its name, or else its number. All that
 * speak of screens are read by this one rule, so that a programme, a till and a log agree.
 */
export function screenFinder(
  screens: readonly NamedScreen[],
): (text: string) => string | undefined {
  const byName = new Map(screens.map((each) => [plain(each.name), each.id]));
  const byNumber = new Map(screens.map((each) => [each.number, each.id]));
  return (text) => {
    const number = NUMBERED.exec(plain(text))?.[1];
    return byName.get(plain(text)) ?? (number && byNumber.get(Number(number))) ?? undefined;
  };
}
