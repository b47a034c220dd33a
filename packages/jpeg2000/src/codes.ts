type Texts = { readonly zh: string; readonly en: string };
/** What a finding says in Chinese and in English, and what helps against it. */
export type FindingText = Texts & { readonly remedy?: Texts };

const REENCODE: Texts = {
  zh: '请用影联的编码器重新编码本帧。',
  en: 'Encode the frame again with Yinglian’s encoder.',
};

/** Words for every code this package finds; `{fact}` stands for a fact of the finding. */
export const FINDING_TEXTS: Readonly<Record<string, FindingText>> = {
  // Reading.
  missing_codestream: { zh: 'JP2 文件中没有码流。', en: 'The JP2 file holds no codestream.' },
  missing_start_marker: {
    zh: '不是 JPEG 2000 码流：缺少 SOC。',
    en: 'Not a JPEG 2000 codestream: SOC is missing.',
  },
  missing_size_marker: { zh: '主标头缺少 SIZ。', en: 'The main header has no SIZ.' },
  missing_coding_marker: { zh: '主标头缺少 COD。', en: 'The main header has no COD.' },
  missing_quantisation_marker: { zh: '主标头缺少 QCD。', en: 'The main header has no QCD.' },
  missing_quantisation_steps: {
    zh: '分量 {component} 的量化步长少于子带数。',
    en: 'Component {component} has fewer quantisation steps than sub-bands.',
  },
  truncated_codestream: { zh: '码流被截断。', en: 'The codestream is cut off.' },
  truncated_packets: {
    zh: '瓦片 {tile} 有 {packets} 个数据包缺失或无法读取。',
    en: '{packets} packets of tile {tile} are missing or cannot be read.',
  },
  invalid_blocks: {
    zh: '分量 {component} 有 {blocks} 个码块的位平面数不可能。',
    en: '{blocks} code-blocks of component {component} claim an impossible number of bit-planes.',
  },
  invalid_tile_part: { zh: '瓦片分段标头无效。', en: 'A tile-part header is invalid.' },
  invalid_tile_index: { zh: '瓦片序号 {tile} 不存在。', en: 'There is no tile {tile}.' },
  invalid_marker_length: {
    zh: '标记段长度无效。',
    en: 'The length of a marker segment is invalid.',
  },
  invalid_component_index: {
    zh: '分量序号 {component} 不存在。',
    en: 'There is no component {component}.',
  },
  invalid_component: {
    zh: '分量 {component} 的位深或采样无效。',
    en: 'Depth or sampling of component {component} is invalid.',
  },
  invalid_component_count: {
    zh: '分量数 {components} 无效。',
    en: 'A number of {components} components is invalid.',
  },
  invalid_picture_size: {
    zh: '画面或瓦片尺寸无效。',
    en: 'The size of the picture or of its tiles is invalid.',
  },
  invalid_coding_style: { zh: '编码样式参数无效。', en: 'The coding style is invalid.' },
  invalid_precinct_size: { zh: '区域尺寸无效。', en: 'A precinct size is invalid.' },
  invalid_quantisation: { zh: '量化参数无效。', en: 'The quantisation is invalid.' },
  invalid_progression: { zh: '渐进顺序变更无效。', en: 'A progression order change is invalid.' },
  unexpected_marker: {
    zh: '此处不应出现标记 {marker}。',
    en: 'Marker {marker} does not belong here.',
  },
  excessive_tiles: { zh: '瓦片数 {tiles} 超过上限。', en: 'There are too many tiles: {tiles}.' },
  excessive_tile_parts: { zh: '瓦片分段过多。', en: 'There are too many tile-parts.' },
  excessive_markers: { zh: '标记段过多。', en: 'There are too many marker segments.' },
  excessive_picture: { zh: '画面大于解码上限。', en: 'The picture is larger than is decoded.' },
  excessive_components: {
    zh: '{components} 个分量超过解码上限。',
    en: '{components} components are more than are decoded.',
  },
  excessive_bit_depth: {
    zh: '{bitDepth} 位采样超过解码上限 16 位。',
    en: 'Samples of {bitDepth} bits are deeper than the 16 decoded.',
  },
  excessive_blocks: {
    zh: '码块与区域超过上限 {limit}。',
    en: 'Code-blocks and precincts exceed the limit of {limit}.',
  },
  excessive_packets: { zh: '数据包超过上限 {limit}。', en: 'Packets exceed the limit of {limit}.' },
  excessive_reduction: {
    zh: '要求略去 {reduce} 级，而码流只有 {levels} 级。',
    en: 'Leaving out {reduce} levels was asked for, but there are {levels}.',
  },
  missing_tiles: { zh: '缺少 {missing} 个瓦片。', en: '{missing} tiles are missing.' },
  mismatched_components: {
    zh: '彩色变换的三个分量尺寸不同。',
    en: 'The three components of the colour transform differ in size.',
  },
  // Digital cinema.
  mismatched_profile: {
    zh: '码流档次（Rsiz）为 {found}，应为 {wanted}。',
    en: 'The profile (Rsiz) is {found} and should be {wanted}.',
    remedy: REENCODE,
  },
  excessive_picture_size: {
    zh: '画面 {width}×{height} 超出 {limit} 容器。',
    en: 'The picture of {width}×{height} exceeds the container of {limit}.',
    remedy: { zh: '缩放画面，或改用 4K。', en: 'Scale the picture, or use 4K.' },
  },
  unexpected_picture_size: {
    zh: '画面 {width}×{height} 不是 RDD 52 列出的尺寸。',
    en: 'The picture of {width}×{height} is not a size that RDD 52 names.',
    remedy: {
      zh: '放入 1998×1080 或 2048×858（4K 为 3996×2160 或 4096×1716）。',
      en: 'Place it in 1998×1080 or 2048×858 (for 4K 3996×2160 or 4096×1716).',
    },
  },
  unexpected_origin: {
    zh: '画面或瓦片原点不为零。',
    en: 'The origin of picture or tiles is not zero.',
    remedy: REENCODE,
  },
  unexpected_tiles: {
    zh: '共 {found} 个瓦片，应为一个。',
    en: 'There are {found} tiles and should be one.',
    remedy: REENCODE,
  },
  mismatched_component_count: {
    zh: '{found} 个分量，应为 {wanted} 个。',
    en: 'There are {found} components and should be {wanted}.',
    remedy: REENCODE,
  },
  mismatched_bit_depth: {
    zh: '分量 {component} 为 {found} 位，应为无符号 {wanted} 位。',
    en: 'Component {component} has {found} bits and should have {wanted}, unsigned.',
    remedy: REENCODE,
  },
  unexpected_subsampling: {
    zh: '分量 {component} 被降采样。',
    en: 'Component {component} is subsampled.',
    remedy: REENCODE,
  },
  mismatched_progression: {
    zh: '渐进顺序为 {found}，应为 {wanted}。',
    en: 'The progression is {found} and should be {wanted}.',
    remedy: REENCODE,
  },
  mismatched_layers: {
    zh: '{found} 个质量层，应为 {wanted} 个。',
    en: 'There are {found} quality layers and should be {wanted}.',
    remedy: REENCODE,
  },
  missing_colour_transform: {
    zh: '未使用彩色变换。',
    en: 'The colour transform is not used.',
    remedy: REENCODE,
  },
  mismatched_wavelet: {
    zh: '小波为 {found}，应为 {wanted}。',
    en: 'The wavelet is {found} and should be {wanted}.',
    remedy: REENCODE,
  },
  mismatched_levels: {
    zh: '{found} 级分解，应为 {wanted} 级。',
    en: 'There are {found} decomposition levels and should be {wanted}.',
    remedy: REENCODE,
  },
  mismatched_block_size: {
    zh: '码块为 {found}，应为 {wanted}。',
    en: 'Code-blocks are {found} and should be {wanted}.',
    remedy: REENCODE,
  },
  unexpected_block_style: {
    zh: '码块样式为 {found}，应为 {wanted}。',
    en: 'The code-block style is {found} and should be {wanted}.',
    remedy: REENCODE,
  },
  mismatched_precincts: {
    zh: '区域为 {found}，应为 {wanted}。',
    en: 'Precincts are {found} and should be {wanted}.',
    remedy: REENCODE,
  },
  unexpected_packet_markers: {
    zh: '使用了 SOP 或 EPH 标记。',
    en: 'SOP or EPH markers are used.',
    remedy: REENCODE,
  },
  mismatched_quantisation: {
    zh: '量化样式为 {found}，应为 {wanted}。',
    en: 'The quantisation is {found} and should be {wanted}.',
    remedy: REENCODE,
  },
  mismatched_guard_bits: {
    zh: '保护位为 {found}，RDD 52 要求 {wanted}。',
    en: 'There are {found} guard bits; RDD 52 wants {wanted}.',
    remedy: REENCODE,
  },
  forbidden_marker: {
    zh: '数字影院不用标记 {marker}。',
    en: 'Digital cinema does not use marker {marker}.',
    remedy: REENCODE,
  },
  unexpected_progression_change: {
    zh: '2K 码流不得有 POC。',
    en: 'A 2K codestream has no POC.',
    remedy: REENCODE,
  },
  missing_progression_change: {
    zh: '4K 码流应在主标头有一个 POC，实有 {found} 个。',
    en: 'A 4K codestream has one POC in its main header; here are {found}.',
    remedy: REENCODE,
  },
  mismatched_progression_change: {
    zh: 'POC 未先给出 2K 部分、再给出其余。',
    en: 'POC does not give the 2K part first and then the rest.',
    remedy: REENCODE,
  },
  missing_part_lengths: { zh: '缺少 TLM。', en: 'TLM is missing.', remedy: REENCODE },
  mismatched_part_lengths: {
    zh: 'TLM 与瓦片分段的实际长度不符。',
    en: 'TLM disagrees with the lengths of the tile-parts.',
    remedy: REENCODE,
  },
  missing_end_marker: { zh: '缺少 EOC。', en: 'EOC is missing.', remedy: REENCODE },
  mismatched_tile_parts: {
    zh: '{found} 个瓦片分段，应为 {wanted} 个。',
    en: 'There are {found} tile-parts and should be {wanted}.',
    remedy: REENCODE,
  },
  mismatched_tile_part_order: {
    zh: '瓦片分段顺序错误。',
    en: 'The tile-parts are out of order.',
    remedy: REENCODE,
  },
  unexpected_frame_rate: {
    zh: 'RDD 52 不用帧率 {rate}。',
    en: 'RDD 52 does not use a frame rate of {rate}.',
  },
  unexpected_stereo: { zh: 'RDD 52 没有 4K 立体。', en: 'RDD 52 has no 4K stereo.' },
  excessive_frame_bytes: {
    zh: '本帧 {bytes} 字节，超过上限 {limit}。',
    en: 'The frame of {bytes} bytes exceeds the limit of {limit}.',
    remedy: REENCODE,
  },
  excessive_component_bytes: {
    zh: '分量 {component} 有 {bytes} 字节，超过上限 {limit}。',
    en: 'Component {component} has {bytes} bytes and exceeds the limit of {limit}.',
    remedy: REENCODE,
  },
  high_bit_rate: {
    zh: '本帧 {bytes} 字节，接近上限 {limit}。',
    en: 'The frame of {bytes} bytes is close to the limit of {limit}.',
    remedy: { zh: '可把码率降到 230 Mbit/s 以下。', en: 'A rate below 230 Mbit/s leaves room.' },
  },
};
