import { archivePieces, FRAME_NAME } from '@yinglian/contract';

/**
 * A chosen folder of frames as one file: headers with the frames between them as they lie on the
 * disk. Nothing is copied, so a folder of a terabyte is no more work than one of a megabyte.
 */
export function framesFile(chosen: readonly File[]): File | undefined {
  const frames = chosen
    .filter((each) => FRAME_NAME.test(each.name) && !each.name.startsWith('.'))
    .toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
  const first = frames[0];
  if (first === undefined) return undefined;
  const pieces = archivePieces(frames.map(({ name, size }) => ({ name, sizeBytes: size })));
  const parts = pieces.map((piece): BlobPart =>
    piece.kind === 'bytes' ? (piece.bytes as Uint8Array<ArrayBuffer>) : frames[piece.member]!,
  );
  const folder = first.webkitRelativePath.split('/').at(-2) ?? 'frames';
  // The newest frame tells whether the folder is still the one an upload began with.
  const lastModified = frames.reduce((newest, each) => Math.max(newest, each.lastModified), 0);
  return new File(parts, `${folder}.tar`, { lastModified });
}
