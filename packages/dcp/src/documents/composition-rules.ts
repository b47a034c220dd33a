import { CPL_METADATA, NAMESPACES, type Standard } from './namespaces.ts';
import type { ElementRule } from './schema.ts';

const optional = (name: string, type?: ElementRule['type']): ElementRule => ({
  name,
  optional: true,
  ...(type === undefined ? {} : { type }),
});

/** ST 429-7:2006 8: what every asset of a reel begins with. */
const GENERIC: readonly ElementRule[] = [
  { name: 'Id', type: 'uuid' },
  optional('AnnotationText'),
  { name: 'EditRate', type: 'rational' },
  { name: 'IntrinsicDuration', type: 'count' },
  optional('EntryPoint', 'count'),
  optional('Duration', 'count'),
];
const TRACK_FILE: readonly ElementRule[] = [
  ...GENERIC,
  optional('KeyId', 'uuid'),
  optional('Hash', 'hash'),
];
const PICTURE: readonly ElementRule[] = [
  ...TRACK_FILE,
  { name: 'FrameRate', type: 'rational' },
  { name: 'ScreenAspectRatio', type: 'aspect' },
];
const LANGUAGE: readonly ElementRule[] = [...TRACK_FILE, optional('Language', 'language')];
const AREA: readonly ElementRule[] = [
  { name: 'Width', type: 'positive' },
  { name: 'Height', type: 'positive' },
];

/** ST 429-16:2014 6 and its schema. */
const METADATA: ElementRule = {
  name: 'CompositionMetadataAsset',
  namespaces: [CPL_METADATA],
  open: [],
  children: [
    ...GENERIC,
    { name: 'FullContentTitleText' },
    optional('ReleaseTerritory'),
    optional('VersionNumber', 'count'),
    optional('Chain'),
    optional('Distributor'),
    optional('Facility'),
    optional('AlternateContentVersionList'),
    { name: 'Luminance', optional: true, type: 'decimal', attributes: ['units'] },
    { name: 'MainSoundConfiguration' },
    { name: 'MainSoundSampleRate', type: 'rational' },
    { name: 'MainPictureStoredArea', children: AREA },
    { name: 'MainPictureActiveArea', children: AREA },
    optional('MainSubtitleLanguageList', 'languages'),
    {
      name: 'ExtensionMetadataList',
      optional: true,
      children: [
        {
          name: 'ExtensionMetadata',
          optional: true,
          many: true,
          attributes: ['scope'],
          open: [],
          children: [
            { name: 'Name' },
            {
              name: 'PropertyList',
              optional: true,
              children: [
                {
                  name: 'Property',
                  many: true,
                  children: [{ name: 'Name' }, { name: 'Value' }],
                },
              ],
            },
          ],
        },
      ],
    },
  ],
};

/** Makers write those of either standard into either; one of 2007 is met as well. */
const STEREOSCOPIC: readonly string[] = [
  NAMESPACES.smpte.stereoscopic,
  NAMESPACES.interop.stereoscopic,
  'http://www.smpte-ra.org/schemas/429-10/2007/Main-Stereo-Picture-CPL',
];
const CAPTIONS: readonly string[] = [
  NAMESPACES.smpte.closedCaption,
  NAMESPACES.interop.closedCaption,
  'http://www.smpte-ra.org/schemas/429-12/2007/TT',
];

const EXTENSIONS: readonly ElementRule[] = [
  { name: 'MainStereoscopicPicture', namespaces: STEREOSCOPIC, children: PICTURE },
  // Captions come once for each language, auxiliary data once for each kind.
  { name: 'MainClosedCaption', many: true, namespaces: CAPTIONS, children: LANGUAGE },
  { name: 'MainCaption', many: true, children: LANGUAGE },
  { name: 'ClosedCaption', many: true, children: LANGUAGE },
  { name: 'ClosedSubtitle', many: true, children: LANGUAGE },
  { name: 'AuxData', many: true, children: [...TRACK_FILE, optional('DataType')] },
  METADATA,
];

const REEL: ElementRule = {
  name: 'Reel',
  many: true,
  children: [
    { name: 'Id', type: 'uuid' },
    optional('AnnotationText'),
    {
      name: 'AssetList',
      open: EXTENSIONS,
      children: [
        {
          name: 'MainMarkers',
          optional: true,
          children: [
            ...GENERIC,
            {
              name: 'MarkerList',
              children: [
                {
                  name: 'Marker',
                  optional: true,
                  many: true,
                  children: [
                    { name: 'Label' },
                    optional('AnnotationText'),
                    { name: 'Offset', type: 'count' },
                  ],
                },
              ],
            },
          ],
        },
        { name: 'MainPicture', optional: true, children: PICTURE },
        { name: 'MainSound', optional: true, children: LANGUAGE },
        { name: 'MainSubtitle', optional: true, children: LANGUAGE },
      ],
    },
  ],
};

function composition(contentVersion: ElementRule): ElementRule {
  return {
    name: 'CompositionPlaylist',
    children: [
      { name: 'Id', type: 'uuid' },
      optional('AnnotationText'),
      optional('IconId', 'uuid'),
      { name: 'IssueDate', type: 'date_time' },
      optional('Issuer'),
      optional('Creator'),
      { name: 'ContentTitleText' },
      { name: 'ContentKind' },
      contentVersion,
      {
        name: 'RatingList',
        children: [
          {
            name: 'Rating',
            optional: true,
            many: true,
            children: [{ name: 'Agency', type: 'uri' }, { name: 'Label' }],
          },
        ],
      },
      { name: 'ReelList', children: [REEL] },
      optional('Signer'),
      optional('Signature'),
    ],
  };
}

const VERSION: ElementRule = {
  name: 'ContentVersion',
  children: [{ name: 'Id', type: 'uri' }, { name: 'LabelText' }],
};

/** Makers of Interop put the order of assets in a reel as they like; so its reel order is free. */
export const COMPOSITION_RULES: Record<Standard, ElementRule> = {
  smpte: composition(VERSION),
  interop: composition({ ...VERSION, optional: true }),
};
