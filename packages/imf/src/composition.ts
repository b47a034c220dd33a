import {
  compareRatio,
  type Facts,
  type Finding,
  finding,
  type Place,
  type Ratio,
  type Uuid,
} from '@yinglian/core';
import { placeOf } from '@yinglian/xml';
import { checkPicture, checkSound, differenceOf } from './descriptor.ts';
import { checkCompositionForm } from './form.ts';
import {
  APPLICATIONS,
  type Application,
  CORE_EDITIONS,
  CPL_EDITIONS,
  type EssenceDescriptor,
  type ImfComposition,
  type Resource,
  type Segment,
  type Sequence,
} from './model.ts';

/** One timeline of essence through all segments. */
export type VirtualTrack = {
  readonly id: Uuid;
  readonly kind: string;
  readonly resources: readonly Resource[];
};

/** The virtual tracks of a composition in the order in which they first appear. */
export function virtualTracks(composition: Pick<ImfComposition, 'segments'>): VirtualTrack[] {
  const tracks = new Map<Uuid, { id: Uuid; kind: string; resources: Resource[] }>();
  for (const { sequences } of composition.segments) {
    for (const { trackId, kind, resources } of sequences) {
      if (trackId === undefined) continue;
      const known = tracks.get(trackId);
      if (known === undefined)
        tracks.set(trackId, { id: trackId, kind, resources: [...resources] });
      else known.resources.push(...resources);
    }
  }
  return [...tracks.values()];
}

/** Frames a resource plays, repeats included, in its own edit units. */
export function playedUnits(resource: Resource): number | undefined {
  const { sourceDuration, intrinsicDuration, entryPoint, repeatCount } = resource;
  const once =
    sourceDuration ??
    (intrinsicDuration === undefined ? undefined : intrinsicDuration - entryPoint);
  return once === undefined ? undefined : once * repeatCount;
}

/**
 * How long a composition plays, in its edit units; undefined where its picture does not tell.
 */
export function compositionUnits(composition: ImfComposition): bigint | undefined {
  const picture = virtualTracks(composition).find(({ kind }) => kind === 'MainImageSequence');
  if (picture === undefined || composition.editRate === undefined) return undefined;
  return unitsOf(picture.resources, composition.editRate);
}

/**
 * Length of resources in edit units of a rate; undefined where it is not whole or not known. Only
 * the sum must be whole: five frames of 30000/1001 have 8008 samples, one has none that are whole.
 */
function unitsOf(resources: readonly Resource[], rate: Ratio): bigint | undefined {
  let [units, by] = [0n, 1n];
  for (const resource of resources) {
    const played = playedUnits(resource);
    const own = resource.editRate ?? rate;
    if (played === undefined) return undefined;
    const divisor = rate.denominator * own.numerator;
    const part = BigInt(played) * rate.numerator * own.denominator;
    // Nearly always the rate is that of the piece before.
    units = divisor === by ? units + part : units * divisor + part * by;
    if (divisor !== by) by *= divisor;
    if (units % by === 0n) [units, by] = [units / by, 1n];
  }
  return by === 1n ? units : units % by === 0n ? units / by : undefined;
}

/** Sequences that the core constraints and their companions know. */
const SEQUENCES: readonly string[] = [
  'MarkerSequence',
  'MainImageSequence',
  'MainAudioSequence',
  'SubtitlesSequence',
  'HearingImpairedCaptionsSequence',
  'VisuallyImpairedTextSequence',
  'CommentarySequence',
  'KaraokeSequence',
  'ForcedNarrativeSequence',
  'AncillaryDataSequence',
  'IABSequence',
  'ISXDSequence',
  'MGASADMSignalSequence',
];

/**
 * Judges a composition on its own: editions, virtual tracks and segments, resources and durations,
 * descriptors and whether all pieces of a track are alike, and the pictures by the application that
 * is claimed.
 */
export function checkImfComposition(composition: ImfComposition, file: string): Finding[] {
  const check = new CompositionCheck(composition, file);
  const units = compositionUnits(composition);
  return [...checkCompositionForm(composition, units, file), ...check.run()];
}

const CLAUSE = 'ST 2067-3 6';
/** Findings kept of one composition. */
const FINDINGS_MAX = 500;

class CompositionCheck {
  readonly #composition: ImfComposition;
  readonly #file: string;
  readonly #findings: Finding[] = [];
  readonly #descriptors = new Map<Uuid, EssenceDescriptor>();

  constructor(composition: ImfComposition, file: string) {
    this.#composition = composition;
    this.#file = file;
  }

  run(): Finding[] {
    const { descriptors, segments, editRate } = this.#composition;
    for (const descriptor of descriptors) {
      const { id } = descriptor;
      if (id === undefined) continue;
      if (this.#descriptors.has(id)) this.#add('duplicate_descriptor', { id });
      else this.#descriptors.set(id, descriptor);
    }
    if (editRate === undefined) this.#add('invalid_edit_rate');
    if (segments.length === 0) this.#add('empty_composition');
    if (descriptors.length === 0) this.#add('missing_descriptor_list', {}, {}, 'warning');
    this.#checkEditions();
    for (const [index, segment] of segments.entries()) this.#checkSegment(segment, index);
    this.#checkTracks();
    this.#checkDescriptorUse();
    this.#checkApplications();
    return this.#findings;
  }

  #add(code: string, facts: Facts = {}, at: Place = {}, severity: Finding['severity'] = 'error') {
    if (this.#findings.length >= FINDINGS_MAX) return;
    const place = { file: this.#file, ...at };
    this.#findings.push(finding(code, severity, { facts, at: place, clause: CLAUSE }));
  }

  #checkEditions(): void {
    const { edition } = this.#composition;
    const seen = new Set<string>();
    for (const { sequences } of this.#composition.segments) {
      for (const { namespace, kind } of sequences) {
        const marker = kind === 'MarkerSequence';
        const own = marker ? CPL_EDITIONS[namespace] : CORE_EDITIONS[namespace];
        if (own === undefined) {
          if (!marker && !SEQUENCES.includes(kind) && !seen.has(kind)) {
            this.#add('unknown_sequence', { kind, namespace }, {}, 'warning');
          }
        } else if (marker && own !== edition) this.#add('mismatched_edition', { kind, namespace });
        else if (own < edition) this.#add('mismatched_edition', { kind, namespace });
        seen.add(kind);
      }
    }
    const cores = new Set(
      this.#composition.segments.flatMap(({ sequences }) =>
        sequences
          .map(({ namespace }) => CORE_EDITIONS[namespace])
          .filter((each) => each !== undefined),
      ),
    );
    if (cores.size > 1) {
      this.#add('mismatched_core_editions', { editions: [...cores].join(', ') });
    }
  }

  #checkSegment(segment: Segment, index: number): void {
    const at = { segment: index + 1 };
    const { editRate, segments } = this.#composition;
    const kinds = (of: Segment) =>
      new Set(
        of.sequences.filter(({ kind }) => kind !== 'MarkerSequence').map(({ trackId }) => trackId),
      );
    const [own, first] = [kinds(segment), kinds(segments[0]!)];
    const missing = [...first].filter((id) => !own.has(id));
    const added = [...own].filter((id) => !first.has(id));
    for (const id of missing) this.#add('missing_virtual_track', { track: id ?? '' }, at);
    for (const id of added) this.#add('unexpected_virtual_track', { track: id ?? '' }, at);
    const tracks = segment.sequences.map(({ trackId }) => trackId);
    for (const [place, { trackId, kind, element }] of segment.sequences.entries()) {
      if (trackId === undefined || tracks.indexOf(trackId) === place) continue;
      this.#add(
        'duplicate_virtual_track',
        { track: trackId, kind },
        { ...at, ...placeOf(element) },
      );
    }
    const lengths = new Map<string, bigint>();
    for (const sequence of segment.sequences) {
      this.#checkSequence(sequence, at);
      if (sequence.kind === 'MarkerSequence' || editRate === undefined) continue;
      const units = unitsOf(sequence.resources, editRate);
      if (units === undefined) {
        const place = { ...at, ...placeOf(sequence.element) };
        this.#add('fractional_duration', { kind: sequence.kind }, place, 'warning');
      } else lengths.set(`${sequence.kind} ${sequence.trackId ?? ''}`, units);
    }
    const [longest] = [...lengths.values()].sort((a, b) => (a < b ? 1 : -1));
    for (const [name, units] of lengths) {
      if (units === longest) continue;
      const facts = { track: name, units: String(units), expected: String(longest) };
      this.#add('mismatched_sequence_duration', facts, at);
    }
  }

  #checkSequence(sequence: Sequence, at: Place): void {
    if (sequence.resources.length === 0) {
      this.#add('empty_sequence', { kind: sequence.kind }, { ...at, ...placeOf(sequence.element) });
    }
    for (const resource of sequence.resources) {
      const place = { ...at, ...placeOf(resource.element) };
      this.#checkResource(resource, sequence, place);
    }
  }

  #checkResource(resource: Resource, { kind }: Sequence, at: Place): void {
    const { intrinsicDuration, entryPoint, sourceDuration, trackFileId, sourceEncoding } = resource;
    if (intrinsicDuration === undefined || intrinsicDuration <= 0) {
      this.#add('invalid_resource_duration', { duration: intrinsicDuration ?? '' }, at);
      return;
    }
    const played = sourceDuration ?? intrinsicDuration - entryPoint;
    if (played <= 0) this.#add('invalid_resource_duration', { duration: played }, at);
    if (entryPoint + played > intrinsicDuration) {
      const facts = { end: entryPoint + played, intrinsic: intrinsicDuration };
      this.#add('excessive_resource_duration', facts, at);
    }
    if (resource.repeatCount < 1) this.#add('invalid_repeat_count', {}, at);
    if (kind === 'MarkerSequence') return;
    if (trackFileId === undefined) this.#add('missing_track_file_id', {}, at);
    if (sourceEncoding === undefined) this.#add('missing_source_encoding', {}, at);
    else if (this.#descriptors.size > 0 && !this.#descriptors.has(sourceEncoding)) {
      this.#add('missing_descriptor', { id: sourceEncoding }, at);
    }
    if (resource.hash !== undefined && !/^[A-Za-z0-9+/]{27}=$/.test(resource.hash)) {
      this.#add('invalid_hash', { hash: resource.hash.slice(0, 60) }, at);
    }
  }

  #checkTracks(): void {
    const tracks = virtualTracks(this.#composition);
    const pictures = tracks.filter(({ kind }) => kind === 'MainImageSequence');
    if (pictures.length !== 1) this.#add('mismatched_picture_count', { count: pictures.length });
    // ST 2067-2:2020 no longer asks for main sound; immersive sound alone did not do before.
    const { core } = this.#composition;
    if (core !== '2020' && !tracks.some(({ kind }) => kind === 'MainAudioSequence')) {
      this.#add('missing_sound_track');
    }
    const kinds = new Map<Uuid, string>();
    for (const { sequences } of this.#composition.segments) {
      for (const { trackId, kind } of sequences) {
        if (trackId === undefined) continue;
        const known = kinds.get(trackId);
        if (known !== undefined && known !== kind) {
          this.#add('mismatched_track_kind', { track: trackId, kind, expected: known });
        }
        kinds.set(trackId, kind);
      }
    }
    for (const track of tracks) this.#checkTrack(track);
  }

  #checkTrack(track: VirtualTrack): void {
    if (track.kind === 'MarkerSequence') return;
    const { editRate } = this.#composition;
    const [first] = track.resources;
    const reference = this.#descriptorOf(first);
    for (const resource of track.resources) {
      const at = placeOf(resource.element);
      const [own, base] = [resource.editRate ?? editRate, first?.editRate ?? editRate];
      if (own !== undefined && base !== undefined && compareRatio(own, base) !== 0) {
        this.#add('mismatched_resource_rate', { track: track.id }, at);
      }
      if (track.kind === 'MainImageSequence' && own !== undefined && editRate !== undefined) {
        if (compareRatio(own, editRate) !== 0) this.#add('mismatched_edit_rate', {}, at);
      }
      const descriptor = this.#descriptorOf(resource);
      const difference =
        descriptor === undefined || reference === undefined || descriptor === reference
          ? undefined
          : differenceOf(reference, descriptor);
      if (difference !== undefined) {
        this.#add('mismatched_track_essence', { track: track.kind, property: difference }, at);
      }
    }
  }

  #descriptorOf(resource: Resource | undefined): EssenceDescriptor | undefined {
    const id = resource?.sourceEncoding;
    return id === undefined ? undefined : this.#descriptors.get(id);
  }

  #checkDescriptorUse(): void {
    const used = new Set(
      this.#composition.segments.flatMap(({ sequences }) =>
        sequences.flatMap(({ resources }) => resources.map(({ sourceEncoding }) => sourceEncoding)),
      ),
    );
    for (const id of this.#descriptors.keys()) {
      if (!used.has(id)) this.#add('unused_descriptor', { id }, {}, 'warning');
    }
    for (const descriptor of this.#descriptors.values()) {
      this.#findings.push(...checkSound(descriptor, { file: this.#file }));
    }
  }

  #checkApplications(): void {
    const { applications } = this.#composition;
    if (applications.length === 0) this.#add('missing_application', {}, {}, 'warning');
    if (new Set(applications).size < applications.length) {
      this.#add('duplicate_application', {}, {}, 'warning');
    }
    const known = applications.flatMap((uri): Application[] => {
      const application = Object.hasOwn(APPLICATIONS, uri) ? APPLICATIONS[uri] : undefined;
      if (application === undefined) this.#add('unknown_application', { uri });
      return application === undefined ? [] : [application];
    });
    // A composition that claims several has to keep them all.
    const told = new Set<string>();
    for (const application of new Set(known)) {
      for (const found of this.#checkPictures(application)) {
        const key = JSON.stringify([found.code, found.at, found.facts]);
        if (!told.has(key)) this.#findings.push(found);
        told.add(key);
      }
    }
  }

  #checkPictures(application: Application): Finding[] {
    const tracks = virtualTracks(this.#composition);
    const used = new Set(
      tracks
        .filter(({ kind }) => kind === 'MainImageSequence')
        .flatMap(({ resources }) => resources.map((each) => this.#descriptorOf(each))),
    );
    return [...used].flatMap((descriptor) =>
      descriptor === undefined ? [] : checkPicture(descriptor, application, { file: this.#file }),
    );
  }
}
