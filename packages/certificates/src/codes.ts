import type { FindingTexts } from '@yinglian/core';

// Table: the wording of every finding in two languages, one short entry after the other.
/** What each code of this package says to people. Facts and places stand in braces. */
export const FINDING_TEXTS = {
  empty_serial_number: { zh: '证书序列号为零', en: 'The serial number is zero' },
  empty_name_attribute: {
    zh: '证书主体的 {attribute} 为空',
    en: 'The {attribute} of the subject is empty',
  },
  excessive_name_length: {
    zh: '证书主体的 {attribute} 有 {length} 个字符，上限为 {limit}',
    en: 'The {attribute} of the subject has {length} characters; the limit is {limit}',
  },
  unexpected_name_attribute: {
    zh: '证书主体含有 ST 430-2 没有的属性 {attribute}',
    en: 'The subject has an attribute that ST 430-2 does not know: {attribute}',
  },
  unexpected_path_length: {
    zh: '末端证书写有路径长度 {length}',
    en: 'A leaf gives a path length of {length}',
  },
  unexpected_authority_role: {
    zh: '颁发机构的名称不以点开头，像是带有角色：{name}',
    en: 'The name of an authority does not begin with the dot, as if it had a role: {name}',
  },
  mismatched_authority_serial: {
    zh: '证书所指颁发者的序列号是 {serial}，实际为 {found}',
    en: 'The certificate names an issuer of serial {serial}; it is {found}',
  },
  duplicate_certificate_role: {
    zh: '证书的角色重复：{roles}',
    en: 'The certificate names a role twice: {roles}',
  },
  invalid_certificate: {
    zh: '无法读取证书：{reason}',
    en: 'The certificate cannot be read: {reason}',
  },
  excessive_certificate_size: {
    zh: '证书文件有 {bytes} 字节，超过上限 {limit}',
    en: 'The certificate file has {bytes} bytes; the limit is {limit}',
  },
  excessive_certificate_count: {
    zh: '证书有 {count} 张，超过上限 {limit}',
    en: 'There are {count} certificates; the limit is {limit}',
  },
  missing_certificate: {
    zh: '没有证书',
    en: 'There is no certificate',
    remedy: {
      zh: '证书是 PEM、DER 或 PKCS#7 文件，多以 .pem、.crt、.cer、.p7b 结尾',
      en: 'Certificates are PEM, DER or PKCS#7 files, mostly .pem, .crt, .cer or .p7b',
    },
  },
  unexpected_file_kind: {
    zh: '这是 {kind} 文件，不是证书',
    en: 'This is a {kind} file and no certificate',
  },
  unreadable_certificate: {
    zh: '文件里没有 PEM、DER 或 base64 形式的证书',
    en: 'The file has no certificate in PEM, DER or base64',
  },
  invalid_name_text: {
    zh: '名称 {attribute} 含有证书不允许的字符或过长：“{text}”',
    en: 'The name {attribute} has characters a certificate does not allow, or is too long: “{text}”',
    remedy: {
      zh: "只用英文字母、数字、空格和 '()+,-./:=?，最多 64 个",
      en: "Use letters, digits, spaces and '()+,-./:=? only, at most 64",
    },
  },
  invalid_serial_number: {
    zh: '序列号 {serial} 不是 1 到 2^64-1 的整数',
    en: 'The serial number {serial} is not a whole number from 1 to 2^64-1',
  },
  negative_serial_number: {
    zh: '证书序列号 {serial} 是负数',
    en: 'The serial number {serial} is negative',
  },
  excessive_serial_number: {
    zh: '证书序列号超过 {limit} 位',
    en: 'The serial number is longer than {limit} bits',
  },
  reversed_validity: {
    zh: '证书有效期的结束不晚于开始',
    en: 'The validity of the certificate does not run forward',
  },
  missing_certificate_issuer: {
    zh: '签发末端证书需要签发者证书',
    en: 'A leaf needs the certificate of its issuer',
  },
  missing_certificate_role: {
    zh: '证书名称（CN）里没有角色',
    en: 'The common name of the certificate has no role',
  },
  unexpected_certificate_role: {
    zh: '签发机构的证书不应有角色',
    en: 'The certificate of an authority has no roles',
  },
  unknown_certificate_role: {
    zh: '证书里有不认识的角色：{roles}',
    en: 'The certificate has unknown roles: {roles}',
  },
  mismatched_certificate_role: {
    zh: '证书的角色是 {roles}，应为 {expected} 之一',
    en: 'The certificate has the roles {roles}; one of {expected} is due',
    remedy: {
      zh: '确认拿到的是正确设备（媒体模块）的证书',
      en: 'Make sure that this is the certificate of the right device (the media block)',
    },
  },
  excessive_certificate_validity: {
    zh: '证书有效期超出签发者证书的有效期',
    en: 'The validity of the certificate exceeds that of its issuer',
  },
  unexpected_issuer_leaf: {
    zh: '签发者的证书不是机构证书（CA）',
    en: 'The certificate of the issuer is not that of an authority',
  },
  unexpected_leaf_authority: {
    zh: '末端证书被标为机构证书（CA）',
    en: 'The leaf certificate is marked as an authority',
  },
  unexpected_signing_usage: {
    zh: '末端证书有签发证书的用途（keyCertSign）',
    en: 'The leaf certificate may sign certificates (keyCertSign)',
  },
  excessive_chain_length: {
    zh: '证书链比上级证书允许的更长',
    en: 'The chain is longer than one of its authorities allows',
  },
  invalid_certificate_version: {
    zh: '证书版本是 {version}，应为 3',
    en: 'The certificate has version {version}, not 3',
  },
  mismatched_signature_algorithm: {
    zh: '证书内外写的签名算法不同',
    en: 'The certificate names two different signature algorithms',
  },
  unexpected_certificate_hash: {
    zh: '证书的签名算法是 {algorithm}，应为 SHA-256 与 RSA',
    en: 'The certificate is signed with {algorithm} instead of SHA-256 with RSA',
  },
  unexpected_key_algorithm: {
    zh: '证书的密钥不是 RSA：{algorithm}',
    en: 'The key of the certificate is not RSA: {algorithm}',
  },
  invalid_key_size: {
    zh: '证书的密钥是 {bits} 位，应为 {expected} 位',
    en: 'The key of the certificate has {bits} bits instead of {expected}',
  },
  unexpected_key_exponent: {
    zh: '证书密钥的公开指数是 {exponent}，应为 65537',
    en: 'The public exponent is {exponent} instead of 65537',
  },
  unexpected_time_encoding: {
    zh: '证书的时间写法不合规定（2049 年及以前应为 UTCTime）',
    en: 'A time is not written as it should be (UTCTime up to 2049)',
  },
  missing_name_attribute: {
    zh: '证书名称缺少 {attribute}',
    en: 'The name of the certificate has no {attribute}',
  },
  duplicate_name_attribute: {
    zh: '证书名称有多个 {attribute}',
    en: 'The name of the certificate has more than one {attribute}',
  },
  unexpected_name_encoding: {
    zh: '证书名称 {attributes} 不是 PrintableString',
    en: 'Parts of the name are not PrintableString: {attributes}',
  },
  mismatched_name_qualifier: {
    zh: '证书名称里的 dnQualifier 与密钥不符：{qualifier}，应为 {expected}',
    en: 'The dnQualifier {qualifier} does not belong to the key; {expected} does',
  },
  missing_basic_constraints: {
    zh: '证书缺少 basicConstraints',
    en: 'The certificate has no basicConstraints',
  },
  missing_path_length: {
    zh: '机构证书没有限定路径长度',
    en: 'The certificate of an authority has no path length',
  },
  uncritical_basic_constraints: {
    zh: '机构证书的 basicConstraints 没有标为关键',
    en: 'The basicConstraints of an authority are not critical',
  },
  missing_key_usage: {
    zh: '证书缺少必要的密钥用途 {usages}',
    en: 'The certificate lacks key usages: {usages}',
  },
  unexpected_key_usage: {
    zh: '证书有多余的密钥用途：{usages}',
    en: 'The certificate has more key usages than it should: {usages}',
  },
  missing_authority_key: {
    zh: '证书缺少 AuthorityKeyIdentifier',
    en: 'The certificate has no AuthorityKeyIdentifier',
  },
  unknown_critical_extension: {
    zh: '证书有不认识的关键扩展：{extensions}',
    en: 'The certificate has unknown critical extensions: {extensions}',
  },
  expired_certificate: {
    zh: '证书在 {moment} 已过期（有效期到 {until}）；已签的内容仍可放映',
    en: 'The certificate had expired by {moment} (valid until {until}); what it signed still plays',
    remedy: { zh: '新的签名请用新的证书', en: 'Use a new certificate for new signatures' },
  },
  premature_certificate: {
    zh: '证书在 {moment} 尚未生效（{from} 起有效）',
    en: 'The certificate was not yet valid at {moment} (valid from {from})',
  },
  ambiguous_chain_leaf: {
    zh: '{count} 张证书里看不出哪一张是末端证书',
    en: 'Among {count} certificates it is not clear which one is the leaf',
  },
  incomplete_chain: {
    zh: '证书链不完整，缺少“{issuer}”',
    en: 'The chain is not complete: “{issuer}” is missing',
  },
  mismatched_certificate_issuer: {
    zh: '证书的签发者是“{issuer}”，链上给出的却是“{found}”',
    en: 'The issuer is “{issuer}”, the chain has “{found}” instead',
  },
  mismatched_certificate_signature: {
    zh: '证书不是由“{issuer}”的密钥签发的',
    en: 'The certificate was not signed by the key of “{issuer}”',
  },
  mismatched_organization: {
    zh: '证书的组织是“{organization}”，与根证书的“{expected}”不同',
    en: 'The organisation is “{organization}”, that of the root is “{expected}”',
  },
  untrusted_root: {
    zh: '根证书不在信任名单里',
    en: 'The root is not one of the trusted ones',
  },
  mismatched_issuer_serial: {
    zh: '签名里写的签发者或序列号与证书不符',
    en: 'The signature names another issuer or serial number than its certificate has',
  },
  duplicate_signature: { zh: '有多个签名', en: 'There is more than one signature' },
  misplaced_signer_certificate: {
    zh: '签名者的证书不在第一位',
    en: 'The certificate of the signer does not come first',
  },
  unexpected_certificate: {
    zh: '有 {count} 张证书不属于签名者的证书链',
    en: '{count} certificates do not belong to the chain of the signer',
  },
} as const satisfies FindingTexts;
