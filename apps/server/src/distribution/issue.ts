import { readCertificate } from '@yinglian/certificates';
import { type Cryptography, finding, type Finding } from '@yinglian/core';
import { randomBytes } from '@yinglian/host';
import {
  cinemaWindow,
  FORMULATIONS,
  issueKdms,
  type KdmBatch,
  kdmFileName,
  kdmIssuer,
  type KdmRecipient,
  type KdmWindow,
  timeInZone,
} from '@yinglian/kdm';
import { z } from 'zod';
import { devicesNow, screenPlaces, type StoredDevice } from '../exhibition/face.ts';
import type { Database } from '../kernel/database/database.ts';
import { registerFiles } from '../kernel/files/files.ts';
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
  readonly custody: Custody;
  readonly cryptography: Cryptography;
  readonly newId: () => string;
  readonly now: () => Date;
};

const localTime = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/);
/** Keys of one package for some screens, all for the same days. */
const requestSchema = z.object({
  packageId: z.uuid(),
  screenIds: z.array(z.uuid()),
  notBefore: localTime,
  notAfter: localTime,
  formulation: z.enum(FORMULATIONS),
  forensicPicture: z.boolean(),
  forensicSound: z.boolean(),
  /** Keys whose place the new ones take, each on its own screen. */
  replaces: z.array(z.uuid()).optional(),
});
type Request = z.output<typeof requestSchema>;

export const issueInput = requestSchema.extend({
  /** Whose keys they are; the job's own organisation where a job from before does not say. */
  organisationId: z.uuid().optional(),
  /** Null: the network itself, after a change of a booking or a device. */
  issuedBy: z.uuid().nullable().optional(),
  /** What else the same job issues: a release has versions, and each has a package. */
  more: z.array(requestSchema).optional(),
});
export type IssueInput = z.output<typeof issueInput>;

/** Keys stored in one transaction: enough to be quick, few enough that a kill repeats little. */
const KEYS_A_WRITE = 500;
/** Screens whose certificates are in memory at once, however many an order has. */
const SCREENS_A_PAGE = 2000;
const FINDINGS_MAX = 1000;

type Recipient = KdmRecipient & {
  readonly screenId: string;
  readonly device: StoredDevice;
  readonly cinema: string;
};

function ownerOf({ input, context }: JobRun<IssueInput>): string {
  return input.organisationId ?? found(context.organisation).id;
}

/** One composition of an order, with everything that its keys have in common. */
type Batch = {
  readonly request: Request;
  readonly batch: KdmBatch;
  readonly film: PackageRecord;
  readonly composition: PackageRecord['compositions'][number];
};

/** How far a job is: screens passed of all, keys stored, and what was found. */
type Course = { total: number; passed: number; issued: number; readonly findings: Finding[] };

/** One key for each screen and composition, each stored once, however often the job begins anew. */
export function issueJob(parts: IssueParts): JobDefinition<IssueInput> {
  return defineJob({
    kind: 'distribution.issue_keys',
    lane: 'heavy',
    input: issueInput,
    run: async (job) => {
      const course: Course = { total: 0, passed: 0, issued: 0, findings: [] };
      const batches: Batch[] = [];
      for (const request of [job.input, ...(job.input.more ?? [])]) {
        batches.push(...(await batchesOf(parts, job, request)));
      }
      for (const { request } of batches) course.total += request.screenIds.length;
      for (const batch of batches) await issueBatch(parts, job, batch, course);
      await job.report(...course.findings.slice(0, FINDINGS_MAX));
      if (course.issued === 0) throw new Refusal('invalid', { findings: course.findings });
      return { keys: course.issued };
    },
  });
}

async function batchesOf(
  parts: IssueParts,
  job: JobRun<IssueInput>,
  asked: Request,
): Promise<Batch[]> {
  const organisationId = ownerOf(job);
  const request = { ...asked, screenIds: [...new Set(asked.screenIds)] };
  const ids = [request.packageId];
  const listed = await listPackages(parts.database, { organisationId, ids, limit: 1 });
  const film = found(listed[0]?.row, { id: request.packageId });
  const signer = found(await readSigner(parts.database, parts.custody, organisationId));
  const keys = await openContentKeys(parts, request.packageId);
  return film.compositions.map((composition) => ({
    request,
    film,
    composition,
    batch: {
      cplId: composition.id,
      contentTitle: composition.title,
      standard: film.standard,
      keys: keys.filter((key) => key.compositionId === composition.id),
      signer,
      issueDate: timeInZone(Math.floor(parts.now().getTime() / 1000) * 1000, 'UTC'),
      recipientTrust: 'leaf',
      forensic: {
        ...(request.forensicPicture ? {} : { picture: 'off' as const }),
        ...(request.forensicSound ? {} : { audio: 'off' as const }),
      },
    },
  }));
}

/** Signs ahead while what was signed before is stored; nothing is stored after this ends. */
async function issueBatch(
  parts: IssueParts,
  job: JobRun<IssueInput>,
  made: Batch,
  course: Course,
): Promise<void> {
  const { request, batch, composition, film } = made;
  const issuer = await kdmIssuer(batch, parts.cryptography, randomBytes);
  if (!issuer.ok) {
    course.findings.push(...issuer.findings);
    course.passed += request.screenIds.length;
    return;
  }
  const done = await screensDone(parts.database, job.id, composition.id);
  const wanted = request.screenIds.filter((id) => !done.has(id));
  course.issued += done.size;
  course.passed += request.screenIds.length - wanted.length;
  const store = keyStore(parts, job, made, course);
  try {
    for (let at = 0; at < wanted.length; at += SCREENS_A_PAGE) {
      const page = wanted.slice(at, at + SCREENS_A_PAGE);
      const recipients = await recipientsOf(parts, request, page, course.findings);
      course.passed += page.length - recipients.length;
      for await (const { recipient, outcome } of issueKdms(issuer.value, recipients)) {
        job.signal.throwIfAborted();
        for (const each of outcome.findings) {
          course.findings.push({ ...each, at: { ...each.at, cinema: recipient.cinema } });
        }
        if (!outcome.ok) course.passed += 1;
        else {
          const name = fileName(film, recipient);
          await store.take({ recipient, name, bytes: outcome.value.bytes });
        }
      }
    }
    await store.take(undefined);
  } finally {
    await store.ended();
  }
}

/** The screens of one page that can have a key; what keeps the others from it is found. */
async function recipientsOf(
  parts: IssueParts,
  request: Request,
  screenIds: readonly string[],
  findings: Finding[],
): Promise<Recipient[]> {
  const places = await screenPlaces(parts.database, screenIds);
  const devices = await devicesNow(parts.database, screenIds);
  const recipients: Recipient[] = [];
  for (const place of places) {
    const cinema = `${place.cinemaName} ${place.name}`;
    const device = devices.get(place.id);
    if (device === undefined) {
      findings.push(finding('missing_device_certificate', 'error', { at: { cinema } }));
      continue;
    }
    const window = windowIn(place.timeZone, request);
    if (!window.ok) {
      findings.push(...window.findings.map((each) => ({ ...each, at: { ...each.at, cinema } })));
      continue;
    }
    const chain = device.certificates.map((der) => readCertificate(new Uint8Array(der)));
    recipients.push({
      screenId: place.id,
      device,
      cinema,
      chain: chain.flatMap((each) => (each.ok ? [each.value] : [])),
      window: window.value,
      formulation: request.formulation,
    });
  }
  return recipients;
}

function windowIn(timeZone: string, input: Request) {
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

/** A signed message that waits to be stored. */
type SignedKey = {
  readonly recipient: Recipient;
  readonly name: string;
  readonly bytes: Uint8Array;
};

/** Stores keys by the hundred, one transaction at a time, beside the signing of the next. */
function keyStore(parts: IssueParts, job: JobRun<IssueInput>, made: Batch, course: Course) {
  let waiting: SignedKey[] = [];
  let storing = Promise.resolve();
  async function storeNext(keys: readonly SignedKey[]): Promise<void> {
    await storeKeys(parts, job, made, keys);
    course.issued += keys.length;
    course.passed += keys.length;
    job.progress(course.passed / course.total);
  }
  return {
    /** Undefined is the end: it waits until all is stored. */
    async take(key: SignedKey | undefined): Promise<void> {
      if (key !== undefined) waiting.push(key);
      if (key !== undefined && waiting.length < KEYS_A_WRITE) return;
      await storing;
      const keys = waiting;
      waiting = [];
      if (keys.length > 0) storing = storeNext(keys);
      if (key === undefined) await storing;
      // It is waited for, and its fault thrown, with the next.
      else storing.catch(() => undefined);
    },
    ended: () => storing.catch(() => undefined),
  };
}

async function storeKeys(
  parts: IssueParts,
  job: JobRun<IssueInput>,
  made: Batch,
  signed: readonly SignedKey[],
): Promise<void> {
  const { film, composition, request } = made;
  const organisationId = ownerOf(job);
  const objects = await parts.objects.putAll(signed.map((each) => each.bytes));
  const files = signed.map(({ name }, at) => ({
    ...objects[at]!,
    id: parts.newId(),
    organisationId,
    name,
    mediaType: 'application/xml',
  }));
  const keys = signed.map(({ recipient }, at) =>
    newKey(parts, job, { made, recipient, fileId: files[at]!.id }),
  );
  await parts.write(job.context, async (work) => {
    await registerFiles(work.transaction, files);
    await insertKeys(work.transaction, keys);
    await grantKeys(work.transaction, keys);
    await supersedeKeys(work.transaction, keys, request.replaces ?? [], parts.now());
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
  key: { readonly made: Batch; readonly recipient: Recipient; readonly fileId: string },
): NewKey {
  const { recipient, made, fileId } = key;
  const { notBefore, notAfter }: KdmWindow = recipient.window;
  const { certificate, id: deviceId } = recipient.device.record;
  return {
    id: parts.newId(),
    packageId: made.film.id,
    compositionId: made.composition.id,
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
