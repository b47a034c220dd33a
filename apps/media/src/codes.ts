/**
 * What the media engine can find, in both languages of the product. `{name}` is a fact of the
 * finding.
 */
type Text = {
  readonly zh: string;
  readonly en: string;
  readonly remedy?: { readonly zh: string; readonly en: string };
};

export const FINDING_TEXTS: Readonly<Record<string, Text>> = {
  missing_file: {
    zh: '找不到文件 {path}。',
    en: 'The file {path} is not there.',
    remedy: { zh: '请重新上传或检查存储。', en: 'Upload it again or check the store.' },
  },
  empty_file: { zh: '文件 {path} 是空的。', en: 'The file {path} is empty.' },
  unreadable_media: {
    zh: '文件 {path} 不是可识别的音视频格式，或已损坏：{reason}',
    en: '{path} is not a known audio or video format, or it is damaged: {reason}',
    remedy: {
      zh: '请确认导出完整后重新上传。',
      en: 'Check that the export finished, upload again.',
    },
  },
  simplified_development: {
    zh: '原始画面（RAW）按现场白平衡和标准显示曲线转换，只供观看，不是调色结果。',
    en: 'Raw pictures are shown with the white of the set and a plain curve; that is no grade.',
  },
  unspelled_stamp: {
    zh: '本机写不出“{text}”，副本上没有这一行水印。',
    en: 'This machine cannot write “{text}”; the copy has no such line on it.',
    remedy: {
      zh: '请安装中文字体（Debian：fonts-noto-cjk）。',
      en: 'Install a font with Chinese letters (Debian: fonts-noto-cjk).',
    },
  },
  missing_stream: {
    zh: '文件中没有所需的{kind}轨。',
    en: 'The file has no {kind} stream, which this needs.',
  },
  unsupported_codec: {
    zh: '本机的引擎不支持编码 {codec}。',
    en: 'The engine of this machine does not support {codec}.',
    remedy: {
      zh: '请安装带有该编码的 ffmpeg 并设为第二引擎。',
      en: 'Install an ffmpeg that has it and name it as the second engine.',
    },
  },
  unsupported_verb: {
    zh: '本机的引擎不能执行 {verb}：缺少 {missing}。',
    en: 'The engine of this machine cannot do {verb}: it lacks {missing}.',
  },
  invalid_job: { zh: '任务描述不正确：{reason}', en: 'The job description is wrong: {reason}' },
  failed_decoding: { zh: '无法解码：{reason}', en: 'Decoding failed: {reason}' },
  failed_encoding: { zh: '无法编码：{reason}', en: 'Encoding failed: {reason}' },
  failed_writing: { zh: '无法写出 {path}：{reason}', en: '{path} could not be written: {reason}' },
  full_disk: {
    zh: '磁盘已满，写不下结果。',
    en: 'The disk is full; the result does not fit.',
    remedy: { zh: '请清理空间后重试。', en: 'Make room and try again.' },
  },
  failed_engine: {
    zh: '引擎进程意外结束（{reason}）。',
    en: 'The engine process ended unexpectedly ({reason}).',
  },
  missing_engine: {
    zh: '找不到媒体引擎：{reason}',
    en: 'No media engine: {reason}',
  },
  empty_output: {
    zh: '没有产生任何画面或声音。',
    en: 'No picture and no sound came out.',
  },
  exceeded_memory: {
    zh: '处理占用内存 {usedBytes} 字节，超过上限 {limitBytes} 字节，已停止。',
    en: 'The job used {usedBytes} bytes of memory, over its limit of {limitBytes}; it was stopped.',
  },
  exceeded_time: {
    zh: '处理超过 {limitSeconds} 秒，已停止。',
    en: 'The job took longer than {limitSeconds} s; it was stopped.',
  },
  stalled_job: {
    zh: '处理在 {limitSeconds} 秒内没有进展，已停止。',
    en: 'The job made no progress for {limitSeconds} s; it was stopped.',
  },
  cancelled_job: { zh: '任务已取消。', en: 'The job was cancelled.' },
  damaged_media: {
    zh: '有 {packets} 个数据包无法解码，结果可能有缺损。',
    en: '{packets} packets could not be decoded; the result may show damage.',
  },
  mismatched_frame_count: {
    zh: '应有 {expected} 个画面，实得 {found} 个。',
    en: '{expected} pictures were expected, {found} came out.',
  },
  missing_frame: {
    zh: '第 {frame} 个画面不存在。',
    en: 'Picture {frame} does not exist in the film.',
  },
  unknown_layout: {
    zh: '声道用途不明（{channels} 声道），按顺序取用。',
    en: 'The use of the {channels} channels is not marked; they were taken in order.',
  },
  missing_frame_rate: {
    zh: '文件没有写明帧率。',
    en: 'The file does not say its frame rate.',
  },
  missing_encoder: {
    zh: '找不到编码器 {encoder}：{program} 未安装，或不含 OpenJPEG。',
    en: 'The encoder {encoder} is not there: {program} is not installed or has no OpenJPEG in it.',
    remedy: {
      zh: '请安装该程序（opj_compress 需 2.5 以上），或改用 own。',
      en: 'Install it (opj_compress 2.5 or newer), or take the encoder own.',
    },
  },
  illegal_codestream: {
    zh: '编码器 {encoder} 产生的画面不符合数字电影规定，已拒绝。',
    en: 'The encoder {encoder} made a picture that breaks the cinema profile; it was refused.',
    remedy: { zh: '请改用 own 或更新该程序。', en: 'Take the encoder own, or a newer program.' },
  },
  excessive_codestream: {
    zh: '编码器 {encoder} 无法把画面压到 {limit} 字节以内（实得 {bytes}）。',
    en: 'The encoder {encoder} cannot bring the picture within {limit} bytes (it made {bytes}).',
    remedy: {
      zh: '请提高码率、改用其他帧率，或改用 own。',
      en: 'Allow a higher bit rate, take another frame rate, or the encoder own.',
    },
  },
  lowered_bit_rate: {
    zh: '编码器 {encoder} 有 {frames} 个画面超出上限，已降低码率重新压缩。',
    en: '{frames} pictures of the encoder {encoder} were over the caps and were made smaller.',
  },
  failed_compression: {
    zh: '第 {frame} 个画面压缩失败：{reason}',
    en: 'Picture {frame} could not be compressed: {reason}',
  },
};
