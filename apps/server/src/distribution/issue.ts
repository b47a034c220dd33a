import { readCertificate } from '@yinglian/certificates';
import { assert, type Cryptography, finding, type Finding } from '@yinglian/core';
import { randomBytes } from '@yinglian/host';
import {
  cinemaWindow,
  FORMULATIONS,
  type IssuedOne,
  issueKdms,
  type KdmBatch,
  kdmFileName,
  kdmIssuer,
  type KdmRecipient,
  type KdmWindow,
  timeInZone,
} from '@yinglian/kdm';
import { z } from 'zod';
import { cinemaClocks, devicesNow, listScreens, type StoredDevice } from '../exhibition/face.ts';
import type { Database } from '../kernel/database/database.ts';
import type { RegisterFile } from '../kernel/files/files.ts';
import { defineJob, type JobDefinition, type JobRun } from '../kernel/jobs/definition.ts';
import type { ObjectStore } from '../kernel/objects/store.ts';
import { found, Refusal } from '../kernel/refusal.ts';
import type { Write } from '../kernel/write.ts';
import { judgeShowsOf } from './board/repository.ts';
import { openContentKeys } from './content-keys.ts';
import type { Custody } from './custody/custody.ts';
import {
  grantKeys,
  insertKeys,
  type NewKey,
  screensDone,
  supersedeKeys,
} from './key-repository.ts';
import { listPackages, type PackageRecord } from './repository.ts';
import { readSigner } from './signer.ts';

export type IssueParts = {
  readonly database: Database;
  readonly write: Write;
  readonly objects: ObjectStore;
  readonly registerFile: RegisterFile;
  readonly custody: Custody;
  readonly cryptography: Cryptography;
  readonly newId: () => string;
  readonly now: () => Date;
};

const localTime = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/);
export const issueInput = z.object({
  packageId: z.uuid(),
  screenIds: z.array(z.uuid()),
  notBefore: localTime,
  notAfter: localTime,
  formulation: z.enum(FORMULATIONS),
  forensicPicture: z.boolean(),
  forensicSound: z.boolean(),
  /** Whose keys they are; the job's own organisation where a job from before does not say. */
  organisationId: z.uuid().optional(),
  /** Null: the network itself, after a change of a booking or a device. */
  issuedBy: z.uuid().nullable().optional(),
  /** Keys whose place the new ones take, each on its own screen. */
  replaces: z.array(z.uuid()).optional(),
});
export type IssueInput = z.output<typeof issueInput>;

/** Keys stored in one transaction: enough to be quick, few enough that a kill repeats little. */
const KEYS_A_WRITE = 200;
const FINDINGS_MAX = 1000;

type Recipient = KdmRecipient & {
  readonly screenId: string;
  readonly device: StoredDevice;
  readonly cinema: string;
};

function ownerOf({ input, context }: JobRun<IssueInput>): string {
  return input.organisationId ?? found(context.organisation).id;
}

/** One key for each screen and composition, each stored once, however often the job begins anew. */
export function issueJob(parts: IssueParts): JobDefinition<IssueInput> {
  return defineJob({
    kind: 'distribution.issue_keys',
    lane: 'heavy',
    input: issueInput,
    run: async (job) => {
      const { input } = job;
      const organisationId = ownerOf(job);
      const listed = await listPackages(parts.database, {
        organisationId,
        ids: [input.packageId],
        limit: 1,
      });
      const film = found(listed[0]?.row, { id: input.packageId });
      const signer = found(await readSigner(parts.database, parts.custody, organisationId));
      const keys = await openContentKeys(parts, input.packageId);
      let issued = 0;
      for (const composition of film.compositions) {
        const batch: KdmBatch = {
          cplId: composition.id,
          contentTitle: composition.title,
          standard: film.standard,
          keys: keys.filter((key) => key.compositionId === composition.id),
          signer,
          issueDate: timeInZone(Math.floor(parts.now().getTime() / 1000) * 1000, 'UTC'),
          recipientTrust: 'leaf',
          forensic: {
            ...(input.forensicPicture ? {} : { picture: 'off' as const }),
            ...(input.forensicSound ? {} : { audio: 'off' as const }),
          },
        };
        issued += await issueBatch(parts, job, { batch, film, composition });
      }
      return { keys: issued };
    },
  });
}

type Batch = {
  readonly batch: KdmBatch;
  readonly film: PackageRecord;
  readonly composition: PackageRecord['compositions'][number];
};

async function issueBatch(
  parts: IssueParts,
  job: JobRun<IssueInput>,
  { batch, film, composition }: Batch,
): Promise<number> {
  const issuer = await kdmIssuer(batch, parts.cryptography, randomBytes);
  if (!issuer.ok) throw new Refusal('invalid', { findings: issuer.findings });
  const done = await screensDone(parts.database, job.id, composition.id);
  const { recipients, findings } = await recipientsOf(parts, job, done);
  const total = done.size + recipients.length;
  let issued = done.size;
  let waiting: { readonly one: IssuedOne<Recipient>; readonly name: string }[] = [];
  const store = async () => {
    await storeKeys(parts, job, { film, composition, batch: waiting });
    issued += waiting.length;
    waiting = [];
    job.progress(total === 0 ? 1 : issued / total);
  };
  for await (const one of issueKdms(issuer.value, recipients)) {
    job.signal.throwIfAborted();
    findings.push(
      ...one.outcome.findings.map((each) => ({
        ...each,
        at: { ...each.at, cinema: one.recipient.cinema },
      })),
    );
    if (!one.outcome.ok) continue;
    waiting.push({ one, name: fileName(film, one.recipient) });
    if (waiting.length >= KEYS_A_WRITE) await store();
  }
  await store();
  await job.report(...findings.slice(0, FINDINGS_MAX));
  if (issued === 0) throw new Refusal('invalid', { findings });
  return issued;
}

async function recipientsOf(parts: IssueParts, job: JobRun<IssueInput>, done: ReadonlySet<string>) {
  const { input } = job;
  const wanted = [...new Set(input.screenIds)].filter((id) => !done.has(id));
  const screens = await listScreens(parts.database, { ids: wanted, limit: wanted.length + 1 });
  const devices = await devicesNow(parts.database, wanted);
  const clocks = await cinemaClocks(
    parts.database,
    screens.map(({ row }) => row.cinemaId),
  );
  const recipients: Recipient[] = [];
  const findings: Finding[] = [];
  for (const { row } of screens) {
    const cinema = `${row.cinemaName} ${row.name}`;
    const device = devices.get(row.id);
    if (device === undefined) {
      findings.push(finding('missing_device_certificate', 'error', { at: { cinema } }));
      continue;
    }
    const window = windowIn(clocks.get(row.cinemaId) ?? 'Asia/Shanghai', input);
    if (!window.ok) {
      findings.push(...window.findings.map((each) => ({ ...each, at: { ...each.at, cinema } })));
      continue;
    }
    const chain = device.certificates.map((der) => readCertificate(new Uint8Array(der)));
    recipients.push({
      screenId: row.id,
      device,
      cinema,
      chain: chain.flatMap((each) => (each.ok ? [each.value] : [])),
      window: window.value,
      formulation: input.formulation,
    });
  }
  return { recipients, findings };
}

function windowIn(timeZone: string, input: IssueInput) {
  return cinemaWindow({ opens: input.notBefore, closes: input.notAfter, timeZone });
}

function fileName(film: PackageRecord, recipient: Recipient): string {
  const [title, contentType, , language, territory, audio, , , , facility, , packageType] =
    film.title.split('_');
  return kdmFileName({
    title: title ?? 'FILM',
    contentType: contentType ?? 'FTR',
    language: language ?? 'XX-XX',
    audio: audio ?? '51',
    serial: recipient.device.record.serial ?? recipient.screenId.slice(-12),
    opens: recipient.window.notBefore,
    closes: recipient.window.notAfter,
    facility: facility ?? 'YLN',
    packageType: packageType ?? 'OV',
    territory: territory ?? 'CN',
  });
}

async function storeKeys(
  parts: IssueParts,
  job: JobRun<IssueInput>,
  {
    film,
    composition,
    batch,
  }: {
    readonly film: PackageRecord;
    readonly composition: Batch['composition'];
    readonly batch: readonly { readonly one: IssuedOne<Recipient>; readonly name: string }[];
  },
): Promise<void> {
  if (batch.length === 0) return;
  const organisationId = ownerOf(job);
  const objects = await Promise.all(
    batch.map(({ one }) => {
      assert(one.outcome.ok, 'only issued keys are stored');
      return parts.objects.put(onePiece(one.outcome.value.bytes));
    }),
  );
  await parts.write(job.context, async (work) => {
    const keys: NewKey[] = [];
    for (const [index, { one, name }] of batch.entries()) {
      const file = await parts.registerFile(work.transaction, {
        ...objects[index]!,
        organisationId,
        name,
        mediaType: 'application/xml',
      });
      keys.push(
        newKey(parts, job, { film, composition, recipient: one.recipient, fileId: file.id }),
      );
    }
    await insertKeys(work.transaction, keys);
    await grantKeys(work.transaction, keys);
    await supersedeKeys(work.transaction, keys, job.input.replaces ?? [], parts.now());
    await judgeShowsOf(
      work.transaction,
      keys.map((each) => each.screenId),
    );
    work.audit({
      action: 'distribution.keys_issued',
      subjectKind: 'package',
      subjectId: film.id,
      organisationId,
      facts: { job: job.id, keys: keys.length, composition: composition.id },
    });
    work.changed({ kind: 'key', id: job.id, filmId: film.filmId, organisationId });
  });
}

function newKey(
  parts: IssueParts,
  job: JobRun<IssueInput>,
  made: {
    readonly film: PackageRecord;
    readonly composition: Batch['composition'];
    readonly recipient: Recipient;
    readonly fileId: string;
  },
): NewKey {
  const { recipient, film, composition, fileId } = made;
  const { notBefore, notAfter }: KdmWindow = recipient.window;
  const { certificate, id: deviceId } = recipient.device.record;
  return {
    id: parts.newId(),
    packageId: film.id,
    compositionId: composition.id,
    organisationId: ownerOf(job),
    screenId: recipient.screenId,
    deviceId,
    thumbprint: found(certificate).thumbprint,
    fileId,
    jobId: job.id,
    notBefore: new Date(notBefore.instant).toISOString(),
    notAfter: new Date(notAfter.instant).toISOString(),
    issuedBy: job.input.issuedBy === undefined ? found(job.context.user).id : job.input.issuedBy,
  };
}

async function* onePiece(bytes: Uint8Array) {
  yield bytes;
}
