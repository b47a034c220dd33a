import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeUtf8, memoryFolder } from '@yinglian/core';
import { nodeCryptography } from '@yinglian/host';
import {
  checkImfComposition,
  checkOutputProfile,
  compositionUnits,
  FINDING_TEXTS,
  readImfComposition,
  readImfPackingList,
  readOutputProfile,
  verifyImf,
  virtualTracks,
} from '../src/index.ts';
import { composition, profile, uuid } from './sample.ts';

const HERE = dirname(fileURLToPath(import.meta.url));
const PHOTON = join(HERE, '../../../../shared/fixtures/dcp/photon');
const HAS = existsSync(PHOTON);
if (!HAS) console.warn('skipped: the fixtures are not beside the checkout');

const bytesOf = (path: string) => new Uint8Array(readFileSync(join(PHOTON, path)));
const codes = (findings: readonly { code: string }[]) => findings.map((each) => each.code);
const errors = (findings: readonly { code: string; severity: string }[]) =>
  codes(findings.filter((each) => each.severity === 'error'));

function judged(bytes: Uint8Array, path = 'cpl.xml') {
  const read = readImfComposition(bytes, path);
  return read.ok
    ? [...read.findings, ...checkImfComposition(read.value.model, path)]
    : read.findings;
}

function folderOf(path: string): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const base = join(PHOTON, path);
  for (const name of readdirSync(base, { recursive: true, encoding: 'utf8' })) {
    const full = join(base, name);
    if (statSync(full).isFile())
      files.set(relative(base, full), new Uint8Array(readFileSync(full)));
  }
  return files;
}

const LIST =
  'TestIMP/Application2Extended/CPL_BLACKL_202_1080p_REC709_178_ENG_' +
  'fe8cf2f4-1bcd-4145-8f72-6775af4038c4';
const APP2 = LIST.replace('Application2Extended', 'Application2');
const E2020 = 'TestIMP/Application2E2020/CPL_46154ef9-7b54-45eb-a85c-00efcb0d47a7';
const PLUGFEST = 'TestIMP/Netflix_Sony_Plugfest_2015/CPL_BLACKL_202_HD_REC709_178';

const PROPERTIES = '<ExtensionProperties>';
const RUNS = (time: string) => `<TotalRunningTime>${time}</TotalRunningTime>`;

describe('compositions', () => {
  it('[IM1] a composition is read with tracks, length and application', () => {
    const read = readImfComposition(composition(), 'a.xml');
    if (!read.ok) throw new Error('refused');
    const { model } = read.value;
    expect(model).toMatchObject({ edition: '2016', core: '2016', title: 'T' });
    expect(compositionUnits(model)).toBe(480n);
    expect(virtualTracks(model).map(({ kind, resources }) => [kind, resources.length])).toEqual([
      ['MainImageSequence', 2],
      ['MainAudioSequence', 2],
    ]);
    expect(judged(composition())).toEqual([]);
    const timed = (x: string) => x.replace(PROPERTIES, `${RUNS('00:00:20:00')}$&`);
    expect(judged(composition(timed))).toEqual([]);
    const strange = composition((xml) => xml.replaceAll('2067-3/2016', '2067-3/2099'));
    expect(codes(judged(strange))).toEqual(['unknown_namespace']);
  });

  it.each([
    [
      'missing_element',
      (x: string) => x.replace(`<Resource><Id>urn:uuid:${uuid(301)}</Id>`, '<Resource>'),
    ],
    ['invalid_value', (x: string) => x.replace(/<IssueDate>[^<]*/, '<IssueDate>yesterday')],
    ['invalid_value', (x: string) => x.replace(`urn:uuid:${uuid(301)}`, uuid(301))],
    ['reused_id', (x: string) => x.replace(uuid(102), uuid(101))],
    ['reused_id', (x: string) => x.replace(uuid(302), uuid(9))],
    ['mismatched_running_time', (x: string) => x.replace(PROPERTIES, `${RUNS('00:01:00:00')}$&`)],
    ['invalid_value', (x: string) => x.replace(PROPERTIES, `${RUNS('a while')}$&`)],
    [
      'duplicate_virtual_track',
      (x: string) => x.replace(/<cc:MainImageSequence>.*?<\/cc:MainImageSequence>/, '$&$&'),
    ],
    ['empty_sound', (x: string) => x.replace('ChannelCount>6', 'ChannelCount>0')],
    [
      'excessive_marker_place',
      (x: string) =>
        x.replace(
          '<SequenceList>',
          `<SequenceList><MarkerSequence><Id>urn:uuid:${uuid(700)}</Id>` +
            `<TrackId>urn:uuid:${uuid(3)}</TrackId><ResourceList><Resource>` +
            `<Id>urn:uuid:${uuid(701)}</Id><EditRate>24 1</EditRate>` +
            '<IntrinsicDuration>240</IntrinsicDuration><Marker><Label>FFOC</Label>' +
            '<Offset>240</Offset></Marker></Resource></ResourceList></MarkerSequence>',
        ),
    ],
  ])('[IM14] %s', (code, change) => {
    expect(codes(judged(composition(change)))).toContain(code);
  });

  it.each([
    ['mismatched_sequence_duration', (x: string) => x.replace('>240<', '>241<')],
    [
      'excessive_resource_duration',
      (x: string) =>
        x.replace(
          '</IntrinsicDuration>',
          '</IntrinsicDuration><EntryPoint>1</EntryPoint><SourceDuration>240</SourceDuration>',
        ),
    ],
    ['invalid_resource_duration', (x: string) => x.replace('>240<', '>0<')],
    ['fractional_duration', (x: string) => x.replace('>480000<', '>480001<')],
    [
      'missing_virtual_track',
      (x: string) =>
        x.replace(/<cc:MainAudioSequence><Id>urn:uuid:[^<]*402<.*?<\/cc:MainAudioSequence>/, ''),
    ],
    [
      'unexpected_virtual_track',
      (x: string) => x.replace(/<cc:MainAudioSequence>.*?<\/cc:MainAudioSequence>/, ''),
    ],
    [
      'missing_sound_track',
      (x: string) => x.replace(/<cc:MainAudioSequence>.*?<\/cc:MainAudioSequence>/g, ''),
    ],
    [
      'mismatched_picture_count',
      (x: string) => x.replaceAll('MainImageSequence', 'KaraokeSequence'),
    ],
    ['mismatched_edition', (x: string) => x.replaceAll('2067-2/2016', '2067-2/2013')],
    [
      'missing_source_encoding',
      (x: string) => x.replace(/<SourceEncoding>.*?<\/SourceEncoding>/, ''),
    ],
    [
      'missing_descriptor',
      (x: string) =>
        x.replace(`<SourceEncoding>urn:uuid:${uuid(11)}`, `<SourceEncoding>urn:uuid:${uuid(99)}`),
    ],
    ['missing_track_file_id', (x: string) => x.replace(/<TrackFileId>.*?<\/TrackFileId>/, '')],
    [
      'duplicate_descriptor',
      (x: string) =>
        x.replace(
          `<EssenceDescriptor><Id>urn:uuid:${uuid(12)}`,
          `<EssenceDescriptor><Id>urn:uuid:${uuid(11)}`,
        ),
    ],
    [
      'invalid_edit_rate',
      (x: string) =>
        x.replace(
          '</EssenceDescriptorList><EditRate>24 1',
          '</EssenceDescriptorList><EditRate>24 0',
        ),
    ],
    [
      'mismatched_edit_rate',
      (x: string) =>
        x.replaceAll('<EditRate>24 1</EditRate><Intrinsic', '<EditRate>48 1</EditRate><Intrinsic'),
    ],
    [
      'mismatched_resource_rate',
      (x: string) => x.replace('<EditRate>48000 1', '<EditRate>96000 1'),
    ],
    [
      'mismatched_track_kind',
      (x: string) => x.replace(`<TrackId>urn:uuid:${uuid(2)}`, `<TrackId>urn:uuid:${uuid(1)}`),
    ],
    [
      'empty_sequence',
      (x: string) => x.replace(/<ResourceList>.*?<\/ResourceList>/, '<ResourceList/>'),
    ],
    [
      'empty_composition',
      (x: string) => x.replace(/<SegmentList>.*<\/SegmentList>/, '<SegmentList/>'),
    ],
    ['unknown_sequence', (x: string) => x.replaceAll('cc:MainAudioSequence', 'r:SmellSequence')],
    ['unknown_application', (x: string) => x.replace('2067-21/2016', '2067-40/2016')],
    [
      'missing_application',
      (x: string) => x.replace(/<ExtensionProperties>.*<\/ExtensionProperties>/, ''),
    ],
    [
      'unused_descriptor',
      (x: string) =>
        x.replaceAll(
          `<SourceEncoding>urn:uuid:${uuid(12)}`,
          `<SourceEncoding>urn:uuid:${uuid(11)}`,
        ),
    ],
    [
      'misplaced_element',
      (x: string) =>
        x
          .replace('<ContentTitle>T</ContentTitle>', '')
          .replace('<SegmentList>', '<ContentTitle>T</ContentTitle><SegmentList>'),
    ],
    ['unexpected_element', (x: string) => x.replace('<SegmentList>', '<Reel/><SegmentList>')],
    ['missing_element', (x: string) => x.replace(/<ContentTitle>.*<\/ContentTitle>/, '')],
    ['invalid_hash', (x: string) => x.replace('</TrackFileId>', '</TrackFileId><Hash>abc</Hash>')],
    [
      'invalid_repeat_count',
      (x: string) =>
        x.replace('</IntrinsicDuration>', '</IntrinsicDuration><RepeatCount>0</RepeatCount>'),
    ],
  ])('[IM7] %s', (code, change) => {
    const before = decodeUtf8(composition())!;
    expect(change(before)).not.toBe(before);
    expect(codes(judged(composition(change)))).toContain(code);
  });

  it.each([
    ['excessive_picture_size', (x: string) => x.replaceAll('1920<', '5000<')],
    ['excessive_profile_size', (x: string) => x.replaceAll('1920<', '3840<')],
    [
      'unsupported_sample_rate',
      (x: string) => x.replace('<r:SampleRate>24/1', '<r:SampleRate>23/1'),
    ],
    ['unsupported_sample_rate', (x: string) => x.replace('48000/1</r:Audio', '44100/1</r:Audio')],
    ['unsupported_frame_layout', (x: string) => x.replace('FullFrame', 'MixedFields')],
    ['unsupported_sampling', (x: string) => x.replace('>2</r:Horizontal', '>1</r:Horizontal')],
    ['unsupported_quantization', (x: string) => x.replace('>940<', '>1023<')],
    [
      'unsupported_component_depth',
      (x: string) => x.replace('>10</r:ComponentDepth', '>9</r:ComponentDepth'),
    ],
    [
      'unsupported_component_depth',
      (x: string) => x.replace('>24</r:Quantization', '>16</r:Quantization'),
    ],
    ['unsupported_colour_system', (x: string) => x.replace('01020000', '010a0000')],
    ['unsupported_compression', (x: string) => x.replace('03010213', '03050000')],
    ['unsupported_compression', (x: string) => x.replace('03010213', '03010801')],
    [
      'missing_codestream_descriptor',
      (x: string) => x.replaceAll('JPEG2000SubDescriptor', 'MPEG2SubDescriptor'),
    ],
    ['mismatched_codestream_layout', (x: string) => x.replace('CompLuma', 'CompRed')],
    ['mismatched_codestream_size', (x: string) => x.replace('<r:Xsiz>1920', '<r:Xsiz>1900')],
    [
      'missing_descriptor_property',
      (x: string) => x.replace('<r:ComponentDepth>10</r:ComponentDepth>', ''),
    ],
    [
      'unexpected_picture_descriptor',
      (x: string) => x.replaceAll('CDCIDescriptor', 'MPEGDescriptor'),
    ],
    ['invalid_picture_size', (x: string) => x.replace('<r:StoredHeight>1080', '<r:StoredHeight>0')],
  ])('[IM9] %s', (code, change) => {
    const before = decodeUtf8(composition())!;
    expect(change(before)).not.toBe(before);
    expect(codes(judged(composition(change)))).toContain(code);
  });

  it('[IM9] each of several applications is kept; one that is claimed twice is told', () => {
    const uri = 'http://www.smpte-ra.org/schemas/2067-21/2016';
    const both = composition((x) =>
      x
        .replace(uri, `${uri} http://www.smpte-ra.org/schemas/2067-20/2016`)
        .replaceAll('01020000', '01080000'),
    );
    expect(errors(judged(both))).toEqual(['unsupported_colour_system']);
    const twice = composition((x) => x.replace(uri, `${uri} ${uri}`));
    expect(codes(judged(twice))).toEqual(['duplicate_application']);
  });

  it('[IM8] pieces of one track are alike', () => {
    const second = (x: string, property: string, from: string, to: string) => {
      const [whole] = /<EssenceDescriptor><Id>urn:uuid:[^<]*012<.*?<\/EssenceDescriptor>/.exec(x)!;
      const other = whole
        .replace(uuid(12), uuid(13))
        .replace(`${from}</r:${property}`, `${to}</r:${property}`);
      const at = x.lastIndexOf(uuid(12));
      return (x.slice(0, at) + uuid(13) + x.slice(at + 36)).replace(whole, whole + other);
    };
    const channels = composition((x) => second(x, 'ChannelCount', '6', '8'));
    expect(errors(judged(channels))).toEqual(['mismatched_track_essence']);
    expect(errors(judged(composition((x) => second(x, 'ChannelCount', '6', '6'))))).toEqual([]);
  });

  it('[IM4] mutated documents are read or refused', () => {
    const bases = [composition(), profile()];
    const runs = Number(process.env['YINGLIAN_FUZZ_RUNS'] ?? 150);
    fc.assert(
      fc.property(
        fc.nat(1),
        fc.array(fc.tuple(fc.nat(8000), fc.nat(255)), { minLength: 1, maxLength: 6 }),
        (which, changes) => {
          const bytes = bases[which]!.slice();
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          const findings = judged(bytes);
          readImfPackingList(bytes, 'p.xml');
          const read = readOutputProfile(bytes, 'o.xml');
          if (read.ok) checkOutputProfile(read.value.model, [], 'o.xml');
          expect(Array.isArray(findings)).toBe(true);
        },
      ),
      { numRuns: runs },
    );
  });

  it('[IM13] every code has its text in both languages', () => {
    const source = join(HERE, '../src');
    const emitted = new Set<string>();
    for (const name of readdirSync(source)) {
      const text = readFileSync(join(source, name), 'utf8');
      for (const [, code] of text.matchAll(/(?:finding|#add|tell)\(\s*'([a-z]+(?:_[a-z]+)+)'/g))
        emitted.add(code!);
    }
    expect(Object.keys(FINDING_TEXTS).sort()).toEqual([...emitted].sort());
    for (const { zh, en } of Object.values(FINDING_TEXTS)) {
      expect(zh).toMatch(/[\u4e00-\u9fff]/);
      expect(en).toMatch(/^[A-Z{]/);
    }
  });
});

describe.skipIf(!HAS)('compositions of the field', () => {
  it.each([
    `${APP2}.xml`,
    `${APP2}_Interlace.xml`,
    `${LIST}.xml`,
    `${LIST}_Interlace.xml`,
    `${E2020}.xml`,
    `${E2020}_HD_resolution.xml`,
    `${PLUGFEST}_ENG_fe8cf2f4-1bcd-4145-8f72-6775af4038c4.xml`,
    `${PLUGFEST}_LAS_8fad47bb-ab01-4f0d-a08c-d1e6c6cb62b4_corrected.xml`,
    'TestIMP/Application2E5ED/CPL_ASC-STEM2_HTJ2K_12BIT_LOSSLESS.xml',
    'TestIMP/Application2E5ED/CPL_ASC-STEM2_J2K_12BIT_LOSSLESS.xml',
    'TestIMP/HT/IMP/CPL_67be5fc8-87f1-4172-8d52-819ca14c7a20.xml',
    'TestIMP/IMF-2020/CPL-2020_no-audio-track.xml',
    'TestIMP/IMF-2020/CPL-2020_updated-core-constraints.xml',
    'TestIMP/MERIDIAN_Netflix_Photon_161006/CPL_0eb3d1b9-b77b-4d3f-bbe5-7c69b15dca85.xml',
    'TestIMP/PHDR/CPL_3aa56098-7709-4673-9266-7f0c70ba10d8.xml',
    'TestIMP/ApplicationIdentification/CPL-multiple-values-supported.xml',
  ])('[IM5] no error is said of %s', (path) => {
    expect(errors(judged(bytesOf(path), path))).toEqual([]);
  });

  it.each([
    [`${APP2}_CodingEquationError.xml`, 'unsupported_colour_system'],
    [`${APP2}_ColorError.xml`, 'unsupported_colour_system'],
    [`${APP2}_ColorSpaceError.xml`, 'unexpected_picture_descriptor'],
    [`${APP2}_EssenceCodingError.xml`, 'unsupported_compression'],
    [`${APP2}_BadEssenceCoding.xml`, 'unsupported_compression'],
    [`${APP2}_InterlaceError.xml`, 'unsupported_sampling'],
    [`${APP2}_J2CLayoutError.xml`, 'missing_descriptor_property'],
    [`${APP2}_JPEG2000SubDescriptorError.xml`, 'missing_codestream_descriptor'],
    [`${APP2}_QuantizationError.xml`, 'unsupported_quantization'],
    [`${APP2}_RGBAComponentError.xml`, 'mismatched_codestream_layout'],
    [`${APP2}_SamplingError.xml`, 'unsupported_sampling'],
    [`${APP2}_StoredWidthError.xml`, 'invalid_picture_size'],
    [`${APP2}_SubDescriptorError.xml`, 'missing_codestream_descriptor'],
    [`${APP2}_SubDescriptorError_componentDepth_mismatch.xml`, 'unsupported_quantization'],
    [`${APP2}_SubDescriptorError_componentDepth_missing.xml`, 'missing_descriptor_property'],
    [`${LIST}_4k.xml`, 'excessive_profile_size'],
    [`${LIST}_CodecError.xml`, 'unsupported_compression'],
    [`${LIST}_J2kProfileError.xml`, 'unsupported_compression'],
    [`${LIST}_RGBAComponentError2.xml`, 'unsupported_sampling'],
    [`${E2020}_2k_j2k_profile.xml`, 'excessive_profile_size'],
    [`${E2020}_8k_j2k_profile.xml`, 'unsupported_compression'],
    [`${E2020}_DCI4k_bcp.xml`, 'excessive_profile_size'],
    [`${E2020}_dangling_ed.xml`, 'unused_descriptor'],
    [`${E2020}_fragmented_virtual_track.xml`, 'missing_virtual_track'],
    [`${E2020}_fragmented_virtual_track_02.xml`, 'unexpected_virtual_track'],
    [`${E2020}_ht_j2k_profile.xml`, 'unsupported_compression'],
    [`${E2020}_missing_ed.xml`, 'missing_descriptor'],
    [`${E2020}_schemaError.xml`, 'missing_element'],
    [`${E2020}_vc5_picture_coding.xml`, 'unsupported_compression'],
    [
      `${PLUGFEST}_LAS_8fad47bb-ab01-4f0d-a08c-d1e6c6cb62b4_audio_homogeneity_fail.xml`,
      'mismatched_track_essence',
    ],
    [
      `${PLUGFEST}_LAS_8fad47bb-ab01-4f0d-a08c-d1e6c6cb62b4_coding_equation_homogeneity_fail.xml`,
      'mismatched_track_essence',
    ],
    [
      `${PLUGFEST}_LAS_8fad47bb-ab01-4f0d-a08c-d1e6c6cb62b4_error.xml`,
      'excessive_resource_duration',
    ],
    [
      `${PLUGFEST}_LAS_zero_resource_duration_track_8fad47bb-ab01-4f0d-a08c-d1e6c6cb62b4.xml`,
      'invalid_resource_duration',
    ],
    ['TestIMP/IMF-2020/CPL-2016_no-audio-track.xml', 'missing_sound_track'],
    [
      'TestIMP/NYCbCrLT_3840x2160x23.98x10min/CPL_a453b63a-cf4d-454a-8c34-141f560c0100_error.xml',
      'excessive_resource_duration',
    ],
    ['TestIMP/BadXML/CPL_67be5fc8-87f1-4172-8d52-819ca14c7a20.xml', 'unexpected_root_element'],
  ])('[IM6] %s is %s', (path, code) => {
    expect(codes(judged(bytesOf(path), path))).toContain(code);
  });

  it('[IM2] both packing lists are read, made-up ones refused', () => {
    const ok = readImfPackingList(bytesOf('PKL_2067_2_2016.xml'), 'p');
    expect(ok.ok && ok.value.model.assets.length).toBeGreaterThan(0);
    expect(codes(readImfPackingList(bytesOf('PKL_2067_2_2050.xml'), 'p').findings)).toContain(
      'unknown_namespace',
    );
    const old = readImfPackingList(
      bytesOf('TestIMP/PHDR/PKL_913ef906-893f-4851-8664-2d053bd2ec95.xml'),
      'p',
    );
    expect(old.ok).toBe(true);
  });

  it('[IM10] a package of the field is judged as a whole', async () => {
    const report = await verifyImf(
      memoryFolder(folderOf('TestIMP/MERIDIAN_Netflix_Photon_161006')),
      nodeCryptography,
    );
    const found = codes(report.findings);
    expect(report.compositions[0]).toMatchObject({ edition: '2013', editRate: '60000/1001' });
    // Large files were left out of the fixture, and its lists have hashes of other files.
    expect(found).toContain('missing_asset_file');
    expect(found).toContain('mismatched_hash');
    expect(report.profiles.length).toBe(1);
    expect(found).not.toContain('mismatched_document_id');
    const other = await verifyImf(
      memoryFolder(folderOf('TestIMP/MERIDIAN_Netflix_Photon_161006_ID_MISMATCH')),
      nodeCryptography,
    );
    expect(codes(other.findings)).toContain('mismatched_document_id');
    const lost = await verifyImf(
      memoryFolder(folderOf('TestIMP/MissingFilesAndAssetMapEntries')),
      nodeCryptography,
    );
    expect(codes(lost.findings)).toContain('missing_mapped_asset');
  });

  it('[IM3] the output profile of the field is read; its handles are followed', () => {
    const read = readOutputProfile(
      bytesOf(
        'TestIMP/MERIDIAN_Netflix_Photon_161006/OPL_8cf83c32-4949-4f00-b081-01e12b18932f.xml',
      ),
      'o.xml',
    );
    if (!read.ok) throw new Error('refused');
    expect(read.value.model.macros.map(({ type }) => type)).toEqual([
      'ImageScaleMacroType',
      'PixelDecoderType',
      'ImageCropMacroType',
      'PixelEncoderType',
      'AudioRoutingMixingMacroType',
    ]);
    const cpl = readImfComposition(
      bytesOf(
        'TestIMP/MERIDIAN_Netflix_Photon_161006/CPL_0eb3d1b9-b77b-4d3f-bbe5-7c69b15dca85.xml',
      ),
      'c.xml',
    );
    const own = cpl.ok ? [cpl.value.model] : [];
    const findings = checkOutputProfile(read.value.model, own, 'o.xml');
    expect(codes(findings).filter((code) => code !== 'dangling_handle')).toEqual([]);
  });
});

describe('output profiles', () => {
  const cpl = readImfComposition(composition(), 'c.xml');
  const known = cpl.ok ? [cpl.value.model] : [];
  const checked = (bytes: Uint8Array, compositions = known) => {
    const read = readOutputProfile(bytes, 'o.xml');
    return read.ok
      ? codes(checkOutputProfile(read.value.model, compositions, 'o.xml'))
      : codes(read.findings);
  };

  it('[IM12] handles lead to tracks, macros and aliases, or are told', () => {
    expect(checked(profile())).toEqual([]);
    expect(checked(profile((x) => x.replace(uuid(1), uuid(5))))).toEqual(['dangling_handle']);
    expect(checked(profile((x) => x.replace('macros/a/', 'macros/z/')))).toEqual([
      'dangling_handle',
    ]);
    expect(checked(profile((x) => x.replace('macros/a/', 'macros/b/')))).toEqual([
      'dangling_handle',
    ]);
    expect(checked(profile((x) => x.replace('<Name>b<', '<Name>a<')))).toContain(
      'duplicate_macro_name',
    );
    expect(checked(profile(), [])).toEqual(['missing_profile_composition']);
  });
});
