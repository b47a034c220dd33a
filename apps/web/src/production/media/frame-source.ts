/** What shows frames by their numbers, for pages that are no page of the network (embeds, tests). */
export { createPainter } from './painter.ts';
export { openPicture } from './picture.ts';
