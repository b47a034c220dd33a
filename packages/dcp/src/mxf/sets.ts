import type { Label } from './labels.ts';
import type { PropertyType } from './property-types.ts';

/**
 * The metadata sets of D-cinema track files as a table: one row per set and property, so that
 * reader, writer and documentation share one truth (ST 377-1, 429-4, -5, -6, -10, 377-4, 430-14).
 */
export type PropertyRow = {
  readonly type: PropertyType;
  /** As in the primer; the register version is what D-cinema writers use. */
  readonly label: Label;
  /** The static local tag of ST 377-1, or 0: given out by the primer from 0xFFFF down. */
  readonly tag: number;
};

const row = (type: PropertyType, tag: number, version: number, tail: string): PropertyRow => ({
  type,
  tag,
  label: `060e2b34010101${version.toString(16).padStart(2, '0')}${tail.padEnd(16, '0')}`,
});

/** Every property by name; a name means the same property in every set that has it. */
export const PROPERTIES = {
  // Interchange object and preface, ST 377-1:2019 A.
  instanceId: row('uuid', 0x3c0a, 0x01, '01011502'),
  generationId: row('uuid', 0x0102, 0x02, '05200701080000'),
  lastModified: row('timestamp', 0x3b02, 0x02, '0702011002040000'),
  version: row('u16', 0x3b05, 0x02, '0301020105'),
  objectModelVersion: row('u32', 0x3b07, 0x02, '0301020104'),
  primaryPackage: row('uuid', 0x3b08, 0x04, '0601010401080000'),
  identifications: row('uuids', 0x3b06, 0x02, '0601010406040000'),
  contentStorage: row('uuid', 0x3b03, 0x02, '0601010402010000'),
  operationalPattern: row('label', 0x3b09, 0x05, '0102020300000000'),
  essenceContainers: row('labels', 0x3b0a, 0x05, '0102021002010000'),
  descriptiveSchemes: row('labels', 0x3b0b, 0x05, '0102021002020000'),
  // Identification.
  thisGenerationId: row('uuid', 0x3c09, 0x02, '0520070101000000'),
  companyName: row('text', 0x3c01, 0x02, '0520070102010000'),
  productName: row('text', 0x3c02, 0x02, '0520070103010000'),
  productVersion: row('version', 0x3c03, 0x02, '0520070104000000'),
  versionString: row('text', 0x3c04, 0x02, '0520070105010000'),
  productId: row('uuid', 0x3c05, 0x02, '0520070107000000'),
  modificationDate: row('timestamp', 0x3c06, 0x02, '0702011002030000'),
  toolkitVersion: row('version', 0x3c07, 0x02, '052007010a000000'),
  platform: row('text', 0x3c08, 0x02, '0520070106010000'),
  // Content storage and essence container data.
  packages: row('uuids', 0x1901, 0x02, '0601010405010000'),
  essenceContainerData: row('uuids', 0x1902, 0x02, '0601010405020000'),
  linkedPackageId: row('umid', 0x2701, 0x02, '0601010601000000'),
  indexStreamId: row('u32', 0x3f06, 0x04, '0103040500000000'),
  bodyStreamId: row('u32', 0x3f07, 0x04, '0103040400000000'),
  // Packages, tracks, structural components.
  packageId: row('umid', 0x4401, 0x01, '0101151000000000'),
  packageName: row('text', 0x4402, 0x01, '0103030201000000'),
  packageCreated: row('timestamp', 0x4405, 0x02, '0702011001030000'),
  packageModified: row('timestamp', 0x4404, 0x02, '0702011002050000'),
  tracks: row('uuids', 0x4403, 0x02, '0601010406050000'),
  descriptor: row('uuid', 0x4701, 0x02, '0601010402030000'),
  trackId: row('u32', 0x4801, 0x02, '0107010100000000'),
  trackNumber: row('u32', 0x4804, 0x02, '0104010300000000'),
  trackName: row('text', 0x4802, 0x02, '0107010201000000'),
  sequence: row('uuid', 0x4803, 0x02, '0601010402040000'),
  editRate: row('rational', 0x4b01, 0x02, '0530040500000000'),
  origin: row('u64', 0x4b02, 0x02, '0702010301030000'),
  dataDefinition: row('label', 0x0201, 0x02, '0407010000000000'),
  duration: row('u64', 0x0202, 0x02, '0702020101030000'),
  components: row('uuids', 0x1001, 0x02, '0601010406090000'),
  startPosition: row('u64', 0x1201, 0x02, '0702010301040000'),
  sourcePackageId: row('umid', 0x1101, 0x02, '0601010301000000'),
  sourceTrackId: row('u32', 0x1102, 0x02, '0601010302000000'),
  roundedTimecodeBase: row('u16', 0x1502, 0x02, '0404010102060000'),
  startTimecode: row('u64', 0x1501, 0x02, '0702010301050000'),
  dropFrame: row('u8', 0x1503, 0x01, '0404010105000000'),
  eventStart: row('u64', 0x0601, 0x02, '0702010303030000'),
  eventComment: row('text', 0x0602, 0x02, '0530040401000000'),
  descriptiveFramework: row('uuid', 0x6101, 0x05, '06010104020c0000'),
  // File descriptors.
  subDescriptors: row('uuids', 0, 0x09, '0601010406100000'),
  linkedTrackId: row('u32', 0x3006, 0x05, '0601010305000000'),
  sampleRate: row('rational', 0x3001, 0x01, '0406010100000000'),
  containerDuration: row('u64', 0x3002, 0x01, '0406010200000000'),
  essenceContainer: row('label', 0x3004, 0x02, '0601010401020000'),
  codec: row('label', 0x3005, 0x02, '0601010401030000'),
  frameLayout: row('u8', 0x320c, 0x01, '0401030104000000'),
  storedWidth: row('u32', 0x3203, 0x01, '0401050202000000'),
  storedHeight: row('u32', 0x3202, 0x01, '0401050201000000'),
  displayWidth: row('u32', 0x3209, 0x01, '040105010c000000'),
  displayHeight: row('u32', 0x3208, 0x01, '040105010b000000'),
  aspectRatio: row('rational', 0x320e, 0x01, '0401010101000000'),
  pictureCoding: row('label', 0x3201, 0x02, '0401060100000000'),
  componentMaximum: row('u32', 0x3406, 0x05, '040105030b000000'),
  componentMinimum: row('u32', 0x3407, 0x05, '040105030c000000'),
  pixelLayout: row('bytes', 0x3401, 0x02, '0401050306000000'),
  // Sound.
  audioSamplingRate: row('rational', 0x3d03, 0x05, '0402030101010000'),
  locked: row('u8', 0x3d02, 0x04, '0402030104000000'),
  audioReferenceLevel: row('u8', 0x3d04, 0x01, '0402010103000000'),
  channelCount: row('u32', 0x3d07, 0x05, '0402010104000000'),
  quantizationBits: row('u32', 0x3d01, 0x04, '0402030304000000'),
  dialNorm: row('u8', 0x3d0c, 0x05, '0402070100000000'),
  blockAlign: row('u16', 0x3d0a, 0x05, '0402030201000000'),
  sequenceOffset: row('u8', 0x3d0b, 0x05, '0402030202000000'),
  averageBytesPerSecond: row('u32', 0x3d09, 0x05, '0402030305000000'),
  channelAssignment: row('label', 0x3d32, 0x07, '0402010105000000'),
  // JPEG 2000 sub-descriptor, ST 422 Annex and ST 429-4:2006 8.
  capabilities: row('u16', 0, 0x0a, '0401060301000000'),
  gridWidth: row('u32', 0, 0x0a, '0401060302000000'),
  gridHeight: row('u32', 0, 0x0a, '0401060303000000'),
  gridOffsetX: row('u32', 0, 0x0a, '0401060304000000'),
  gridOffsetY: row('u32', 0, 0x0a, '0401060305000000'),
  tileWidth: row('u32', 0, 0x0a, '0401060306000000'),
  tileHeight: row('u32', 0, 0x0a, '0401060307000000'),
  tileOffsetX: row('u32', 0, 0x0a, '0401060308000000'),
  tileOffsetY: row('u32', 0, 0x0a, '0401060309000000'),
  componentCount: row('u16', 0, 0x0a, '040106030a000000'),
  componentSizing: row('bytes', 0, 0x0a, '040106030b000000'),
  codingStyle: row('bytes', 0, 0x0a, '040106030c000000'),
  quantization: row('bytes', 0, 0x0a, '040106030d000000'),
  // Timed text, ST 429-5:2009 9.
  dataCoding: row('label', 0x3e01, 0x05, '0403030200000000'),
  resourceId: row('uuid', 0, 0x0c, '0101151200000000'),
  characterEncoding: row('text', 0, 0x0c, '0409050000000000'),
  namespaceName: row('text', 0, 0x08, '0102010501000000'),
  ancillaryResourceId: row('uuid', 0, 0x0c, '0101151300000000'),
  mediaType: row('text', 0, 0x07, '0409020100000000'),
  // Multichannel audio labels, ST 377-4:2012 and 377-41.
  labelDictionaryId: row('label', 0, 0x0e, '0103070101000000'),
  labelLinkId: row('uuid', 0, 0x0e, '0103070105000000'),
  tagSymbol: row('text', 0, 0x0e, '0103070102000000'),
  tagName: row('text', 0, 0x0e, '0103070103000000'),
  labelChannelId: row('u32', 0, 0x0e, '0103040a00000000'),
  spokenLanguage: row('ascii', 0, 0x0d, '0301010203150000'),
  soundfieldGroupLinkId: row('uuid', 0, 0x0e, '0103070106000000'),
  // Cryptography, ST 429-6:2006 7.3.
  contextSet: row('uuid', 0, 0x09, '06010104020d0000'),
  contextId: row('uuid', 0, 0x09, '0101151100000000'),
  sourceContainer: row('label', 0, 0x09, '0601010202000000'),
  cipherAlgorithm: row('label', 0, 0x09, '0209030101000000'),
  integrityAlgorithm: row('label', 0, 0x09, '0209030201000000'),
  cryptographicKeyId: row('uuid', 0, 0x09, '0209030102000000'),
  // Dolby Atmos, from the registries of ISDCF.
  atmosId: row('uuid', 0, 0x05, '0e09050900000000'),
  firstFrame: row('u32', 0, 0x05, '0e09050a00000000'),
  channelCountMaximum: row('u16', 0, 0x05, '0e09050700000000'),
  objectCountMaximum: row('u16', 0, 0x05, '0e09050800000000'),
  atmosVersion: row('u8', 0, 0x05, '0e09050600000000'),
  // Index table segment, ST 377-1:2019 11.
  indexEditRate: row('rational', 0x3f0b, 0x05, '0530040600000000'),
  indexStart: row('u64', 0x3f0c, 0x05, '07020103010a0000'),
  indexDuration: row('u64', 0x3f0d, 0x05, '0702020101020000'),
  editUnitBytes: row('u32', 0x3f05, 0x04, '0406020100000000'),
  sliceCount: row('u8', 0x3f08, 0x04, '0404040101000000'),
  positionTableCount: row('u8', 0x3f0e, 0x05, '0404040107000000'),
  deltaEntries: row('bytes', 0x3f09, 0x05, '0404040106000000'),
  indexEntries: row('bytes', 0x3f0a, 0x05, '0404040205000000'),
} as const satisfies Record<string, PropertyRow>;

/** A property by the name it has here. */
export type PropertyName = keyof typeof PROPERTIES;

/** Interop (2004) has the sub-descriptor reference under register version 2. */
export const INTEROP_LABELS: Partial<Record<PropertyName, Label>> = {
  subDescriptors: '060e2b34010101020601010406100000',
};

/** Every set by name. */
export const SETS = {
  preface: '060e2b34025301010d01010101012f00',
  identification: '060e2b34025301010d01010101013000',
  contentStorage: '060e2b34025301010d01010101011800',
  essenceContainerData: '060e2b34025301010d01010101012300',
  materialPackage: '060e2b34025301010d01010101013600',
  sourcePackage: '060e2b34025301010d01010101013700',
  timelineTrack: '060e2b34025301010d01010101013b00',
  staticTrack: '060e2b34025301010d01010101013a00',
  eventTrack: '060e2b34025301010d01010101013900',
  sequence: '060e2b34025301010d01010101010f00',
  sourceClip: '060e2b34025301010d01010101011100',
  timecodeComponent: '060e2b34025301010d01010101011400',
  descriptiveSegment: '060e2b34025301010d01010101014100',
  cryptographicFramework: '060e2b34025301010d01040102010000',
  cryptographicContext: '060e2b34025301010d01040102020000',
  rgbaDescriptor: '060e2b34025301010d01010101012900',
  cdciDescriptor: '060e2b34025301010d01010101012800',
  mpeg2VideoDescriptor: '060e2b34025301010d01010101015100',
  jpeg2000SubDescriptor: '060e2b34025301010d01010101015a00',
  stereoscopicSubDescriptor: '060e2b34025301010d01010101016300',
  waveDescriptor: '060e2b34025301010d01010101014800',
  aes3Descriptor: '060e2b34025301010d01010101014700',
  soundDescriptor: '060e2b34025301010d01010101014200',
  audioChannelLabel: '060e2b34025301010d01010101016b00',
  soundfieldGroupLabel: '060e2b34025301010d01010101016c00',
  groupOfSoundfieldGroupsLabel: '060e2b34025301010d01010101016d00',
  timedTextDescriptor: '060e2b34025301010d01010101016400',
  timedTextResource: '060e2b34025301010d01010101016500',
  dataDescriptor: '060e2b34025301050e09060300000000',
  atmosSubDescriptor: '060e2b34025301050e09060600000000',
  genericDataDescriptor: '060e2b34025301010d01010101014300',
} as const satisfies Record<string, Label>;

/** A set by the name it has here. */
export type SetName = keyof typeof SETS;
