import type { FindingTexts } from '@yinglian/core';

/** Texts of folders, maps, packing lists and signatures. */
export const STRUCTURE_TEXTS = {
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
    zh: '资产分成 {chunks} 段存放，播放设备大多不支持',
    en: 'The asset has {chunks} chunks, which most players do not take',
    remedy: { zh: '导入前合并成一个文件', en: 'Join it into one file before ingest' },
  },
  discontinuous_chunks: {
    zh: '资产的分段不相接：{path} 应从第 {bytes} 字节开始，ASSETMAP 写的是 {expected}，内容未检查',
    en: 'The chunks of the asset do not join: {path} should begin at byte {bytes}, not {expected}',
    remedy: { zh: '重新生成 ASSETMAP', en: 'Make the ASSETMAP again' },
  },
  missing_volume: {
    zh: '包分为 {volumes} 卷，缺第 {volume} 卷',
    en: 'The package has {volumes} volumes; volume {volume} is missing',
    remedy: {
      zh: '连同该卷的文件夹一起检查（--volume）',
      en: 'Give the folder of that volume as well (--volume)',
    },
  },
  duplicate_volume: {
    zh: '第 {volume} 卷出现两次',
    en: 'Volume {volume} is there twice',
    remedy: { zh: '核对每张盘的 VOLINDEX', en: 'Check the VOLINDEX of every disk' },
  },
  excessive_volume_index: {
    zh: 'VOLINDEX 写的是第 {volume} 卷，而 ASSETMAP 只有 {volumes} 卷',
    en: 'The VOLINDEX says volume {volume}; the ASSETMAP has {volumes} volumes',
  },
  mismatched_volume_map: {
    zh: '各卷的 ASSETMAP 内容不一致（与 {other} 不同）',
    en: 'The ASSETMAPs of the volumes differ (not as in {other})',
    remedy: { zh: '重新拷贝整套卷', en: 'Copy the whole set of volumes again' },
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
  unexpected_standard: {
    zh: '这是 {standard} 标准的包，而规范 {profile} 要求 {expected}',
    en: 'This is a package of the {standard} standard; the profile {profile} wants {expected}',
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
  unexpected_master_document: {
    zh: '{file} 属于 IMF 母版包（{namespace}），不是数字电影发行包',
    en: '{file} belongs to an IMF master package ({namespace}), not to a cinema package',
    remedy: { zh: '用 yinglian imf verify 检查', en: 'Judge it with yinglian imf verify' },
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
  unconventional_id: {
    zh: '{element} 的标识 {id} 不是按 RFC 9562 生成的 UUID',
    en: 'The id {id} of {element} is no UUID as RFC 9562 makes them',
    remedy: { zh: '用新生成的 UUID', en: 'Give it a fresh UUID' },
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
    en: 'The content of {file} is not what its hash in the packing list says: it was changed',
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
} as const satisfies FindingTexts;
