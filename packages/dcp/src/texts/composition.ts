import type { FindingTexts } from '@yinglian/core';

/** Texts of compositions, markers and metadata. */
export const COMPOSITION_TEXTS = {
  // Composition.
  mismatched_composition_annotation: {
    zh: 'CPL 说明“{annotation}”与标题“{title}”不同',
    en: 'The annotation “{annotation}” differs from the title “{title}”',
  },
  missing_composition_annotation: {
    zh: 'CPL 没有说明（AnnotationText）',
    en: 'The composition has no AnnotationText',
  },
  empty_content_version: {
    zh: '版本标签（ContentVersion 的 LabelText）是空的',
    en: 'The label of the content version is empty',
  },
  premature_issue_date: {
    zh: '签发时间 {date} 在将来',
    en: 'The issue date {date} lies in the future',
    remedy: {
      zh: '检查制作机器的时钟',
      en: 'Check the clock of the machine that made the package',
    },
  },
  reused_id: {
    zh: '{element} 的标识 {id} 已用于别处',
    en: 'The id {id} of {element} is used for something else as well',
    remedy: { zh: '为每一项使用新的 UUID', en: 'Give every part a UUID of its own' },
  },
  changed_channel_count: {
    zh: '各本声道数不同：{counts}',
    en: 'Reels have different numbers of sound channels: {counts}',
  },
  changed_text_count: {
    zh: '各本的文字轨（{kind}）数目不同：{counts}',
    en: 'Reels have different numbers of text tracks ({kind}): {counts}',
    remedy: {
      zh: '没有字幕的本也放一个空字幕文件',
      en: 'Give reels without text a track file without texts',
    },
  },
  unexpected_entry_point: {
    zh: '第 {reel} 本的 {kind} 不应有入点（{entryPoint}）',
    en: 'The {kind} of reel {reel} should have no EntryPoint ({entryPoint})',
  },
  unexpected_duration: {
    zh: '第 {reel} 本的 {kind} 不应有时长（{duration}）',
    en: 'The {kind} of reel {reel} should have no Duration ({duration})',
  },
  mismatched_marker_times: {
    zh: '第 {reel} 本的 {kind} 是 {rate}、{frames} 帧，而画面是 {expected} 帧',
    en: 'The {kind} of reel {reel} has the rate {rate} and {frames} frames; the picture {expected}',
  },
  invalid_content_kind: {
    zh: '内容类型“{value}”不是标准值',
    en: 'The content kind “{value}” is not one of the standard',
    remedy: {
      zh: '使用 feature、trailer、advertisement 等标准值',
      en: 'Use feature, trailer, advertisement or another kind of ST 429-7',
    },
  },
  fractional_issue_date: {
    zh: '签发时间 {date} 带小数秒',
    en: 'The issue date {date} has a fraction of a second',
  },
  duplicate_composition_id: {
    zh: '两个 CPL 使用同一标识 {id}',
    en: 'Two compositions have the id {id}',
  },
  empty_reel_list: { zh: '播放列表没有本（reel）', en: 'The composition has no reel' },
  empty_reel: { zh: '第 {reel} 本没有内容', en: 'Reel {reel} is empty' },
  duplicate_reel_id: { zh: '两本使用同一标识 {id}', en: 'Two reels have the id {id}' },
  missing_picture: { zh: '第 {reel} 本没有画面', en: 'Reel {reel} has no picture' },
  missing_sound: { zh: '第 {reel} 本没有声音', en: 'Reel {reel} has no sound' },
  external_asset: {
    zh: '第 {reel} 本引用的资产 {asset} 不在此包内：这是版本包（VF），需要原版包（OV）',
    en: 'Reel {reel} names the asset {asset} of another package: a version file needs its original',
    remedy: { zh: '同时提供原版包后再校验', en: 'Verify it together with its original version' },
  },
  missing_referenced_asset: {
    zh: '第 {reel} 本引用的资产 {asset} 无法读取',
    en: 'The asset {asset} of reel {reel} cannot be read',
  },
  unexpected_edit_rate: {
    zh: '帧率 {rate} 不是数字影院允许的帧率',
    en: 'The edit rate {rate} is not one of digital cinema',
  },
  mismatched_edit_rate: {
    zh: 'CPL 写的帧率 {rate} 与文件的 {expected} 不同',
    en: 'The edit rate {rate} of the composition differs from that of the file, {expected}',
  },
  mismatched_reel_rates: {
    zh: '同一本里的帧率不同：{rate} 与 {expected}',
    en: 'Assets of one reel have different edit rates: {rate} and {expected}',
  },
  changed_edit_rate: {
    zh: '各本帧率不同：{rates}',
    en: 'Reels have different edit rates: {rates}',
  },
  mismatched_frame_rate: {
    zh: 'FrameRate {rate} 与 EditRate 不符，应为 {expected}',
    en: 'FrameRate {rate} does not fit EditRate; it should be {expected}',
  },
  mismatched_intrinsic_duration: {
    zh: 'CPL 记录 {frames} 帧，文件有 {expected} 帧',
    en: 'The composition says {frames} frames; the file has {expected}',
  },
  excessive_duration: {
    zh: '入点 {entryPoint} 加时长 {duration} 超过总长 {intrinsicDuration}',
    en: 'Entry point {entryPoint} and duration {duration} exceed the length {intrinsicDuration}',
  },
  short_duration: {
    zh: '资产只有 {frames} 帧，短于一秒',
    en: 'The asset has {frames} frames, less than one second',
  },
  mismatched_reel_duration: {
    zh: '第 {reel} 本的资产长 {frames} 帧，画面长 {expected} 帧',
    en: 'An asset of reel {reel} plays {frames} frames, its picture {expected}',
  },
  mismatched_reel_hash: {
    zh: 'CPL 里的散列与文件不符',
    en: 'The hash in the composition is not that of the file',
  },
  missing_reel_hash: {
    zh: 'CPL 没有给出资产 {asset} 的散列',
    en: 'The composition gives no hash for the asset {asset}',
  },
  missing_key_id: {
    zh: '文件已加密而 CPL 没有 KeyId，应为 {expected}',
    en: 'The file is encrypted but the composition has no KeyId; it should be {expected}',
  },
  unexpected_key_id: {
    zh: 'CPL 有 KeyId {keyId}，文件却没有加密',
    en: 'The composition has the KeyId {keyId} but the file is not encrypted',
  },
  mismatched_key_id: {
    zh: 'CPL 的 KeyId {keyId} 与文件的 {expected} 不同',
    en: 'The KeyId {keyId} of the composition differs from that of the file, {expected}',
  },
  partial_encryption: {
    zh: '{assets} 个资产中只有 {encrypted} 个加密；Bv2.1 要求全部加密或全不加密',
    en: '{encrypted} of {assets} assets are encrypted; Bv2.1 wants all or none',
  },
  reused_key: {
    zh: '密钥 {keyId} 用于 {assets} 个文件',
    en: 'The key {keyId} serves {assets} files',
  },
  mismatched_aspect_ratio: {
    zh: '画幅“{ratio}”与画面 {expected} 不符',
    en: 'The aspect ratio “{ratio}” does not fit the picture {expected}',
  },
  mismatched_asset_kind: {
    zh: 'CPL 把该资产当作 {kind}，文件内容却是 {essence}',
    en: 'The composition uses the asset as {kind}; the file holds {essence}',
  },
  changed_picture_size: {
    zh: '各本画面尺寸不同：{sizes}',
    en: 'Reels have pictures of different sizes: {sizes}',
  },
  // Markers.
  missing_first_frame_marker: {
    zh: '没有 FFOC（内容首帧）标记',
    en: 'There is no FFOC marker (first frame of content)',
    remedy: { zh: '在第一本加 FFOC=1', en: 'Add FFOC at 1 in the first reel' },
  },
  missing_last_frame_marker: {
    zh: '没有 LFOC（内容末帧）标记',
    en: 'There is no LFOC marker (last frame of content)',
    remedy: { zh: '在最后一本加 LFOC', en: 'Add LFOC in the last reel' },
  },
  unexpected_first_frame_marker: {
    zh: 'FFOC 为 {offset}，应为 {expected}',
    en: 'FFOC is {offset} instead of {expected}',
  },
  unexpected_last_frame_marker: {
    zh: 'LFOC 为 {offset}，应为 {expected}',
    en: 'LFOC is {offset} instead of {expected}',
  },
  missing_credits_marker: {
    zh: '正片没有片尾标记 {label}，放映端无法自动开灯',
    en: 'The feature has no marker {label}; cinemas cannot raise the lights by themselves',
  },
  unknown_marker: {
    zh: '标记“{label}”不是标准标记',
    en: 'The marker “{label}” is not a standard one',
  },
  duplicate_marker: { zh: '标记 {label} 出现两次', en: 'The marker {label} is given twice' },
  excessive_marker_offset: {
    zh: '标记 {label} 的位置 {offset} 超出长度 {limit}',
    en: 'The marker {label} at {offset} is beyond the duration {limit}',
  },
  unpaired_marker: {
    zh: '标记 {label} 没有对应的 {missing}',
    en: 'The marker {label} has no {missing}',
  },
  misordered_markers: {
    zh: '标记 {first} 在 {last} 之后',
    en: 'The marker {first} is after {last}',
  },
  // Composition metadata.
  missing_composition_metadata: {
    zh: 'CPL 没有 CompositionMetadataAsset',
    en: 'The composition has no CompositionMetadataAsset',
  },
  misplaced_composition_metadata: {
    zh: '元数据在第 {reel} 本，应在第一本',
    en: 'The metadata stands in reel {reel} instead of the first',
  },
  missing_version_number: {
    zh: '元数据没有 VersionNumber',
    en: 'The metadata has no VersionNumber',
  },
  missing_constraints_profile: {
    zh: '元数据没有声明“DCP Constraints Profile”（Bv2.1）',
    en: 'The metadata does not declare the “DCP Constraints Profile” of Bv2.1',
  },
  unexpected_constraints_profile: {
    zh: '声明的约束规范是“{profile}”，应为“{expected}”',
    en: 'The declared constraints profile is “{profile}” instead of “{expected}”',
  },
  unknown_territory: {
    zh: '发行地区“{territory}”不是 ISO 3166 或 UN M.49 代码',
    en: 'The release territory “{territory}” is no code of ISO 3166 or UN M.49',
  },
  unknown_version_status: {
    zh: '版本状态“{status}”不在标准之内：{expected}',
    en: 'The version status “{status}” is not one of {expected}',
  },
  unknown_luminance_unit: {
    zh: '亮度单位“{unit}”不在标准之内：{expected}',
    en: 'The unit of luminance “{unit}” is not one of {expected}',
  },
  empty_luminance: { zh: '亮度为零或负数', en: 'The luminance is zero or less' },
  mismatched_stored_area: {
    zh: '元数据的存储画面 {area} 与文件的 {expected} 不同',
    en: 'The stored area {area} of the metadata differs from the picture, {expected}',
  },
  excessive_active_area: {
    zh: '有效画面 {area} 大于存储画面 {limit}',
    en: 'The active area {area} is larger than the stored area {limit}',
  },
  odd_active_area: {
    zh: '有效画面 {area} 的边长不是偶数',
    en: 'The active area {area} has an odd side',
  },
  mismatched_sound_configuration: {
    zh: '声音配置“{configuration}”与文件标签“{expected}”不同',
    en: 'The sound configuration “{configuration}” is not that of the file, “{expected}”',
  },
  mismatched_sound_sample_rate: {
    zh: '元数据采样率 {rate} 与文件 {expected} 不同',
    en: 'The sample rate {rate} of the metadata differs from the file, {expected}',
  },
  missing_sound_labels: {
    zh: 'CPL 没有重复声音文件的声道标签（MCA）',
    en: 'The composition does not repeat the channel labels of the sound (MCA)',
  },
  mismatched_sound_labels: {
    zh: 'CPL 的声道标签与声音文件不同',
    en: 'The channel labels in the composition differ from those of the sound',
  },
} as const satisfies FindingTexts;
