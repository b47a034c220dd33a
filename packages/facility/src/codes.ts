import type { FindingTexts } from '@yinglian/core';

// Table: the wording of every finding in two languages, one short entry after the other.
/** What each code of this package says to people. Facts and places stand in braces. */
export const FINDING_TEXTS = {
  unexpected_facility_root: {
    zh: '这不是影院设备清单（FLM）：根元素是 {name}',
    en: 'This is not a facility list: its root is {name}',
  },
  unknown_list_namespace: {
    zh: '清单的命名空间不认识：{namespace}，应为 {expected}',
    en: 'The namespace of the list is unknown: {namespace}; it should be {expected}',
  },
  unusual_message_id: {
    zh: '清单的标识 {id} 不是 urn:uuid: 形式',
    en: 'The id of the list is not of the form urn:uuid:: {id}',
  },
  duplicate_list_element: {
    zh: '{parent} 中 {name} 出现两次',
    en: '{name} stands twice in {parent}',
    remedy: { zh: '请影院重发清单', en: 'Ask the cinema for the list again' },
  },
  empty_list_element: { zh: '{name} 为空', en: '{name} is empty' },
  missing_device_identifier: {
    zh: '设备（序列号 {serial}）没有标识',
    en: 'A device (serial {serial}) has no identifier',
  },
  unknown_identifier_type: {
    zh: '设备标识 {identifier} 的类型不认识：{type}',
    en: 'The type of the device identifier {identifier} is unknown: {type}',
  },
  premature_facility_list: {
    zh: '清单的签发时间 {issued} 在将来',
    en: 'The list was issued at {issued}, which lies in the future',
    remedy: { zh: '检查发送方的时钟', en: 'Check the clock of whoever sent it' },
  },
  duplicate_device_serial: {
    zh: '两台同型设备使用同一序列号 {serial}',
    en: 'Two devices of one model have the serial {serial}',
    remedy: { zh: '向影院核对序列号', en: 'Ask the cinema which of them is right' },
  },
  unexpected_site_list_root: {
    zh: '这不是影院列表（SiteList）：根元素是 {name}',
    en: 'This is not a site list: its root is {name}',
  },
  unexpected_site_list_namespace: {
    zh: '影院列表的命名空间少见：{namespace}',
    en: 'The namespace of the site list is unusual: {namespace}',
  },
  missing_site_time: {
    zh: '影院列表的一项没有修改时间',
    en: 'An entry of the site list does not say when it was changed',
  },
  missing_site_link: { zh: '影院列表的一项没有链接', en: 'An entry of the site list has no link' },
  excessive_auditorium_count: {
    zh: '影厅有 {count} 个，超过上限 {limit}',
    en: 'There are {count} auditoriums; the limit is {limit}',
  },
  excessive_device_count: {
    zh: '设备超过上限 {limit}',
    en: 'There are more than {limit} devices',
  },
  missing_facility_fact: {
    zh: '设备清单缺少 {name}',
    en: 'The facility list has no {name}',
  },
  invalid_facility_text: {
    zh: '设备清单的文字含有不允许的字符',
    en: 'The facility list has characters that are not allowed',
  },
  missing_time_zone: {
    zh: '设备清单没有时区，无法按影院当地时间签发密钥',
    en: 'The facility list has no time zone; keys cannot be made for the local time of the cinema',
    remedy: {
      zh: '请影院补充，例如 Asia/Shanghai',
      en: 'Ask the cinema for it, such as Asia/Shanghai',
    },
  },
  unknown_time_zone: {
    zh: '不认识的时区“{timeZone}”',
    en: 'The time zone “{timeZone}” is unknown',
  },
  unusual_facility_id: {
    zh: '影院标识“{id}”写法少见',
    en: 'The facility id “{id}” is written in an unusual way',
  },
  partial_facility_list: {
    zh: '发送者说明这不是完整的设备清单',
    en: 'The sender says that the facility list is not complete',
  },
  missing_auditorium: { zh: '设备清单没有影厅', en: 'The facility list has no auditorium' },
  missing_auditorium_name: {
    zh: '有影厅没有号码或名称',
    en: 'An auditorium has neither number nor name',
  },
  duplicate_auditorium: {
    zh: '影厅“{auditorium}”出现多次',
    en: 'The auditorium “{auditorium}” occurs more than once',
  },
  invalid_delivery_address: {
    zh: '送达地址无效：{kind} {to}',
    en: 'A delivery address is not valid: {kind} {to}',
  },
  missing_security_manager: {
    zh: '影厅“{auditorium}”的第 {suite} 套设备没有安全管理器（SM）',
    en: 'Suite {suite} of auditorium “{auditorium}” has no security manager',
  },
  duplicate_security_manager: {
    zh: '影厅“{auditorium}”的第 {suite} 套设备有 {count} 个安全管理器（SM）',
    en: 'Suite {suite} of auditorium “{auditorium}” has {count} security managers',
    remedy: {
      zh: '请影院指明在用的那一个',
      en: 'Ask the cinema which of them is in use',
    },
  },
  missing_device_type: { zh: '有设备没有类型', en: 'A device has no type' },
  missing_device_certificate: {
    zh: '设备“{device}”没有证书',
    en: 'The device “{device}” has no certificate',
  },
  mismatched_device_thumbprint: {
    zh: '设备“{device}”的指纹 {identifier} 与证书的 {found} 不符',
    en: 'The thumbprint {identifier} of “{device}” is not that of its certificate, {found}',
  },
  unusual_device_thumbprint: {
    zh: '设备“{device}”的指纹按标准字面计算，设备通常不这样',
    en: 'The thumbprint of “{device}” follows the letter of the standard, which devices do not',
  },
  duplicate_device: {
    zh: '同一设备 {identifier} 出现在多处：{auditoriums}',
    en: 'The device {identifier} stands in several places: {auditoriums}',
  },
  excessive_certificate_count: {
    zh: '设备清单带有 {count} 张证书，只看前 {limit} 张',
    en: 'The list carries {count} certificates; the first {limit} are looked at',
  },
  mismatched_facility: {
    zh: '设备清单属于 {found}，不是 {expected}',
    en: 'The facility list is that of {found}, not of {expected}',
  },
  outdated_facility_list: {
    zh: '设备清单比现有的更旧',
    en: 'The facility list is older than the one at hand',
  },
  missing_watched_certificate: {
    zh: '没有设备证书，无法制作密钥',
    en: 'There is no device certificate; no key can be made',
  },
  expired_certificate: {
    zh: '证书已于 {until} 到期',
    en: 'The certificate expired on {until}',
    remedy: { zh: '请向厂商换发证书', en: 'Ask the maker for a new one' },
  },
  expiring_certificate: {
    zh: '证书将于 {until} 到期（{days} 天后）',
    en: 'The certificate expires on {until}, in {days} days',
    remedy: { zh: '请提前向厂商换发证书', en: 'Ask the maker for a new one in time' },
  },
  early_certificate: {
    zh: '证书自 {from} 起才有效',
    en: 'The certificate is valid only from {from} on',
  },
  mismatched_role: {
    zh: '证书不是媒体块的（角色：{roles}），收不了密钥',
    en: 'The certificate is not of a security manager (roles: {roles}) and receives no key',
  },
  untrusted_device: {
    zh: '设备不在可信设备名单上',
    en: 'The device is not on the trusted-device list',
    remedy: { zh: '请网络运营方核对后列入名单', en: 'Have the operator check and list it' },
  },
  unknown_maker: {
    zh: '不认识的厂商“{maker}”',
    en: 'The maker “{maker}” is not known',
  },
  replaced_certificate: {
    zh: '设备已更换，仍有 {keys} 个密钥发给旧证书',
    en: 'The device was replaced; {keys} keys in force are for its former certificate',
    remedy: { zh: '请按新证书重新签发', en: 'Issue them anew for the new certificate' },
  },
} as const satisfies FindingTexts;
