import { mkdir, readFile, rm, stat } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { buildOptions } from '@yinglian/contract';
import {
  assert,
  type Cryptography,
  finding,
  formatInstant,
  formatRatio,
  hasErrors,
  multiplyRatio,
  type Outcome,
  parseRatio,
  type Ratio,
  ratio,
} from '@yinglian/core';
import {
  buildPackage,
  type BuiltPackage,
  channelLayout,
  type ChannelLayout,
  type ContainerName,
  CONTENT_KINDS,
  type EssenceSource,
  type EssenceSources,
  type PackagePlan,
  reelFrames,
  type RgbSpaceName,
} from '@yinglian/dcp';
import { folderReader, folderWriter, randomBytes, seededRandomBytes } from '@yinglian/host';
import {
  encodeCinemaFrames,
  type MediaEngine,
  type MediaInput,
  mainPicture,
  programmeSound,
} from '@yinglian/media';
import { z } from 'zod';
import { readFilms } from '../film/face.ts';
import type { Database, Transaction } from '../kernel/database/database.ts';
import type { RegisterFile } from '../kernel/files/files.ts';
import { defineJob, type JobDefinition, type JobRun } from '../kernel/jobs/definition.ts';
import type { ObjectStore, StoredObject } from '../kernel/objects/store.ts';
import { found, Refusal } from '../kernel/refusal.ts';
import type { Write } from '../kernel/write.ts';
import {
  mediaInput,
  openWorkshop,
  readParts,
  readSource,
  soundPath,
  type Workshop,
} from '../production/face.ts';
import { checkFolder, verdictOf } from './check.ts';
import { chosenRate, type Conform, isEverywhere, rateChoices, undecidedRate } from './conform.ts';
import { CONTENT_KEY_PURPOSE } from './content-keys.ts';
import type { Custody } from './custody/custody.ts';
import { keepAssets, profileOf } from './intake-repository.ts';
import { type PackageRecord, readPackagePlan, setBuilt, setVerdict } from './repository.ts';
import { readSigner } from './signer.ts';
import { titleOf } from './title.ts';

export type BuildParts = {
  readonly database: Database;
  readonly write: Write;
  readonly objects: ObjectStore;
  readonly registerFile: RegisterFile;
  readonly custody: Custody;
  readonly cryptography: Cryptography;
  readonly engine: MediaEngine;
  readonly now: () => Date;
};

export const buildInput = z.object({ packageId: z.uuid() });
type BuildInput = z.output<typeof buildInput>;
type Options = z.output<typeof buildOptions>;
type Stored = Awaited<ReturnType<typeof readPackagePlan>>;

/** The seed of a build decides its keys, so between runs it is kept sealed. */
const SEED_PURPOSE = 'distribution.build_seed';
const SEED_BYTES = 32;
const SAMPLE_RATE_HZ = 48_000;
const SAMPLE_BYTES = 3;
const SOUND_PIECE_SAMPLES = 48_000;
const ISSUER = 'Yinglian';

/** The order in which the media engine gives the channels, with their MCA labels. */
const LAYOUTS: Readonly<Record<6 | 8, ChannelLayout>> = {
  6: channelLayout('51'),
  8: { soundfield: '71', slots: ['L', 'R', 'C', 'LFE', 'Lss', 'Rss', 'Lrs', 'Rrs'] },
};

/** From an accepted original to a checked package, frame by frame, continuing where it was cut. */
export function buildJob(parts: BuildParts): JobDefinition<BuildInput> {
  return defineJob({
    kind: 'distribution.build_package',
    lane: 'heavy',
    input: buildInput,
    run: async (job) => {
      const workshop = await openWorkshop(parts.objects, job.id);
      try {
        return await build(parts, job, workshop);
      } catch (thrown) {
        if (thrown instanceof Refusal) {
          await parts.write(job.context, async (work) => {
            await setVerdict(work.transaction, job.input.packageId, {
              state: 'failed',
              findings: thrown.findings,
              checked: null,
            });
            work.audit({
              action: 'distribution.build_failed',
              subjectKind: 'package',
              subjectId: job.input.packageId,
              facts: { codes: thrown.findings.map((each) => each.code) },
            });
            work.changed({ kind: 'package', id: job.input.packageId, filmId: job.filmId });
          });
          await workshop.clear();
        }
        throw thrown;
      }
    },
  });
}

async function build(parts: BuildParts, job: JobRun<BuildInput>, workshop: Workshop) {
  const stored = await readPackagePlan(parts.database, job.input.packageId);
  const options = buildOptions.parse(stored.options);
  const source = await readSource(parts.database, found(stored.asset_id));
  const whole = { ...source, parts: await readParts(parts.database, source.id) };
  const { input } = taken(await mediaInput(parts.objects, workshop, whole, job.signal));
  const sound = await soundPath(parts.objects, workshop, source);
  const shop: Shop = { ...parts, job, workshop, stored, options, input, sound };
  const plan = await job.step('plan', () => makePlan(shop));
  const picture = await job.step('picture', () => makePicture(shop, plan), { frames: plan.frames });
  const samples =
    plan.channels === 0
      ? null
      : await job.step('sound', () => makeSound(shop, plan, picture.frames.length));
  const wrapped = await job.step('wrap', () => wrap(shop, plan, picture, samples));
  const folder = workshop.path('package');
  const keys = new Map(
    await Promise.all(
      wrapped.keys.map(
        async (key) =>
          [key.keyId, await parts.custody.openText(CONTENT_KEY_PURPOSE, key.sealed)] as const,
      ),
    ),
  );
  // A step's result outlives its files where a folder was lost; the same plan makes them again.
  const standing = async () => {
    const paths = wrapped.files.map((path) => join(folder, path));
    if (!(await areThere(paths))) await wrap(shop, plan, picture, samples);
  };
  const verdict = await job.step('check', async () => {
    await standing();
    const profile = await profileOf(parts.database, {
      filmId: stored.film_id,
      filmVersionId: stored.film_version_id,
    });
    const report = await checkFolder(folderReader(folder), parts, { keys, job, profile });
    const own = report.assets.map((each) => each.id);
    return { ...verdictOf(report), own, profile: profile ?? null };
  });
  const digests = await job.step('digest', async () => {
    await standing();
    return digestFiles(shop, folder, wrapped.files);
  });
  const files = await job.step('store', () => storeFiles(shop, folder, digests));
  await job.write('record', async (work) => {
    const registered = await Promise.all(
      files.map(async (each) => ({
        path: each.path,
        fileId: (
          await parts.registerFile(work.transaction, {
            organisationId: stored.organisation_id,
            filmId: stored.film_id,
            hall: 'distribution',
            name: each.path.split('/').at(-1)!,
            mediaType: mediaType(each.path),
            digest: each.digest,
            sizeBytes: each.sizeBytes,
          })
        ).id,
      })),
    );
    await setBuilt(work.transaction, stored.id, {
      title: plan.title,
      compositions: wrapped.compositions,
      sizeBytes: files.reduce((sum, each) => sum + each.sizeBytes, 0),
      files: registered,
      keys: await sealedAnew(shop, work.transaction, wrapped.keys),
    });
    await setVerdict(work.transaction, stored.id, verdict);
    await keepAssets(work.transaction, stored.id, verdict);
    work.audit({
      action: 'distribution.package_built',
      subjectKind: 'package',
      subjectId: stored.id,
      facts: { state: verdict.state, files: files.map((each) => each.digest) },
    });
    work.changed({ kind: 'package', id: stored.id, filmId: stored.film_id });
    return null;
  });
  await workshop.clear();
  return { packageId: stored.id, state: verdict.state };
}

type Shop = BuildParts & {
  readonly job: JobRun<BuildInput>;
  readonly workshop: Workshop;
  readonly stored: Stored;
  readonly options: Options;
  readonly input: MediaInput;
  readonly sound: string | undefined;
};

/** Everything decided before work begins, as JSON: a later run follows the same plan. */
type Plan = {
  readonly title: string;
  readonly issueDate: string;
  readonly sealedSeed: string;
  readonly container: ContainerName;
  readonly editRate: string;
  readonly conform: Conform;
  /** How much faster than the master the package plays. */
  readonly speed: string;
  /** Pictures that are to come, for the share of progress. */
  readonly frames: number | null;
  readonly space: RgbSpaceName;
  readonly channels: 0 | 6 | 8;
};

async function makePlan(shop: Shop): Promise<Plan> {
  const { options, engine, input, job, sound } = shop;
  const probe = taken(await engine.probe({ verb: 'probe', input }, { signal: job.signal }));
  const picture = mainPicture(probe);
  if (picture === undefined || picture.frameRate === null) {
    throw refusal(finding('missing_picture', 'error'));
  }
  const source = { frameRate: picture.frameRate, variable: picture.variableRate };
  const choices = rateChoices(source, options);
  const rate = chosenRate(choices, options);
  if (rate === undefined) throw refusal(undecidedRate(source.frameRate, choices));
  const channels =
    sound === undefined ? (programmeSound(probe)?.channels ?? 0) : await channelsOf(shop, sound);
  const { film_id: filmId } = shop.stored;
  const film = found((await readFilms(shop.database, [filmId])).get(filmId));
  const now = shop.now();
  const layout = channels === 0 ? 0 : channels >= 8 ? 8 : 6;
  return {
    title:
      options.title ??
      titleOf({
        film,
        container: options.container,
        resolution: options.resolution,
        standard: options.standard,
        audioLanguage: options.audioLanguage,
        subtitled: false,
        territory: options.territory,
        rating: options.rating,
        channels: layout,
        format: film.versions.find((each) => each.id === shop.stored.film_version_id)?.format,
        date: now,
      }),
    issueDate: formatInstant(Math.floor(now.getTime() / 1000) * 1000).replace(/Z$/, '+00:00'),
    sealedSeed: await shop.custody.sealText(SEED_PURPOSE, randomBytes(SEED_BYTES)),
    container: `${options.container}_${options.resolution}`,
    editRate: rate.frameRate,
    conform: rate.conform,
    speed: rate.speed,
    frames: rate.conform === 'repeat' ? repeatedFrames(probe.duration, rate) : picture.frames,
    space: spaceOf(picture.colour.primaries),
    channels: layout,
  };
}

async function channelsOf(shop: Shop, path: string): Promise<number> {
  const probe = taken(
    await shop.engine.probe(
      { verb: 'probe', input: { kind: 'file', path } },
      { signal: shop.job.signal },
    ),
  );
  return programmeSound(probe)?.channels ?? 0;
}

/** About as many pictures as the film's duration has at another rate. */
function repeatedFrames(duration: string | null, rate: { readonly frameRate: string }) {
  const seconds = duration === null ? undefined : parseRatio(duration);
  const perSecond = parseRatio(rate.frameRate);
  if (seconds === undefined || perSecond === undefined) return null;
  const whole = multiplyRatio(seconds, perSecond);
  return Math.max(1, Math.round(Number(whole.numerator) / Number(whole.denominator)));
}

function spaceOf(primaries: string | null): RgbSpaceName {
  if (primaries === 'smpte432') return 'p3_d65';
  if (primaries === 'smpte431') return 'p3_dci';
  return 'rec709';
}

type Picture = {
  readonly frames: readonly { readonly path: string; readonly sizeBytes: number }[];
};

async function makePicture(shop: Shop, plan: Plan): Promise<Picture> {
  const folder = shop.workshop.path('codestreams');
  await mkdir(folder, { recursive: true });
  let made = 0;
  const encoded = taken(
    await encodeCinemaFrames(
      shop.engine,
      {
        input: shop.input,
        folder,
        container: plan.container,
        editRate: plan.editRate,
        repeat: plan.conform === 'repeat',
        bitRateMbit: shop.options.bitRateMbit,
        space: plan.space,
      },
      {
        signal: shop.job.signal,
        onFrame: () => {
          made += 1;
          shop.job.progress(plan.frames === null ? null : Math.min(1, made / plan.frames));
        },
      },
    ),
  );
  if (encoded.frames.length === 0) throw refusal(finding('empty_picture', 'error'));
  return { frames: encoded.frames.map(({ path, sizeBytes }) => ({ path, sizeBytes })) };
}

async function makeSound(shop: Shop, plan: Plan, frames: number) {
  const output = shop.workshop.path('sound.pcm');
  const rate = found(parseRatio(plan.editRate));
  const samples = samplesFor(frames, rate);
  const input: MediaInput =
    shop.sound === undefined ? shop.input : { kind: 'file', path: shop.sound };
  const made = taken(
    await shop.engine.pcm(
      {
        verb: 'pcm',
        input,
        output,
        container: 'raw',
        layout: plan.channels === 8 ? '7.1' : '5.1',
        sampleRate: SAMPLE_RATE_HZ,
        speed: plan.speed,
        samples,
      },
      {
        signal: shop.job.signal,
        onProgress: ({ share }) => shop.job.progress(share),
      },
    ),
  );
  return { path: output, samples: made.samples };
}

/** Whole samples for whole frames; every rate of the profile divides 48,000 evenly. */
function samplesFor(frames: number, rate: Ratio): number {
  const exact = ratio(BigInt(frames) * rate.denominator * BigInt(SAMPLE_RATE_HZ), rate.numerator);
  assert(exact.denominator === 1n, 'a cinema rate divides the sampling rate');
  return Number(exact.numerator);
}

type Wrapped = {
  readonly files: readonly string[];
  readonly compositions: PackageRecord['compositions'];
  readonly keys: readonly {
    readonly keyId: string;
    readonly compositionId: string;
    readonly type: string;
    readonly sealed: string;
  }[];
};

async function wrap(
  shop: Shop,
  plan: Plan,
  made: Picture,
  recorded: { readonly path: string; readonly samples: number } | null,
): Promise<Wrapped> {
  const folder = shop.workshop.path('package');
  await mkdir(folder, { recursive: true });
  const signer = found(await readSigner(shop.database, shop.custody, shop.stored.organisation_id));
  const frames = await areThere(made.frames.map((each) => each.path));
  const picture = frames ? made : await makePicture(shop, plan);
  const heard = recorded === null || (await areThere([recorded.path]));
  const sound = heard ? recorded : await makeSound(shop, plan, picture.frames.length);
  const seed = await shop.custody.openText(SEED_PURPOSE, plan.sealedSeed);
  const total = picture.frames.length;
  const built = taken(
    await buildPackage(
      packagePlan(shop, plan, sound !== null),
      essence(picture, sound, plan),
      { ...folderReader(folder), ...folderWriter(folder) },
      { cryptography: shop.cryptography, random: seededRandomBytes(seed), signer },
      {
        signal: shop.job.signal,
        resume: true,
        onProgress: (progress) => {
          if (progress.unit === 'frames') shop.job.progress(Math.min(1, progress.done / total));
        },
      },
    ),
  );
  // The documents that only a folder has (ASSETMAP, VOLINDEX) belong to the package too.
  const written = await folderReader(folder).list();
  return wrappedOf(
    shop,
    built,
    written.map((each) => each.path),
  );
}

function packagePlan(shop: Shop, plan: Plan, hasSound: boolean): PackagePlan {
  const { options } = shop;
  const rate = found(parseRatio(plan.editRate));
  const contentType = plan.title.split('_')[1]?.split('-')[0] ?? 'FTR';
  return {
    standard: options.standard,
    title: plan.title,
    issueDate: plan.issueDate,
    issuer: ISSUER,
    creator: ISSUER,
    contentKind: { value: CONTENT_KINDS[contentType] ?? 'feature' },
    editRate: { numerator: Number(rate.numerator), denominator: Number(rate.denominator) },
    encrypted: options.encrypt,
    reels: [
      {
        picture: { source: 'picture' },
        ...(hasSound ? { sound: { source: 'sound', language: options.audioLanguage } } : {}),
      },
    ],
    metadata: { fullTitle: shop.stored.title, bv21: isBv21(options, plan) },
  };
}

/** RDD 52 7.1 and 7.2: flat or scope, at a rate of its list; another package claims nothing. */
function isBv21(options: Options, plan: Plan): boolean {
  return options.container !== 'full' && isEverywhere(plan.editRate, options.resolution === '4k');
}

function essence(
  picture: Picture,
  sound: { readonly path: string; readonly samples: number } | null,
  plan: Plan,
): EssenceSources {
  const frames: EssenceSource = {
    kind: 'codestreams',
    frames: () => codestreams(picture),
    frameBytes: picture.frames.map((each) => each.sizeBytes),
  };
  if (sound === null) return { picture: frames };
  const channelCount = plan.channels;
  return {
    picture: frames,
    sound: {
      kind: 'pcm',
      samples: () =>
        createReadStream(sound.path, {
          highWaterMark: SOUND_PIECE_SAMPLES * SAMPLE_BYTES * channelCount,
        }) as AsyncIterable<Uint8Array>,
      samplingRateHz: SAMPLE_RATE_HZ,
      channelCount,
      sampleCount: sound.samples,
      layout: LAYOUTS[channelCount === 8 ? 8 : 6],
    },
  };
}

async function* codestreams(picture: Picture): AsyncGenerator<Uint8Array> {
  for (const { path } of picture.frames) yield new Uint8Array(await readFile(path));
}

async function wrappedOf(
  shop: Shop,
  built: BuiltPackage,
  files: readonly string[],
): Promise<Wrapped> {
  const { composition } = built;
  const first = composition.reels[0]!.assets[0]!;
  const durationFrames = composition.reels.reduce((sum, reel) => sum + reelFrames(reel), 0);
  const { numerator, denominator } = first.editRate;
  return {
    files,
    compositions: [
      {
        id: composition.id,
        title: composition.title,
        reels: composition.reels.length,
        editRate: formatRatio(ratio(numerator, denominator)),
        durationFrames,
      },
    ],
    keys: await Promise.all(
      built.keys.map(async (key) => ({
        keyId: key.keyId,
        compositionId: composition.id,
        type: key.type,
        sealed: await shop.custody.sealText(CONTENT_KEY_PURPOSE, key.key),
      })),
    ),
  };
}

/** The custody may have changed while frames were encoded: keys are kept under the present one. */
async function sealedAnew(shop: Shop, transaction: Transaction, keys: Wrapped['keys']) {
  const chest = await shop.custody.current(transaction);
  return Promise.all(
    keys.map(async ({ sealed, ...key }) => {
      const plain = await shop.custody.openText(CONTENT_KEY_PURPOSE, sealed);
      const made = chest.seal(CONTENT_KEY_PURPOSE, plain);
      return { ...key, sealed: made, custodyId: chest.custodyId };
    }),
  );
}

async function areThere(paths: readonly string[]): Promise<boolean> {
  for (const path of paths) {
    if ((await stat(path).catch(() => undefined)) === undefined) return false;
  }
  return true;
}

type Digested = StoredObject & { readonly path: string };

async function digestFiles(shop: Shop, folder: string, paths: readonly string[]) {
  const digested: Digested[] = [];
  for (const [index, path] of paths.entries()) {
    shop.job.signal.throwIfAborted();
    const hash = createHash('sha256');
    const at = join(folder, path);
    for await (const piece of createReadStream(at, { highWaterMark: 4 << 20 })) {
      hash.update(piece as Uint8Array);
    }
    digested.push({
      path,
      digest: `sha256:${hash.digest('hex')}`,
      sizeBytes: (await stat(at)).size,
    });
    shop.job.progress((index + 1) / paths.length);
  }
  return digested;
}

/** Moves the files into the store. One that an interrupted run has moved already is there. */
async function storeFiles(shop: Shop, folder: string, files: readonly Digested[]) {
  for (const { path, digest, sizeBytes } of files) {
    if ((await shop.objects.sizeOf(digest)) === sizeBytes) continue;
    await shop.objects.putFile(join(folder, path), { move: true, digest });
  }
  await rm(shop.workshop.path('codestreams'), { recursive: true, force: true });
  return files;
}

function mediaType(path: string): string {
  if (path.endsWith('.mxf')) return 'application/mxf';
  return path.endsWith('.xml') || /(?:^|\/)(?:ASSETMAP|VOLINDEX)$/.test(path)
    ? 'application/xml'
    : 'application/octet-stream';
}

function taken<Value>(outcome: Outcome<Value>): Value {
  if (!outcome.ok || hasErrors(outcome.findings)) {
    throw new Refusal('invalid', { findings: outcome.findings });
  }
  return outcome.value;
}

function refusal(...findings: ReturnType<typeof finding>[]): Refusal {
  return new Refusal('invalid', { findings });
}
