/** Names of what Finder and other systems leave in any folder that they show. */
const LEFT_BY_SYSTEM =
  /^(?:\.DS_Store|Thumbs\.db|desktop\.ini|\._.*|\.Spotlight-V100|\.Trashes|\.fseventsd)$/i;

/** Whether a path is, or lies in, something that a system left by itself. */
export function isLeftBySystem(path: string): boolean {
  return path.split('/').some((name) => LEFT_BY_SYSTEM.test(name));
}
