import type { FindingTexts } from '@yinglian/core';

// Table: the wording of every finding in two languages, one short entry after the other.
/** What each finding of this package says to people. Facts stand in braces. */
export const FINDING_TEXTS = {
  invalid_drawing: { zh: '这不是一幅批注图', en: 'This is no drawing' },
  excessive_shapes: {
    zh: '图形太多：{count} 个，最多 {limit} 个',
    en: 'There are too many shapes: {count} of at most {limit}',
    remedy: { zh: '请先清除不再需要的图形。', en: 'Clear those that are not needed any more.' },
  },
  repeated_shape: { zh: '同一个图形出现了两次', en: 'A shape appears twice' },
  invalid_shape: {
    zh: '图形的 {part} 不对',
    en: 'The {part} of a shape is not right',
  },
  closed_room: { zh: '这间看片室已经结束', en: 'This room is closed' },
  missing_lead: {
    zh: '只有主持人可以这样做',
    en: 'Only whoever leads the room can do this',
    remedy: { zh: '请主持人交接给您。', en: 'Ask for the lead to be handed to you.' },
  },
  present_host: {
    zh: '主持人在场，请由其交接',
    en: 'Whoever leads is here, and can hand the lead over',
  },
  foreign_shape: { zh: '只能擦除自己画的图形', en: 'Only one’s own shapes can be erased' },
  invalid_marker_time: {
    zh: '这一条的时间码不存在：{text}',
    en: 'The timecode of this marker does not exist: {text}',
  },
  missing_marker_column: {
    zh: '表中没有这些列中的任何一列：{columns}',
    en: 'The table has none of the columns {columns}',
  },
  unread_timeline: {
    zh: '文件中的另一条时间线“{name}”没有读取',
    en: 'The further timeline “{name}” of the file was not read',
  },
  excessive_marker_file: {
    zh: '标记文件有 {bytes} 字节，最多 {limit} 字节',
    en: 'The file has {bytes} bytes; {limit} are allowed',
  },
  excessive_markers: {
    zh: '标记有 {count} 个，最多 {limit} 个',
    en: 'There are {count} markers; {limit} are allowed',
  },
  excluded_marker: {
    zh: '第 {frame} 帧的标记在影片之外（最后一帧是 {last}），没有收下',
    en: 'The marker on frame {frame} lies outside the film, which ends with {last}; it was left out',
  },
  missing_markers: {
    zh: '文件里没有可用的标记',
    en: 'The file holds no marker that can be used',
    remedy: {
      zh: '请在剪辑软件中导出“时间线标记”。',
      en: 'Export the markers of the timeline in the editing system.',
    },
  },
  unknown_marker_format: {
    zh: '认不出这是哪种标记文件',
    en: 'The kind of this file is not known',
    remedy: {
      zh: '可用的有：Resolve EDL、Premiere XML 或 CSV、FCPXML、Avid 文本或 XML、ALE、OTIO、CSV。',
      en: 'Known are: Resolve EDL, Premiere XML or CSV, FCPXML, Avid text or XML, ALE, OTIO, CSV.',
    },
  },
} as const satisfies FindingTexts;
