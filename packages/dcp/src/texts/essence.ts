import type { FindingTexts } from '@yinglian/core';

/** Texts of track files, timed text, names, building and comparing. */
export const ESSENCE_TEXTS = {
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
  mismatched_partition: {
    zh: '{file} 的分区（{partition}，第 {offset} 字节）中 {field} 为 {value}，应为 {expected}',
    en: 'A {partition} pack of {file} (byte {offset}) gives {field} as {value}; it is {expected}',
    remedy: { zh: '重新封装该文件', en: 'Wrap the file again' },
  },
  mismatched_index_segment: {
    zh: '{file} 的索引段中 {field} 为 {value}，应为 {expected}',
    en: 'An index segment of {file} gives {field} as {value}; it is {expected}',
    remedy: { zh: '重新封装该文件', en: 'Wrap the file again' },
  },
  mismatched_descriptor: {
    zh: '{file} 的头元数据中 {field} 为 {value}，应为 {expected}',
    en: 'The header of {file} gives {field} as {value}; it is {expected}',
    remedy: { zh: '重新封装该文件', en: 'Wrap the file again' },
  },
  unexpected_element_key: {
    zh: '{file} 第 {frame} 帧的键 {key} 不属于这类内容',
    en: 'The key {key} of frame {frame} of {file} is not one of its kind of essence',
  },
  missing_index: { zh: '{file} 没有索引表', en: '{file} has no index table' },
  mismatched_index: {
    zh: '{file} 的索引与内容不符（第 {frame} 帧起）',
    en: 'The index of {file} differs from its content from frame {frame} on',
  },
  missing_random_index: { zh: '{file} 没有随机索引包', en: '{file} has no random index pack' },
  mismatched_random_index: {
    zh: '{file} 的随机索引包列 {entries} 个分区，实际 {partitions} 个或位置不同',
    en: 'The random index of {file} lists {entries} partitions, not the {partitions} there are',
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
  unknown_channel_label: {
    zh: '不认识声道标签 {symbol}（声道 {channel}），没有写入新文件',
    en: 'The label {symbol} of channel {channel} is unknown and is not written again',
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
  unknown_language: {
    zh: '没有“{language}”这种语言标签',
    en: '“{language}” names no language and region there is',
    remedy: {
      zh: '用 RFC 5646 的标签，如 zh-CN、en-US',
      en: 'Use a tag of RFC 5646: zh-CN, en-US',
    },
  },
  mismatched_subtitle_languages: {
    zh: '元数据所列字幕语言 {languages} 不含实际的 {expected}',
    en: 'The metadata lists the subtitle languages {languages}; there is also {expected}',
  },
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
  invalid_sound_file: {
    zh: '声音文件不是 WAVE，或其中没有声音数据',
    en: 'The sound file is no WAVE file, or holds no sound',
  },
  unsupported_sound_file: {
    zh: '不支持的声音编码：编码 {coder}，{bits} 位，{channels} 声道',
    en: 'Sound of this coding is not read: coder {coder}, {bits} bits, {channels} channels',
    remedy: {
      zh: '请转成 16、24 或 32 位整数或 32 位浮点的 PCM',
      en: 'Make it integer PCM of 16, 24 or 32 bits, or float PCM of 32 bits',
    },
  },
  truncated_sound_file: {
    zh: '声音文件比文件头所说的短：{bytes} 字节，应有 {expected} 字节',
    en: 'The sound file is shorter than its header says: {bytes} bytes of {expected}',
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
  large_interop_font: {
    zh: 'Interop 字幕的字体有 {bytes} 字节，超过 {limit}：有的放映机会不显示',
    en: 'The font of an Interop text has {bytes} bytes, above {limit}: some players drop it',
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
  overrunning_text: {
    zh: '字幕消失得比本结束晚 {frames} 帧',
    en: 'A text goes on {frames} frames beyond the end of its reel',
    remedy: { zh: '把字幕截到本的末尾', en: 'Cut the text at the end of the reel' },
  },
  overlapping_text: {
    zh: '与第 {other} 行的字幕在同一位置同时出现',
    en: 'It is shown in the same place at the same time as the text of line {other}',
    remedy: { zh: '改正时间，或换一个位置', en: 'Correct the times, or use another place' },
  },
  misordered_text: {
    zh: '字幕没有按出现时间排列',
    en: 'The texts are not in the order of their times',
    remedy: { zh: '按 TimeIn 重新排列', en: 'Sort them by TimeIn' },
  },
  mismatched_reel_number: {
    zh: '字幕写的是第 {number} 本，实际用在第 {expected} 本',
    en: 'The text says reel {number} and is used in reel {expected}',
    remedy: { zh: '核对各本字幕是否放错', en: 'Check that no texts of reels were exchanged' },
  },
  mismatched_time_code_rate: {
    zh: '字幕的 TimeCodeRate 是 {rate}，与它的 EditRate {expected} 不符',
    en: 'The TimeCodeRate is {rate}; the EditRate is {expected}',
  },
  mismatched_resource_type: {
    zh: '{file} 的资源 {resource} 声明为“{type}”，内容是 {kind}',
    en: 'The resource {resource} of {file} is called “{type}”; its content is {kind}',
    remedy: { zh: '按内容写媒体类型', en: 'Give the media type of its content' },
  },
  unexpected_text_attribute: {
    zh: '{element} 没有 {attribute} 属性',
    en: '{element} has no attribute {attribute}',
    remedy: { zh: '核对属性的拼写', en: 'Check the spelling of the attribute' },
  },
  invalid_text_attribute: {
    zh: '{element} 的属性 {attribute} 不允许取值“{value}”',
    en: 'The attribute {attribute} of {element} may not be “{value}”',
  },
  duplicate_spot_number: {
    zh: '字幕编号 {spot} 出现两次',
    en: 'Two texts have the number {spot}',
  },
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
  lost_ruby: {
    zh: '{file} 的 {count} 处注音在改写时丢失',
    en: '{count} rubies of {file} are lost in the conversion',
    remedy: {
      zh: '请直接制作目标标准的字幕文件。',
      en: 'Make the document in the standard of the package itself.',
    },
  },
  lost_text_place: {
    zh: '{file} 有 {count} 条字幕不在画面下沿或上沿居中，改写后移到边沿',
    en: '{count} texts of {file} stand elsewhere than centred at an edge; they were moved there',
    remedy: {
      zh: '请直接制作目标标准的字幕文件。',
      en: 'Make the document in the standard of the package itself.',
    },
  },
  unconvertible_text_pictures: {
    zh: '有 {count} 条字幕是图片，不能改写成另一种标准',
    en: 'The text holds {count} pictures, which cannot be rewritten in another standard',
  },
  empty_text: { zh: '字幕是空的', en: 'The timed text is empty' },
  fractional_text_date: {
    zh: '字幕签发时间带小数秒',
    en: 'The issue date of the text has a fraction of a second',
  },
  // Names.
  unregistered_name_code: {
    zh: '名称字段 {field} 的代码“{value}”不在 ISDCF 登记表里',
    en: 'The code “{value}” of the field {field} is in no registry of ISDCF',
    remedy: {
      zh: '查 isdcf.com 的语言与地区登记表',
      en: 'See the registries of languages and territories at isdcf.com',
    },
  },
  unregistered_house_code: {
    zh: '名称字段 {field} 的代码“{value}”没有在 ISDCF 登记',
    en: 'The code “{value}” of the field {field} is not registered with ISDCF',
    remedy: { zh: '可在 isdcf.com 免费登记', en: 'Codes are registered at isdcf.com for nothing' },
  },
  obsolete_name_code: {
    zh: '名称字段 {field} 的代码“{value}”已停用，现用 {expected}',
    en: 'The code “{value}” of the field {field} is not used any more: {expected} took its place',
  },
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
    en: 'The name “{name}” has {fields} fields; the convention wants {expected}',
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
