import type { FindingTexts } from '@yinglian/core';

/** Wording of the findings of this package. Facts stand in braces. */
export const FINDING_TEXTS = {
  unexpected_root_element: {
    zh: '文件的根元素是 {element}，应为 {expected}',
    en: 'The document is a {element}, not a {expected}',
  },
  unknown_log_namespace: {
    zh: '日志的命名空间 {namespace} 不认识，按已知版本读取',
    en: 'The namespace {namespace} of the log is not known; it was read as the known editions are',
  },
  excessive_record_count: {
    zh: '日志有 {count} 条记录，超过上限 {limit}',
    en: 'The log has {count} records, above the limit of {limit}',
  },
  empty_log: { zh: '日志里没有记录', en: 'The log has no records' },
  missing_report_date: { zh: '日志没有报告日期', en: 'The report has no date' },
  missing_record_header: { zh: '第 {record} 条记录没有头', en: 'Record {record} has no header' },
  missing_record_fact: {
    zh: '第 {record} 条记录的头缺少 {element}',
    en: 'The header of record {record} lacks {element}',
  },
  duplicate_event_id: {
    zh: '第 {record} 条记录的事件标识 {id} 已经用过',
    en: 'The event id {id} of record {record} was used before',
  },
  mismatched_event_id: {
    zh: '第 {record} 条记录的正文属于事件 {id}，头属于 {expected}',
    en: 'The body of record {record} is of event {id}, its header of {expected}',
  },
  unknown_event_type: {
    zh: '第 {record} 条记录的事件类型 {type} 不在 ST 430-5 之内',
    en: 'The event type {type} of record {record} is not one of ST 430-5',
  },
  unknown_event_subtype: {
    zh: '第 {record} 条记录的事件 {subtype} 不属于类型 {type}',
    en: 'The event {subtype} of record {record} is not one of type {type}',
  },
  missing_body_hash: {
    zh: '第 {record} 条记录没有正文散列',
    en: 'Record {record} has no hash of its body',
  },
  mismatched_body_hash: {
    zh: '第 {record} 条记录的正文被改动过',
    en: 'The body of record {record} was changed',
    remedy: {
      zh: '请影院从服务器重新导出日志',
      en: 'Ask the cinema to export the log from its server again',
    },
  },
  missing_header_hash: {
    zh: '第 {record} 条记录没有前一条的散列',
    en: 'Record {record} has no hash of the one before it',
  },
  mismatched_header_hash: {
    zh: '第 {record} 条记录与前一条之间的链断了：有记录被改动、删除或插入',
    en: 'The chain is broken before record {record}: a record was changed, left out or put in',
  },
  unusual_record_hash: {
    zh: '第 {record} 条记录的散列按 {reading} 计算，而非标准的做法',
    en: 'A hash at record {record} is computed by {reading}, not as the standard says',
  },
  mismatched_previous_report: {
    zh: '这份日志接不上前一份',
    en: 'This report does not follow the one before it',
  },
  decreasing_record_time: {
    zh: '第 {record} 条记录的时间早于前一条',
    en: 'Record {record} is earlier than the one before it',
  },
  missing_record: {
    zh: '第 {record} 条记录的序号是 {sequence}，应为 {expected}：中间缺少记录',
    en: 'Record {record} has the number {sequence} instead of {expected}: records are missing',
  },
  decreasing_record_sequence: {
    zh: '第 {record} 条记录的序号 {sequence} 没有增加',
    en: 'The number {sequence} of record {record} does not go on',
  },
  incomplete_log_signature: {
    zh: '第 {record} 条记录的签名不完整',
    en: 'The signature of record {record} is not whole',
  },
  mismatched_signed_header: {
    zh: '第 {record} 条记录的签名不是对自己的头所签',
    en: 'The signature of record {record} is not over its own header',
  },
  mismatched_sequence_length: {
    zh: '第 {record} 条记录的签名称涵盖 {length} 条，这里只有 {records} 条',
    en: 'The signature of record {record} speaks of {length} records; there are {records}',
  },
  missing_certificate: {
    zh: '第 {record} 条记录的签名没有证书，无法核对',
    en: 'The signature of record {record} has no certificate to be checked with',
    remedy: { zh: '用 --cert 提供设备证书', en: 'Give the certificate of the device' },
  },
  mismatched_log_signer: {
    zh: '第 {record} 条记录写明的签名者与证书不同',
    en: 'The signer that record {record} names is not that of the certificate',
  },
  unproven_records: {
    zh: '{records} 条记录中有 {count} 条没有签名证明',
    en: '{count} of {records} records are not proven by a signature',
  },
  mismatched_reporting_device: {
    zh: '报告设备 {device} 不是签名者 {signer}',
    en: 'The reporting device {device} is not the signer {signer}',
  },
  foreign_log_signer: {
    zh: '日志由 {signer} 签名，不是该影厅登记的设备 {expected}',
    en: 'The log is signed by {signer}, not by the device {expected} of the screen',
  },
  unreadable_playback_table: {
    zh: '放映记录表无法读取',
    en: 'The table of playbacks cannot be read',
    remedy: { zh: '请另存为 UTF-8 编码的 CSV', en: 'Save it as CSV in UTF-8' },
  },
  missing_playback_column: {
    zh: '放映记录表没有开始时间一列（{column}）',
    en: 'The table of playbacks has no column of starting times ({column})',
  },
  invalid_playback_time: {
    zh: '第 {row} 行的时间 {text} 无法识别',
    en: 'The time {text} in row {row} cannot be read',
  },
  missing_log_span: {
    zh: '设备 {device} 的日志在第 {after} 与 {before} 条之间缺 {missing} 条（{from} 至 {until}）',
    en: 'The log of {device} lacks {missing} records from {after} to {before}: {from} – {until}',
    remedy: { zh: '请影院补传这段日志', en: 'Ask the cinema for the log of that time' },
  },
} as const satisfies FindingTexts;
