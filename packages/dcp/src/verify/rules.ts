import type { Severity } from '@yinglian/core';

/**
 * Every rule that verification applies, as data: how grave a breach is, which text says so, and in
 * which profile it counts. A house profile changes severities by code and nothing else.
 *
 * Clauses marked RDD 52 are those of Bv2.1; without a number the exact clause could not be
 * confirmed and only the document is named.
 */
export type Rule = {
  readonly severity: Severity;
  readonly clause: string;
  /** Counts only when the package claims, or is judged by, Bv2.1. */
  readonly bv21?: true;
};

const error = (clause: string): Rule => ({ severity: 'error', clause });
const warning = (clause: string): Rule => ({ severity: 'warning', clause });
const note = (clause: string): Rule => ({ severity: 'note', clause });
const bv21Error = (part: string): Rule => ({
  severity: 'error',
  clause: `RDD 52:2020 ${part}`.trim(),
  bv21: true,
});
const bv21Warning = (part: string): Rule => ({
  severity: 'warning',
  clause: `RDD 52:2020 ${part}`.trim(),
  bv21: true,
});

/** The rules by the code of their breach. */
export const RULES = {
  // Structure of the folder.
  missing_asset_map: error('ST 429-9:2014 7'),
  misnamed_asset_map: warning('ST 429-9:2014 A.4'),
  missing_volume_index: warning('ST 429-9:2014 8'),
  duplicate_asset_id: error('ST 429-9:2014 7.2'),
  duplicate_asset_path: warning('ST 429-9:2014 7.2'),
  empty_asset_path: error('ST 429-9:2014 7.3'),
  escaping_asset_path: error('ST 429-9:2014 A.2'),
  unconventional_asset_path: warning('ST 429-9:2014 A.2'),
  missing_asset_file: error('ST 429-9:2014 7.3'),
  other_volume_asset: note('ST 429-9:2014 7.3'),
  split_asset: warning('ST 429-9:2014 7.3'),
  excessive_volume_index: error('ST 429-9:2014 8'),
  mismatched_chunk_length: error('ST 429-9:2014 7.3'),
  missing_packing_list: error('ST 429-9:2014 7.2'),
  unexpected_file: note('ST 429-9:2014'),
  unreadable_document: error('ST 429-9:2014'),
  mismatched_document_standard: error('ST 429-2:2023 5'),
  unexpected_standard: error('ST 429-2:2023 5'),
  mismatched_document_id: error('ST 429-9:2014 7.2'),
  // Packing list.
  missing_mapped_asset: error('ST 429-8:2007 6.6'),
  unpacked_asset: note('ST 429-8:2007 6.6'),
  invalid_hash: error('ST 429-8:2007 6.6.3'),
  mismatched_hash: error('ST 429-8:2007 6.6.3'),
  mismatched_size: error('ST 429-8:2007 6.6.4'),
  unexpected_asset_type: warning('ST 429-8:2007 6.6.5'),
  missing_composition: warning('ST 429-8:2007 6'),
  mismatched_packing_list_annotation: bv21Warning('10'),
  // Signatures.
  unsigned_encrypted_document: error('DCSS 1.4.4 5.3.4.7'),
  missing_signer_element: error('ST 429-7:2006 10'),
  // Composition.
  missing_composition_annotation: bv21Error('8.1'),
  empty_content_version: bv21Warning('8.1'),
  premature_issue_date: warning('ST 429-7:2006 6.3'),
  reused_id: error('ST 429-7:2006 6.1'),
  mismatched_composition_annotation: bv21Warning('8.1'),
  invalid_content_kind: error('ST 429-7:2006 6.8'),
  fractional_issue_date: bv21Warning('8.1'),
  duplicate_composition_id: error('ST 429-7:2006 6.1'),
  empty_reel_list: error('ST 429-7:2006 7'),
  empty_reel: error('ST 429-7:2006 7.3'),
  duplicate_reel_id: error('ST 429-7:2006 7.1'),
  missing_picture: bv21Error('8.3'),
  missing_sound: bv21Warning('8.3'),
  external_asset: warning('ST 429-7:2006 8'),
  missing_referenced_asset: error('ST 429-7:2006 8'),
  unexpected_edit_rate: error('ST 428-11:2013'),
  mismatched_edit_rate: error('ST 429-7:2006 8.2'),
  mismatched_reel_rates: error('ST 429-2:2023 9'),
  changed_edit_rate: bv21Error('8.3'),
  mismatched_frame_rate: error('ST 429-7:2006 8.6'),
  mismatched_intrinsic_duration: error('ST 429-7:2006 8.2'),
  excessive_duration: error('ST 429-7:2006 8.2'),
  short_duration: bv21Error('8.3'),
  mismatched_reel_duration: bv21Error('8.3'),
  mismatched_reel_hash: error('ST 429-7:2006 8.5'),
  missing_reel_hash: bv21Error('8.4'),
  missing_key_id: error('ST 429-7:2006 8.5'),
  unexpected_key_id: error('ST 429-7:2006 8.5'),
  mismatched_key_id: error('ST 429-7:2006 8.5'),
  partial_encryption: bv21Error('8.4'),
  reused_key: warning('DCSS 1.4.4 9.7.2'),
  mismatched_aspect_ratio: warning('ST 429-7:2006 8.6'),
  mismatched_asset_kind: error('ST 429-7:2006 8'),
  changed_picture_size: bv21Error('7.1'),
  changed_channel_count: bv21Error('7.3'),
  changed_text_count: bv21Error('7.4'),
  unexpected_entry_point: bv21Error('8.6'),
  unexpected_duration: bv21Error('8.6'),
  mismatched_marker_times: warning('ST 429-7:2006 8.2'),
  // Markers.
  missing_first_frame_marker: bv21Warning('8.6'),
  missing_last_frame_marker: bv21Warning('8.6'),
  unexpected_first_frame_marker: bv21Warning('8.6'),
  unexpected_last_frame_marker: bv21Warning('8.6'),
  missing_credits_marker: bv21Warning('8.6'),
  unknown_marker: warning('ST 429-7:2006 8.7'),
  duplicate_marker: warning('ST 429-7:2006 8.7'),
  excessive_marker_offset: error('ST 429-7:2006 8.7'),
  misordered_markers: warning('ST 429-7:2006 8.7'),
  // Composition metadata.
  missing_composition_metadata: bv21Error('8.2'),
  misplaced_composition_metadata: warning('ST 429-16:2014 6'),
  missing_version_number: bv21Error('8.2'),
  missing_constraints_profile: bv21Error('8.5'),
  unexpected_constraints_profile: bv21Error('8.5'),
  mismatched_stored_area: error('ST 429-16:2014 6.12'),
  excessive_active_area: error('ST 429-16:2014 6.13'),
  odd_active_area: bv21Warning('8.2'),
  mismatched_sound_configuration: warning('ST 429-16:2014 6.10'),
  mismatched_sound_sample_rate: error('ST 429-16:2014 6.11'),
  missing_sound_labels: bv21Error('8.2'),
  mismatched_sound_labels: warning('RDD 52:2020'),
  // Track files.
  unreadable_track_file: error('ST 377-1:2019'),
  mismatched_asset_id: error('ST 429-3:2006 7.2'),
  mismatched_label_set: warning('ST 429-2:2023 6'),
  unexpected_operational_pattern: error('ST 429-3:2006 6.1'),
  invalid_klv: error('ST 336:2017'),
  incomplete_header: error('ST 429-3:2006 6.2'),
  invalid_header_metadata: error('ST 377-1:2019 9'),
  missing_index: warning('ST 429-3:2006 6.4'),
  mismatched_index: error('ST 377-1:2019 11'),
  missing_random_index: warning('ST 377-1:2019 12'),
  mismatched_random_index: error('ST 377-1:2019 12'),
  mismatched_frame_count: error('ST 429-3:2006 7'),
  unexpected_essence: error('ST 429-2:2023 6'),
  // Picture.
  unexpected_picture_size: bv21Error('7.1'),
  unexpected_picture_rate: bv21Error('7.2'),
  mismatched_picture_size: error('ST 429-4:2006 8'),
  invalid_codestream: error('ST 429-4:2006 6'),
  excessive_frame_size: error('DCSS 1.4.4 4.4'),
  // Sound.
  unexpected_sampling_rate: error('ST 428-2:2006 5'),
  unexpected_bit_depth: error('ST 428-2:2006 5'),
  unexpected_channel_count: error('ST 429-2:2023 8'),
  odd_channel_count: bv21Warning('7.3'),
  unexpected_channel_configuration: bv21Error('7.3'),
  missing_channel_labels: bv21Error('7.3'),
  incomplete_soundfield: bv21Error('7.3'),
  invalid_channel_label: error('ST 377-4:2012'),
  mismatched_sound_frame: error('ST 382:2007'),
  mismatched_language: warning('RDD 52:2020'),
  missing_language: bv21Warning('7.3'),
  unknown_language: warning('RFC 5646 2.2'),
  mismatched_subtitle_languages: warning('ST 429-16:2014 6.14'),
  // Encryption.
  unknown_cipher: error('ST 429-6:2006 7.3.2'),
  unencrypted_frame: error('ST 429-6:2006 6'),
  unexpected_encrypted_frame: error('ST 429-6:2006 6'),
  invalid_encrypted_frame: error('ST 429-6:2006 6'),
  mismatched_key: error('ST 429-6:2006 6.9'),
  mismatched_integrity_code: error('ST 429-6:2006 6.10'),
  missing_integrity_code: error('ST 429-6:2006 6.10'),
  mismatched_sequence: error('ST 429-6:2006 6.10.2'),
  mismatched_context: error('ST 429-6:2006 6.2'),
  missing_key: note('ST 429-6:2006 6'),
  // Timed text.
  unreadable_timed_text: error('ST 428-7:2014'),
  mismatched_timed_text_id: error('ST 429-5:2009 9.2'),
  equal_timed_text_ids: error('ST 429-5:2009 9.2'),
  mismatched_timed_text_namespace: error('ST 429-5:2009 9.1'),
  missing_timed_text_resource: error('ST 429-5:2009 9.3'),
  unexpected_timed_text_resource: warning('ST 429-5:2009 9.3'),
  excessive_timed_text_size: bv21Error('7.4'),
  excessive_font_size: bv21Error('7.4'),
  missing_font: error('ST 428-7:2014 6'),
  missing_start_time: bv21Error('7.4'),
  nonzero_start_time: bv21Error('7.4'),
  missing_text_language: bv21Error('7.4'),
  changed_text_language: bv21Error('7.4'),
  early_text: bv21Warning('7.4'),
  short_text: bv21Warning('7.4'),
  crowded_text: bv21Warning('7.4'),
  reversed_text: error('ST 428-7:2014 6'),
  late_text: error('ST 428-7:2014 6'),
  invalid_text_time: error('ST 428-7:2014 6'),
  excessive_text_lines: bv21Warning('7.4'),
  long_text_line: bv21Warning('7.4'),
  excessive_text_line: bv21Error('7.4'),
  nonzero_entry_point: bv21Error('7.4'),
  missing_entry_point: bv21Error('7.4'),
  mismatched_text_rate: error('ST 428-7:2014 5'),
  mismatched_time_code_rate: warning('ST 428-7:2014 5'),
  mismatched_reel_number: warning('ST 428-7:2014 5'),
  overrunning_text: warning('ST 428-7:2014 6'),
  overlapping_text: warning('ST 428-7:2014 6'),
  misordered_text: warning('ST 428-7:2014 6'),
  empty_text: warning('ST 428-7:2014 6'),
  fractional_text_date: bv21Warning('7.4'),
  // Name.
  mismatched_name: warning('ISDCF DCNC 9.6'),
} as const satisfies Record<string, Rule>;

/** A code that verification itself emits. */
export type RuleCode = keyof typeof RULES;
