import type { Cryptography, Place } from '@yinglian/core';
import {
  type EncryptedTriplet,
  parseTriplet,
  type TripletOpener,
  tripletOpener,
} from '../mxf/encryption.ts';
import {
  ENCRYPTED_TRIPLET_SMPTE,
  GENERIC_STREAM_ELEMENT,
  type Label,
  sameLabel,
} from '../mxf/labels.ts';
import type { TrackFileInfo } from '../mxf/track-file.ts';
import { channelWeights, LoudnessMeter, programmeChannels } from '../sound/loudness.ts';
import type { FindingCollector } from './findings.ts';
import { checkCinemaFrame } from './codestream.ts';
import { contentKind, type MetResource } from './content-kind.ts';
import { isItemOf } from './track-structure.ts';

/** What is known about a track file when its frames stream past. */
export type FrameContext = {
  readonly collector: FindingCollector;
  readonly place: Place;
  readonly info: TrackFileInfo;
  readonly cryptography: Cryptography;
  readonly key: Uint8Array | undefined;
  /** Whether sound is measured as it passes. */
  readonly measure: boolean;
};

/** What was met while frames streamed past. */
export type FrameTotals = {
  elements: number;
  largestBytes: number;
  integrityCodes: number;
  /** The document of a timed text file, opened where it was encrypted. */
  text: Uint8Array | undefined;
  /** Each resource by its stream id. */
  readonly resources: Map<number, MetResource>;
  /** Of sound that was measured. */
  readonly meter: LoudnessMeter | undefined;
};

/** Judges essence elements one after another. */
export class FrameJudge {
  readonly #context: FrameContext;
  readonly #opener: TripletOpener | undefined;
  readonly totals: FrameTotals;
  #sequence = 0;
  #wrongKey = false;
  readonly #soundFrameBytes: number | undefined;

  constructor(context: FrameContext) {
    this.#context = context;
    const { key, info, cryptography } = context;
    this.#opener =
      key === undefined || info.encryption === undefined
        ? undefined
        : tripletOpener(cryptography, key, info.labels ?? 'smpte');
    this.#soundFrameBytes = expectedSoundFrame(info);
    this.totals = {
      elements: 0,
      largestBytes: 0,
      integrityCodes: 0,
      text: undefined,
      resources: new Map(),
      meter: context.measure ? meterOf(info) : undefined,
    };
  }

  /** One essence element, `frame` counted by elements of the essence container. */
  take(
    key: Label,
    value: Uint8Array | undefined,
    valueBytes: number,
    streamId: number,
    generic: boolean,
  ): void {
    const { collector, place, info } = this.#context;
    const encrypted = sameLabel(key, ENCRYPTED_TRIPLET_SMPTE);
    const unit = Math.floor(this.totals.elements / (info.essence === 'stereoscopic' ? 2 : 1));
    if (!generic) this.totals.elements++;
    if (value === undefined) {
      this.totals.largestBytes = Math.max(this.totals.largestBytes, valueBytes);
      collector.addFrame('excessive_frame_size', place, unit, { bytes: valueBytes });
      return;
    }
    if (!encrypted) {
      if (info.encryption !== undefined) collector.addFrame('unencrypted_frame', place, unit);
      this.#judge(key, value, unit, streamId, generic);
      return;
    }
    if (info.encryption === undefined) {
      collector.addFrame('unexpected_encrypted_frame', place, unit);
      return;
    }
    this.#judgeEncrypted(value, unit, streamId, generic);
  }

  #judgeEncrypted(value: Uint8Array, unit: number, streamId: number, generic: boolean): void {
    const { collector, place, info } = this.#context;
    const triplet = parseTriplet(value);
    if (triplet === undefined) {
      collector.addFrame('invalid_encrypted_frame', place, unit);
      return;
    }
    this.#checkTriplet(triplet, unit);
    const opener = this.#opener;
    if (opener === undefined || this.#wrongKey) {
      this.totals.largestBytes = Math.max(this.totals.largestBytes, triplet.sourceBytes);
      return;
    }
    if (!opener.fits(triplet)) {
      // One wrong key would otherwise be told once for each frame, after much work.
      this.#wrongKey = this.totals.elements <= 1;
      collector.addFrame('mismatched_key', place, unit);
      return;
    }
    if (triplet.integrity !== undefined) {
      this.totals.integrityCodes++;
      if (!opener.authentic(triplet)) collector.addFrame('mismatched_integrity_code', place, unit);
    } else if (info.encryption?.integrity === true) {
      collector.addFrame('missing_integrity_code', place, unit);
    }
    const plain = opener.open(triplet);
    if (plain !== undefined) this.#judge(triplet.sourceKey, plain, unit, streamId, generic);
  }

  /** What can be seen without a key: whose frame it says it is, and that none is missing. */
  #checkTriplet(triplet: EncryptedTriplet, unit: number): void {
    const { collector, place, info } = this.#context;
    this.#sequence++;
    const { contextId } = info.encryption!;
    if (contextId !== undefined && contextId !== triplet.contextId) {
      collector.addFrame('mismatched_context', place, unit);
    }
    const pack = triplet.integrity;
    if (pack === undefined) return;
    if (pack.sequence !== this.#sequence && info.essence !== 'timed_text') {
      collector.addFrame('mismatched_sequence', place, unit, {
        sequence: pack.sequence,
        expected: this.#sequence,
      });
    }
    if (info.assetId !== undefined && pack.trackFileId !== info.assetId) {
      collector.addFrame('mismatched_sequence', place, unit, {
        asset: pack.trackFileId,
        expected: info.assetId,
      });
    }
  }

  #judge(key: Label, value: Uint8Array, unit: number, streamId: number, generic: boolean): void {
    const { collector, place, info } = this.#context;
    if (generic || sameLabel(key, GENERIC_STREAM_ELEMENT)) {
      this.totals.resources.set(streamId, { bytes: value.length, kind: contentKind(value) });
      return;
    }
    if (!isItemOf(info.essence, key)) {
      collector.addFrame('unexpected_element_key', place, unit, { key });
    }
    this.totals.largestBytes = Math.max(this.totals.largestBytes, value.length);
    switch (info.essence) {
      case 'jpeg2000':
      case 'stereoscopic':
        checkCinemaFrame(value, unit, info, collector, place);
        break;
      case 'pcm':
        this.totals.meter?.add(value);
        if (this.#soundFrameBytes !== undefined && value.length !== this.#soundFrameBytes) {
          collector.addFrame('mismatched_sound_frame', place, unit, {
            bytes: value.length,
            expected: this.#soundFrameBytes,
          });
        }
        break;
      case 'timed_text':
        this.totals.text ??= value.slice();
        break;
      default:
        break;
    }
  }
}

/** Undefined for sound that is not of 24 bits, which has a finding of its own. */
function meterOf({ sound }: TrackFileInfo): LoudnessMeter | undefined {
  if (sound === undefined || sound.bits !== SOUND_BITS) return undefined;
  const { numerator, denominator } = sound.samplingRate ?? { numerator: 48_000, denominator: 1 };
  return new LoudnessMeter(numerator / denominator, channelWeights(programmeChannels(sound)));
}

const SOUND_BITS = 24;

function expectedSoundFrame(info: TrackFileInfo): number | undefined {
  const { sound, editRate } = info;
  if (sound?.samplingRate === undefined || editRate === undefined) return undefined;
  const samples =
    (sound.samplingRate.numerator * editRate.denominator) /
    (sound.samplingRate.denominator * editRate.numerator);
  return Number.isInteger(samples) ? samples * sound.blockAlign : undefined;
}
