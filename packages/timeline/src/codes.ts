import type { FindingTexts } from '@yinglian/core';

// Table: the wording of every finding in two languages, one short entry after the other.
/** What each code of this package says to people. Facts and places stand in braces. */
export const FINDING_TEXTS = {
  assumed_frame_rate: {
    zh: '剪辑表没有写帧率，按每秒 {rate} 帧读取。',
    en: 'The list does not say its frame rate; {rate} was assumed.',
    remedy: { zh: '如不对，请指定帧率。', en: 'Give the rate if that is wrong.' },
  },
  assumed_retime_origin: {
    zh: '变速片段（{speed}）的入点按源文件帧数理解。',
    en: 'The in point of a retimed clip ({speed}) is taken for frames of the file.',
  },
  assumed_subclip_origin: {
    zh: '片段取自距素材开头 {frames} 帧的子片段；入点按素材开头计算。',
    en: 'The clip is of a subclip that begins {frames} frames into its media; its in point is counted from the media.',
  },
  assumed_text_encoding: {
    zh: '文字编码没有标明，按 {encoding} 读取。',
    en: 'The text says no encoding; {encoding} was assumed.',
  },
  broken_sector_chain: {
    zh: '复合文件的扇区链断裂：{name}。',
    en: 'The chain of sectors is broken: {name}.',
  },
  circular_nesting: {
    zh: '嵌套序列引用了自身：{id}。',
    en: 'A nested sequence contains itself: {id}.',
  },
  empty_audition: {
    zh: '试演没有任何片段。',
    en: 'An audition has no clip.',
  },
  empty_event: {
    zh: '事件 {event} 没有长度，未放入时间线。',
    en: 'Event {event} has no length and is left out.',
  },
  empty_event_list: {
    zh: '剪辑表没有事件。',
    en: 'The list has no events.',
  },
  empty_key_event: {
    zh: '键控事件 {event} 的前景没有长度。',
    en: 'The foreground of key event {event} has no length.',
  },
  empty_timeline_file: {
    zh: '文件是空的。',
    en: 'The file is empty.',
  },
  escaping_path: {
    zh: '包内路径越出文件夹：{path}。',
    en: 'A path of the bundle leaves its folder: {path}.',
  },
  excessive_column_count: {
    zh: '列数 {count} 超过上限 {limit}。',
    en: 'There are {count} columns; the limit is {limit}.',
  },
  excessive_field_count: {
    zh: '本行有 {fields} 个字段，只有 {columns} 列；多出的已保留。',
    en: 'The row has {fields} fields for {columns} columns; the rest is kept.',
  },
  excessive_file_count: {
    zh: '包内文件超过上限 {limit}。',
    en: 'The bundle has more than {limit} files.',
  },
  excessive_item_count: {
    zh: '展开嵌套后的条目超过上限 {limit}，其余未读。',
    en: 'More than {limit} items once nesting is unfolded; the rest is not read.',
  },
  excessive_json_depth: {
    zh: 'JSON 嵌套超过 {limit} 层。',
    en: 'The JSON is nested deeper than {limit}.',
  },
  excessive_layer_count: {
    zh: '同一轨道重叠超过 {limit} 层，该条目未放入。',
    en: 'More than {limit} layers overlap; the item is left out.',
  },
  excessive_list_rate: {
    zh: '剪辑表不能表示每秒 {rate} 帧。',
    en: 'An edit list cannot be written at {rate} frames a second.',
  },
  excessive_nesting: {
    zh: '嵌套超过 {limit} 层。',
    en: 'Nesting is deeper than {limit}.',
  },
  excessive_number_length: {
    zh: '数字有 {digits} 位，上限 {limit}。',
    en: 'A number has {digits} digits; the limit is {limit}.',
  },
  excessive_storage_count: {
    zh: '复合文件有 {count} 个条目，上限 {limit}。',
    en: 'The compound file has {count} entries; the limit is {limit}.',
  },
  excessive_transition_duration: {
    zh: '事件 {event} 的转场有 {frames} 帧，比事件本身的 {duration} 帧还长。',
    en: 'The transition of event {event} has {frames} frames, more than the {duration} of the event itself.',
  },
  excessive_timeline_size: {
    zh: '文件 {bytes} 字节，上限 {limit}。',
    en: 'The file has {bytes} bytes; the limit is {limit}.',
  },
  invalid_ale_time: {
    zh: '时码无法理解：{start} 至 {end}。',
    en: 'The times are not understood: {start} to {end}.',
  },
  invalid_byte_range: {
    zh: '字节范围无法理解：{text}。',
    en: 'The byte range is not understood: {text}.',
  },
  invalid_frame_count: {
    zh: '{name} 不是整数帧：{text}。',
    en: '{name} is no whole number of frames: {text}.',
  },
  invalid_frame_rate: {
    zh: '帧率无法理解。',
    en: 'The frame rate is not understood.',
  },
  invalid_lane: {
    zh: '轨道层号不是整数：{text}，已放回主干。',
    en: 'The lane is no whole number: {text}; it is taken for lane 0.',
  },
  invalid_locator: {
    zh: '标记无法理解：{text}。',
    en: 'The locator is not understood: {text}.',
  },
  invalid_otio_member: {
    zh: '成员 {name} 应为 {expected}，已原样保留。',
    en: 'The member {name} should be {expected}; it is kept as it is.',
  },
  invalid_sector_size: {
    zh: '复合文件的扇区大小不合规（{shift}）。',
    en: 'The sector size of the compound file is invalid ({shift}).',
  },
  invalid_segment_duration: {
    zh: '片段长度无法理解：{text}。',
    en: 'The segment duration is not understood: {text}.',
  },
  invalid_time: {
    zh: '时间没有意义：{value}（{rate}）。',
    en: 'The time makes no sense: {value} ({rate}).',
  },
  malformed_archive: {
    zh: '压缩包已损坏：{reason}。',
    en: 'The archive is damaged: {reason}.',
  },
  malformed_json: {
    zh: 'JSON 有误，遇到意外字符“{character}”。',
    en: 'The JSON is malformed at “{character}”.',
  },
  merged_channel_track: {
    zh: '立体声分轨已并入前一音轨。',
    en: 'The second side of a stereo track is merged into the track before it.',
  },
  mismatched_ale_duration: {
    zh: '标称长度 {stated} 帧，按起止为 {counted} 帧。',
    en: 'The stated duration is {stated} frames, start to end is {counted}.',
  },
  mismatched_clip_duration: {
    zh: '片段的入出点相距 {source} 帧，时间线上却占 {record} 帧，又没有变速；按时间线读入。',
    en: 'In and out of the clip are {source} frames apart, its place in the cut {record}, and no speed is told; the cut counts.',
  },
  mismatched_cut_rate: {
    zh: '两版剪辑帧率不同：{old} 与 {new}，按新版比较。',
    en: 'The cuts have different rates, {old} and {new}; the new one is used.',
  },
  mismatched_event_duration: {
    zh: '素材 {source} 帧，记录 {record} 帧，不一致；以记录为准。',
    en: 'Source has {source} frames, record {record}; the record counts.',
  },
  missing_aaf_content: {
    zh: 'AAF 文件没有内容。',
    en: 'The AAF file has no content.',
  },
  missing_ale_columns: {
    zh: '没有找到列名（Column）。',
    en: 'No columns were found.',
  },
  missing_ale_data: {
    zh: '日志没有 Data 部分，可能不完整。',
    en: 'The log has no Data section and may be cut short.',
  },
  missing_angle: {
    zh: '多机位片段用到的机位 {angle} 不在它的素材里。',
    en: 'The multicam clip uses angle {angle}, which its media do not have.',
  },
  missing_bundle_content: {
    zh: '包内没有 {path}。',
    en: 'The bundle has no {path}.',
  },
  missing_compound_mark: {
    zh: '不是复合文件（AAF）。',
    en: 'This is no compound file (AAF).',
  },
  missing_cut_shot: {
    zh: '这一版剪辑里没有镜头 {name}。',
    en: 'The cut does not have the shot {name}.',
    remedy: { zh: '核对镜头或换一版剪辑。', en: 'Check the shots, or choose another cut.' },
  },
  missing_duration: {
    zh: '“{name}”没有说明长度。',
    en: '“{name}” does not say how long it is.',
  },
  missing_edl_event: {
    zh: '没有标题也没有事件，不是剪辑表。',
    en: 'There is neither title nor event: this is no edit list.',
  },
  missing_frame_rate: {
    zh: '序列没有帧率，按每秒 24 帧读取。',
    en: 'The sequence has no frame rate; 24 was assumed.',
  },
  missing_media_address: {
    zh: '“{name}”没有文件地址，已写入占位地址。',
    en: '“{name}” has no file address; a placeholder was written.',
  },
  missing_media_frames: {
    zh: '“{name}”缺少所用的帧：{first} 至 {last}。',
    en: '“{name}” has not all the frames that are used: {first} to {last}.',
  },
  missing_media_reference: {
    zh: '引用的素材不存在：{key}。',
    en: 'The media that is referred to is not there: {key}.',
  },
  missing_media_slot: {
    zh: '引用的素材没有轨道 {slot}。',
    en: 'The media has no slot {slot}.',
  },
  missing_otio_schema: {
    zh: '不是 OTIO：没有 OTIO_SCHEMA。',
    en: 'This is no OTIO: there is no OTIO_SCHEMA.',
  },
  missing_playlist_mark: {
    zh: '不是播放列表：首行不是 #EXTM3U。',
    en: 'This is no playlist: its first line is not #EXTM3U.',
  },
  missing_root_storage: {
    zh: '复合文件没有根目录。',
    en: 'The compound file has no root.',
  },
  missing_segment_duration: {
    zh: '片段没有长度：{uri}。',
    en: 'A segment has no duration: {uri}.',
  },
  missing_sequence: {
    zh: '没有找到时间线。',
    en: 'No timeline was found.',
  },
  missing_shot_number: {
    zh: '镜头命名模板没有编号占位（number）：{template}。',
    en: 'The template has no place for a number: {template}.',
  },
  missing_speed_line: {
    zh: '素材与记录长度不同而没有 M2；按速度 {speed} 理解。',
    en: 'Lengths differ and there is no M2; a speed of {speed} is understood.',
  },
  missing_title: {
    zh: '剪辑表没有标题。',
    en: 'The list has no title.',
  },
  mismatched_speed_reel: {
    zh: '速度行写的是带号 {found}，却只能属于带号为 {reel} 的事件 {event}。',
    en: 'The speed line names reel {found}, but can only be about event {event}, which has reel {reel}.',
  },
  missing_transition_duration: {
    zh: '事件 {event} 是转场，却没有写长度；按 0 帧读入。',
    en: 'Event {event} is a transition without a length; it is read as one of no frames.',
  },
  mixed_drop_frame: {
    zh: '丢帧与不丢帧混用。',
    en: 'Drop frame and non-drop frame are mixed.',
  },
  negative_duration: {
    zh: '长度为负：{value}。',
    en: 'The duration is negative: {value}.',
  },
  negative_event_duration: {
    zh: '事件的记录出点早于入点：{from} 至 {to}。',
    en: 'The event ends before it begins: {from} to {to}.',
  },
  overlapping_event: {
    zh: '事件 {event} 与 {channel} 轨上的其他事件重叠，放到上一层。',
    en: 'Event {event} overlaps others of {channel} and is put on a layer above.',
  },
  overlapping_item: {
    zh: '条目与前一条目重叠。',
    en: 'An item overlaps the one before it.',
  },
  repeated_json_member: {
    zh: '成员 {name} 重复，取后者。',
    en: 'The member {name} is repeated; the last one counts.',
  },
  repeated_speed_line: {
    zh: '一个事件有 {count} 条 M2，取最后一条。',
    en: 'An event has {count} M2 lines; the last one counts.',
  },
  replaced_transition: {
    zh: '转场 {name} 以叠化代替。',
    en: 'The transition {name} is written as a dissolve.',
  },
  uncarried_disabled_track: {
    zh: '停用的轨道“{name}”没有写出。',
    en: 'The disabled track “{name}” is left out.',
  },
  replaced_reel: {
    zh: '卷号 {reel} 写为 {made}。',
    en: 'The reel {reel} is written as {made}.',
  },
  rounded_speed: {
    zh: '速度 {speed} 写为 {written} 帧每秒。',
    en: 'The speed {speed} is written as {written} frames a second.',
  },
  shortened_handle: {
    zh: '“{name}”余量不足：片头 {head} 帧，片尾 {tail} 帧。',
    en: '“{name}” has short handles: {head} at the head, {tail} at the tail.',
  },
  shortened_reel: {
    zh: '卷号 {reel} 太长，写为 {made}。',
    en: 'The reel {reel} is too long and written as {made}.',
  },
  truncated_compound_file: {
    zh: '复合文件不完整。',
    en: 'The compound file is cut short.',
  },
  truncated_json: {
    zh: 'JSON 不完整。',
    en: 'The JSON is cut short.',
  },
  uncarried_conform_rate: {
    zh: '素材 {source} 帧/秒按 {rate} 帧/秒逐帧播放；片段的帧位置可能因此有偏差。',
    en: 'The media of {source} frames a second are played frame for frame at {rate}; frames of the clip may be off by that.',
  },
  uncarried_disabling: {
    zh: '此格式不能停用“{name}”，已按启用写出。',
    en: 'The format cannot disable “{name}”; it is written as enabled.',
  },
  uncarried_effect: {
    zh: '此格式不能带效果 {name}。',
    en: 'The format cannot carry the effect {name}.',
  },
  uncarried_image_sequence: {
    zh: '此格式不能带序列帧“{name}”，只写首帧文件。',
    en: 'The format cannot carry the image sequence “{name}”; its first file is written.',
  },
  uncarried_item: {
    zh: '此格式不能带这类条目：{kind}。',
    en: 'The format cannot carry this item: {kind}.',
  },
  uncarried_marker: {
    zh: '此格式不能在此处带标记。',
    en: 'The format cannot carry a marker here.',
  },
  uncarried_marker_length: {
    zh: '标记“{name}”的长度未带出。',
    en: 'The length of the marker “{name}” is not carried.',
  },
  uncarried_nesting: {
    zh: '此格式不能带嵌套“{name}”（{kind}）。',
    en: 'The format cannot carry the nesting “{name}” ({kind}).',
  },
  uncarried_speed_curve: {
    zh: '变速曲线已保留，但不能算作恒定速度。',
    en: 'The speed curve is kept but is no constant speed.',
  },
  assumed_sequence: {
    zh: '文件里有 {count} 条时间线，取“{name}”。',
    en: 'The file holds {count} timelines; “{name}” is taken.',
  },
  unknown_sequence: {
    zh: '文件里的 {count} 条时间线没有“{name}”。',
    en: 'None of the {count} timelines in the file is called “{name}”.',
  },
  uncarried_timeline: {
    zh: '一个文件只能带一条时间线，未写“{name}”。',
    en: 'The file holds one timeline; “{name}” is not written.',
  },
  uncarried_track: {
    zh: '此格式不能带轨道“{name}”（{kind}）。',
    en: 'The format cannot carry the track “{name}” ({kind}).',
  },
  uncarried_transition: {
    zh: '此处的转场未带出。',
    en: 'The transition here is not carried.',
  },
  uncompared_nesting: {
    zh: '嵌套“{name}”内部没有比较。',
    en: 'What is inside “{name}” is not compared.',
  },
  uneven_time: {
    zh: '时间 {value} 不在整帧上，取第 {frames} 帧。',
    en: 'The time {value} is between frames; {frames} is taken.',
  },
  unexpected_ale_delimiter: {
    zh: '日志说各列以 {delimiter} 分隔；只按制表符读。',
    en: 'The log says that {delimiter} stand between its columns; only tabs are read.',
  },
  unexpected_bundle_version: {
    zh: '包的版本是“{version}”，应为 {expected}。',
    en: 'The bundle says version “{version}”, not {expected}.',
  },
  unexpected_document_type: {
    zh: '文档类型含有声明，已拒绝。',
    en: 'The document type declares something and is refused.',
  },
  unexpected_event_order: {
    zh: '事件 {event} 起不按记录时间排列，已重排。',
    en: 'From event {event} on, events are not in record order; they were sorted.',
  },
  unexpected_master_playlist: {
    zh: '这是主播放列表，请给其中一条媒体播放列表。',
    en: 'This is a master playlist; give one of its media playlists.',
  },
  unexpected_root_element: {
    zh: '根元素是 {name}，应为 {expected}。',
    en: 'The root is {name}, not {expected}.',
  },
  unknown_aaf_segment: {
    zh: '未知的 AAF 段（{code}），按空白 {length} 帧放入。',
    en: 'An unknown AAF segment ({code}) is put as a gap of {length}.',
  },
  unknown_ale_line: {
    zh: '本行不属于任何部分：{text}。',
    en: 'The line belongs to no section: {text}.',
  },
  unknown_edl_line: {
    zh: '本行没有已知含义，已原样保留：{text}。',
    en: 'The line has no known meaning and is kept: {text}.',
  },
  unknown_fcpxml_version: {
    zh: '文件版本 {version} 不在 1.0 至 1.14 之间；按 1.14 读入。',
    en: 'Version {version} of the document is not one of 1.0 to 1.14; it is read as 1.14.',
  },
  unknown_fcpxml_element: {
    zh: '未知元素 {name}。',
    en: 'The element {name} is not known.',
  },
  unknown_otio_schema: {
    zh: '未知类型 {schema}，已原样保留。',
    en: 'The schema {schema} is not known and kept as it is.',
  },
  malformed_edl_event: {
    zh: '本行像是一个事件，却读不出来，剪辑表因此缺了一段：{text}。',
    en: 'The line looks like an event and cannot be read, which leaves a hole in the cut: {text}.',
    remedy: {
      zh: '按左右相邻的行补齐各列和四个时间码后再读。',
      en: 'Complete its columns and its four timecodes like those of its neighbours, and read again.',
    },
  },
  unknown_text_encoding: {
    zh: '文字编码无法识别。',
    en: 'The text encoding is not recognised.',
  },
  unknown_timeline_format: {
    zh: '无法识别的格式。',
    en: 'The format is not recognised.',
    remedy: {
      zh: '支持：OTIO、OTIOZ、OTIOD、EDL、FCP 7 XML、FCPXML、FCPXMLD、ALE、AAF、HLS。',
      en: 'Known: OTIO, OTIOZ, OTIOD, EDL, FCP 7 XML, FCPXML, FCPXMLD, ALE, AAF, HLS.',
    },
  },
  unplayed_alternate: {
    zh: '另有 {count} 个备选未播放。',
    en: '{count} alternates are not played.',
  },
  unplayed_audition: {
    zh: '试演取“{name}”，另有 {count} 个备选已保留。',
    en: 'The audition plays “{name}”; {count} others are kept.',
  },
  replaced_nesting: {
    zh: '“{name}”（{kind}）写为复合片段。',
    en: '“{name}” ({kind}) is written as a compound clip.',
  },
  uncarried_audition: {
    zh: '试演“{name}”只写所选，另有 {count} 个备选未写。',
    en: 'Of the audition “{name}” the pick is written; {count} others are not.',
  },
  merged_nesting: {
    zh: '“{name}”取其主层，另外 {count} 层不在表内。',
    en: 'Of “{name}” the main layer is taken; {count} others are not in the list.',
  },
  missing_turnover_manifest: {
    zh: '文件夹里没有 manifest.json，不是交接包。',
    en: 'There is no manifest.json: the folder is no turnover.',
  },
  invalid_turnover_manifest: {
    zh: '交接包的清单无法读取，或列有包外的路径。',
    en: 'The manifest cannot be read, or names a path outside of the package.',
  },
  interrupted_turnover: { zh: '核对已中断。', en: 'The check was stopped.' },
  missing_turnover_file: { zh: '清单所列的文件没有收到。', en: 'The file was not received.' },
  mismatched_turnover_size: {
    zh: '文件有 {found} 字节，清单写 {expected}。',
    en: 'The file has {found} bytes; the manifest says {expected}.',
    remedy: { zh: '请对方重新传送。', en: 'Ask for it again.' },
  },
  mismatched_turnover_hash: {
    zh: '文件内容与清单不符（SHA-256 应为 {expected}，实为 {found}）。',
    en: 'The content is not what the manifest says (SHA-256 {found}, not {expected}).',
    remedy: { zh: '不要使用；请对方重新传送。', en: 'Do not use it; ask for it again.' },
  },
  unlisted_turnover_file: {
    zh: '清单没有列出此文件，无法证明。',
    en: 'The manifest does not name this file, so nothing proves it.',
  },
  mismatched_reference_length: {
    zh: '参考视频有 {found} 帧，剪辑是 {expected} 帧。',
    en: 'The reference video has {found} frames; the cut has {expected}.',
    remedy: { zh: '请从这一版剪辑重新导出。', en: 'Export it again from this cut.' },
  },
  mismatched_reference_rate: {
    zh: '参考视频是每秒 {found} 帧，剪辑是 {expected}。',
    en: 'The reference video runs at {found} frames a second; the cut at {expected}.',
  },
} as const satisfies FindingTexts;
