import type { MediaEngine } from '@yinglian/media';
import { z } from 'zod';
import type { Database } from '../../kernel/database/database.ts';
import { type RegisterFile, readFileRecords } from '../../kernel/files/files.ts';
import { defineJob, type JobDefinition } from '../../kernel/jobs/definition.ts';
import type { ObjectStore } from '../../kernel/objects/store.ts';
import { found, Refusal } from '../../kernel/refusal.ts';
import { readAsset } from './asset.ts';
import { findLink, findViewer, setViewerFile } from './link-repository.ts';
import { openWorkshop } from '../media/workshop.ts';

const input = z.object({ viewerId: z.uuid() });

const NAME_LETTERS_MAX = 28;

/**
 * The lines of a viewer's watermark: their name, which the media engine leaves out where it has no
 * letters for it, and their code, by which the list of viewers tells who it is.
 */
export function watermarkLines(
  viewer: { readonly name: string; readonly code: string },
  at: Date,
): string[] {
  const plain = viewer.name.normalize('NFC').replace(/\p{C}+/gu, ' ').trim();
  const name = [...plain].slice(0, NAME_LETTERS_MAX).join('');
  const code = `${viewer.code} ${at.toISOString().slice(0, 10)}`;
  return name === '' ? [code] : [name, code];
}

/** Burns a viewer's name into a copy of what they were invited to watch. */
export function watermarkJob(parts: {
  readonly database: Database;
  readonly objects: ObjectStore;
  readonly engine: MediaEngine;
  readonly registerFile: RegisterFile;
}): JobDefinition<z.output<typeof input>> {
  const { database, objects, engine, registerFile } = parts;
  return defineJob({
    kind: 'production.watermark',
    lane: 'heavy',
    input,
    async run(job) {
      const viewer = found(await findViewer(database, { id: job.input.viewerId }));
      const link = found(await findLink(database, { id: viewer.link_id }));
      if (link.revoked_at !== null) return {};
      const asset = await readAsset(database, link.organisation_id, link.asset_id);
      const sourceId = found(asset.proxyFileId);
      const source = found((await readFileRecords(database, [sourceId])).get(sourceId));
      const workshop = await openWorkshop(objects, job.id);
      try {
        const made = await job.step('watermark', async () => {
          const output = workshop.path('watermarked.mp4');
          const done = await engine.proxy(
            {
              verb: 'proxy',
              output,
              stamp: watermarkLines(viewer, viewer.entered_at),
              input: { kind: 'file', path: await objects.pathOf(source.digest) },
              heightMax: 1080,
            },
            { signal: job.signal, onProgress: ({ share }) => job.progress(share) },
          );
          if (!done.ok) throw new Refusal('invalid', { findings: done.findings });
          await job.report(...done.findings);
          return objects.putFile(output, { move: true });
        });
        return await job.write('record', async (work) => {
          // It belongs to the link's company alone: nobody else in the room watches this copy.
          const file = await registerFile(work.transaction, {
            ...made,
            organisationId: link.organisation_id,
            name: `${viewer.code}.mp4`,
            mediaType: 'video/mp4',
          });
          await setViewerFile(work.transaction, viewer.id, file.id);
          work.audit({
            action: 'production.watermarked',
            subjectKind: 'share_link',
            subjectId: link.id,
            organisationId: link.organisation_id,
            facts: { viewer: viewer.id, code: viewer.code, copy: made.digest },
          });
          work.changed({ kind: 'share_link', id: link.id, organisationId: link.organisation_id });
          return { fileId: file.id };
        });
      } finally {
        if (!job.signal.aborted) await workshop.clear();
      }
    },
  });
}
