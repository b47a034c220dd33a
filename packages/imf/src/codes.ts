import type { FindingTexts } from '@yinglian/core';

/** Wording of the findings of this package. Facts stand in braces. */
export const FINDING_TEXTS = {
  missing_asset_map: {
    zh: '文件夹里没有 ASSETMAP.xml，不是母版包',
    en: 'There is no ASSETMAP.xml: the folder is no master package',
  },
  unreadable_document: { zh: '{file} 无法读取', en: 'The document {file} cannot be read' },
  missing_volume_index: { zh: '没有 VOLINDEX.xml', en: 'There is no VOLINDEX.xml' },
  missing_packing_list: {
    zh: 'ASSETMAP 没有列出打包清单（PKL）',
    en: 'The asset map lists no packing list',
  },
  unpacked_asset: {
    zh: '资产 {asset} 不在任何打包清单里',
    en: 'The asset {asset} is in no packing list',
  },
  duplicate_asset_id: {
    zh: '资产 {asset} 列出了不止一次',
    en: 'The asset {asset} is listed twice',
  },
  invalid_asset_path: {
    zh: '资产 {asset} 的路径 {path} 不可用：为空、分段或指向包外',
    en: 'The path {path} of asset {asset} cannot be used: empty, split or outside the package',
  },
  missing_asset_file: {
    zh: '文件 {path} 不在包里',
    en: 'The file {path} is not in the package',
    remedy: { zh: '请重新拷贝', en: 'Copy the package again' },
  },
  missing_mapped_asset: {
    zh: '打包清单里的资产 {asset} 不在 ASSETMAP 里',
    en: 'The asset {asset} of the packing list is not in the asset map',
  },
  mismatched_document_id: {
    zh: '{file} 的标识是 {id}，清单里是 {expected}',
    en: 'The id of {file} is {id}; it is listed as {expected}',
  },
  mismatched_size: {
    zh: '{file} 有 {bytes} 字节，清单里是 {expected}',
    en: '{file} has {bytes} bytes; the list says {expected}',
  },
  mismatched_hash: {
    zh: '{file} 的散列与清单不符',
    en: 'The hash of {file} is not that of the list',
    remedy: { zh: '文件已损坏或被改动，请重新拷贝', en: 'It is damaged or changed: copy it again' },
  },
  mismatched_asset_type: {
    zh: '{file} 是 XML，清单里的类型是 {type}',
    en: '{file} is XML; the list calls it {type}',
  },
  invalid_track_file: { zh: '{file} 不是完整的 MXF', en: 'The file {file} is no whole MXF' },
  mismatched_track_file_id: {
    zh: '{file} 内部的标识是 {id}，清单里是 {asset}',
    en: 'Inside, {file} has the id {id}; it is listed as {asset}',
  },
  mismatched_resource_hash: {
    zh: '播放列表里资产 {asset} 的散列与打包清单不同',
    en: 'The hash of asset {asset} in the composition is not that of the packing list',
  },
  external_asset: {
    zh: '资产 {asset} 不在包里：这是补充包，需要原包',
    en: 'The asset {asset} is not in the package: it supplements another one',
  },
  mismatched_intrinsic_duration: {
    zh: '播放列表说资产 {asset} 有 {duration} 个单位，文件有 {frames} 个',
    en: 'The composition gives asset {asset} {duration} units; the file has {frames}',
  },
  unexpected_root_element: {
    zh: '根元素是 {element}，应为 {expected}',
    en: 'The document is a {element}, not a {expected}',
  },
  unknown_namespace: {
    zh: '命名空间 {namespace} 不是已知的版本',
    en: 'The namespace {namespace} is no known edition',
  },
  unexpected_cinema_document: {
    zh: '{file} 属于数字电影发行包（{namespace}），不是 IMF 母版包',
    en: '{file} belongs to a cinema package ({namespace}), not to an IMF master package',
    remedy: { zh: '用 yinglian dcp verify 检查', en: 'Judge it with yinglian dcp verify' },
  },
  invalid_value: {
    zh: '{element} 的内容“{value}”格式不对',
    en: 'The content “{value}” of {element} does not have its form',
  },
  reused_id: {
    zh: '{element} 的标识 {id} 已用于别处',
    en: 'The id {id} of {element} is used for something else as well',
    remedy: { zh: '为每一项使用新的 UUID', en: 'Give every part a UUID of its own' },
  },
  mismatched_running_time: {
    zh: 'TotalRunningTime 写 {value}，实际是 {units} 个编辑单位',
    en: 'TotalRunningTime says {value}; the composition plays {units} edit units',
  },
  excessive_marker_place: {
    zh: '标记 {label} 的位置 {offset} 超出其时长 {limit}',
    en: 'The marker {label} stands at {offset}, beyond its length of {limit}',
  },
  duplicate_virtual_track: {
    zh: '同一段里有两个序列属于虚拟轨 {track}',
    en: 'Two sequences of one segment belong to the virtual track {track}',
  },
  empty_sound: { zh: '声音描述没有声道', en: 'The descriptor of sound has no channel' },
  missing_element: { zh: '{parent} 里没有 {element}', en: 'There is no {element} in {parent}' },
  unexpected_element: {
    zh: '{parent} 里不应有 {element}',
    en: 'A {element} does not belong into {parent}',
  },
  misplaced_element: {
    zh: '{parent} 里的 {element} 位置不对',
    en: 'The {element} stands in the wrong place of {parent}',
  },
  invalid_edit_rate: { zh: '播放列表没有有效的帧率', en: 'The composition has no valid edit rate' },
  empty_composition: { zh: '播放列表没有段落', en: 'The composition has no segment' },
  mismatched_edition: {
    zh: '{kind} 的命名空间 {namespace} 与播放列表的版本不符',
    en: 'The namespace {namespace} of {kind} is not of the edition of the composition',
  },
  mismatched_core_editions: {
    zh: '混用了核心约束的多个版本：{editions}',
    en: 'Editions of the core constraints are mixed: {editions}',
  },
  unknown_sequence: {
    zh: '不认识的序列 {kind}（{namespace}）',
    en: 'The sequence {kind} of {namespace} is not known',
  },
  missing_virtual_track: {
    zh: '第 {segment} 段没有虚拟轨 {track}',
    en: 'Segment {segment} lacks the virtual track {track}',
  },
  unexpected_virtual_track: {
    zh: '虚拟轨 {track} 只在第 {segment} 段出现',
    en: 'The virtual track {track} begins in segment {segment} only',
  },
  fractional_duration: {
    zh: '第 {segment} 段的 {kind} 时长不是整数个编辑单位',
    en: 'The {kind} of segment {segment} does not last whole edit units',
  },
  mismatched_sequence_duration: {
    zh: '第 {segment} 段的 {track} 长 {units}，应为 {expected}',
    en: 'In segment {segment}, {track} lasts {units} units instead of {expected}',
  },
  empty_sequence: { zh: '{kind} 没有内容', en: 'A {kind} has no resource' },
  invalid_resource_duration: {
    zh: '片段时长 {duration} 无效',
    en: 'A resource lasts {duration} units',
  },
  excessive_resource_duration: {
    zh: '片段播放到 {end}，素材只有 {intrinsic}',
    en: 'A resource plays up to {end} of {intrinsic} units',
  },
  invalid_repeat_count: { zh: '片段的重复次数无效', en: 'A resource repeats less than once' },
  missing_track_file_id: { zh: '片段没有指明文件', en: 'A resource names no track file' },
  missing_source_encoding: { zh: '片段没有指明描述', en: 'A resource names no descriptor' },
  missing_descriptor_list: {
    zh: '播放列表没有描述清单，画面与声音无法按应用核对',
    en: 'The composition has no descriptors: its essence cannot be judged by the application',
  },
  missing_descriptor: {
    zh: '播放列表里没有描述 {id}',
    en: 'The descriptor {id} is not in the composition',
  },
  duplicate_descriptor: { zh: '描述 {id} 有两份', en: 'The descriptor {id} stands there twice' },
  unused_descriptor: { zh: '描述 {id} 没有被用到', en: 'The descriptor {id} is used by nothing' },
  invalid_hash: { zh: '散列 {hash} 格式不对', en: 'The hash {hash} has the wrong form' },
  mismatched_picture_count: {
    zh: '应有一条主画面虚拟轨，这里有 {count} 条',
    en: 'There are {count} virtual tracks of the main picture instead of one',
  },
  missing_sound_track: { zh: '没有主声音轨', en: 'There is no virtual track of main sound' },
  mismatched_track_kind: {
    zh: '虚拟轨 {track} 在一处是 {kind}，在另一处是 {expected}',
    en: 'The virtual track {track} is a {kind} here and a {expected} elsewhere',
  },
  mismatched_resource_rate: {
    zh: '虚拟轨 {track} 的片段帧率不一致',
    en: 'Resources of the virtual track {track} have different rates',
  },
  mismatched_edit_rate: {
    zh: '主画面的帧率与播放列表不同',
    en: 'The main picture has another rate than the composition',
  },
  mismatched_track_essence: {
    zh: '{track} 的片段不一致：{property}',
    en: 'Resources of one {track} differ in {property}',
  },
  missing_application: {
    zh: '播放列表没有声明应用',
    en: 'The composition claims no application',
  },
  duplicate_application: { zh: '同一应用声明了两次', en: 'An application is claimed twice' },
  unknown_application: { zh: '不认识的应用 {uri}', en: 'The application {uri} is not known' },
  unexpected_picture_descriptor: {
    zh: '主画面的描述是 {kind}，应为 CDCI 或 RGBA',
    en: 'The main picture is described by {kind} instead of CDCI or RGBA',
  },
  unsupported_sample_rate: { zh: '不允许的速率 {rate}', en: 'The rate {rate} is not allowed' },
  unsupported_frame_layout: {
    zh: '不允许的扫描方式 {layout}',
    en: 'The frame layout {layout} is not allowed',
  },
  unsupported_component_depth: {
    zh: '不允许的位深 {depth}',
    en: 'A depth of {depth} bits is not allowed',
  },
  invalid_picture_size: {
    zh: '画面尺寸无效：{width}×{height}',
    en: 'The size of the picture is no size: {width}×{height}',
  },
  excessive_picture_size: {
    zh: '画面 {width}×{height} 超过该应用的 {widest}×{highest}',
    en: 'The picture of {width}×{height} is above {widest}×{highest} of the application',
  },
  excessive_profile_size: {
    zh: '画面 {width}×{height} 超过压缩规格的 {widest}×{highest}',
    en: 'The picture of {width}×{height} is above {widest}×{highest} of its compression profile',
  },
  unsupported_sampling: {
    zh: '不允许的色度取样：水平 {horizontal}，垂直 {vertical}',
    en: 'Chroma is sampled {horizontal} across and {vertical} down; 2 and 1 are allowed',
  },
  missing_descriptor_property: {
    zh: '描述里没有 {property}',
    en: 'The descriptor has no {property}',
  },
  unsupported_quantization: {
    zh: '{depth} 位的电平为 {levels}，应为 {expected}',
    en: 'The levels of {depth} bits are {levels} instead of {expected}',
  },
  unsupported_colour_system: {
    zh: '色彩体系不在应用之内（原色 {primaries}，传递 {transfer}，系数 {equations}）',
    en: 'No colour system of the application: {primaries}, {transfer}, {equations}',
  },
  unexpected_coding_equations: {
    zh: 'RGB 画面不应有编码系数 {equations}',
    en: 'A picture in RGB has no coding equations, but says {equations}',
  },
  unsupported_compression: {
    zh: '压缩 {compression} 不在应用 {application} 之内',
    en: 'The compression {compression} is not one of application {application}',
  },
  missing_codestream_descriptor: {
    zh: '描述里没有 JPEG 2000 子描述',
    en: 'The descriptor has no JPEG 2000 sub-descriptor',
  },
  mismatched_codestream_layout: {
    zh: '码流的分量是 {found}，应为 {expected}',
    en: 'The components of the codestream are {found} instead of {expected}',
  },
  mismatched_codestream_size: {
    zh: '码流尺寸 {found} 与画面 {expected} 不同',
    en: 'The codestream has {found} and the picture {expected}',
  },
  missing_profile_composition: {
    zh: '输出配置所属的播放列表 {id} 不在包里',
    en: 'The composition {id} of the output profile is not in the package',
  },
  duplicate_macro_name: { zh: '宏 {name} 有两个', en: 'Two macros are called {name}' },
  dangling_handle: {
    zh: '{macro} 的输入 {handle} 不存在',
    en: 'The input {handle} of {macro} leads nowhere',
  },
} as const satisfies FindingTexts;
