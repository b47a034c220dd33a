import type { Stage } from './stage.ts';

/** A text that a person of the cast has as a file of the network; gives the file. */
export async function keepText(
  stage: Stage,
  part: string,
  name: string,
  text: string,
): Promise<string> {
  const { objects, registerFile, write } = stage.kernel;
  const context = await stage.as(part);
  const stored = await objects.put(onePiece(new TextEncoder().encode(text)));
  return write(context, async (work) => {
    const file = await registerFile(work.transaction, {
      ...stored,
      organisationId: context.organisation!.id,
      name,
      mediaType: 'text/plain',
    });
    work.audit({
      action: 'demonstration.file_kept',
      subjectKind: 'file',
      subjectId: file.id,
      facts: { digest: stored.digest },
    });
    return file.id;
  });
}

async function* onePiece(bytes: Uint8Array) {
  yield bytes;
}
