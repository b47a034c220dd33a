/**
 * Whether a caller holds the state of a tag already (RFC 9110 13.1.2). The comparison is weak, as
 * the clause demands: an answer that was compressed on its way carries the weak form of its tag.
 */
export function isHeld(ifNoneMatch: string | null | undefined, etag: string): boolean {
  if (ifNoneMatch === null || ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === '*') return true;
  const opaque = withoutWeakness(etag);
  const named = ifNoneMatch.match(/(?:W\/)?"[^"]*"/g) ?? [];
  return named.some((each) => withoutWeakness(each) === opaque);
}

const withoutWeakness = (etag: string): string => etag.replace(/^W\//, '');
