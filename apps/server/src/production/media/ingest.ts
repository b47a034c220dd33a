import { mkdir, readdir } from 'node:fs/promises';
import { type Finding, finding, hasErrors, type Outcome } from '@yinglian/core';
import { mainPicture, type MediaInput, type Probe, soundStreams } from '@yinglian/media';
import { z } from 'zod';
import { offerPoster } from '../../film/face.ts';
import { defineJob, type JobDefinition, type JobRun } from '../../kernel/jobs/definition.ts';
import type { StoredObject } from '../../kernel/objects/store.ts';
import { Refusal } from '../../kernel/refusal.ts';
import { shareAssetFiles } from '../project/reach.ts';
import { lookForMarks } from './look.ts';
import { type IngestParts, type Tools, watched } from './tools.ts';
import { keepMarks } from './marks.ts';
import {
  type AssetRecord,
  type AssetSource,
  type MediaFacts,
  readParts,
  readSource,
  setDerived,
  setFailed,
  setMedia,
} from './repository.ts';
import { mediaInput, openWorkshop, soundPath, type Workshop } from './workshop.ts';

export const ingestInput = z.object({ assetId: z.uuid() });
type IngestInput = z.output<typeof ingestInput>;
type Made = StoredObject & { readonly name: string; readonly mediaType: string };

/** From a delivered original to everything a reviewer needs, one stored step after another. */
export function ingestJob(parts: IngestParts): JobDefinition<IngestInput> {
  return defineJob({
    kind: 'production.ingest',
    lane: 'heavy',
    input: ingestInput,
    run: async (job) => {
      const source = await readSource(parts.database, job.input.assetId);
      const workshop = await openWorkshop(parts.objects, job.id);
      try {
        return await ingest(parts, job, source, workshop);
      } catch (thrown) {
        if (thrown instanceof Refusal) await recordFailure(parts, job, thrown.findings);
        throw thrown;
      } finally {
        // Half-made files are worth nothing; what was finished is in the store.
        if (!job.signal.aborted) await workshop.clear();
      }
    },
  });
}

async function ingest(
  parts: IngestParts,
  job: JobRun<IngestInput>,
  source: AssetSource,
  workshop: Workshop,
): Promise<{ readonly assetId: string }> {
  const { objects } = parts;
  const whole = { ...source, parts: await readParts(parts.database, source.id) };
  const opened = await mediaInput(objects, workshop, whole, job.signal);
  const { input, frames, findings: noticed } = taken(opened);
  const sound = await soundPath(objects, workshop, source);
  const tools: Tools = { ...parts, job, workshop, input, sound };
  const media = await job.step('probe', async () => {
    const probe = taken(await parts.engine.probe({ verb: 'probe', input }, { signal: job.signal }));
    const judged = judge(probe, sound !== undefined || frames !== null);
    return { facts: { ...factsOf(probe), frames }, findings: [...noticed, ...judged] };
  });
  if (hasErrors(media.findings)) throw new Refusal('invalid', { findings: media.findings });
  await job.write('probed', async (work) => {
    await setMedia(work.transaction, source.id, media.facts);
    work.audit({ action: 'production.asset_probed', subjectKind: 'asset', subjectId: source.id });
    work.changed({ kind: 'asset', id: source.id, filmId: source.filmId });
  });
  const hasSound = sound !== undefined || media.facts.audio.length > 0;
  const poster = await job.step('poster', () => makePoster(tools));
  const proxy = await job.step('proxy', () => makeProxy(tools));
  const filmstrip = await job.step('filmstrip', () => makeFilmstrip(tools));
  const waveform = hasSound ? await job.step('waveform', () => makeWaveform(tools)) : null;
  const loudness = hasSound ? await job.step('loudness', () => measureLoudness(tools)) : null;
  const marks = await lookForMarks(tools, media.facts, proxy.digest);
  return job.write('record', async (work) => {
    const { filmId, organisationId } = source;
    const register = async (made: Made | null) =>
      made === null
        ? null
        : (
            await parts.registerFile(work.transaction, {
              ...made,
              organisationId,
              filmId,
              hall: source.held ? null : 'production',
            })
          ).id;
    const posterFileId = await register(poster);
    await setDerived(work.transaction, source.id, {
      media: media.facts,
      proxyFileId: await register(proxy),
      filmstripFileId: await register(filmstrip.file),
      filmstrip: filmstrip.geometry,
      waveformFileId: await register(waveform),
      posterFileId,
      loudness,
      findings: media.findings,
    });
    await shareAssetFiles(work.transaction, [source.id]);
    await keepMarks(work.transaction, source.id, marks);
    if (posterFileId !== null && !source.held) await offerPoster(work, filmId, posterFileId);
    work.audit({
      action: 'production.asset_ingested',
      subjectKind: 'asset',
      subjectId: source.id,
      facts: { original: source.original.digest, proxy: proxy.digest },
    });
    work.changed({ kind: 'asset', id: source.id, filmId });
    return { assetId: source.id };
  });
}

async function recordFailure(
  parts: IngestParts,
  job: JobRun<IngestInput>,
  findings: readonly Finding[],
): Promise<void> {
  await parts.write(job.context, async (work) => {
    await setFailed(work.transaction, job.input.assetId, findings);
    work.audit({
      action: 'production.ingest_failed',
      subjectKind: 'asset',
      subjectId: job.input.assetId,
      facts: { codes: findings.map((each) => each.code) },
    });
    work.changed({ kind: 'asset', id: job.input.assetId, filmId: job.filmId });
  });
}

/** The value of an outcome; a refusal of the media engine ends the job with its findings. */
function taken<Value>(outcome: Outcome<Value>): Value {
  if (!outcome.ok) throw new Refusal('invalid', { findings: outcome.findings });
  return outcome.value;
}

async function makePoster(tools: Tools): Promise<Made> {
  const output = tools.workshop.path('poster.jpg');
  const job = { verb: 'thumbnail' as const, input: tools.input, output, widthMax: 960 };
  taken(await tools.engine.thumbnail(job, watched(tools)));
  return stored(tools, output, 'poster.jpg', 'image/jpeg');
}

async function makeProxy(tools: Tools): Promise<Made> {
  const output = tools.workshop.path('proxy.mp4');
  const { input, sound } = tools;
  taken(
    await tools.engine.proxy(
      {
        verb: 'proxy',
        input,
        output,
        ...(sound === undefined ? {} : { sound }),
      },
      watched(tools),
    ),
  );
  return stored(tools, output, 'proxy.mp4', 'video/mp4');
}

/** One sheet: with a hundred tiles it is a picture of some hundred kilobytes. */
const STRIP_COLUMNS = 10;
const STRIP_ROWS = 12;

async function makeFilmstrip(tools: Tools): Promise<{
  readonly file: Made | null;
  readonly geometry: AssetRecord['filmstrip'];
}> {
  const outputFolder = tools.workshop.path('filmstrip');
  await mkdir(outputFolder, { recursive: true });
  const strip = taken(
    await tools.engine.filmstrip(
      {
        verb: 'filmstrip',
        input: tools.input,
        outputFolder,
        columns: STRIP_COLUMNS,
        rows: STRIP_ROWS,
      },
      watched(tools),
    ),
  );
  const sheet =
    strip.sheets[0] ?? (await readdir(outputFolder)).find((name) => name.endsWith('.jpg'));
  if (sheet === undefined) return { file: null, geometry: null };
  const [frames, perSecond] = strip.frameRate.split('/').map(Number) as [number, number?];
  const tiles = Math.min(strip.tiles.length, STRIP_COLUMNS * STRIP_ROWS);
  return {
    file: await stored(
      tools,
      tools.workshop.path(`filmstrip/${sheet}`),
      'filmstrip.jpg',
      'image/jpeg',
    ),
    geometry: {
      columns: strip.columns,
      rows: Math.ceil(tiles / strip.columns),
      tiles,
      tileWidth: strip.tileWidth,
      tileHeight: strip.tileHeight,
      everySeconds: (strip.everyFrames * (perSecond ?? 1)) / frames,
    },
  };
}

async function makeWaveform(tools: Tools): Promise<Made> {
  const output = tools.workshop.path('waveform.json');
  taken(
    await tools.engine.waveform(
      { verb: 'waveform', input: soundInput(tools), output },
      watched(tools),
    ),
  );
  return stored(tools, output, 'waveform.json', 'application/json');
}

async function measureLoudness(tools: Tools): Promise<AssetRecord['loudness']> {
  const measured = taken(
    await tools.engine.loudness({ verb: 'loudness', input: soundInput(tools) }, watched(tools)),
  );
  if (measured.integrated === null) return null;
  return {
    integratedLufs: measured.integrated,
    truePeakDb: measured.truePeak,
    rangeLu: measured.range,
  };
}

function soundInput({ input, sound }: Tools): MediaInput {
  return sound === undefined ? input : { kind: 'file', path: sound };
}

async function stored(
  { objects }: Tools,
  path: string,
  name: string,
  mediaType: string,
): Promise<Made> {
  return { ...(await objects.putFile(path, { move: true })), name, mediaType };
}

function factsOf(probe: Probe): MediaFacts {
  const picture = mainPicture(probe);
  return {
    container: probe.container,
    durationSeconds: probe.duration,
    frameCount: picture?.frames ?? null,
    video:
      picture === undefined || picture.frameRate === null
        ? null
        : {
            codec: picture.codec,
            width: picture.width,
            height: picture.height,
            frameRate: picture.frameRate,
            pixelFormat: picture.pixelFormat,
            colour: Object.fromEntries(
              Object.entries(picture.colour).filter(
                (entry): entry is [string, string] => entry[1] !== null,
              ),
            ),
            timecode: picture.timecode ?? probe.startTimecode,
            variableRate: picture.variableRate,
          },
    audio: soundStreams(probe).map((each) => ({
      codec: each.codec,
      sampleRateHz: each.sampleRate,
      channels: each.channels,
      layout: each.layout,
    })),
  };
}

/** What a master must have to go on, and what somebody should know now rather than at the end. */
function judge(probe: Probe, ownSound: boolean): Finding[] {
  const findings: Finding[] = [];
  const picture = mainPicture(probe);
  if (picture === undefined) return [finding('missing_picture', 'error')];
  if (picture.frameRate === null) findings.push(finding('missing_frame_rate', 'error'));
  if (picture.variableRate) findings.push(finding('variable_frame_rate', 'warning'));
  if (picture.frames === 0) findings.push(finding('empty_picture', 'error'));
  if (!ownSound && soundStreams(probe).length === 0)
    findings.push(finding('missing_sound', 'warning'));
  if (picture.pixelFormat?.startsWith('bayer_') === true) {
    findings.push(finding('simplified_development', 'note'));
  }
  if (picture.scan !== null && picture.scan !== 'progressive') {
    findings.push(finding('interlaced_picture', 'warning', { facts: { scan: picture.scan } }));
  }
  return findings;
}
