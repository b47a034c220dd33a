/** The least that ordering remarks asks of one. */
export type Threaded = {
  readonly id: string;
  readonly parentId: string | null;
  readonly frame: number;
  readonly createdAt: string;
};

/** A remark with its answers, the oldest answer first. */
export type Thread<Note> = { readonly note: Note; readonly replies: readonly Note[] };

/**
 * Remarks in the order of the film, each with its answers. An answer whose remark is not there
 * stands for itself, so that nothing said is lost.
 */
export function threadsOf<Note extends Threaded>(notes: readonly Note[]): Thread<Note>[] {
  const ids = new Set(notes.map((each) => each.id));
  const replies = new Map<string, Note[]>();
  const first: Note[] = [];
  for (const each of notes) {
    const { parentId } = each;
    if (parentId === null || parentId === each.id || !ids.has(parentId)) {
      first.push(each);
      continue;
    }
    const known = replies.get(parentId);
    if (known === undefined) replies.set(parentId, [each]);
    else known.push(each);
  }
  const byTime = (a: Note, b: Note): number =>
    a.createdAt < b.createdAt ? -1 : a.createdAt > b.createdAt ? 1 : a.id < b.id ? -1 : 1;
  return first
    .toSorted((a, b) => a.frame - b.frame || byTime(a, b))
    .map((note) => ({ note, replies: (replies.get(note.id) ?? []).toSorted(byTime) }));
}

/** Somebody who can be spoken to. */
export type Person = { readonly id: string; readonly name: string };

/** The people whom a text names by `@name`; of two names that fit, the longer one is meant. */
export function mentionedIn(text: string, people: readonly Person[]): string[] {
  const longestFirst = people
    .filter((each) => each.name.trim() !== '')
    .toSorted((a, b) => b.name.length - a.name.length || (a.id < b.id ? -1 : 1));
  const found = new Set<string>();
  for (let at = text.indexOf('@'); at !== -1; at = text.indexOf('@', at + 1)) {
    const rest = text.slice(at + 1).toLowerCase();
    const named = longestFirst.find((each) => rest.startsWith(each.name.toLowerCase()));
    if (named !== undefined) found.add(named.id);
  }
  return [...found];
}
