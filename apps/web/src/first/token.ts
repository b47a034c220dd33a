/**
 * The one-time token of this page's address. It stands behind `#`, which no browser sends to a
 * server and no log keeps; `?token=` is understood as well.
 */
export function tokenOf(address: string): string {
  const named = /[?&#]token=([^&#\s]+)/.exec(address)?.[1];
  const bare = /#([A-Za-z0-9_-]{20,200})$/.exec(address.trim())?.[1];
  return decodeURIComponent(named ?? bare ?? '');
}
