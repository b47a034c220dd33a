import { type Certificate, readCertificate } from '@yinglian/certificates';
import { type Cryptography, finding, type Finding } from '@yinglian/core';
import { randomBytes } from '@yinglian/host';
import {
  CertificateMemory,
  cinemaWindow,
  FORMULATIONS,
  issueKdms,
  type KdmBatch,
  kdmFileName,
  type KdmIssuer,
  kdmIssuer,
  type KdmRecipient,
  type KdmWindow,
  timeInZone,
} from '@yinglian/kdm';
import { z } from 'zod';
import {
  devicesNow,
  type ScreenPlace,
  screenPlaces,
  type StoredDevice,
} from '../exhibition/face.ts';
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
const SCREENS_A_PAGE = 1000;
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
  /** Screens that have no key of it from this job yet. */
  readonly wanted: ReadonlySet<string>;
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
        batches.push(...(await batchesOf(parts, job, request, course)));
      }
      await issueAll(parts, job, batches, course);
      await job.report(...course.findings.slice(0, FINDINGS_MAX));
      if (course.issued === 0) throw new Refusal('invalid', { findings: course.findings });
      return { keys: course.issued };
    },
  });
}

async function batchesOf(
  parts: IssueParts,
  job: JobRun<IssueInput>,
  request: Request,
  course: Course,
): Promise<Batch[]> {
  const organisationId = ownerOf(job);
  const ids = [request.packageId];
  const listed = await listPackages(parts.database, { organisationId, ids, limit: 1 });
  const film = found(listed[0]?.row, { id: request.packageId });
  const signer = found(await readSigner(parts.database, parts.custody, organisationId));
  const keys = await openContentKeys(parts, request.packageId);
  const batches: Batch[] = [];
  for (const composition of film.compositions) {
    const wanted = new Set(request.screenIds);
    course.total += wanted.size;
    for (const id of await screensDone(parts.database, job.id, composition.id)) {
      if (!wanted.delete(id)) continue;
      course.issued += 1;
      course.passed += 1;
    }
    const batch: KdmBatch = {
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
    };
    batches.push({ request, film, composition, wanted, batch });
  }
  return batches;
}

/**
 * Screens page by page, and on each page one batch after the other: a screen's certificate is read
 * and proved once for all its keys. Nothing is stored after this ends.
 */
async function issueAll(
  parts: IssueParts,
  job: JobRun<IssueInput>,
  batches: readonly Batch[],
  course: Course,
): Promise<void> {
  const open = batches.map((made) => ({ made, store: keyStore(parts, job, made, course) }));
  const screens = [...new Set(batches.flatMap((each) => [...each.wanted]))];
  try {
    for (let at = 0; at < screens.length; at += SCREENS_A_PAGE) {
      const ids = screens.slice(at, at + SCREENS_A_PAGE);
      const page = await readScreens(parts, ids, course);
      const memory = new CertificateMemory();
      for (const { made, store } of open) {
        const batch = { ...made.batch, memory };
        const issuer = await kdmIssuer(batch, parts.cryptography, randomBytes);
        if (!issuer.ok) throw new Refusal('invalid', { findings: issuer.findings });
        const recipients = recipientsOf(page, made, course);
        course.passed += ids.filter((id) => made.wanted.has(id)).length - recipients.length;
        await issuePage(job, issuer.value, recipients, { made, store, course });
      }
    }
    for (const { store } of open) await store.take(undefined);
  } finally {
    for (const { store } of open) await store.ended();
  }
}

async function issuePage(
  job: JobRun<IssueInput>,
  issuer: KdmIssuer,
  recipients: readonly Recipient[],
  to: { readonly made: Batch; readonly store: KeyStore; readonly course: Course },
): Promise<void> {
  const { made, store, course } = to;
  for await (const { recipient, outcome } of issueKdms(issuer, recipients)) {
    job.signal.throwIfAborted();
    for (const each of outcome.findings) {
      course.findings.push({ ...each, at: { ...each.at, cinema: recipient.cinema } });
    }
    if (outcome.ok) {
      const name = fileName(made.film, recipient);
      await store.take({ recipient, name, bytes: outcome.value.bytes });
    } else course.passed += 1;
  }
}

/** A screen with what a key for it needs, whatever the key is for. */
type Screen = ScreenPlace & {
  readonly device: StoredDevice;
  readonly chain: readonly Certificate[];
};

/** The screens of one page that can have a key; what keeps the others from it is found. */
async function readScreens(
  parts: IssueParts,
  screenIds: readonly string[],
  { findings }: Course,
): Promise<ReadonlyMap<string, Screen>> {
  const places = await screenPlaces(parts.database, screenIds);
  const devices = await devicesNow(parts.database, screenIds);
  // Devices of one maker stand below the same authorities.
  const authorities = new Map<string, Certificate | undefined>();
  const screens = new Map<string, Screen>();
  for (const place of places) {
    const device = devices.get(place.id);
    if (device === undefined) {
      const cinema = cinemaOf(place);
      findings.push(finding('missing_device_certificate', 'error', { at: { cinema } }));
      continue;
    }
    const [leaf, ...above] = device.certificates;
    const chain = [leaf === undefined ? undefined : certificateIn(leaf)];
    for (const der of above) {
      const name = Buffer.from(der).toString('latin1');
      if (!authorities.has(name)) authorities.set(name, certificateIn(der));
      chain.push(authorities.get(name));
    }
    screens.set(place.id, { ...place, device, chain: chain.filter((each) => each !== undefined) });
  }
  return screens;
}

function certificateIn(der: Uint8Array): Certificate | undefined {
  const read = readCertificate(new Uint8Array(der));
  return read.ok ? read.value : undefined;
}

const cinemaOf = (place: ScreenPlace): string => `${place.cinemaName} ${place.name}`;

/** Those of a page that a batch wants, each with its window on the clock of its cinema. */
function recipientsOf(
  page: ReadonlyMap<string, Screen>,
  { request, wanted }: Batch,
  course: Course,
): Recipient[] {
  const windows = new Map<string, ReturnType<typeof windowIn>>();
  const recipients: Recipient[] = [];
  for (const screen of page.values()) {
    if (!wanted.has(screen.id)) continue;
    const window = windows.get(screen.timeZone) ?? windowIn(screen.timeZone, request);
    windows.set(screen.timeZone, window);
    const cinema = cinemaOf(screen);
    if (!window.ok) {
      const at = (each: Finding) => ({ ...each, at: { ...each.at, cinema } });
      course.findings.push(...window.findings.map(at));
      continue;
    }
    const { id: screenId, device, chain } = screen;
    const { formulation } = request;
    recipients.push({ screenId, device, cinema, chain, window: window.value, formulation });
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

type KeyStore = ReturnType<typeof keyStore>;

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
