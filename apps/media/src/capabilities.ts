import type { EngineName } from './backend.ts';
import { type Verb, VERBS } from './jobs.ts';
import type { Listing } from './messages.ts';

/** What this machine can really do; the face promises nothing else. */
export type Capabilities = {
  readonly engine: EngineName;
  readonly version: string;
  /** Verbs, each with what it lacks; an empty list means that it works. */
  readonly verbs: Readonly<Record<Verb, readonly string[]>>;
  readonly features: Readonly<Record<Feature, boolean>>;
  /** The build contains parts under the GPL. */
  readonly gpl: boolean;
};

export type Feature =
  | 'j2k-dci'
  | 'vmaf'
  | 'xpsnr'
  | 'tonemap-hdr'
  | 'av1-encode'
  | 'hevc-encode'
  | 'prores-encode'
  | 'vvc-decode'
  | 'webp';

type Need = { readonly encoders?: readonly string[]; readonly filters?: readonly string[] };

const PICTURES = [
  'scale',
  'fps',
  'setpts',
  'format',
  'setsar',
  'pad',
  'crop',
  'bwdif',
  'transpose',
];
const SOUND = ['aresample', 'aformat', 'anull', 'asetpts', 'join'];

const NEEDS: Readonly<Record<Verb, Need>> = {
  probe: {},
  proxy: { encoders: ['libx264', 'aac'], filters: [...PICTURES, ...SOUND, 'asetnsamples'] },
  hls: { encoders: ['libx264', 'aac'], filters: [...PICTURES, ...SOUND, 'asetnsamples'] },
  filmstrip: { encoders: ['mjpeg'], filters: [...PICTURES, 'select', 'tile'] },
  waveform: { encoders: ['pcm_s16le'], filters: SOUND },
  thumbnail: { encoders: ['mjpeg', 'png', 'tiff'], filters: PICTURES },
  frames: { encoders: ['rawvideo'], filters: [...PICTURES, 'zscale'] },
  pcm: { encoders: ['pcm_s24le'], filters: [...SOUND, 'pan', 'apad', 'atrim', 'amerge'] },
  loudness: { filters: [...SOUND, 'ebur128', 'ametadata'] },
  detect: {
    encoders: ['wrapped_avframe'],
    filters: [...PICTURES, 'scdet', 'blackdetect', 'freezedetect', 'silencedetect', 'metadata'],
  },
  render: { encoders: ['libx264', 'aac'], filters: ['zscale', 'format', 'setparams', 'aformat'] },
};

const FEATURES: Readonly<Record<Feature, { kind: keyof Listing; name: string }>> = {
  // FFmpeg's own encoder has no cinema profile; only OpenJPEG's writes what ST 429-4 asks for.
  'j2k-dci': { kind: 'encoders', name: 'libopenjpeg' },
  vmaf: { kind: 'filters', name: 'libvmaf' },
  xpsnr: { kind: 'filters', name: 'xpsnr' },
  'tonemap-hdr': { kind: 'filters', name: 'zscale' },
  'av1-encode': { kind: 'encoders', name: 'libsvtav1' },
  'hevc-encode': { kind: 'encoders', name: 'libx265' },
  'prores-encode': { kind: 'encoders', name: 'prores_ks' },
  'vvc-decode': { kind: 'decoders', name: 'vvc' },
  webp: { kind: 'encoders', name: 'libwebp' },
};

export function judgeCapabilities(engine: EngineName, listing: Listing): Capabilities {
  const encoders = new Set(listing.encoders);
  const filters = new Set(listing.filters);
  const verbs = Object.fromEntries(
    VERBS.map((verb) => {
      const { encoders: wantedEncoders = [], filters: wantedFilters = [] } = NEEDS[verb];
      return [
        verb,
        [
          ...wantedEncoders.filter((each) => !encoders.has(each)),
          ...wantedFilters.filter((each) => !filters.has(each)),
        ],
      ];
    }),
  ) as unknown as Capabilities['verbs'];
  const features = Object.fromEntries(
    Object.entries(FEATURES).map(([feature, { kind, name }]) => [
      feature,
      (listing[kind] as readonly string[]).includes(name),
    ]),
  ) as unknown as Capabilities['features'];
  const gpl = listing.configuration.includes('--enable-gpl');
  return { engine, version: listing.version, verbs, features, gpl };
}
