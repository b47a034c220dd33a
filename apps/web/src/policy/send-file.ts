import { api } from '../kernel/api.ts';

/** Bytes sent at once. */
const PIECE_BYTES = 4 * 1024 * 1024;

/** Sends a file through the resumable upload and gives its id. */
export async function sendFile(file: File): Promise<string> {
  let stored = await api.files.createUpload({ body: { name: file.name, sizeBytes: file.size,
    ...(file.type === '' ? {} : { mediaType: file.type }) } });
  while (stored.fileId === null) {
    const piece = file.slice(stored.offsetBytes, stored.offsetBytes + PIECE_BYTES);
    stored = await api.files.append({ params: { id: stored.id },
      query: { offset: stored.offsetBytes },
      bytes: new Uint8Array(await piece.arrayBuffer()) });
  }
  return stored.fileId;
}
