import { finding } from '@yinglian/core';
import { kdmMail, kdmZipName, timeInZone } from '@yinglian/kdm';
import { z } from 'zod';
import type { RequireAccess } from '../../kernel/access/access.ts';
import type { Context } from '../../kernel/context.ts';
import type { Database } from '../../kernel/database/database.ts';
import { defineJob, type JobDefinition } from '../../kernel/jobs/definition.ts';
import type { Mailer } from '../../kernel/mail.ts';
import type { ObjectStore } from '../../kernel/objects/store.ts';
import { afterInstant, type Page, pageOfListed, type PageQuery } from '../../kernel/pages.ts';
import { conflict, invalid, Refusal } from '../../kernel/refusal.ts';
import type { Write } from '../../kernel/write.ts';
import { archiveBytes } from '../archive.ts';
import { type KeyRecord, listKeys } from '../key-repository.ts';
import { readBounce } from './bounce.ts';
import {
  cinemasOfScreens,
  insertMail,
  keepAttempt,
  listMails,
  type MailRecord,
  markBounced,
  readAddresses,
  readMail,
  setMailJob,
  type StoredMail,
} from './mail-repository.ts';
import { readPolicy } from './policy.ts';

export type MailParts = {
  readonly database: Database;
  readonly write: Write;
  readonly requireAccess: RequireAccess;
  readonly mailer: Mailer | undefined;
  readonly mailJob: JobDefinition<{ mailId: string }>;
  readonly newId: () => string;
};

export type SendRequest = {
  readonly packageId: string;
  readonly cinemaIds: readonly string[];
  readonly jobId?: string | undefined;
  readonly language?: MailRecord['language'] | undefined;
};

/** Keys of one order; a national release is mailed circuit by circuit or goes to agents. */
const KEYS_MAX = 100_000;
const BOUNCE_BYTES_MAX = 1024 * 1024;

export type MailService = ReturnType<typeof createMailService>;

/** Keys by e-mail: one mail for each cinema and window, queued, and followed to the end. */
export function createMailService(parts: MailParts) {
  const { database, write, requireAccess, mailer, newId } = parts;

  return {
    async list(
      context: Context,
      query: PageQuery & { readonly cinemaId?: string | undefined },
    ): Promise<Page<MailRecord>> {
      const { organisationId } = await requireAccess(context, 'distribution.read');
      const after = afterInstant(query);
      const rows = await listMails(database, { ...query, organisationId, after });
      return pageOfListed(rows, query);
    },

    async send(context: Context, request: SendRequest) {
      const { organisationId, userId } = await requireAccess(context, 'distribution.issue_keys', {
        kind: 'package',
        ids: [request.packageId],
      });
      if (mailer === undefined) throw conflict(finding('missing_mail_server', 'error'));
      const groups = await groupKeys(database, organisationId, request);
      if (groups.length === 0) throw conflict(finding('missing_cinema_keys', 'error'));
      const addresses = await readAddresses(
        database,
        groups.map((each) => each.cinemaId),
      );
      const language = request.language ?? (await readPolicy(database, organisationId)).language;
      const withoutAddress = new Set<string>();
      return write(context, async (work) => {
        let mails = 0;
        for (const { cinemaId, keyIds } of groups) {
          const cinema = addresses.get(cinemaId);
          if (cinema?.email == null) {
            withoutAddress.add(cinema?.name ?? cinemaId);
            continue;
          }
          const id = newId();
          await insertMail(work.transaction, {
            id,
            organisationId,
            cinemaId,
            language,
            keyIds,
            userId,
            address: cinema.email,
            messageId: `<${id}@${mailer.domain}>`,
          });
          await setMailJob(work.transaction, id, await work.enqueue(parts.mailJob, { mailId: id }));
          mails += 1;
        }
        work.audit({
          action: 'distribution.keys_mailed',
          subjectKind: 'package',
          subjectId: request.packageId,
          facts: { mails, withoutAddress: withoutAddress.size },
        });
        work.changed({ kind: 'key_mail', id: request.packageId });
        return { mails, withoutAddress: [...withoutAddress] };
      });
    },

    async bounce(context: Context, bytes: ReadableStream<Uint8Array>): Promise<number> {
      await requireAccess(context, 'network.administer');
      const bounce = readBounce(await readText(bytes));
      if (bounce === undefined) throw invalid(finding('unknown_bounce', 'error'));
      return write(context, async (work) => {
        const marked = await markBounced(work.transaction, bounce);
        for (const { id, organisationId } of marked) {
          work.audit({
            action: 'distribution.key_mail_bounced',
            subjectKind: 'key_mail',
            subjectId: id,
            organisationId,
            facts: { answer: bounce.answer },
          });
          work.changed({ kind: 'key_mail', id, organisationId });
        }
        return marked.length;
      });
    },
  };
}

async function readText(bytes: ReadableStream<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of bytes) {
    size += piece.length;
    if (size > BOUNCE_BYTES_MAX) throw new Refusal('too_large');
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('latin1');
}

type Group = { readonly cinemaId: string; readonly keyIds: string[] };

/** Keys by cinema and window: a mail names one window, and means all its keys. */
async function groupKeys(
  database: Database,
  organisationId: string,
  { packageId, cinemaIds, jobId }: SendRequest,
): Promise<Group[]> {
  const rows = await listKeys(database, {
    organisationId,
    packageId,
    jobId,
    issuedBy: organisationId,
    inUse: true,
    limit: KEYS_MAX,
  });
  const cinemas = await cinemasOfScreens(
    database,
    rows.map(({ row }) => row.screenId),
  );
  const wanted = new Set(cinemaIds);
  const groups = new Map<string, Group>();
  for (const { row } of rows) {
    const cinemaId = cinemas.get(row.screenId)!;
    if (wanted.size > 0 && !wanted.has(cinemaId)) continue;
    const name = `${cinemaId} ${row.notBefore} ${row.notAfter}`;
    const group = groups.get(name) ?? { cinemaId, keyIds: [] };
    groups.set(name, group);
    group.keyIds.push(row.id);
  }
  return [...groups.values()];
}

export type MailJobParts = {
  readonly database: Database;
  readonly write: Write;
  readonly objects: ObjectStore;
  readonly mailer: Mailer | undefined;
  readonly now: () => Date;
};

/** Sends one mail; what may go well later is tried again, what was refused is not. */
export function mailJob(parts: MailJobParts): JobDefinition<{ mailId: string }> {
  const delays = parts.mailer?.retrySeconds ?? [];
  return defineJob({
    kind: 'distribution.send_keys',
    input: z.object({ mailId: z.uuid() }),
    retries: delays.length,
    delaySeconds: (failures) => delays[failures] ?? delays.at(-1) ?? 0,
    run: async (job) => {
      const mail = await readMail(parts.database, job.input.mailId);
      if (mail === undefined || mail.state !== 'waiting') return { sent: false };
      if (parts.mailer === undefined) {
        throw new Refusal('conflict', { findings: [finding('missing_mail_server', 'error')] });
      }
      const keys = await listKeys(parts.database, {
        organisationId: mail.organisationId,
        ids: mail.keyIds,
        inUse: true,
        limit: mail.keyIds.length,
      });
      const answer =
        keys.length === 0
          ? { outcome: 'refused' as const, answer: 'no key is in use any more' }
          : await parts.mailer.send(
              await composed(
                parts.objects,
                mail,
                keys.map((each) => each.row),
              ),
            );
      const last = mail.attempts >= delays.length;
      await parts.write(job.context, async (work) => {
        await keepAttempt(work.transaction, mail.id, { ...answer, last, now: parts.now() });
        work.changed({ kind: 'key_mail', id: mail.id, organisationId: mail.organisationId });
      });
      if (answer.outcome === 'later') throw new Error(`the mail server said: ${answer.answer}`);
      if (answer.outcome === 'refused') {
        const facts = { address: mail.address, answer: answer.answer };
        throw new Refusal('conflict', { findings: [finding('refused_mail', 'error', { facts })] });
      }
      return { sent: true };
    },
  });
}

async function composed(objects: ObjectStore, mail: StoredMail, keys: readonly KeyRecord[]) {
  const [first] = keys;
  const time = (text: string) => timeInZone(Date.parse(text), mail.timeZone);
  const window = { notBefore: time(first!.notBefore), notAfter: time(first!.notAfter) };
  // The parts of the name that the keys' own names carry (k_TITLE_TYPE_LANGUAGE_AUDIO_…).
  const [, title = 'FILM', contentType = 'FTR', language = 'XX-XX', audio = '51'] =
    first!.file.name.split('_');
  const zipName = kdmZipName({
    title,
    contentType,
    language,
    audio,
    opens: window.notBefore,
    closes: window.notAfter,
    facility: 'YLN',
    packageType: 'OV',
    territory: 'CN',
    theatre: mail.theatre,
  });
  const text = kdmMail(
    {
      film: mail.filmTitle,
      cinema: mail.cinemaName,
      screens: keys.map((key) => ({ name: key.screenName, fileName: key.file.name })),
      window,
      timeZone: mail.timeZone,
      zipName,
      contact: mail.contact === '' ? mail.organisationName : mail.contact,
    },
    mail.language,
  );
  const bytes = await archiveBytes(objects, keys);
  return {
    ...text,
    to: mail.address,
    messageId: mail.messageId,
    files: [{ name: zipName, mediaType: 'application/zip', bytes }],
  };
}
