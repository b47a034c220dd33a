import { clipText, type Finding, type FrameRate, ratio } from '@yinglian/core';
import { element, type XmlElement } from '@yinglian/xml';
import { objectMember } from '../json/value.ts';
import type { Clip, MediaReference } from '../model.ts';
import { playedRange } from '../place.ts';
import { clean, formatName, keepAttributes, wellFormed } from './elements.ts';
import { formatSeconds, formatTime } from './time.ts';

/** Versions that are written. 1.9 moved the address of media into `media-rep`. */
export const FCPXML_VERSIONS = Object.freeze([
  ...(['1.8', '1.9', '1.10', '1.11', '1.12', '1.13', '1.14'] as const),
]);
/** A version of the format. */
export type FcpxmlVersion = (typeof FCPXML_VERSIONS)[number];

/** How a document is written. */
export type FcpxmlWriting = {
  /** 1.11 unless given: what Final Cut Pro 10.6.6 and later read. */
  readonly version?: FcpxmlVersion;
  readonly rate?: FrameRate;
  /** 1920 by 1080 unless given; cuts of other formats do not say it. */
  readonly width?: number;
  readonly height?: number;
};

type Tell = (code: string, path: string, facts?: Finding['facts']) => void;

/** What the clips of a document refer to, each once. */
export class Resources {
  readonly list: XmlElement[] = [];
  readonly #known = new Map<string, string>();
  readonly #writing: FcpxmlWriting;
  readonly #version: FcpxmlVersion;
  readonly #tell: Tell;

  constructor(writing: FcpxmlWriting, version: FcpxmlVersion, told: Tell) {
    this.#writing = writing;
    this.#version = version;
    this.#tell = told;
  }

  /** The id of a resource, which is made where none is known under the key. */
  place(key: string, make: (id: string) => XmlElement): string {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const id = `r${this.#known.size + 1}`;
    this.#known.set(key, id);
    // The place is taken first, so that what it refers to may follow.
    const at = this.list.push(element('format', '')) - 1;
    this.list[at] = make(id);
    return id;
  }

  /** The format of a rate. */
  format(rate: FrameRate): string {
    const width = this.#writing.width ?? 1920;
    const height = this.#writing.height ?? 1080;
    const frameDuration = formatSeconds(ratio(rate.denominator, rate.numerator));
    return this.place(`format ${frameDuration}`, (id) =>
      element('format', '', {
        attributes: {
          id,
          name: formatName(rate, width, height),
          frameDuration: `${rate.denominator * 100n}/${rate.numerator * 100n}s`,
          width: String(width),
          height: String(height),
        },
      }),
    );
  }

  /** An effect, generator or title, by the name and address that Final Cut Pro has for it. */
  effect(name: string, uid: string): string {
    return this.place(`effect ${name} ${uid}`, (id) =>
      element('effect', '', { attributes: { id, name: clean(name), uid: clean(uid) } }),
    );
  }

  /** The medium of a clip. */
  asset(item: Clip, media: MediaReference | undefined, path: string): string {
    const available = media?.availableRange ?? playedRange(item)!;
    const url =
      media?.kind === 'external'
        ? media.targetUrl
        : media?.kind === 'images'
          ? `${media.targetUrlBase}${media.namePrefix}${media.startFrame}${media.nameSuffix}`
          : '';
    if (media?.kind === 'images') {
      this.#tell('uncarried_image_sequence', path, { name: clipText(item.name) });
    }
    if (url === '') this.#tell('missing_media_address', path, { name: clipText(item.name) });
    const name = media?.name || item.name;
    const src = url === '' ? `file:///missing/${encodeURIComponent(wellFormed(name))}` : clean(url);
    const own = media === undefined ? {} : (objectMember(media.metadata, 'fcpx') ?? {});
    const times = `${formatTime(available.start)} ${formatTime(available.duration)}`;
    const unknownLength = media?.availableRange === undefined;
    const key = `asset ${src} ${unknownLength ? `${path} ` : ''}${times}`;
    return this.place(key, (id) => {
      const kept = keepAttributes(own, [
        'uid',
        'audioSources',
        'audioChannels',
        'audioRate',
        'videoSources',
      ]);
      const sound = /\.(?:wav|aif|aiff|mp3|m4a|bwf|caf)$/i.test(src);
      const flags = keepAttributes(own, ['hasVideo', 'hasAudio']);
      const fallback = sound ? { hasAudio: '1' } : { hasVideo: '1' };
      const old = this.#version === '1.8';
      return element('asset', '', {
        attributes: {
          id,
          name: clean(name),
          start: formatTime(available.start),
          duration: formatTime(available.duration),
          ...(Object.keys(flags).length === 0 ? fallback : flags),
          ...(sound ? {} : { format: this.format(available.duration.rate) }),
          ...(old ? { src } : {}),
          ...kept,
        },
        children: old
          ? []
          : [element('media-rep', '', { attributes: { kind: 'original-media', src } })],
      });
    });
  }
}
