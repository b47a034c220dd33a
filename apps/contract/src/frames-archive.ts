/**
 * A folder of frames as one TAR (POSIX ustar) that nobody has to write: headers to be sent between
 * the files as they lie. The web makes a Blob of it, the command line reads it at any offset.
 */
export type ArchiveMember = { readonly name: string; readonly sizeBytes: number };
export type ArchivePiece =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** The whole content of the member with this index. */
  | { readonly kind: 'member'; readonly member: number };

const BLOCK_BYTES = 512;
const NAME_BYTES_MAX = 100;
/** Eleven octal digits. */
const MEMBER_BYTES_MAX = 0o77777777777;

/** Frames of a film: what an archive of a sequence is made of. */
export const FRAME_NAME = /\.(dpx|tiff?|png|exr|jpe?g|j2c|j2k|jp2)$/i;

/** The pieces in their order. A member that no ustar header can tell of is refused. */
export function archivePieces(members: readonly ArchiveMember[]): ArchivePiece[] {
  const pieces = members.flatMap((member, index): ArchivePiece[] => {
    if (member.sizeBytes > MEMBER_BYTES_MAX) throw new RangeError(`${member.name} is too large`);
    const rest = -member.sizeBytes & (BLOCK_BYTES - 1);
    return [
      { kind: 'bytes', bytes: headerOf(member) },
      { kind: 'member', member: index },
      ...(rest === 0 ? [] : [{ kind: 'bytes', bytes: new Uint8Array(rest) } as const]),
    ];
  });
  return [...pieces, { kind: 'bytes', bytes: new Uint8Array(2 * BLOCK_BYTES) }];
}

/** How long the archive is. */
export function archiveBytes(
  pieces: readonly ArchivePiece[],
  members: readonly ArchiveMember[],
): number {
  return pieces.reduce(
    (sum, piece) =>
      sum + (piece.kind === 'bytes' ? piece.bytes.length : members[piece.member]!.sizeBytes),
    0,
  );
}

/** IEEE Std 1003.1, pax, "ustar Interchange Format". */
function headerOf({ name, sizeBytes }: ArchiveMember): Uint8Array {
  const header = new Uint8Array(BLOCK_BYTES);
  const put = (at: number, text: string): void => {
    for (let index = 0; index < text.length; index++) header[at + index] = text.charCodeAt(index);
  };
  // The number and the extension stand at the end: a long name loses its beginning.
  put(0, name.replace(/[^\x20-\x7e]/g, '_').slice(-NAME_BYTES_MAX));
  put(100, '0000644\0');
  put(108, '0000000\0');
  put(116, '0000000\0');
  put(124, `${sizeBytes.toString(8).padStart(11, '0')}\0`);
  put(136, '00000000000\0');
  put(148, '        ');
  put(156, '0');
  put(257, 'ustar\u000000');
  const sum = header.reduce((total, byte) => total + byte, 0);
  put(148, `${sum.toString(8).padStart(6, '0')}\0 `);
  return header;
}
