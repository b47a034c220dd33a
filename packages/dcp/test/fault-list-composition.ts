import type { Fault } from './faults.ts';
import { cpl, raw, swap } from './fault-kinds.ts';

const COMPOSITION: readonly Fault[] = [
  cpl(
    'another annotation',
    'mismatched_composition_annotation',
    /<AnnotationText>[^<]*</,
    '<AnnotationText>Other<',
  ),
  cpl('no annotation', 'missing_composition_annotation', /<AnnotationText>[^<]*<\/\w+>/, ''),
  cpl('a version without label', 'empty_content_version', /<LabelText>[^<]*</, '<LabelText><'),
  cpl('issued tomorrow', 'premature_issue_date', '<IssueDate>2026-11', '<IssueDate>2036-11'),
  cpl('an hour beyond the day', 'invalid_value', 'T20:46:31', 'T25:46:31'),
  cpl(
    'a reel with the id of its composition',
    'reused_id',
    /(<CompositionPlaylist[\s\S]*?<Id>)([^<]*)([\s\S]*?<Reel>\s*<Id>)[^<]*/,
    '$1$2$3$2',
  ),
  cpl(
    'markers with the id of a track file',
    'reused_id',
    /(<MainMarkers>\s*<Id>)[^<]*([\s\S]*?<MainPicture>\s*<Id>)([^<]*)/,
    '$1$3$2$3',
  ),
  cpl(
    'a stereoscopic file played as a flat one',
    'mismatched_asset_kind',
    /<(\/?)[\w-]+:MainStereoscopicPicture(?: [^>]*)?>/g,
    '<$1MainPicture>',
    'stereoscopic',
  ),
  cpl('no aspect at all', 'mismatched_aspect_ratio', '1998 1080', '0 0'),
  cpl('a name of a version', 'mismatched_name', /_OV</g, '_VF<'),
  cpl('a name with immersive sound', 'mismatched_name', /_51_/g, '_51-IAB_'),
  cpl('a name with assisted sound', 'mismatched_name', /_51_/g, '_51-VI_'),
  cpl('a name with subtitles that are not there', 'mismatched_name', /_EN-XX_/g, '_EN-FR_'),
  cpl('a name with captions that are not there', 'mismatched_name', /_EN-XX_/g, '_EN-XX-CCAP_'),
  cpl('a name of another version', 'mismatched_name', /_SHR-1_/g, '_SHR-2_'),
  cpl('a name of the thirtieth of February', 'invalid_name_field', /_20261122_/g, '_20260230_'),
  cpl('an unknown kind', 'invalid_content_kind', '>short<', '>blockbuster<'),
  cpl('a fraction of a second', 'fractional_issue_date', '20:46:31+', '20:46:31.250+'),
  cpl('a date without seconds', 'invalid_value', '20:46:31+00:00', '20:46'),
  cpl('no content version', 'missing_element', /<ContentVersion>[\s\S]*?<\/ContentVersion>/, ''),
  cpl('no reels', 'empty_reel_list', /<ReelList>[\s\S]*<\/ReelList>/, '<ReelList/>'),
  cpl('an empty reel', 'empty_reel', /<AssetList>[\s\S]*?<\/AssetList>/, '<AssetList/>'),
  raw('one reel twice', 'duplicate_reel_id', (t) =>
    t.cpl((text) => {
      const ids = [...text.matchAll(/<Reel>\s*<Id>([^<]*)</g)].map((match) => match[1]!);
      return text.replace(ids[1]!, ids[0]!);
    }),
  ),
  cpl('a reel without picture', 'missing_picture', /<MainPicture>[\s\S]*?<\/MainPicture>/, ''),
  cpl('a reel without sound', 'missing_sound', /<MainSound>[\s\S]*?<\/MainSound>/, ''),
  cpl(
    'an asset of another package',
    'external_asset',
    /(<MainSound>\s*<Id>urn:uuid:)[0-9a-f]{8}/,
    '$166666666',
  ),
  cpl(
    'a fractional edit rate',
    'unexpected_edit_rate',
    /(<MainSound>[\s\S]*?)<EditRate>24 1</,
    '$1<EditRate>30000 1001<',
  ),
  cpl(
    'another edit rate than the file',
    'mismatched_edit_rate',
    /(<MainSound>[\s\S]*?)<EditRate>24 1</,
    '$1<EditRate>25 1<',
  ),
  cpl(
    'two rates in a reel',
    'mismatched_reel_rates',
    /(<MainSound>[\s\S]*?)<EditRate>24 1</,
    '$1<EditRate>48 1<',
  ),
  cpl(
    'another rate in the second reel',
    'changed_edit_rate',
    /([\s\S]*<MainPicture>[\s\S]*?)<EditRate>24 1</,
    '$1<EditRate>25 1<',
  ),
  cpl('another frame rate', 'mismatched_frame_rate', '<FrameRate>24 1<', '<FrameRate>48 1<'),
  cpl(
    'one frame too many',
    'mismatched_intrinsic_duration',
    /(<MainPicture>[\s\S]*?)<IntrinsicDuration>24</,
    '$1<IntrinsicDuration>25<',
  ),
  cpl(
    'longer than it is',
    'excessive_duration',
    /(<MainSound>[\s\S]*?)<Duration>24</,
    '$1<Duration>48<',
  ),
  cpl('an entry point beyond the end', 'excessive_duration', /<EntryPoint>0</, '<EntryPoint>24<'),
  cpl(
    'less than a second',
    'short_duration',
    /(<MainPicture>[\s\S]*?)<Duration>24</,
    '$1<Duration>12<',
  ),
  cpl(
    'sound shorter than picture',
    'mismatched_reel_duration',
    /(<MainSound>[\s\S]*?)<Duration>24</,
    '$1<Duration>23<',
  ),
  raw('the wrong hash in the composition', 'mismatched_reel_hash', (t) => {
    t.edit('cpl_', swap(/<Hash>[^<]{4}/, '<Hash>AAAA'));
  }),
  cpl('no hash in the composition', 'missing_reel_hash', /\s*<Hash>[^<]*<\/Hash>/, ''),
  cpl(
    'a key id for a plain file',
    'unexpected_key_id',
    '<Hash>',
    '<KeyId>urn:uuid:55555555-5555-4555-8555-555555555555</KeyId><Hash>',
  ),
  cpl(
    'no key id for an encrypted file',
    'missing_key_id',
    /<KeyId>[^<]*<\/KeyId>/,
    '',
    'encrypted',
  ),
  cpl(
    'the key id of another file',
    'mismatched_key_id',
    /<KeyId>urn:uuid:[0-9a-f]{8}/,
    '<KeyId>urn:uuid:44444444',
    'encrypted',
  ),
  cpl('some assets plain', 'partial_encryption', /<KeyId>[^<]*<\/KeyId>/, '', 'encrypted'),
  raw(
    'one key for two files',
    'reused_key',
    (t) =>
      t.cpl((text) => {
        const ids = [...text.matchAll(/<KeyId>([^<]*)</g)].map((match) => match[1]!);
        return text.replace(ids[1]!, ids[0]!);
      }),
    'encrypted',
  ),
  cpl('another aspect ratio', 'mismatched_aspect_ratio', '1998 1080', '2048 858'),
  cpl(
    'sound used as picture',
    'mismatched_asset_kind',
    /<MainSound>([\s\S]*?)<Language>[^<]*<\/Language>\s*<\/MainSound>/,
    '<MainSubtitle>$1</MainSubtitle>',
  ),
  cpl('a language nobody speaks', 'unknown_language', '<Language>en-US<', '<Language>xx-QQ<'),
  cpl('a country of three letters', 'unknown_language', '<Language>en-US<', '<Language>zh-CHN<'),
  cpl(
    'a list of subtitle languages without the one that is there',
    'mismatched_subtitle_languages',
    /(MainSubtitleLanguageList>)[^<]*</,
    '$1de<',
    'text',
  ),
  cpl('a name with another language', 'mismatched_name', /_EN-XX_/g, '_FR-XX_'),
  cpl(
    'a name with subtitles in another language',
    'mismatched_name',
    /_EN-EN_/g,
    '_EN-FR_',
    'text',
  ),
  cpl('a name without the subtitles', 'mismatched_name', /_EN-EN_/g, '_EN-XX_', 'text'),
  cpl('a name with another rate', 'mismatched_name', /_SHR-1_/g, '_SHR-1-48_'),
  cpl('a name that is stereoscopic', 'mismatched_name', /_SHR-1_/g, '_SHR-1-3D_'),
  cpl('a language tag with an underscore', 'invalid_value', '<Language>en-US<', '<Language>en_US<'),
  cpl(
    'another language than the file',
    'mismatched_language',
    '<Language>en-US<',
    '<Language>de-DE<',
  ),
  cpl(
    'another id than listed',
    'mismatched_document_id',
    /<Id>urn:uuid:[0-9a-f]{8}/,
    '<Id>urn:uuid:33333333',
  ),
  cpl('cut in the middle', 'malformed_xml', /<ReelList>[\s\S]*/, ''),
  cpl(
    'the content kind of a feature without credits',
    'missing_credits_marker',
    '>short<',
    '>feature<',
  ),
];

const MARKERS: readonly Fault[] = [
  cpl(
    'markers that begin somewhere',
    'unexpected_entry_point',
    /(<MainMarkers>[\s\S]*?<\/IntrinsicDuration>)/,
    '$1<EntryPoint>0</EntryPoint>',
  ),
  cpl(
    'markers that last',
    'unexpected_duration',
    /(<MainMarkers>[\s\S]*?<\/IntrinsicDuration>)/,
    '$1<Duration>24</Duration>',
  ),
  cpl(
    'markers of another length',
    'mismatched_marker_times',
    /(<MainMarkers>[\s\S]*?<IntrinsicDuration>)24/,
    '$148',
  ),
  cpl('no first frame of content', 'missing_first_frame_marker', 'FFOC', 'FFTC'),
  cpl('no last frame of content', 'missing_last_frame_marker', 'LFOC', 'LFTC'),
  cpl(
    'content begins at zero',
    'unexpected_first_frame_marker',
    /(FFOC<\/Label>\s*<Offset>)1/,
    '$10',
  ),
  cpl('content ends early', 'unexpected_last_frame_marker', /(LFOC<\/Label>\s*<Offset>)23/, '$120'),
  cpl(
    'a marker nobody knows',
    'unknown_marker',
    '<MarkerList>',
    '<MarkerList><Marker><Label>XXXX</Label><Offset>1</Offset></Marker>',
  ),
  cpl('a marker twice', 'duplicate_marker', /(<Marker>\s*<Label>FFOC[\s\S]*?<\/Marker>)/, '$1$1'),
  cpl(
    'a marker beyond the end',
    'excessive_marker_offset',
    '<MarkerList>',
    '<MarkerList><Marker><Label>FFEC</Label><Offset>99</Offset></Marker>',
  ),
  cpl(
    'credits end before they begin',
    'misordered_markers',
    '<MarkerList>',
    '<MarkerList><Marker><Label>FFEC</Label><Offset>9</Offset></Marker><Marker><Label>LFEC</Label><Offset>3</Offset></Marker>',
  ),
];

const METADATA: readonly Fault[] = [
  cpl(
    'no metadata',
    'missing_composition_metadata',
    /<meta:CompositionMetadataAsset[\s\S]*?<\/meta:CompositionMetadataAsset>/,
    '',
  ),
  cpl(
    'metadata twice',
    'duplicate_element',
    /(<meta:CompositionMetadataAsset[\s\S]*?<\/meta:CompositionMetadataAsset>)/,
    '$1$1',
  ),
  cpl(
    'metadata of another rate',
    'mismatched_marker_times',
    /(<meta:CompositionMetadataAsset[\s\S]*?<(?:meta:)?EditRate>)24 1/,
    '$148 1',
  ),
  cpl(
    'a constraints profile in another scope',
    'missing_constraints_profile',
    'isdcf.com/ns/cplmd/app',
    'isdcf.com/ns/cplmd/application',
  ),
  raw('metadata in the second reel', 'misplaced_composition_metadata', (t) =>
    t.cpl((text) => {
      const match = /<meta:CompositionMetadataAsset[\s\S]*?<\/meta:CompositionMetadataAsset>/.exec(
        text,
      )!;
      const without = text.replace(match[0], '');
      const last = without.lastIndexOf('</AssetList>');
      return `${without.slice(0, last)}${match[0]}${without.slice(last)}`;
    }),
  ),
  cpl(
    'no version number',
    'missing_version_number',
    /<meta:VersionNumber>[^<]*<\/meta:VersionNumber>/,
    '',
  ),
  cpl(
    'no constraints profile',
    'missing_constraints_profile',
    /<meta:ExtensionMetadataList>[\s\S]*?<\/meta:ExtensionMetadataList>/,
    '',
  ),
  cpl(
    'another constraints profile',
    'unexpected_constraints_profile',
    'SMPTE-RDD-52:2020-Bv2.1',
    'SMPTE-RDD-52:2050-Bv9',
  ),
  cpl(
    'another stored area',
    'mismatched_stored_area',
    /(StoredArea>\s*<meta:Width>)1998/,
    '$12048',
  ),
  cpl(
    'an active area that is too large',
    'excessive_active_area',
    /(ActiveArea>\s*<meta:Width>)1998/,
    '$12048',
  ),
  cpl('an odd active area', 'odd_active_area', /(ActiveArea>\s*<meta:Width>)1998/, '$11997'),
  cpl(
    'another sound configuration',
    'mismatched_sound_configuration',
    '51/L,R,C,LFE,Ls,Rs',
    '71/L,R,C,LFE,Ls,Rs',
  ),
  cpl('another sampling rate', 'mismatched_sound_sample_rate', '48000 1', '96000 1'),
  cpl(
    'no sound labels',
    'missing_sound_labels',
    /<mca:MCASubDescriptors[\s\S]*?<\/mca:MCASubDescriptors>/,
    '',
  ),
  cpl('other sound labels', 'mismatched_sound_labels', '>chRs<', '>chRss<'),
  cpl(
    'an area without height',
    'missing_element',
    /(StoredArea>\s*<meta:Width>1998<\/meta:Width>)\s*<meta:Height>1080<\/meta:Height>/,
    '$1',
  ),
  cpl(
    'luminance without units',
    'missing_attribute',
    '<meta:MainSoundConfiguration>',
    '<meta:Luminance>14</meta:Luminance><meta:MainSoundConfiguration>',
  ),
];

const NAMES: readonly Fault[] = [
  ...(
    [
      ['another type', '_SHR-1_', '_TLR-1_'],
      ['another aspect', '_F_EN', '_S_EN'],
      ['another audio', '_51_', '_71_'],
      ['another resolution', '_2K_', '_4K_'],
      ['another standard', '_SMPTE_', '_IOP_'],
      ['three dimensions', '_SMPTE_', '_SMPTE-3D_'],
    ] as const
  ).map(([name, from, to]): Fault =>
    raw(`the name says ${name}`, 'mismatched_name', (t) => {
      t.edit('cpl_', (text) => text.replaceAll(from, to));
      t.edit('pkl_', (text) => text.replaceAll(from, to));
      t.renew();
    }),
  ),
  raw('a field against the convention', 'invalid_name_field', (t) => {
    t.edit('cpl_', (text) => text.replaceAll('_20261122_', '_20261341_'));
    t.edit('pkl_', (text) => text.replaceAll('_20261122_', '_20261341_'));
    t.renew();
  }),
  raw('no convention at all', 'unconventional_name', (t) => {
    t.edit('cpl_', (text) => text.replaceAll(/Faulty_[^<]*/g, 'Faulty'));
    t.edit('pkl_', (text) => text.replaceAll(/Faulty_[^<]*/g, 'Faulty'));
    t.renew();
  }),
];

export const COMPOSITION_FAULTS: readonly Fault[] = [
  ...COMPOSITION,
  ...MARKERS,
  ...METADATA,
  ...NAMES,
];
