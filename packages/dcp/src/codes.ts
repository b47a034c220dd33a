import type { FindingTexts } from '@yinglian/core';

/** What each code of this package says to people. Facts stand in braces. */
export const FINDING_TEXTS = {
  // Structure of the folder.
  missing_asset_map: {
    zh: '文件夹里没有 ASSETMAP，播放设备无法识别这个包',
    en: 'There is no ASSETMAP: no player can take this folder for a package',
    remedy: {
      zh: '检查是否选对文件夹，或重新拷贝整个包',
      en: 'Check that this is the right folder, or copy the whole package again',
    },
  },
  misnamed_asset_map: {
    zh: 'ASSETMAP 的文件名应为 {expected}',
    en: 'The asset map should be named {expected}',
    remedy: { zh: '改名即可，内容不变', en: 'Rename the file; its content stays' },
  },
  missing_volume_index: {
    zh: '没有 VOLINDEX，部分设备会拒绝导入',
    en: 'There is no VOLINDEX; some players refuse to ingest without it',
    remedy: { zh: '补一个索引为 1 的 VOLINDEX', en: 'Add a VOLINDEX with index 1' },
  },
  duplicate_asset_id: {
    zh: '同一个资产标识出现两次：{asset}',
    en: 'The same asset id is listed twice: {asset}',
    remedy: { zh: '重新生成清单', en: 'Make the document again' },
  },
  duplicate_asset_path: {
    zh: '两个资产指向同一个文件 {path}',
    en: 'Two assets name the same file {path}',
  },
  empty_asset_path: {
    zh: '资产 {asset} 的路径是空的',
    en: 'The path of asset {asset} is empty',
    remedy: { zh: '重新生成 ASSETMAP', en: 'Make the ASSETMAP again' },
  },
  escaping_asset_path: {
    zh: '资产路径“{path}”指向包外，已拒绝',
    en: 'The asset path “{path}” leads outside the package and is refused',
    remedy: {
      zh: '不要导入来历不明的包；请发送方重新制作',
      en: 'Do not ingest it; ask the sender for a new package',
    },
  },
  unconventional_asset_path: {
    zh: '路径“{path}”不合 ST 429-9 附录 A（字符、长度或层数）',
    en: 'The path “{path}” is not as ST 429-9 Annex A wants (characters, length or depth)',
  },
  missing_asset_file: {
    zh: 'ASSETMAP 所列文件 {path} 不存在',
    en: 'The file {path} named in the ASSETMAP is absent',
    remedy: { zh: '重新拷贝缺失的文件', en: 'Copy the missing file again' },
  },
  other_volume_asset: {
    zh: '文件 {path} 在第 {volume} 卷上，未检查',
    en: 'The file {path} is on volume {volume} and was not looked at',
  },
  split_asset: {
    zh: '资产分成 {chunks} 段存放，播放设备大多不支持，未检查其内容',
    en: 'The asset is split into {chunks} chunks, which most players do not take; its content was not read',
  },
  mismatched_chunk_length: {
    zh: 'ASSETMAP 记录 {path} 有 {expected} 字节，实际 {bytes} 字节',
    en: 'The ASSETMAP gives {path} {expected} bytes; it has {bytes}',
    remedy: {
      zh: '多半是拷贝不完整，请重新拷贝',
      en: 'Usually an incomplete copy: copy the file again',
    },
  },
  missing_packing_list: {
    zh: 'ASSETMAP 没有列出装箱单（PKL）',
    en: 'The ASSETMAP names no packing list',
  },
  unexpected_file: {
    zh: '文件 {file} 不属于这个包',
    en: 'The file {file} does not belong to the package',
  },
  unreadable_document: {
    zh: '{file} 太大或无法读取',
    en: '{file} is too large or cannot be read',
  },
  mismatched_document_standard: {
    zh: '{file} 是 {standard} 标准，而包是 {expected} 标准',
    en: '{file} is of the standard {standard}, the package of {expected}',
    remedy: { zh: '整个包须使用同一标准', en: 'All documents of a package keep one standard' },
  },
  mismatched_document_id: {
    zh: '{file} 的标识是 {id}，清单中为 {expected}',
    en: '{file} has the id {id}; it is listed as {expected}',
  },
  // Form of documents.
  unexpected_byte_order_mark: {
    zh: '{file} 开头有字节顺序标记（BOM），标准不允许，部分设备会拒绝',
    en: '{file} begins with a byte order mark, which the standard forbids and some players refuse',
    remedy: {
      zh: '以无 BOM 的 UTF-8 重新保存，再更新 PKL 的大小与散列',
      en: 'Save it as UTF-8 without mark, then renew size and hash in the PKL',
    },
  },
  unexpected_root_element: {
    zh: '{file} 的根元素是 {element}，应为 {expected}',
    en: 'The root element of {file} is {element} instead of {expected}',
  },
  unknown_namespace: {
    zh: '{file} 的命名空间“{namespace}”不属于任何已知版本',
    en: 'The namespace “{namespace}” of {file} belongs to no known edition',
  },
  missing_element: {
    zh: '{parent} 缺少元素 {element}',
    en: '{parent} lacks the element {element}',
  },
  unexpected_element: {
    zh: '{parent} 里不应有元素 {element}',
    en: '{parent} may not have the element {element}',
  },
  misplaced_element: {
    zh: '{parent} 里元素 {element} 的顺序不对',
    en: 'The element {element} is out of order in {parent}',
  },
  duplicate_element: {
    zh: '{parent} 里元素 {element} 出现不止一次',
    en: '{parent} has the element {element} more than once',
  },
  invalid_value: {
    zh: '{element} 的值“{value}”不是 {type} 类型',
    en: 'The value “{value}” of {element} is not of the type {type}',
  },
  missing_attribute: {
    zh: '{element} 缺少属性 {attribute}',
    en: '{element} lacks the attribute {attribute}',
  },
  unexpected_text: {
    zh: '{element} 里不应有文字“{text}”',
    en: '{element} may not hold the text “{text}”',
  },
  // Packing list.
  missing_mapped_asset: {
    zh: '装箱单中的资产 {asset} 在 ASSETMAP 里没有可用的条目',
    en: 'The asset {asset} of the packing list has no usable entry in the ASSETMAP',
  },
  unpacked_asset: {
    zh: '资产 {asset} 在 ASSETMAP 里，但不在任何装箱单里',
    en: 'The asset {asset} is in the ASSETMAP but in no packing list',
  },
  invalid_hash: {
    zh: '资产 {asset} 的散列“{hash}”不是 20 字节的 SHA-1',
    en: 'The hash “{hash}” of asset {asset} is not a SHA-1 of 20 bytes',
  },
  mismatched_hash: {
    zh: '{file} 的内容与装箱单的散列不符：文件已损坏或被改动',
    en: 'The content of {file} differs from the hash in the packing list: it was damaged or changed',
    remedy: { zh: '重新拷贝该文件并再次校验', en: 'Copy the file again and verify it' },
  },
  mismatched_size: {
    zh: '{file} 有 {bytes} 字节，装箱单记录 {expected} 字节',
    en: '{file} has {bytes} bytes; the packing list says {expected}',
    remedy: { zh: '重新拷贝该文件并再次校验', en: 'Copy the file again and verify it' },
  },
  unexpected_asset_type: {
    zh: '装箱单把 {file} 的类型写成“{type}”，与内容或标准不符',
    en: 'The packing list gives {file} the type “{type}”, which does not fit it or the standard',
  },
  missing_composition: {
    zh: '装箱单 {file} 没有可读的影片播放列表（CPL）',
    en: 'The packing list {file} has no composition that can be read',
  },
  mismatched_packing_list_annotation: {
    zh: '装箱单的说明“{annotation}”与 CPL 标题“{title}”不同',
    en: 'The annotation “{annotation}” of the packing list differs from the title “{title}”',
  },
  // Signatures.
  unsigned_encrypted_document: {
    zh: '{file} 含加密内容但没有签名，播放设备会拒绝',
    en: '{file} has encrypted content and is not signed; players refuse it',
    remedy: { zh: '用发行方证书重新签名', en: 'Sign it with the certificate of the maker' },
  },
  missing_signer_element: {
    zh: '{file} 有签名但缺少 Signer 元素',
    en: '{file} is signed but lacks the Signer element',
  },
  // Composition.
  mismatched_composition_annotation: {
    zh: 'CPL 说明“{annotation}”与标题“{title}”不同',
    en: 'The annotation “{annotation}” differs from the title “{title}”',
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
    en: 'Reel {reel} names the asset {asset}, which is not in the package: a version file that needs its original',
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
    en: 'Entry point {entryPoint} and duration {duration} exceed the intrinsic duration {intrinsicDuration}',
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
    en: 'The sound configuration “{configuration}” differs from the labels of the file, “{expected}”',
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
  // Track files.
  unreadable_track_file: {
    zh: '{file} 不是可读的 MXF 文件',
    en: '{file} is not an MXF file that can be read',
  },
  invalid_track_file: { zh: '文件不是 MXF', en: 'The file is not MXF' },
  missing_header_metadata: { zh: 'MXF 没有头元数据', en: 'The MXF file has no header metadata' },
  mismatched_asset_id: {
    zh: '{file} 内的标识是 {id}，清单中为 {expected}',
    en: '{file} says its id is {id}; it is listed as {expected}',
  },
  mismatched_label_set: {
    zh: '{file} 用 {labels} 标签，而包是 {expected} 标准',
    en: '{file} has {labels} labels in a package of {expected}',
  },
  unexpected_operational_pattern: {
    zh: '{file} 的操作模式不是 OP-Atom：{label}',
    en: 'The operational pattern of {file} is not OP-Atom: {label}',
  },
  invalid_klv: {
    zh: '{file} 在第 {offset} 字节处结构损坏（{fault}）',
    en: 'The structure of {file} is broken at byte {offset} ({fault})',
    remedy: { zh: '重新拷贝或重新制作该文件', en: 'Copy or make the file again' },
  },
  incomplete_header: {
    zh: '{file} 的头分区未关闭：封装没有完成',
    en: 'The header of {file} is open: wrapping was not finished',
  },
  invalid_header_metadata: {
    zh: '{file} 的头元数据有误（{fault}）',
    en: 'The header metadata of {file} is faulty ({fault})',
  },
  missing_index: { zh: '{file} 没有索引表', en: '{file} has no index table' },
  mismatched_index: {
    zh: '{file} 的索引与内容不符（第 {frame} 帧起）',
    en: 'The index of {file} differs from its content from frame {frame} on',
  },
  missing_random_index: { zh: '{file} 没有随机索引包', en: '{file} has no random index pack' },
  mismatched_random_index: {
    zh: '{file} 的随机索引包列 {entries} 个分区，实际 {partitions} 个或位置不同',
    en: 'The random index of {file} lists {entries} partitions; there are {partitions}, or elsewhere',
  },
  mismatched_frame_count: {
    zh: '{file} 声明 {declared} 帧，实际 {frames} 帧',
    en: '{file} declares {declared} frames and has {frames}',
  },
  unexpected_essence: {
    zh: '{file} 的内容类型未知：{container}',
    en: 'The essence of {file} is unknown: {container}',
  },
  missing_frame: { zh: '文件里没有第 {frame} 帧', en: 'The file has no frame {frame}' },
  // Picture.
  unexpected_picture_size: {
    zh: '画面 {size} 不是 Bv2.1 允许的尺寸',
    en: 'The picture size {size} is not one of Bv2.1',
    remedy: {
      zh: '使用 1998x1080、2048x858、3996x2160 或 4096x1716',
      en: 'Use 1998x1080, 2048x858, 3996x2160 or 4096x1716',
    },
  },
  unexpected_picture_rate: {
    zh: '{size} 画面不可用帧率 {rate}',
    en: 'A picture of {size} may not have the rate {rate}',
  },
  mismatched_picture_size: {
    zh: '第 {frame} 帧为 {size}，文件头为 {expected}',
    en: 'Frame {frame} is {size}; the header says {expected}',
  },
  invalid_codestream: {
    zh: '第 {frame} 帧不是可读的 JPEG 2000 码流',
    en: 'Frame {frame} is not a JPEG 2000 codestream that can be read',
  },
  excessive_frame_size: {
    zh: '第 {frame} 帧有 {bytes} 字节，大到不可能是画面或声音，未读取',
    en: 'Frame {frame} has {bytes} bytes, more than any frame can have, and was not read',
  },
  // Sound.
  unexpected_sampling_rate: {
    zh: '采样率 {rate} 不是数字影院的采样率',
    en: 'The sampling rate {rate} is not one of digital cinema',
  },
  unexpected_bit_depth: {
    zh: '声音为 {bits} 位，应为 24 位',
    en: 'The sound has {bits} bits instead of 24',
  },
  unexpected_channel_count: {
    zh: '声道数 {channels} 超出 1 至 {limit}',
    en: 'The number of channels, {channels}, is not from 1 to {limit}',
  },
  odd_channel_count: {
    zh: '声道数 {channels} 是奇数',
    en: 'The number of channels, {channels}, is odd',
  },
  unexpected_channel_configuration: {
    zh: '声道配置标签为 {configuration}，Bv2.1 要求配置 4',
    en: 'The channel configuration is {configuration}; Bv2.1 wants configuration 4',
  },
  missing_channel_labels: {
    zh: '声音文件没有声道标签（MCA）',
    en: 'The sound has no channel labels (MCA)',
  },
  incomplete_soundfield: {
    zh: '声场 {soundfield} 缺少声道 {missing}',
    en: 'The soundfield {soundfield} lacks the channels {missing}',
  },
  invalid_channel_label: {
    zh: '声道标签 {symbol}（第 {channel} 声道）无效或重复',
    en: 'The label {symbol} of channel {channel} is invalid or repeated',
  },
  mismatched_sound_frame: {
    zh: '第 {frame} 帧声音有 {bytes} 字节，应为 {expected}',
    en: 'Sound frame {frame} has {bytes} bytes instead of {expected}',
  },
  mismatched_language: {
    zh: '语言“{language}”与文件的“{expected}”不同',
    en: 'The language “{language}” differs from that of the file, “{expected}”',
  },
  missing_language: { zh: '声音没有标明语言', en: 'The sound does not name its language' },
  // Encryption.
  unknown_cipher: { zh: '{file} 的加密算法未知', en: 'The cipher of {file} is unknown' },
  unencrypted_frame: {
    zh: '加密文件的第 {frame} 帧没有加密',
    en: 'Frame {frame} of an encrypted file is not encrypted',
  },
  unexpected_encrypted_frame: {
    zh: '第 {frame} 帧已加密，而文件头没有加密信息',
    en: 'Frame {frame} is encrypted, but the header says nothing of encryption',
  },
  invalid_encrypted_frame: {
    zh: '第 {frame} 帧的加密结构有误',
    en: 'The encrypted structure of frame {frame} is faulty',
  },
  mismatched_key: {
    zh: '密钥打不开第 {frame} 帧',
    en: 'The key does not open frame {frame}',
    remedy: { zh: '核对密钥是否属于这个文件', en: 'Check that the key belongs to this file' },
  },
  mismatched_integrity_code: {
    zh: '第 {frame} 帧的完整性校验不符：内容被改动',
    en: 'The integrity code of frame {frame} does not match: the content was changed',
  },
  missing_integrity_code: {
    zh: '第 {frame} 帧没有完整性校验码',
    en: 'Frame {frame} has no integrity code',
  },
  mismatched_sequence: {
    zh: '第 {frame} 帧的序号或所属文件不符',
    en: 'Frame {frame} has the sequence number or file id of another',
  },
  mismatched_context: {
    zh: '第 {frame} 帧的加密上下文与文件头不同',
    en: 'The cryptographic context of frame {frame} is not that of the header',
  },
  missing_key: {
    zh: '没有 {keyId} 的密钥，加密内容未能检查',
    en: 'There is no key for {keyId}: the encrypted content was not looked into',
    remedy: { zh: '提供 DKDM 或密钥后再校验', en: 'Give a DKDM or the key and verify again' },
  },
  // Timed text.
  unreadable_timed_text: {
    zh: '{file} 的字幕无法读取',
    en: 'The timed text of {file} cannot be read',
  },
  mismatched_timed_text_id: {
    zh: '字幕标识 {id} 与 {expected} 不同',
    en: 'The id {id} of the timed text is not {expected}',
  },
  equal_timed_text_ids: {
    zh: '字幕文档与文件使用同一标识 {id}',
    en: 'The timed text document and its file have the same id {id}',
  },
  mismatched_timed_text_namespace: {
    zh: '文件头写的字幕命名空间“{namespace}”与文档“{expected}”不同',
    en: 'The header names the namespace “{namespace}”, the document has “{expected}”',
  },
  missing_timed_text_resource: {
    zh: '字幕需要的资源 {resource} 不存在',
    en: 'The resource {resource} of the timed text is absent',
  },
  unexpected_timed_text_resource: {
    zh: '资源 {resource} 没有被字幕使用',
    en: 'The resource {resource} is not used by the timed text',
  },
  excessive_timed_text_size: {
    zh: '字幕有 {bytes} 字节，超过上限 {limit}',
    en: 'The timed text has {bytes} bytes, above the limit {limit}',
  },
  excessive_font_size: {
    zh: '字体有 {bytes} 字节，超过上限 {limit}',
    en: 'The font has {bytes} bytes, above the limit {limit}',
  },
  missing_font: { zh: '字体“{font}”没有载入', en: 'The font “{font}” is not loaded' },
  missing_start_time: { zh: '字幕没有 StartTime', en: 'The timed text has no StartTime' },
  nonzero_start_time: {
    zh: '字幕 StartTime 为 {time}，应为零',
    en: 'StartTime is {time} instead of zero',
  },
  missing_text_language: {
    zh: '字幕没有标明语言',
    en: 'The timed text does not name its language',
  },
  changed_text_language: {
    zh: '各本字幕语言不同：{languages}',
    en: 'Reels have timed text of different languages: {languages}',
  },
  early_text: {
    zh: '第一条字幕在 {seconds} 秒出现，早于 {limit} 秒',
    en: 'The first text appears at {seconds} s, before {limit} s',
  },
  short_text: {
    zh: '字幕只显示 {frames} 帧，少于 {limit} 帧',
    en: 'A text lasts {frames} frames, less than {limit}',
  },
  crowded_text: {
    zh: '两条字幕的间隔少于 {limit} 帧',
    en: 'Two texts are less than {limit} frames apart',
  },
  reversed_text: { zh: '字幕的结束早于开始', en: 'A text ends before it begins' },
  late_text: { zh: '字幕在本结束之后才出现', en: 'A text begins after the end of its reel' },
  invalid_text_time: {
    zh: '字幕时间“{time}”无法读取',
    en: 'The time “{time}” of a text cannot be read',
  },
  excessive_text_lines: {
    zh: '同时显示 {lines} 行字幕，超过 {limit} 行',
    en: '{lines} lines are shown at once, more than {limit}',
  },
  long_text_line: {
    zh: '一行字幕有 {characters} 个字符，建议不超过 {limit}',
    en: 'A line has {characters} characters; more than {limit} is not advised',
  },
  excessive_text_line: {
    zh: '一行字幕有 {characters} 个字符，超过上限 {limit}',
    en: 'A line has {characters} characters, above the limit {limit}',
  },
  nonzero_entry_point: {
    zh: '字幕入点为 {frames}，应为 0',
    en: 'The entry point of the text is {frames} instead of 0',
  },
  missing_entry_point: { zh: '字幕没有 EntryPoint', en: 'The text has no EntryPoint' },
  mismatched_text_rate: {
    zh: '字幕帧率 {rate} 与 CPL 的 {expected} 不同',
    en: 'The edit rate {rate} of the text differs from {expected}',
  },
  empty_text: { zh: '字幕是空的', en: 'The timed text is empty' },
  fractional_text_date: {
    zh: '字幕签发时间带小数秒',
    en: 'The issue date of the text has a fraction of a second',
  },
  // Names.
  mismatched_name: {
    zh: '名称中 {field} 写“{value}”，内容是“{expected}”',
    en: 'The name says “{value}” for {field}; the content is “{expected}”',
  },
  invalid_name_field: {
    zh: '名称字段 {field} 的“{value}”不合命名规范',
    en: 'The field {field} of the name, “{value}”, is not as the convention has it',
  },
  unconventional_name: {
    zh: '名称“{name}”不按数字影院命名规范（{fields} 段，应为 {expected} 段）',
    en: 'The name “{name}” does not keep the naming convention ({fields} fields instead of {expected})',
  },
  // Building.
  empty_essence: { zh: '来源没有任何内容', en: 'The source has no content' },
  missing_eye: {
    zh: '立体画面的码流数 {codestreams} 不成对',
    en: '{codestreams} codestreams do not make pairs of eyes',
  },
  mismatched_sampling_rate: {
    zh: '采样率 {samplingRateHz} 不能被帧率 {editRate} 整除',
    en: 'The sampling rate {samplingRateHz} does not divide by the edit rate {editRate}',
  },
  missing_signer: {
    zh: '加密的包必须签名，但没有提供签名证书',
    en: 'An encrypted package must be signed, and no signer was given',
  },
  missing_source: {
    zh: '方案里的来源“{source}”没有提供',
    en: 'The source “{source}” of the plan was not given',
  },
  insufficient_duration: {
    zh: '第 {reel} 本的 {kind} 只有 {frames} 帧，画面有 {expected} 帧',
    en: 'The {kind} of reel {reel} has {frames} frames, its picture {expected}',
    remedy: { zh: '补足内容或缩短该本', en: 'Lengthen it or shorten the reel' },
  },
  unencrypted_subtitle: {
    zh: 'Interop 字幕以 XML 存放，不能加密',
    en: 'Interop subtitles are XML and are not encrypted',
  },
  // Comparing.
  mismatched_content: {
    zh: '{item} 不同：{left} 与 {right}',
    en: '{item} differs: {left} and {right}',
  },
  missing_counterpart: { zh: '{item} 只在一边存在', en: '{item} is on one side only' },
} as const satisfies FindingTexts;
