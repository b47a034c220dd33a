/** Actions under way at once: more would only wait for the disk or the line. */
const AT_ONCE = 16;

/** Does something with each, some at a time; the results stand in the order of what is given. */
export async function inTurns<Each, Result>(
  given: readonly Each[],
  action: (each: Each, at: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < given.length) {
      const at = next++;
      results[at] = await action(given[at]!, at);
    }
  };
  const ended = await Promise.allSettled(
    Array.from({ length: Math.min(AT_ONCE, given.length) }, worker),
  );
  const failed = ended.find((each) => each.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  return results;
}
