import {
  accepted,
  type Cryptography,
  digest,
  encodeUtf8,
  type Finding,
  finding,
  formatRatio,
  type FrameRate,
  type Outcome,
  toHex,
} from '@yinglian/core';
import { zipSync, type Zippable } from 'fflate';
import { writeCsv, type ReportLanguage } from '../changes/report.ts';
import { writeEdl } from '../edl/write.ts';
import { writeFcp7 } from '../fcp7/write.ts';
import { writeFcpxml } from '../fcpxml/write.ts';
import { objectMember, textMember } from '../json/value.ts';
import { writeJson } from '../json/write.ts';
import { type Composable, marker, type Stack, type Timeline } from '../model.ts';
import { writeOtio } from '../otio/write.ts';
import { placeItems, playedRange, rateOf, tracksOf } from '../place.ts';
import { sameRate, zeroTime } from '../time.ts';
import { pullList } from './pull.ts';
import { countRows, countSheet, type CountOptions, pullRows } from './sheets.ts';

/** Who a package is for. */
export type TurnoverDepartment = 'vfx' | 'sound' | 'colour';

/** What a package is made of. */
export type TurnoverOptions = CountOptions & {
  readonly department: TurnoverDepartment;
  readonly language: ReportLanguage;
  /** Said in the manifest as it is given. */
  readonly version: string;
  /** Files beside the lists, by their path below the package: a reference video, guide sound. */
  readonly attachments?: readonly {
    readonly path: string;
    readonly sizeBytes: number;
    readonly sha256: string;
  }[];
};

/** The files of a package by name, the manifest among them. */
export type Turnover = {
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly findings: readonly Finding[];
};

/** Lists shrink to a tenth; the time is 1 January 1985, as in bundles of OpenTimelineIO. */
const ZIPPED = { level: 6, mtime: 473_385_600_000 } as const;

/** The name of the file that says what else there is. */
export const TURNOVER_MANIFEST = 'manifest.json';

/**
 * Makes the lists that a department works from, and a manifest with the size and SHA-256 of every
 * file, so that who receives the package can prove it whole.
 */
export function buildTurnover(
  of: Timeline,
  options: TurnoverOptions,
  cryptography: Cryptography,
): Outcome<Turnover> {
  const scoped = forDepartment(of, options.department);
  const base = fileName(of.name);
  const findings: Finding[] = [];
  const files = new Map<string, Uint8Array>();
  const keep = (name: string, made: Outcome<Uint8Array>) => {
    findings.push(...made.findings);
    if (made.ok) files.set(name, made.value);
  };
  const named = withShotMarkers(scoped);
  files.set(`${base}.otio`, writeOtio(scoped));
  for (const { name, tracks } of listsOf(scoped, options.department)) {
    keep(`${base}${name}.edl`, writeEdl(named, tracks === undefined ? {} : { tracks }));
  }
  keep(`${base}.xml`, writeFcp7(named));
  if (options.department !== 'sound') {
    keep(`${base}.fcpxml`, writeFcpxml(named));
    const pulls = pullList([scoped], options);
    findings.push(...pulls.findings);
    files.set(`${base}-pulls.csv`, encodeUtf8(writeCsv(pullRows(pulls, options.language))));
    const sheet = countSheet(scoped, options);
    files.set(`${base}-counts.csv`, encodeUtf8(writeCsv(countRows(sheet, options.language))));
  }
  const listed = [...files].map(([path, bytes]) => ({
    path,
    sizeBytes: BigInt(bytes.length),
    sha256: toHex(digest(cryptography, 'sha256', bytes)),
  }));
  const attached = (options.attachments ?? []).map((each) => ({
    ...each,
    sizeBytes: BigInt(each.sizeBytes),
  }));
  const manifest = {
    department: options.department,
    title: of.name,
    version: options.version,
    files: [...listed, ...attached],
  };
  files.set(TURNOVER_MANIFEST, encodeUtf8(`${writeJson(manifest)}\n`));
  return accepted({ files, findings });
}

/** The files of a package as one ZIP; a fixed time makes the same package the same bytes. */
export function zipTurnover(of: Turnover): Uint8Array {
  const files = [...of.files].map(([path, bytes]) => [path, [bytes, ZIPPED]] as const);
  return zipSync(Object.fromEntries(files) as Zippable);
}

/** What is wrong with a reference video of a cut: it plays as long and as fast as the cut. */
export function checkReference(
  of: Timeline,
  video: { readonly frames: number | null; readonly rate: FrameRate | undefined },
): Finding[] {
  const rate = rateOf(of);
  const findings: Finding[] = [];
  if (rate === undefined || video.rate === undefined) return findings;
  if (!sameRate(rate, video.rate)) {
    const [expected, found] = [formatRatio(rate), formatRatio(video.rate)];
    findings.push(finding('mismatched_reference_rate', 'error', { facts: { expected, found } }));
  }
  const lasts = tracksOf(of).map(({ track, path }) => {
    const last = placeItems(track, path, { rate, findings: [] }).at(-1);
    return last === undefined ? 0 : last.start + last.duration;
  });
  const expected = Math.max(0, ...lasts);
  if (video.frames !== null && video.frames !== expected) {
    const facts = { expected, found: video.frames };
    findings.push(finding('mismatched_reference_length', 'error', { facts }));
  }
  return findings;
}

/** Sound works from both picture and sound; the others from picture. */
function forDepartment(of: Timeline, department: TurnoverDepartment): Timeline {
  if (department === 'sound') return of;
  const children = of.tracks.children.filter(
    (each) => each.kind !== 'track' || each.trackKind !== 'Audio',
  );
  const tracks: Stack = { ...of.tracks, children };
  return { ...of, tracks };
}

/** Conform systems take one picture track from a list, so each track that plays has its own. */
function listsOf(of: Timeline, department: TurnoverDepartment) {
  const playing = tracksOf(of).flatMap(({ track }, index) =>
    track.enabled && track.trackKind === 'Video' ? [index] : [],
  );
  if (department === 'sound' || playing.length < 2) return [{ name: '', tracks: undefined }];
  return playing.map((index, number) => ({ name: `-V${number + 1}`, tracks: [index] }));
}

/** Names of shots as markers on their clips, where lists and projects have room for them. */
function withShotMarkers(of: Timeline): Timeline {
  const children = of.tracks.children.map((each) =>
    each.kind === 'track'
      ? { ...each, children: each.children.map((item) => withShotMarker(item)) }
      : each,
  );
  return { ...of, tracks: { ...of.tracks, children } };
}

/** A compound clip is a shot like any other. */
function withShotMarker(of: Composable): Composable {
  if (of.kind !== 'clip' && of.kind !== 'stack' && of.kind !== 'track') return of;
  const own = objectMember(of.metadata, 'yinglian');
  const shot = own === undefined ? undefined : textMember(own, 'shot');
  const played = playedRange(of);
  if (shot === undefined || shot === '' || played === undefined) return of;
  const isSaid = ({ name, kind }: { readonly name: string; readonly kind: string }) =>
    kind === 'marker' && name.split(/\s+/).includes(shot);
  if (of.markers.some(isSaid)) return of;
  const at = { start: played.start, duration: zeroTime(played.start.rate) };
  return { ...of, markers: [...of.markers, marker(at, { name: shot })] };
}

function fileName(title: string): string {
  return (
    title
      .replace(/[^\p{L}\p{N}._-]+/gu, '_')
      .replace(/^[._]+/, '')
      .slice(0, 80) || 'cut'
  );
}
