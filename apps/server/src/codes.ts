import type { FindingTexts } from '@yinglian/core';
import { FINDING_TEXTS as kdm } from '@yinglian/kdm';
import { FINDING_TEXTS as media } from '@yinglian/media';
import { FINDING_TEXTS as opencall } from '@yinglian/opencall';
import { FINDING_TEXTS as review } from '@yinglian/review';
import { FINDING_TEXTS as timeline } from '@yinglian/timeline';

// Table: the wording of every finding in two languages, one short entry after the other.
/** What each code of the kernel and the halls says to people. Facts stand in braces. */
export const FINDING_TEXTS = {
  // What is found in sound and pictures.
  ...media,
  // Cuts and markers as people bring them.
  ...timeline,
  // Requests.
  invalid_type: {
    zh: '类型不对，应为 {expected}',
    en: 'The type is wrong; {expected} is expected',
  },
  excessive_value: { zh: '超过上限 {maximum}', en: 'It is above the limit of {maximum}' },
  insufficient_value: { zh: '低于下限 {minimum}', en: 'It is below the least value of {minimum}' },
  invalid_format: { zh: '格式不对，应为 {format}', en: 'The form is wrong; {format} is expected' },
  unexpected_field: { zh: '有不认识的字段', en: 'There is a field that is not known' },
  invalid_choice: { zh: '不在可选范围内', en: 'It is none of the choices' },
  invalid_multiple: { zh: '不是允许的倍数', en: 'It is not a multiple that is allowed' },
  invalid_value: { zh: '内容不符合要求', en: 'The value is not acceptable' },
  invalid_json: { zh: '请求内容不是有效的 JSON', en: 'The request is no valid JSON' },
  slow_body: {
    zh: '{seconds} 秒内收到的内容太少，已停止接收',
    en: 'Too little arrived within {seconds} s; the rest is not waited for',
    remedy: { zh: '请检查网络后续传。', en: 'Check the line, then go on where it stopped.' },
  },
  invalid_media_path: {
    zh: '路径不能用在素材里：{path}',
    en: 'Media cannot lie under this path: {path}',
  },
  empty_arrival: {
    zh: '这批素材还没有文件',
    en: 'Nothing has arrived yet',
    remedy: { zh: '先上传文件再核对。', en: 'Send files first.' },
  },
  sealing_arrival: {
    zh: '这批素材正在核对',
    en: 'The files are being proven',
    remedy: { zh: '等核对结束，或取消该任务。', en: 'Wait for its end, or cancel the job.' },
  },
  sealed_media: {
    zh: '{path} 已核对封存，不能换成别的内容',
    en: '{path} is proven and sealed; other content cannot take its place',
    remedy: { zh: '请把新素材登记为另一批。', en: 'Send the new media as a roll of their own.' },
  },
  invalid_header: { zh: '请求头 {header} 无法理解', en: 'The header {header} is not understood' },
  invalid_media_type: { zh: '请求内容的类型不对', en: 'The media type of the request is wrong' },
  excessive_body: { zh: '请求内容过大', en: 'The request is too large' },
  invalid_page: {
    zh: '翻页标记不是本系统给出的',
    en: 'The page mark was not given by this system',
    remedy: { zh: '请从第一页重新开始。', en: 'Begin again at the first page.' },
  },
  missing_record: { zh: '没有找到，或对您不可见', en: 'It does not exist, or not for you' },
  missing_permission: {
    zh: '您的角色没有此权限',
    en: 'Your roles do not permit this',
    remedy: { zh: '请联系本组织的管理员。', en: 'Ask an administrator of your organisation.' },
  },
  unnamed_report: {
    zh: '报告 {file} 没有被任何实测值引用',
    en: 'No measured value names the report {file}',
    remedy: { zh: '请在实测值中选择这份报告。', en: 'Choose it with the value that it proves.' },
  },
  mismatched_version: {
    zh: '有人先改了这条记录',
    en: 'Somebody changed the record first',
    remedy: { zh: '请对照两个版本后再保存。', en: 'Compare both versions, then save again.' },
  },
  invalid_state: { zh: '当前状态下不能这样做', en: 'This cannot be done in the present state' },
  excessive_attempts: {
    zh: '尝试次数过多，请稍后再试',
    en: 'There were too many attempts; try again later',
  },
  // Files, storage, the network.
  busy_upload: { zh: '此文件正在另一处上传', en: 'The file is being sent from elsewhere' },
  mismatched_offset: {
    zh: '续传位置应为 {expected}，收到 {found}',
    en: 'The upload goes on at {expected}, not at {found}',
  },
  mismatched_hash: {
    zh: '内容与所给的校验值不符',
    en: 'The content does not match its digest',
    remedy: { zh: '请重新传送。', en: 'Send it again.' },
  },
  excessive_bytes: {
    zh: '字节数超出所报的大小或上限',
    en: 'There are more bytes than announced or allowed',
  },
  insufficient_space: {
    zh: '磁盘空间不足，已确认的内容没有丢失',
    en: 'The disk is full; nothing acknowledged is lost',
    remedy: { zh: '请腾出空间后重试。', en: 'Make room, then try again.' },
  },
  duplicate_record: {
    zh: '已有相同的记录（{text}）',
    en: 'Such a record exists already ({text})',
    remedy: { zh: '请刷新后再看。', en: 'Look again at what is there now.' },
  },
  missing_reference: {
    zh: '所指的记录已不存在',
    en: 'A record that this one names exists no more',
    remedy: { zh: '请刷新后重试。', en: 'Load the page anew, then try again.' },
  },
  busy_records: {
    zh: '有人正同时修改这些记录',
    en: 'Somebody is changing these records at this moment',
    remedy: { zh: '请稍后重试。', en: 'Try again in a moment.' },
  },
  unreachable_database: { zh: '数据库暂时无法访问', en: 'The database cannot be reached now' },
  unreachable_address: { zh: '不能向此地址发送', en: 'Nothing may be sent to this address' },
  unexpected_credentials: {
    zh: '地址里不能写用户名或密码',
    en: 'The address must not hold a name or a password',
  },
  unverified_passkey: {
    zh: '通行密钥没有通过验证',
    en: 'The passkey could not be verified',
    remedy: { zh: '请在同一浏览器中重新登记。', en: 'Register it again in the same browser.' },
  },
  unreachable_provider: {
    zh: '单点登录的服务没有应答',
    en: 'The provider of single sign-on does not answer',
    remedy: { zh: '请核对地址，或稍后重试。', en: 'Check its address, or try again later.' },
  },
  mismatched_issuer: {
    zh: '服务自称为 {found}，而不是 {expected}',
    en: 'The provider calls itself {found}, not {expected}',
  },
  missing_entry: { zh: '审计日志缺少一条', en: 'An entry of the audit log is missing' },
  missing_owner: { zh: '组织必须至少有一位所有者', en: 'An organisation needs at least one owner' },
  unremovable_owner: {
    zh: '影片的所有者不能离开自己的协作室',
    en: 'The owner of a film cannot leave its room',
  },
  invalid_manifest: { zh: '备份清单无法读取', en: 'The manifest of the backup cannot be read' },
  missing_manifest: { zh: '这里没有备份清单', en: 'There is no manifest of a backup here' },
  invalid_path: { zh: '备份中有不允许的路径', en: 'A path in the backup is not allowed' },
  occupied_network: {
    zh: '目标网络里已有记录（{table}）',
    en: 'The network to import into has records already ({table})',
    remedy: {
      zh: '请选择一个空的数据目录或数据库。',
      en: 'Choose an empty data folder or database.',
    },
  },
  unknown_migration: {
    zh: '导出来自更新的版本（{release}，{migration}）',
    en: 'The export is from a newer release ({release}, {migration})',
    remedy: { zh: '请先升级程序再导入。', en: 'Upgrade the program, then import.' },
  },
  mismatched_migration: {
    zh: '导出所用的表结构与本程序不一致（{migration}）',
    en: 'The tables of the export were made otherwise than here ({migration})',
  },
  missing_master_key: {
    zh: '导出里没有主密钥，加密的内容无法打开',
    en: 'The export holds no master key, so what is sealed cannot be opened',
    remedy: {
      zh: '请用 YINGLIAN_MASTER_KEY 给出原来的密钥。',
      en: 'Give the former key as YINGLIAN_MASTER_KEY.',
    },
  },
  occupied_folder: { zh: '目标文件夹不是空的', en: 'The target folder is not empty' },
  existing_demonstration: { zh: '演示网络已经打开', en: 'The demonstration is open already' },
  // Sheets.
  missing_heading: { zh: '缺少表头“{heading}”', en: 'The heading “{heading}” is missing' },
  invalid_sheet_format: {
    zh: '没有“{found}”这种表格，可用 csv、xlsx',
    en: 'There is no sheet “{found}”: csv and xlsx are',
  },
  excessive_rows: { zh: '超过 {limit} 行', en: 'There are more than {limit} rows' },
  invalid_count: { zh: '“{text}”不是整数', en: '“{text}” is no whole number' },
  empty_file: { zh: '文件“{file}”是空的', en: 'The file “{file}” is empty' },
  excessive_file_size: {
    zh: '文件有 {sizeBytes} 字节，上限 {limitBytes}',
    en: 'The file has {sizeBytes} bytes; the limit is {limitBytes}',
  },
  missing_file: { zh: '缺少文件', en: 'A file is missing' },
  // The film register.
  duplicate_eidr: {
    zh: 'EIDR {text} 已登记在另一部影片上',
    en: 'EIDR {text} is registered with another film',
    remedy: { zh: '请在那条记录上继续。', en: 'Go on with that record.' },
  },
  duplicate_film_code: { zh: '影片编码 {text} 重复', en: 'Film code {text} occurs twice' },
  foreign_version: { zh: '此版本属于另一部影片', en: 'The version belongs to another film' },
  invalid_window: {
    zh: '起止日期颠倒：{from} 至 {to}',
    en: 'The window ends before it begins: {from} to {to}',
  },
  known_film: {
    zh: '《{title}》已经登记，未重复添加',
    en: '“{title}” is registered already and was not added',
  },
  missing_film_code: {
    zh: '还没有影片编码，票房与结算需要它',
    en: 'There is no film code yet; box office needs it',
  },
  missing_title: { zh: '缺少片名', en: 'The title is missing' },
  unknown_film_format: {
    zh: '不认识的版本“{text}”，记为其他',
    en: 'Format “{text}” is not known and kept as other',
  },
  // Production.
  excessive_frame: { zh: '最后一帧是 {last}', en: 'The last frame is {last}' },
  reversed_frames: { zh: '结束帧在开始帧之前', en: 'The last frame comes before the first' },
  unready_asset: { zh: '素材尚未就绪，不能验收', en: 'The asset is not ready to be accepted' },
  missing_picture: { zh: '文件里没有画面', en: 'The file holds no picture' },
  empty_picture: { zh: '画面一帧也没有', en: 'The picture has no frame' },
  missing_sound: { zh: '没有声音', en: 'There is no sound' },
  interlaced_picture: { zh: '画面是隔行扫描（{scan}）', en: 'The picture is interlaced ({scan})' },
  variable_frame_rate: { zh: '帧率不固定', en: 'The frame rate varies' },
  missing_sequence_rate: {
    zh: '图片序列需要给出帧率',
    en: 'A sequence of pictures needs its frame rate',
  },
  missing_frames: {
    zh: '{name} 从 {first} 到 {last} 缺 {count} 帧：{numbers}',
    en: '{name}, {first} to {last}, lacks {count} frames: {numbers}',
    remedy: {
      zh: '补传缺的帧后再核对一次；在此之前以前一帧代替。',
      en: 'Send them and prove the roll again; until then the frame before each is shown.',
    },
  },
  sparse_sequence: {
    zh: '{name}：{first} 到 {last} 之间只有 {count} 张，视为静止图片，不合成素材',
    en: '{name}: only {count} pictures from {first} to {last}; taken as stills, not as a film',
  },
  assumed_sequence_rate: {
    zh: '{name} 没有写明帧率，按每秒 {rate} 帧处理',
    en: '{name} tells no frame rate; taken as {rate} frames a second',
    remedy: {
      zh: '核对时给出帧率，或重新处理。',
      en: 'Give the rate when the roll is proven.',
    },
  },
  missing_pictures: { zh: '压缩包里没有可用的图片', en: 'The archive holds no usable picture' },
  mixed_picture_kinds: {
    zh: '图片格式混用：{first} 与 {second}',
    en: 'Pictures of two kinds are mixed: {first} and {second}',
  },
  excessive_frame_count: { zh: '图片超过 {limit} 张', en: 'There are more than {limit} pictures' },
  truncated_archive: {
    zh: '压缩包不完整或已损坏',
    en: 'The archive is cut off or damaged',
    remedy: { zh: '请重新打包并上传。', en: 'Pack it anew and send it again.' },
  },
  missing_facilities: {
    zh: '压缩包里没有影院设施清单（FLM）',
    en: 'The archive holds no facility list (FLM)',
  },
  unsupported_archive: {
    zh: '压缩包的形式不支持：{reason}',
    en: 'The archive is of a kind that is not read: {reason}',
    remedy: {
      zh: '请用普通 ZIP（不加密）或 TAR 打包。',
      en: 'Pack it as a plain ZIP without a password, or as TAR.',
    },
  },
  excessive_archive: {
    zh: '压缩包解开后超出可用空间，或与其目录不符',
    en: 'Unpacked, the archive is larger than the room there is, or than its directory says',
  },
  missing_frame_rate: { zh: '画面没有帧率', en: 'The picture has no frame rate' },
  // Exhibition.
  unknown_taxpayer: {
    zh: '纳税人类型“{text}”未知',
    en: 'Unknown kind of taxpayer “{text}”',
    remedy: { zh: '请填一般纳税人或小规模纳税人', en: 'Say general or small_scale' },
  },
  unknown_equipment: {
    zh: '设备归属“{text}”应为自购或租赁',
    en: 'Equipment “{text}” is neither owned nor leased',
  },
  unknown_time_zone: { zh: '没有时区“{text}”', en: 'There is no time zone “{text}”' },
  duplicate_cinema_code: { zh: '影院编码 {text} 已被使用', en: 'Cinema code {text} is taken' },
  duplicate_screen_name: { zh: '影院里已有“{text}”', en: 'The cinema has a “{text}” already' },
  moved_screen: { zh: '影厅不能换到另一家影院', en: 'A screen does not move to another cinema' },
  missing_cinema_name: { zh: '缺少影院名称', en: 'The name of the cinema is missing' },
  unknown_cinema_code: { zh: '影院编码 {text} 未登记', en: 'Cinema code {text} is not registered' },
  unknown_film_code: { zh: '影片编码 {text} 未登记', en: 'Film code {text} is not registered' },
  unsupported_key: { zh: '证书的密钥不是 RSA', en: 'The key of the certificate is no RSA key' },
  duplicate_report: { zh: '同一文件已经导入过', en: 'The same file was imported before' },
  superseded_report: {
    zh: '报表已被更正的报表取代',
    en: 'The report was superseded by a corrected one',
    remedy: { zh: '请使用更正后的报表。', en: 'Use the corrected report.' },
  },
  unknown_fact: { zh: '没有“{text}”这一项资料', en: 'There is no fact “{text}”' },
  invalid_fact: { zh: '内容“{text}”不符合要求', en: 'The value “{text}” is not acceptable' },
  unknown_device: {
    zh: '影厅里没有登记过指纹为 {text} 的设备',
    en: 'No device with the thumbprint {text} ever stood in this screen',
  },
  early_installation: {
    zh: '安装时间不能在将来',
    en: 'A device cannot have been installed in the future',
  },
  unreadable_feed: {
    zh: '设施清单订阅无法读取（{reason}）',
    en: 'The feed of facility lists cannot be read ({reason})',
    remedy: {
      zh: '请核对地址，下次轮询会再试。',
      en: 'Check the address; the next round tries again.',
    },
  },
  missing_feed_address: { zh: '这个来源没有订阅地址', en: 'This source has no address to read' },
  duplicate_source_name: { zh: '已有同名的来源', en: 'A source of this name exists already' },
  invalid_thumbprint: {
    zh: '“{text}”不是证书指纹（SHA-1，Base64）',
    en: '“{text}” is no thumbprint (SHA-1 in base64)',
  },
  unknown_log_device: {
    zh: '日志里的设备 {device} 没有登记在影厅，放映记录未归入影厅',
    en: 'Device {device} of the log stands in no screen; its playbacks belong to none',
    remedy: { zh: '请登记设备，或指明影厅。', en: 'Register the device, or say which screen it is in.' },
  },
  unplaced_takings: {
    zh: '{cinema}：票房里的“{halls}”不在登记的影厅中，这些场次未与日志核对',
    en: '{cinema}: no screen is registered as “{halls}”; what it sold was compared with no log',
    remedy: { zh: '请登记这些影厅，再查一次。', en: 'Register these screens and examine again.' },
  },
  empty_delivery: { zh: '文件没有数据行', en: 'The file has no data rows' },
  invalid_show_row: { zh: '看不懂的场次“{text}”', en: 'The show “{text}” is not understood' },
  empty_programme: { zh: '表里没有场次', en: 'The sheet holds no show' },
  missing_cinema_code: {
    zh: '表里没有影院编码，请指明影院',
    en: 'The sheet names no cinema; say which it is',
  },
  foreign_cinema_rows: {
    zh: '含有其他影院（{text}）的数据',
    en: 'There are rows of another cinema ({text})',
  },
  overlapping_report: {
    zh: '报表“{name}”已报过其中同一影院、影片的 {date} 等日期：同时结算会重复计算',
    en: 'Report “{name}” tells of {date} of the same cinema and film already: both count twice',
    remedy: {
      zh: '若是更正，请导入为取代该报表；若是补登，请确认不含已报的行。',
      en: 'Import a correction as replacing that report; an addition must not repeat its rows.',
    },
  },
  doubled_correction: {
    zh: '这份报表已有待批的更正申请',
    en: 'An application for this report is waiting already',
  },
  excessive_period: { zh: '一次最多 {days} 天', en: 'At most {days} days at once' },
  foreign_case_row: {
    zh: '报表 {report} 第 {line} 行不属于本案',
    en: 'Row {line} of report {report} is not of this case',
  },
  held_case_rows: {
    zh: '{rows} 行在核查中，本次未结算',
    en: '{rows} rows are being examined and were left out',
    remedy: { zh: '结案后另出补充结算单。', en: 'Settle them by a supplement once decided.' },
  },
  excluded_case_rows: {
    zh: '{rows} 行经核查不成立，未计入',
    en: '{rows} rows did not stand up to examination and do not count',
  },
  adjusted_case_rows: {
    zh: '{rows} 行按核查结论调整',
    en: '{rows} rows count as their case was decided',
  },
  invalid_threshold: {
    zh: '规则 {rule} 没有“{text}”这个阈值，或数值不对',
    en: 'Rule {rule} has no threshold “{text}”, or not of this value',
  },
  unknown_rule: { zh: '没有规则“{text}”', en: 'There is no rule “{text}”' },
  // Distribution.
  missing_device_certificate: {
    zh: '{cinema} 没有设备证书，未签发密钥',
    en: '{cinema} has no device certificate; no key was issued',
  },
  foreign_asset: { zh: '素材属于另一部影片', en: 'The asset belongs to another film' },
  unsupported_frame_rate: {
    zh: '帧率 {rate} 不能直接做成发行包，需要指定处理方式：{ways}',
    en: 'Frame rate {rate} does not fit a package as it is; choose a way: {ways}',
    remedy: {
      zh: 'speed 为逐帧变速（声音同步变速），repeat 为保持时长、重复或舍去画面。',
      en: 'speed plays every picture faster or slower with its sound; repeat keeps the time.',
    },
  },
  unfinished_package: { zh: '发行包还没有做好', en: 'The package is not built' },
  unchecked_package: {
    zh: '发行包未通过检查，不能签发密钥',
    en: 'No keys: the package has not passed its check',
  },
  unencrypted_package: {
    zh: '发行包没有加密，不需要密钥',
    en: 'The package is not encrypted and needs no keys',
  },
  // Settlement.
  reversed_dates: {
    zh: '起止日期颠倒：{from} 至 {to}',
    en: 'The dates are reversed: {from} to {to}',
  },
  foreign_terms: { zh: '条款属于另一部影片', en: 'The terms belong to another film' },
  unsuitable_terms: {
    zh: '条款种类（{kind}）与这次结算的不同',
    en: 'Terms of kind {kind} are not of the kind that the run was settled by',
  },
  invalid_cell: { zh: '“{field}”看不懂', en: '“{field}” is not understood' },
  unknown_party: { zh: '条款里没有“{party}”', en: 'The terms name no “{party}”' },
  missing_reports: {
    zh: '这类条款按票房结算，请选择报表',
    en: 'These terms settle tickets: choose reports',
  },
  missing_inputs: {
    zh: '没有可结算的收入、用量或票房',
    en: 'There is no income, usage or row to settle',
    remedy: {
      zh: '先出具院线结算单，或登记收入与支出。',
      en: 'Issue statements of the film first, or record incomes and expenses.',
    },
  },
  unchanged_statements: {
    zh: '{count} 份结算单与已出具的相同，未重复列出',
    en: 'What was issued still holds for {count} of the statements; they are not repeated',
  },
  crossing_statement: {
    zh: '院线结算单 {number} 与全部院线的结算单 {other} 日期交叉，无法扣除重复部分，未计入',
    en: 'Sheet {number} and statement {other} of all circuits cross; the sheet is not counted',
    remedy: {
      zh: '按相同的期间结算，或另行登记差额收入。',
      en: 'Settle both for the same days, or record the rest as an income.',
    },
  },
  omitted_reports: {
    zh: '同一来源有 {count} 份 {from} 之前的报表未选入，阶梯、封顶与累计取整可能从头算起',
    en: '{count} reports from before {from} are left out; ladders and caps may start anew',
    remedy: { zh: '请选入影片自上映起的报表。', en: 'Choose the reports from the release on.' },
  },
  saved_mapping: {
    zh: '表头无法识别，已按本组织此前导入所用的列对应读取，请核对',
    en: 'The headings say nothing; the file was read by the mapping of an earlier import of yours',
  },
  sender_mapping: {
    zh: '已按“{sender}”上次导入所用的列对应读取',
    en: 'The file was read by the mapping of the last import of “{sender}”',
  },
  changed_headings: {
    zh: '“{sender}”的表头与上次不同，未用上次的列对应，请核对',
    en: 'The headings of “{sender}” have changed; the mapping of its last import was not used',
  },
  owed_top_up: {
    zh: '{party}应补足至结算标准 {fen} 分',
    en: '{party} owes {fen} fen up to the settlement standard',
  },
  outdated_statement: {
    zh: '草稿之后又出具了 {number}，金额已不对',
    en: 'Statement {number} was issued after this draft; the draft says the wrong sum',
    remedy: { zh: '请重新结算，差额会单独列出。', en: 'Settle again; the difference is stated.' },
  },
  withdrawn_input: { zh: '已经撤回', en: 'It is withdrawn already' },
  foreign_organisation: {
    zh: '为“{party}”指定的机构不在本片的协作范围内',
    en: 'The organisation for “{party}” does not work on this film',
    remedy: { zh: '先邀请它加入影片。', en: 'Admit it to the film first.' },
  },
  unaccepted_statement: {
    zh: '对方确认后才能开票（现为 {state}）',
    en: 'A statement is invoiced once it is accepted; it is {state}',
  },
  unowed_statement: {
    zh: '发票由收款一方登记',
    en: 'The side that is owed records the invoice',
  },
  invoiced_statement: {
    zh: '已登记发票 {number}',
    en: 'Invoice {number} is recorded already',
  },
  failed_statement: {
    zh: '已出具的结算单 {number} 复核不一致',
    en: 'The issued statement {number} does not recompute',
    remedy: {
      zh: '请立即停止出具，并与备份对照。',
      en: 'Stop issuing at once and compare with a backup.',
    },
  },
  missing_rows: {
    zh: '所选报表里没有这部影片的票房',
    en: 'The chosen reports hold no row of this film',
    remedy: { zh: '请核对报表和影片编码。', en: 'Compare the reports and the film codes.' },
  },
  unchecked_statement: {
    zh: '本组织要求先由另一人核对',
    en: 'This organisation has statements checked by somebody first',
  },
  draft_terms: {
    zh: '条款（第 {version} 版）还是草案，按它算出的只是试算，不能出具',
    en: 'The terms (version {version}) are a draft: what they give is a trial and cannot be issued',
    remedy: { zh: '先确认条款，再重新结算。', en: 'Agree on the terms, then settle again.' },
  },
  repeated_statement: {
    zh: '这些日子已由结算单 {number} 出具',
    en: 'Statement {number} was issued for these days already',
    remedy: {
      zh: '请在“待复核”里对原单提出调整。',
      en: 'Propose an adjustment of that statement under approvals.',
    },
  },
  same_person: {
    zh: '须由另一人复核',
    en: 'Somebody else has to agree',
  },
  excessive_concession: {
    zh: '单据 {item}：认可 {amount} 分超出争议的 {open} 分',
    en: 'Document {item}: {amount} fen are more than the {open} in dispute',
  },
  unissued_statement: { zh: '结算单尚未出具', en: 'The statement is not issued' },
  unbooked_statement: {
    zh: '此类结算单不入往来账，不能争议金额',
    en: 'A statement of this kind is in no book; it holds no amount to dispute',
  },
  missing_document: { zh: '账本里没有单据 {item}', en: 'The book has no document {item}' },
  missing_payee_account: {
    zh: '“{party}”没有登记收款账户',
    en: 'No account of “{party}” is registered',
  },
  excessive_payment: {
    zh: '单据 {item}：付款 {amount} 分超出应付未清 {open} 分',
    en: 'Document {item}: {amount} fen are more than the {open} that are open',
  },
  posted_line: { zh: '此笔流水已经入账', en: 'This line of the bank is posted already' },
  partial_reference: {
    zh: '“{source}”只售出一部分，不能作为基准',
    en: '“{source}” sells only a part and cannot be what the others are compared with',
  },
  same_source: {
    zh: '对账两方不能相同（{source}）',
    en: 'The two sides of the comparison are the same ({source})',
  },
  issued_statement: {
    zh: '结算单已经出具，不再改动',
    en: 'The statement is issued and does not change',
    remedy: { zh: '更正请另出补充结算单。', en: 'Correct it by a supplementary statement.' },
  },
  // Releases, bookings, the board.
  unchanged_release: {
    zh: '与已发布的一版相同，没有可发布的改动',
    en: 'It equals the announced revision; there is nothing to announce',
  },
  withdrawn_release: { zh: '此发行计划已撤回', en: 'The release was withdrawn' },
  unannounced_release: {
    zh: '发行计划尚未发布，不能订片',
    en: 'The release is not announced; nothing can be booked yet',
    remedy: { zh: '先发布发行通知。', en: 'Announce it first.' },
  },
  doubled_booking: {
    zh: '该影院已有此版本的订片',
    en: 'The cinema has a booking of this version already',
  },
  withdrawn_package: { zh: '此发行包已撤回', en: 'The package was withdrawn' },
  foreign_circuit: {
    zh: '只有影院所属院线才能登记院线缓存端',
    en: 'Only the circuit of a cinema may register a box for the whole circuit',
  },
  missing_last_day: { zh: '延映需要新的最后一天', en: 'Holding over needs the new last day' },
  missing_move_target: {
    zh: '调厅须指明一张订片和新的影厅',
    en: 'A move names one booking and its new screens',
  },
  foreign_screen: {
    zh: '影厅 {screen} 不属于该影院',
    en: 'Screen {screen} is not of this cinema',
  },
  unneeded_keys: {
    zh: '没有可以签发的密钥：已确认的订片都有密钥，或还缺发行包、证书',
    en: 'No key can be issued: confirmed bookings have theirs, or lack a package or certificate',
  },
  unknown_screen: {
    zh: '第 {line} 行：没有名为“{screen}”的影厅',
    en: 'Line {line}: no screen is named “{screen}”',
  },
  foreign_show_day: {
    zh: '第 {line} 行：{day} 不在 {from} 至 {to} 之内',
    en: 'Line {line}: {day} is not within {from} to {to}',
  },
  unknown_film: {
    zh: '第 {line} 行：不认识影片编码“{code}”（{title}）',
    en: 'Line {line}: the film code “{code}” is unknown ({title})',
  },
  overlapping_shows: {
    zh: '同一影厅两场重叠：{before} 与 {start}',
    en: 'Two shows of one screen overlap: {before} and {start}',
  },
  // Policy.
  closed_call: {
    zh: '申报期为 {from} 至 {to}',
    en: 'The call is open from {from} to {to}',
  },
  foreign_claim_item: {
    zh: '条目 {item} 不在本通知的范围内',
    en: 'The item {item} is not of this call',
  },
  changed_claim_item: {
    zh: '申报的条目（{item}）不能改，请另起一项',
    en: 'The item of a claim ({item}) does not change; draft another one',
  },
  foreign_claim: { zh: '这不是本单位的申报', en: 'The claim is not of this organisation' },
  closed_claim: {
    zh: '申报处于“{state}”，不能再改',
    en: 'The claim is in the state “{state}” and no longer changes',
  },
  duplicate_object: {
    zh: '“{object}”已在本次通知下申报过',
    en: '“{object}” is claimed in this call already',
  },
  unsafe_evidence_type: {
    zh: '证明材料不能是 {mediaType}：请用 PDF、图片、表格或纯文本',
    en: 'Evidence may not be {mediaType}: use PDF, pictures, sheets or plain text',
  },
  mismatched_invoice_number: {
    zh: '填写的号码 {typed} 与发票自己的号码 {number} 不同',
    en: 'The number {typed} is not the {number} that the invoice says itself',
  },
  foreign_invoice_buyer: {
    zh: '发票 {number} 的购买方是“{buyer}”，不是申报单位',
    en: 'The invoice {number} was issued to “{buyer}”, not to the applicant',
  },
  applied_for_item: {
    zh: '条目 {item} 须由企业申报，没有版本标为免申即享',
    en: 'Item {item} is applied for: no version of it is given without application',
    remedy: {
      zh: '请先发布该条目的新版本，标明免申即享。',
      en: 'Publish a version of the item that says so first.',
    },
  },
  unpayable_item: {
    zh: '条目 {item} 没有印定的标准，也没有可决定的比例，评审后无法列入拟支持名单',
    en: 'Item {item} prints no standard and has no rate to decide, so nothing can be proposed',
    remedy: {
      zh: '请先以实施细则发布该条目的新版本，写明标准。',
      en: 'Publish a version of the item with a standard first, by its implementing rules.',
    },
  },
  missing_evidence: {
    zh: '缺少必需的材料：{label}',
    en: 'A required document is missing: {label}',
  },
  missing_claim_facts: {
    zh: '还缺这些信息：{labels}',
    en: 'These facts are missing: {labels}',
  },
  ineligible_claim: {
    zh: '不符合 {item} 的条件',
    en: 'The conditions of {item} are not met',
    remedy: {
      zh: '哪一条不符合，见“按条文计算”。',
      en: 'Which of them, stands under “By the words of the text”.',
    },
  },
  missing_recommendation: {
    zh: '评审须给出建议金额',
    en: 'A review says which amount it recommends',
  },
  excluded_claim: {
    zh: '按“不重复享受、就高”，本项不予支持：{reason}（{against}）',
    en: 'Under “not both, the higher” nothing is left for it: {reason} ({against})',
  },
  closed_notice: { zh: '公示已结束或尚未开始', en: 'The notice is over or has not begun' },
  missing_joint_opinion: {
    zh: '还有 {count} 个会审部门没有同意，其中 {missing} 个尚未出具意见',
    en: '{count} departments of the joint check have not agreed; {missing} said nothing yet',
  },
  foreign_recommender: {
    zh: '请从通知列出的推荐单位中选择',
    en: 'Choose who recommends among those that the call names',
  },
  undivided_claim: {
    zh: '按预算分配，本项没有额度',
    en: 'The division of the budget left nothing for it',
  },
  missing_appeal: { zh: '没有待答复的申诉', en: 'No appeal waits for an answer' },
  missing_second_person: {
    zh: '须由另一人办理：同一项申报的经手人不能再办这一步',
    en: 'Another person does this: whoever took an earlier step of the claim may not',
    remedy: { zh: '请换一位有此权限的同事。', en: 'Ask a colleague who holds this permission.' },
  },
  decided_instrument: {
    zh: '这个版本已经发布或退回',
    en: 'This version was published or rejected already',
  },
  foreign_issuer: {
    zh: '规则 {rule} 由 {issuedBy} 发布，而本部门是 {department}：只有牵头单位能发布',
    en: '{rule} is issued by {issuedBy}, and you are {department}: only the lead department may',
  },
  foreign_decision: {
    zh: '“{name}”怎么读由{leads}决定，不由{department}决定',
    en: 'How “{name}” is read is for {leads} to decide, not for {department}',
  },
  duplicate_score: { zh: '您已为这一项打过分', en: 'You have scored this entry already' },
  duplicate_entry: {
    zh: '“{object}”已在本登记簿登记或正在办理',
    en: '“{object}” is in this register already, or on its way',
  },
  duplicate_register: { zh: '本部门已有这种登记簿', en: 'Your department keeps this register' },
  unselected_register: {
    zh: '这种登记簿逐项认定，不分批次遴选',
    en: 'Entries of this register are examined one by one, not selected in rounds',
  },
  missing_round: { zh: '请选择遴选批次', en: 'Choose the round of selection' },
  foreign_round: { zh: '批次不属于本登记簿', en: 'The round is not of this register' },
  decided_round: { zh: '本批次已经确定', en: 'The round is decided already' },
  open_round: {
    zh: '本批次申报至 {until}，截止后才能确定',
    en: 'The round is open until {until}; it is decided after that',
  },
  closed_objection: { zh: '异议已经答复', en: 'The objection was answered already' },
  // Keys, their custody and their delivery.
  sealed_custody: {
    zh: '内容密钥已封存，启封前不能制作或签发',
    en: 'Content keys are sealed; nothing can be built or issued until they are opened',
    remedy: { zh: '请网络管理者输入口令启封。', en: 'Ask the operator to give the passphrase.' },
  },
  open_custody: { zh: '已经启封', en: 'It is open already' },
  unsealable_custody: {
    zh: '只有以口令保管的才能封存',
    en: 'Only a custody under a passphrase can be sealed',
  },
  destroyed_custody: {
    zh: '这些密钥的保管密钥已销毁',
    en: 'The key that these lay under was destroyed',
    remedy: { zh: '请重新制作发行包。', en: 'Build the package again.' },
  },
  missing_keeper: {
    zh: '本服务器没有设置这种保管方式（{keeper}）',
    en: 'This server is not set up for that keeper ({keeper})',
    remedy: { zh: '请查看部署指南中的密钥保管。', en: 'See the guide on custody.' },
  },
  unreachable_keeper: {
    zh: '密钥保管方没有应答（{keeper}）',
    en: 'The keeper of the key does not answer ({keeper})',
    remedy: { zh: '请检查令牌、PIN 或网络。', en: 'Check the token, its PIN or the line.' },
  },
  short_passphrase: {
    zh: '口令至少 {minimum} 个字符',
    en: 'A passphrase has at least {minimum} characters',
  },
  wrong_passphrase: { zh: '口令不对', en: 'The passphrase is wrong' },
  excessive_order_screens: {
    zh: '{screens} 块银幕，超过单人签发上限 {limit}，须另一人同意',
    en: '{screens} screens are above the limit of {limit}; a second person has to agree',
  },
  excessive_order_days: {
    zh: '有效期 {days} 天，超过上限 {limit} 天，须另一人同意',
    en: 'A window of {days} days is above the limit of {limit}; a second person has to agree',
  },
  early_order_window: {
    zh: '比首日 {opens} 早 {days} 天生效，超过 {limit} 天，须另一人同意',
    en: 'It opens {days} days before {opens}, more than {limit}; a second person has to agree',
  },
  own_proposal: {
    zh: '不能同意自己提出的申请',
    en: 'Nobody approves what they proposed',
    remedy: { zh: '请另一位有签发权的同事处理。', en: 'Ask a colleague who may issue keys.' },
  },
  decided_order: { zh: '申请已处理（{state}）', en: 'It is decided already ({state})' },
  irrevocable_keys: {
    zh: '{keys} 个密钥影院已经收到：密钥无法收回，到期前设备仍可打开',
    en: '{keys} keys reached their cinemas: a key cannot be called back and opens until its end',
    remedy: {
      zh: '要立即失效，只能更换放映服务器的证书，或换用以新密钥制作的发行包。',
      en:
        'To end it at once, replace the media block’s certificate, or the package by one with ' +
        'other content keys.',
    },
  },
  withdrawn_key: { zh: '密钥已停止交付', en: 'The key is withheld already' },
  superseded_key: {
    zh: '密钥已被取代或停止交付',
    en: 'The key was replaced or is withheld',
    remedy: { zh: '请选择现行的密钥。', en: 'Choose the one in use.' },
  },
  missing_window_change: { zh: '请给出新的起止时间', en: 'Give the new beginning or end' },
  unchanged_window: { zh: '时间没有变化', en: 'The window is what it was' },
  missing_cinema_keys: {
    zh: '没有可以交付的密钥',
    en: 'There is no key to deliver',
  },
  missing_mail_server: {
    zh: '本服务器没有设置邮件',
    en: 'This server sends no mail',
    remedy: { zh: '请设置 YINGLIAN_SMTP_URL。', en: 'Set YINGLIAN_SMTP_URL.' },
  },
  refused_mail: {
    zh: '邮件被拒（{address}）：{answer}',
    en: 'The mail to {address} was refused: {answer}',
    remedy: { zh: '请核对影院的邮箱。', en: 'Check the cinema’s address.' },
  },
  unknown_bounce: { zh: '这不是退信通知', en: 'This is no notice of a returned mail' },
  answered_help: { zh: '已经答复', en: 'It is answered already' },
  duplicate_package_path: {
    zh: '两个文件的路径相同',
    en: 'Two files have the same path',
  },
  missing_own_certificate: {
    zh: '本组织还没有证书，DKDM 无从打开',
    en: 'There is no certificate of ours that a DKDM could be made for',
    remedy: { zh: '先下载本组织的证书链并交给对方。', en: 'Fetch our chain first, and send it.' },
  },
  foreign_composition: {
    zh: '密钥属于另一个播放列表（{composition}）',
    en: 'The keys are of another composition ({composition})',
  },
  missing_original: {
    zh: '缺少原版（OV）：{assets} 个资产不在本片任何已通过的发行包里',
    en: 'Its original is missing: {assets} assets are in no passed package of the film',
    remedy: {
      zh: '收取原版后会自动重新检查。',
      en: 'Take in the original; it is then judged again.',
    },
  },
  // Review rooms.
  answered_note: {
    zh: '这条意见已有回复，不能删除',
    en: 'The remark has answers and cannot be removed',
    remedy: { zh: '可以改为“不采纳”。', en: 'Decline it instead.' },
  },
  foreign_parent: {
    zh: '只能回复同一素材的意见',
    en: 'An answer stands below a remark on the same asset',
  },
  unknown_reviewer: {
    zh: '其中有人看不到这份素材',
    en: 'One of them cannot see the asset',
    remedy: { zh: '请先邀请其公司加入。', en: 'Invite their company first.' },
  },
  excessive_viewers: {
    zh: '这个链接最多 {limit} 人，已满',
    en: 'The link is for {limit} people, who have all entered',
    remedy: { zh: '请向发链接的人索取新的链接。', en: 'Ask who sent it for another one.' },
  },
  excessive_notes: {
    zh: '意见已达上限 {limit} 条',
    en: 'There are {limit} remarks already, which is the most',
  },
  ...review,
  // Open calls, and times as people write them.
  missing_bids: { zh: '没有可以评审的投标，请终止本轮', en: 'No bid can be read; void the round' },
  mismatched_choice: {
    zh: '只能在并列的投标中选定，其余按名次',
    en: 'A choice is made among those who tie; the others stand by their rank',
  },
  foreign_sheet: {
    zh: '评分表不属于本轮、本人或该投标',
    en: 'The sheet is of another round, reviewer or bid',
  },
  stopped_project: opencall.stopped_project,
  late_postponement: opencall.late_postponement,
  missing_frozen_pool: opencall.missing_frozen_pool,
  early_opening: opencall.early_opening,
  invalid_opener_key: opencall.invalid_opener_key,
  invalid_local_time: kdm.invalid_local_time,
  // Project rooms of production.
  duplicate_status: { zh: '两个状态的代码相同', en: 'Two statuses have the same code' },
  unknown_status: { zh: '状态 {next} 不在流程里', en: 'The status {next} is not of the flow' },
  reserved_status: {
    zh: '状态 {status} 由制作方设置',
    en: 'The status {status} is set by the production',
  },
  unreachable_status: {
    zh: '状态不能从 {status} 变为 {next}',
    en: 'The status does not go from {status} to {next}',
  },
  duplicate_code: { zh: '{code} 已被使用', en: '{code} is taken' },
  ended_invitation: {
    zh: '已经退出，须由制作方重新邀请',
    en: 'The part is ended; the production has to ask again',
  },
  undone_change: { zh: '这次变更已经撤销', en: 'The change was taken back already' },
  unfit_parent: { zh: '场只能放在集下面', en: 'A sequence lies in an episode, nothing else does' },
  further_findings: { zh: '另有 {count} 条', en: 'And {count} more' },
  missing_timeline: {
    zh: '文件里只有 {count} 条时间线',
    en: 'There are only {count} timelines in the file',
  },
  missing_task_subject: { zh: '请选择镜头或场', en: 'Choose shots or sequences' },
  unknown_shoot_log: {
    zh: '这不是场记、摄影清单或校验清单',
    en: 'This is no list of takes and no manifest',
    remedy: {
      zh: '需要 ALE、MHL，或有“素材”“条次”“卷号”等列标题的表格。',
      en: 'Give an ALE, an MHL, or a sheet whose columns are named clip, take, roll and so on.',
    },
  },
  invalid_log_time: { zh: '时码“{text}”读不出', en: 'The timecode “{text}” cannot be read' },
  excessive_takes: { zh: '{count} 条，超过 {limit} 条', en: '{count} takes are more than {limit}' },
  missing_shoot_day: {
    zh: '清单没有写明 {clip} 的拍摄日',
    en: 'The list does not say which day {clip} was shot',
    remedy: { zh: '请选择拍摄日。', en: 'Choose the shoot day.' },
  },
  unfitting_sheet_format: {
    zh: '只有变更表可以输出为 {format}',
    en: 'Only a change list can be had as {format}',
  },
  missing_turnover_shots: {
    zh: '没有选镜头，也没有说交出整版剪辑',
    en: 'There are no shots, and the cut is not given as a whole',
    remedy: { zh: '请选镜头，或交出整版剪辑。', en: 'Choose shots, or turn over the whole cut.' },
  },
  foreign_turnover_item: { zh: '不属于本项目', en: 'It is not of this project' },
  sent_turnover: { zh: '交接单的状态是 {state}', en: 'The turnover is {state} already' },
  empty_turnover: { zh: '交接单是空的', en: 'There is nothing in the turnover' },
  withdrawn_version: { zh: '版本已经撤回', en: 'The version was withdrawn' },
  unread_media: { zh: '素材还没有分析', en: 'The media were not looked at yet' },
  mismatched_delivery: {
    zh: '{field}：应为 {expected}，实为 {found}',
    en: '{field}: agreed {expected}, delivered {found}',
  },
  variable_delivery_rate: { zh: '画面帧率不固定', en: 'The pictures do not come evenly' },
  accepted_deliverable: { zh: '交付物已经验收', en: 'The deliverable is accepted already' },
  unsubmitted_deliverable: { zh: '交付物的状态是 {state}', en: 'The deliverable is {state}' },
  missing_payee: { zh: '有金额就要有交付单位', en: 'A sum needs a company that it is paid to' },
  second_word: { zh: '须由另一人验收', en: 'Another person has to accept' },
  own_submission: { zh: '提交人不能验收自己提交的', en: 'Nobody accepts what they handed in' },
  unexplained_acceptance: {
    zh: '有 {count} 处不符合规格：确认并写明原因才能验收',
    en: '{count} things are not as agreed: accept despite them, and say why',
  },
} as const satisfies FindingTexts;
