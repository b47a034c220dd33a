/** What shows frames by their numbers, for pages that are none of the network's own too. */
export { createPainter } from './painter.ts';
export { openPicture } from './picture.ts';
