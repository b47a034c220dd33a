import type { FindingTexts } from '@yinglian/core';

// Table: the wording of every finding in two languages, one short entry after the other.
/** What each code of this package says to people. Facts stand in braces. */
export const FINDING_TEXTS = {
  empty_document: {
    zh: '文件是空的',
    en: 'The file is empty',
    remedy: { zh: '多半是没有传完，请重新取得', en: 'Usually cut on its way: fetch it again' },
  },
  unexpected_file_kind: {
    zh: '这是 {kind} 文件，不是 XML 文档',
    en: 'This is a {kind} file and no XML document',
    remedy: { zh: '请核对选的是不是这个文件', en: 'Check that this is the file you mean' },
  },
  excessive_document_size: {
    zh: 'XML 文件有 {bytes} 字节，超过上限 {limit}',
    en: 'The XML document has {bytes} bytes; the limit is {limit}',
  },
  excessive_element_depth: {
    zh: 'XML 元素嵌套超过 {limit} 层',
    en: 'XML elements are nested deeper than {limit}',
  },
  excessive_element_count: {
    zh: 'XML 节点数超过上限 {limit}',
    en: 'The XML document has more than {limit} nodes',
  },
  excessive_attribute_count: {
    zh: '一个 XML 元素的属性超过 {limit} 个',
    en: 'An XML element has more than {limit} attributes',
  },
  invalid_text_encoding: {
    zh: '文件字节不是有效的 {encoding} 文本',
    en: 'The bytes are not valid {encoding} text',
    remedy: { zh: '请以 UTF-8 重新保存', en: 'Save the document again as UTF-8' },
  },
  unexpected_text_encoding: {
    zh: 'XML 声明的编码是“{declared}”，这里只接受 UTF-8 与带字节顺序标记的 UTF-16',
    en: 'The declaration names the encoding “{declared}”; UTF-8, or UTF-16 with its byte order mark, is read',
    remedy: { zh: '请以 UTF-8 重新保存', en: 'Save the document again as UTF-8' },
  },
  mismatched_text_encoding: {
    zh: 'XML 声明的编码是“{declared}”，字节却是 {encoding}',
    en: 'The declaration names the encoding “{declared}”, the bytes are {encoding}',
  },
  unexpected_xml_version: {
    zh: 'XML 版本是 {version}，应为 1.0',
    en: 'The XML version is {version}, not 1.0',
  },
  unexpected_document_type: {
    zh: 'XML 文件含有 DOCTYPE，不接受',
    en: 'The XML document has a DOCTYPE, which is refused',
    remedy: { zh: '删除 DOCTYPE', en: 'Remove the DOCTYPE' },
  },
  malformed_xml: { zh: 'XML 不合语法：{reason}', en: 'The XML is not well formed: {reason}' },
  missing_signature: { zh: '没有签名', en: 'There is no signature' },
  invalid_signature_element: {
    zh: '签名元素不完整或不合语法：{reason}',
    en: 'The Signature element is incomplete or malformed: {reason}',
  },
  unexpected_signature_algorithm: {
    zh: '签名用了不接受的算法：{algorithm}',
    en: 'The signature uses an algorithm that is not accepted: {algorithm}',
  },
  unexpected_signature_reference: {
    zh: '签名引用了不该引用的内容：{uri}',
    en: 'The signature refers to something it should not: {uri}',
  },
  missing_signature_reference: {
    zh: '签名没有覆盖应覆盖的内容：{uri}',
    en: 'The signature does not cover what it must: {uri}',
  },
  duplicate_element_id: {
    zh: '有多个元素使用同一个 Id“{id}”',
    en: 'More than one element has the Id “{id}”',
  },
  mismatched_reference_target: {
    zh: 'Id“{id}”指向的不是应签名的元素',
    en: 'The Id “{id}” belongs to another element than the one that must be signed',
  },
  mismatched_signature_digest: {
    zh: '签名后内容被改动：{uri} 的摘要不符',
    en: 'The content was changed after signing: the digest of {uri} differs',
  },
  mismatched_signature_value: {
    zh: '签名值与签名者的密钥不符',
    en: 'The signature value does not belong to the key of the signer',
  },
} as const satisfies FindingTexts;
