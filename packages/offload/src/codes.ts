import type { FindingTexts } from '@yinglian/core';

// Table: the wording of every finding in two languages, one short entry after the other.
/** What each code of this package says to people. Facts and places stand in braces. */
export const FINDING_TEXTS = {
  busy_target: {
    zh: '另一个拷贝任务正在写入此目标（{owner}）',
    en: 'Another offload is writing to this target ({owner})',
  },
  cached_read_back: {
    zh: '此目标不支持绕过缓存读取，回读可能来自缓存而非介质',
    en: 'This target cannot be read past the cache: the read-back may not come from the medium',
  },
  changed_source: {
    zh: '来源在拷贝期间被改动（{reason}）',
    en: 'The source changed while it was copied ({reason})',
    remedy: { zh: '停止写入来源后重新运行。', en: 'Stop writing to the source and run again.' },
  },
  colliding_names: {
    zh: '“{other}”与它仅大小写或 Unicode 形式不同，某些盘会当成同一文件',
    en: '“{other}” differs from it only in case or Unicode form: some disks hold both for one',
  },
  empty_media_file: {
    zh: '媒体文件是空的，摄影机可能中途断电',
    en: 'A media file is empty: the camera may have lost power',
  },
  empty_source: { zh: '来源里没有文件', en: 'The source has no files' },
  existing_different_file: {
    zh: '目标已有同名但内容不同的文件，未覆盖',
    en: 'The target has another file of that name; it was not overwritten',
    remedy: { zh: '换一个目标文件夹，或用 --as 改名。', en: 'Use another folder, or --as.' },
  },
  failed_copy: { zh: '写入失败（{reason}）', en: 'Writing failed ({reason})' },
  incomplete_target: { zh: '此目标不完整', en: 'This target is not complete' },
  insufficient_copies: {
    zh: '只有 {copies} 份经校验的拷贝，至少要 {minimum} 份',
    en: 'There are {copies} verified copies; at least {minimum} are asked for',
    remedy: {
      zh: '再加一个 --to，或用 --copies 1 明确接受。',
      en: 'Add another --to, or accept one with --copies 1.',
    },
  },
  insufficient_space: {
    zh: '空间不足：需要 {needed} 字节，可用 {available} 字节',
    en: 'There is not enough space: {needed} bytes are needed, {available} are free',
  },
  interrupted_offload: {
    zh: '拷贝被中断；再次运行同一命令会接着做',
    en: 'The offload was interrupted; the same command goes on where it stopped',
  },
  lost_target: { zh: '目标不可用了（{reason}）', en: 'The target is gone ({reason})' },
  mismatched_copy: {
    zh: '回读与来源不符（{format}）：应为 {expected}，实为 {found}',
    en: 'What was read back is not what was read ({format}): {expected} became {found}',
    remedy: { zh: '目标介质可能有故障，换盘。', en: 'The medium may be faulty: use another.' },
  },
  missing_segment: {
    zh: '素材 {clip} 缺第 {number} 段',
    en: 'Segment {number} of clip {clip} is missing',
  },
  missing_target_manifest: {
    zh: '此拷贝没有写成 ASC MHL 清单',
    en: 'No ASC MHL manifest was written for this copy',
  },
  nested_target: {
    zh: '目标在来源之内，或来源在目标之内',
    en: 'The target is inside the source, or the source inside the target',
  },
  repeated_target: { zh: '同一目标给了两次', en: 'A target is given twice' },
  shared_medium: {
    zh: '两个目标在同一设备上，算不上两份介质',
    en: 'Two targets are on one device: that is not two media',
  },
  shared_source_medium: {
    zh: '目标与来源在同一设备上',
    en: 'The target is on the same device as the source',
  },
  uncopied_special_file: {
    zh: '{kind}没有拷贝：不是普通文件',
    en: 'A {kind} was not copied: it is no ordinary file',
  },
  unexpected_target_file: {
    zh: '目标文件夹里已有来源没有的文件',
    en: 'The target folder already has files that the source does not have',
    remedy: { zh: '换一个目标文件夹，或用 --as 改名。', en: 'Use another folder, or --as.' },
  },
  unreadable_source: {
    zh: '来源无法读取（{reason}）',
    en: 'The source cannot be read ({reason})',
  },
  unsupported_name: {
    zh: '名称无法用于拷贝（{reason}）',
    en: 'The name cannot be copied ({reason})',
  },
  unusable_target: { zh: '目标无法使用（{reason}）', en: 'The target cannot be used ({reason})' },
  unverified_target: { zh: '此目标没有回读校验', en: 'This target was not read back' },
} as const satisfies FindingTexts;
