import type { FindingTexts } from '@yinglian/core';

// Table: the wording of every finding in two languages, one short entry after the other.
/** What each code of this package says to people. Facts and places stand in braces. */
export const FINDING_TEXTS = {
  altered_manifest: {
    zh: '清单在封存后被改动：散列与链文件记录不符',
    en: 'The manifest was changed after it was sealed: its hash is not the one in the chain',
    remedy: {
      zh: '从另一份拷贝取回未改动的 ascmhl 文件夹。',
      en: 'Take the unchanged ascmhl folder from another copy.',
    },
  },
  changed_file: {
    zh: '文件在读取过程中被改动（{reason}）',
    en: 'The file was changed while it was read ({reason})',
  },
  contradicting_hash: {
    zh: '清单中 {path} 的散列与更早一代记录不同，却未标为失败',
    en: 'A manifest gives {path} another hash than an earlier one and does not call it failed',
  },
  duplicated_path: {
    zh: '同一清单里同一路径出现两次',
    en: 'A path stands twice in one manifest',
  },
  empty_document: { zh: '文件是空的', en: 'The file is empty' },
  empty_manifest: { zh: '清单里没有任何文件', en: 'The manifest lists no file' },
  empty_scope: {
    zh: '范围内没有文件（也许都被忽略规则排除），不写空清单',
    en: 'No file is in scope (perhaps all are ignored): an empty manifest is not written',
    remedy: {
      zh: '检查路径和忽略规则。',
      en: 'Check the path and the patterns that are ignored.',
    },
  },
  excessive_document_size: {
    zh: '清单有 {bytes} 字节，超过上限 {limit}',
    en: 'The manifest has {bytes} bytes, above the limit of {limit}',
  },
  excessive_finding_count: {
    zh: '结果超过 {limit} 条，其余不再列出',
    en: 'There are more than {limit} findings; the rest is not listed',
  },
  excessive_folder_depth: {
    zh: '文件夹嵌套超过 {limit} 层',
    en: 'Folders are nested deeper than {limit}',
  },
  existing_target: {
    zh: '新名称已被占用，不覆盖',
    en: 'The new name is taken; nothing is overwritten',
  },
  interrupted_work: { zh: '操作已中断，没有写入', en: 'Interrupted; nothing was written' },
  invalid_chain: { zh: '链文件无法读取', en: 'The chain file cannot be read' },
  invalid_chain_entry: { zh: '链文件的一项无效', en: 'An entry of the chain file is invalid' },
  invalid_hash: {
    zh: '“{text}”不是有效的 {format} 散列',
    en: '“{text}” is not a {format} hash',
  },
  invalid_reference: {
    zh: '对内层清单的引用无效：{path}',
    en: 'The reference to an inner manifest is invalid: {path}',
  },
  invalid_size: { zh: '文件大小“{text}”无效', en: 'The file size “{text}” is invalid' },
  invalid_text_encoding: {
    zh: '内容不是 {encoding} 编码的文字',
    en: 'The bytes are not text in {encoding}',
  },
  mismatched_folder_hash: {
    zh: '文件夹的 {part} 散列不符（{format}）：应为 {expected}，实为 {found}',
    en: 'The {part} hash of the folder is not the same ({format}): {expected} became {found}',
  },
  mismatched_hash: {
    zh: '文件内容已改变（{format}）：应为 {expected}，实为 {found}',
    en: 'The file has changed ({format}): its hash was {expected} and is {found}',
    remedy: {
      zh: '不要使用此文件；从另一份已验证的拷贝恢复。',
      en: 'Do not use this file; restore it from another verified copy.',
    },
  },
  mismatched_size: {
    zh: '文件大小应为 {expected}，实为 {found}',
    en: 'The file had {expected} bytes and has {found}',
  },
  mismatched_text_encoding: {
    zh: '声明的编码是 {declared}，实际按 {encoding} 读取',
    en: 'The declared encoding is {declared}; the bytes are {encoding} and were read as that',
  },
  missing_action: {
    zh: '散列没有注明 action，按首次记录处理',
    en: 'A hash does not say its action; it is taken as original',
  },
  missing_chain: {
    zh: '缺少链文件 ascmhl_chain.xml',
    en: 'The chain file ascmhl_chain.xml is missing',
  },
  missing_file: {
    zh: '历史中记录的文件不在了',
    en: 'A file of the history is missing',
    remedy: {
      zh: '如果是改名，用 --detect-renames 或 mhl rename 记录。',
      en: 'If it was renamed, record that with --detect-renames or mhl rename.',
    },
  },
  missing_hash: {
    zh: '清单没有此文件的散列，只核对存在与大小',
    en: 'The list has no hash of this file: only its presence and size are checked',
  },
  missing_history: {
    zh: '这里没有 ASC MHL 历史',
    en: 'There is no ASC MHL history here',
    remedy: { zh: '用 mhl create 建立第一代。', en: 'Make the first generation with mhl create.' },
  },
  missing_manifest: {
    zh: '链文件或外层清单引用的清单不在了',
    en: 'A manifest that the chain or an outer manifest refers to is missing',
  },
  missing_manifest_part: { zh: '清单缺少 {name}', en: 'The manifest lacks {name}' },
  missing_named_file: {
    zh: '指定的文件或文件夹不存在',
    en: 'The file or folder that was named is not there',
  },
  moved_history: {
    zh: '内层历史已随文件夹移到 {to}',
    en: 'The inner history has moved with its folder to {to}',
  },
  reversed_hash: {
    zh: '{format} 散列以相反的字节顺序写成，内容相符',
    en: 'The {format} hash is written in the other byte order; the bytes agree',
  },
  shortened_hash: {
    zh: '{format} 散列丢了开头的零，已补齐',
    en: 'The {format} hash had lost zeros at its front, which were put back',
  },
  unchained_manifest: {
    zh: '清单 {name} 不在链文件中，不予采信',
    en: 'The manifest {name} is not in the chain and is not believed',
  },
  unexpected_backslash: {
    zh: '路径使用反斜杠：{path}',
    en: 'A path has backslashes: {path}',
  },
  unexpected_chain_root: {
    zh: '不是链文件：根元素是 {name}',
    en: 'This is not a chain file: its root is {name}',
  },
  unexpected_file: {
    zh: '历史中没有此文件',
    en: 'The history does not know this file',
  },
  unexpected_manifest_root: {
    zh: '不是 MHL 清单：根元素是 {name}',
    en: 'This is not a media hash list: its root is {name}',
  },
  unexpected_manifest_version: {
    zh: '清单版本少见：{version}',
    en: 'The version of the manifest is unusual: {version}',
  },
  unexpected_record: { zh: '清单中有未知记录 {name}', en: 'The manifest has a record {name}' },
  unexpected_special_file: {
    zh: '这是{kind}，不是普通文件，不予记录',
    en: 'This is no ordinary file but a {kind}; it is not recorded',
  },
  unknown_action: { zh: '散列的 action 未知：{action}', en: 'A hash has the action {action}' },
  unknown_process: { zh: '清单的 process 未知：{process}', en: 'The process {process} is unknown' },
  unknown_text_encoding: { zh: '未知的编码 {encoding}', en: 'The encoding {encoding} is unknown' },
  unordered_generation: {
    zh: '链文件的序号 {number} 不是递增的',
    en: 'The generation numbers of the chain do not rise: {number}',
  },
  unreadable_file: { zh: '文件无法读取（{reason}）', en: 'The file cannot be read ({reason})' },
  unreadable_folder: { zh: '文件夹无法读取', en: 'The folder cannot be read' },
  unrecordable_name: {
    zh: '名称含有 XML 不能表示的字符，无法写入清单',
    en: 'The name has characters that XML cannot hold: it cannot be recorded',
    remedy: { zh: '先改名。', en: 'Rename it first.' },
  },
  unsafe_path: {
    zh: '路径不在范围之内：{path}',
    en: 'The path leads outside its scope: {path}',
  },
  untrusted_history: { zh: '历史不可信，未改名', en: 'The history cannot be trusted' },
} as const satisfies FindingTexts;
