import type { FindingTexts } from '@yinglian/core';

// Table: the wording of every finding in two languages, one short entry after the other.
/** What each code of this package says to people. Facts and places stand in braces. */
export const FINDING_TEXTS = {
  unexpected_message_root: {
    zh: '这不是密钥消息（KDM）：根元素是 {name}',
    en: 'This is not a key message: its root is {name}',
  },
  missing_schema_element: {
    zh: '密钥消息没有 {name}，按标准应有，有的设备会拒绝',
    en: 'The key message has no {name}, which the schema wants; some devices refuse it',
  },
  unexpected_message_element: {
    zh: '{parent} 里有不认识的元素 {name}',
    en: 'There is an element {name} in {parent} that does not belong there',
  },
  unconventional_identifier: {
    zh: '{name} 的“{text}”不是 urn:uuid: 形式的标识，或全为零',
    en: 'The {name} “{text}” is no id of the form urn:uuid:, or all zeros',
  },
  empty_flag_list: {
    zh: '有取证水印开关列表，却没有列出任何开关',
    en: 'There is a list of forensic flags without a flag',
  },
  duplicate_forensic_flag: {
    zh: '取证水印开关 {flag} 出现两次',
    en: 'The forensic flag {flag} stands twice',
  },
  mismatched_block_forms: {
    zh: '密钥块有的是 SMPTE 形式，有的是 Interop 形式',
    en: 'Some key blocks have the form of SMPTE and some that of Interop',
  },
  weak_content_key: {
    zh: '内容密钥的每个字节都相同',
    en: 'All bytes of the content key are the same',
    remedy: { zh: '用新的随机密钥重新加密', en: 'Encrypt again with a fresh random key' },
  },
  misplaced_message_element: {
    zh: '{parent} 里的 {name} 顺序不对',
    en: 'The element {name} in {parent} is out of order',
  },
  unexpected_message_type: {
    zh: '消息类型是“{type}”，应为“{expected}”',
    en: 'The message type is “{type}” instead of “{expected}”',
  },
  premature_message: {
    zh: '签发时间 {issued} 在将来',
    en: 'The date of issue {issued} lies in the future',
    remedy: { zh: '检查签发机器的时钟', en: 'Check the clock of the machine that made it' },
  },
  mismatched_content_title: {
    zh: '密钥写的片名“{found}”与播放列表的“{expected}”不同',
    en: 'The key message names the title “{found}”; the composition is “{expected}”',
  },
  mismatched_key_type: {
    zh: '密钥的类型是 {found}，播放列表里的素材要 {expected}',
    en: 'The type of a key is {found}; the asset that needs it is {expected}',
    remedy: { zh: '按素材种类重新制作密钥', en: 'Have the key made again for the kind of asset' },
  },
  missing_message_element: { zh: '密钥消息缺少 {name}', en: 'The key message has no {name}' },
  duplicate_message_element: {
    zh: '密钥消息有多个 {name}',
    en: 'The key message has more than one {name}',
  },
  mismatched_part_id: {
    zh: '被签名部分的 Id 是“{id}”，应为“{expected}”',
    en: 'A signed part has the Id “{id}” instead of “{expected}”',
  },
  unexpected_byte_order_mark: {
    zh: '密钥消息以字节顺序标记开头',
    en: 'The key message begins with a byte order mark',
  },
  missing_window_offset: {
    zh: '{name} 的时间“{text}”没有时区偏移',
    en: 'The time “{text}” of {name} has no offset',
  },
  invalid_message_time: {
    zh: '{name} 的时间“{text}”无效',
    en: 'The time “{text}” of {name} is not valid',
  },
  unusual_message_time: {
    zh: '{name} 的时间“{text}”写法少见，有的设备不认',
    en: 'The time “{text}” of {name} is written in a way that some devices refuse',
  },
  unexpected_key_encryption: {
    zh: '密钥的加密方式不是 RSA-OAEP 与 SHA-1：{algorithm}',
    en: 'A key is not encrypted with RSA-OAEP and SHA-1: {algorithm}',
  },
  invalid_cipher_size: {
    zh: '第 {block} 个密钥块有 {bytes} 字节，应为 {expected}',
    en: 'Key block {block} has {bytes} bytes instead of {expected}',
  },
  excessive_key_count: {
    zh: '密钥有 {count} 个，超过上限 {limit}',
    en: 'There are {count} keys; the limit is {limit}',
  },
  mismatched_signer_identity: {
    zh: 'Signer 写的签发者或序列号与签名证书不符',
    en: 'Signer names another issuer or serial number than the signing certificate has',
  },
  mismatched_recipient: {
    zh: '密钥消息发给“{recipient}”，不是这台设备',
    en: 'The key message is for “{recipient}”, not for this device',
    remedy: {
      zh: '核对放映机媒体模块的证书，重新制作密钥',
      en: 'Compare the certificate of the media block and have the key made again',
    },
  },
  reversed_window: {
    zh: '密钥有效期倒置：{opens} 至 {closes}',
    en: 'The window runs backwards: {opens} to {closes}',
  },
  excessive_signer_window: {
    zh: '密钥有效期超出签名者证书链的有效期（{from} 至 {until}），有的服务器会拒绝',
    en: 'The window exceeds the validity of the signer’s chain ({from} to {until}); servers refuse that',
    remedy: {
      zh: '缩短有效期，或换用新的签名证书',
      en: 'Shorten the window or use a newer signer',
    },
  },
  excessive_recipient_window: {
    zh: '密钥有效期超出接收设备证书的有效期（{from} 至 {until}）',
    en: 'The window exceeds the validity of the recipient’s certificate ({from} to {until})',
    remedy: {
      zh: '缩短有效期，或向影院索取设备的新证书',
      en: 'Shorten the window or ask the cinema for the newer certificate of the device',
    },
  },
  closed_window: {
    zh: '密钥已于 {closes} 过期',
    en: 'The window has closed at {closes}',
  },
  unopened_window: { zh: '密钥自 {opens} 起才有效', en: 'The window opens at {opens} only' },
  empty_device_list: { zh: '设备列表是空的', en: 'The device list is empty' },
  invalid_thumbprint: {
    zh: '证书指纹“{thumbprint}”不是 20 字节的 base64',
    en: 'The thumbprint “{thumbprint}” is not base64 of 20 bytes',
  },
  unexpected_assume_trust: {
    zh: '“信任整套设备”的指纹必须单独出现',
    en: 'The thumbprint that assumes trust must stand alone',
  },
  unexpected_recipient_thumbprint: {
    zh: '设备列表里有接收设备自己的指纹，通常不写',
    en: 'The device list names the recipient itself, which is not customary',
  },
  duplicate_key_id: { zh: '密钥标识 {key} 重复', en: 'The key id {key} occurs twice' },
  unknown_key_type: {
    zh: '不认识的密钥类型“{keyType}”',
    en: 'The key type “{keyType}” is unknown',
  },
  unexpected_key_scope: {
    zh: '密钥类型的 scope 少见：{scope}',
    en: 'The scope of a key type is unusual: {scope}',
  },
  missing_key_block: {
    zh: '列出 {listed} 个密钥，却只有 {blocks} 个密钥块',
    en: '{listed} keys are listed, but there are {blocks} key blocks',
  },
  unexpected_key_block: {
    zh: '列出 {listed} 个密钥，却有 {blocks} 个密钥块',
    en: '{listed} keys are listed, but there are {blocks} key blocks',
  },
  empty_key_list: { zh: '密钥列表是空的', en: 'The key list is empty' },
  unknown_forensic_flag: {
    zh: '不认识的水印标志：{flag}',
    en: 'Unknown forensic mark flag: {flag}',
  },
  mismatched_content_authenticator: {
    zh: 'ContentAuthenticator {found} 不在播放列表（CPL）签名者的证书链里（应为 {expected}）',
    en: 'The ContentAuthenticator {found} is not of the chain that signed the CPL ({expected})',
    remedy: {
      zh: '用播放列表签名者的指纹，或用不带 ContentAuthenticator 的形式。',
      en: 'Give the thumbprint of the CPL’s signer, or choose a formulation without one.',
    },
  },
  mismatched_composition: {
    zh: '密钥是给播放列表 {found} 的，不是 {expected}',
    en: 'The keys are for the composition {found}, not for {expected}',
  },
  missing_content_key: {
    zh: '缺少密钥 {key}',
    en: 'The key {key} is missing',
  },
  unexpected_content_key: {
    zh: '密钥 {key} 不属于这个播放列表',
    en: 'The key {key} does not belong to the composition',
  },
  unopened_key_block: {
    zh: '第 {block} 个密钥块用这把私钥打不开',
    en: 'Key block {block} does not open with this private key',
  },
  invalid_block_size: {
    zh: '第 {block} 个密钥块的长度不对',
    en: 'Key block {block} has neither of the two lengths',
  },
  mismatched_structure_id: {
    zh: '第 {block} 个密钥块的结构标识不对',
    en: 'Key block {block} has another structure id',
  },
  mismatched_signer_thumbprint: {
    zh: '第 {block} 个密钥块里的签名者指纹是 {found}，应为 {expected}',
    en: 'Key block {block} names the signer {found} instead of {expected}',
  },
  mismatched_block_composition: {
    zh: '第 {block} 个密钥块里的播放列表是 {found}，外面写的是 {expected}',
    en: 'Key block {block} is for the composition {found}, the message says {expected}',
  },
  unlisted_block_key: {
    zh: '第 {block} 个密钥块里的密钥 {key} 没有列出',
    en: 'Key block {block} has the key {key}, which is not listed',
  },
  misplaced_key_block: {
    zh: '第 {block} 个密钥块应在第 {expected} 位',
    en: 'Key block {block} stands in another place than its key in the list ({expected})',
  },
  mismatched_block_key_type: {
    zh: '第 {block} 个密钥块里的类型是 {found}，列表里是 {expected}',
    en: 'Key block {block} says {found}, the list says {expected}',
  },
  invalid_block_time: {
    zh: '第 {block} 个密钥块里的时间“{text}”无效',
    en: 'Key block {block} has an invalid time: “{text}”',
  },
  mismatched_block_window: {
    zh: '第 {block} 个密钥块里的时间是 {found}，外面写的是 {expected}',
    en: 'Key block {block} has the time {found}, the message says {expected}',
  },
  mismatched_signer_key: {
    zh: '私钥与签名者证书不是一对',
    en: 'The private key does not belong to the certificate of the signer',
  },
  invalid_content_key: {
    zh: '密钥 {key} 不是 16 字节',
    en: 'The key {key} does not have 16 bytes',
  },
  invalid_content_title: {
    zh: '片名为空、过长或含有不允许的字符',
    en: 'The title is empty, too long, or has characters that are not allowed',
  },
  invalid_annotation: {
    zh: '说明文字过长或含有不允许的字符',
    en: 'A remark is too long or has characters that are not allowed',
  },
  invalid_issue_date: {
    zh: '签发时间须为整秒并带时区偏移',
    en: 'The date of issue has whole seconds and an offset',
  },
  invalid_window_time: {
    zh: '有效期须为整秒并带时区偏移',
    en: 'A window has whole seconds and an offset',
  },
  invalid_marking_channel: {
    zh: '水印声道号 {channel} 不在 1 到 99 之间',
    en: 'The channel {channel} is not from 1 to 99',
  },
  missing_recipient_certificate: {
    zh: '没有接收设备的证书',
    en: 'There is no certificate of the recipient',
  },
  unexpected_formulation: {
    zh: '{formulation} 只能用于 SMPTE 内容',
    en: '{formulation} is for SMPTE content only',
  },
  missing_trusted_device: {
    zh: '{formulation} 需要列出设备',
    en: '{formulation} needs a list of devices',
  },
  unexpected_trusted_device: {
    zh: '{formulation} 不列设备',
    en: '{formulation} lists no devices',
  },
  missing_device_list: {
    zh: '套件有 {remoteDevices} 台远端设备，须用列出设备的形式',
    en: 'The suite has {remoteDevices} remote devices; a formulation that lists them is due',
  },
  excessive_device_count: {
    zh: '设备有 {count} 台，超过上限 {limit}',
    en: 'There are {count} devices; the limit is {limit}',
  },
  duplicate_device: { zh: '设备 {thumbprint} 重复', en: 'The device {thumbprint} is listed twice' },
  mismatched_device_role: {
    zh: '列出的设备角色是 {roles}，应为 LD 或 PR',
    en: 'A listed device has the roles {roles} instead of LD or PR',
  },
  invalid_local_time: {
    zh: '“{text}”不是日期和时间',
    en: '“{text}” is not a date with a time',
  },
  unknown_time_zone: {
    zh: '不认识的时区“{timeZone}”',
    en: 'The time zone “{timeZone}” is unknown',
  },
  skipped_local_time: {
    zh: '{text} 在 {timeZone} 不存在：时钟那时拨快',
    en: '{text} does not exist in {timeZone}: clocks skip it',
    remedy: { zh: '选择早一小时或晚一小时', en: 'Choose an hour earlier or later' },
  },
} as const satisfies FindingTexts;
