// Table: how the cards of each camera and recorder are laid out, from their manuals.

/** One kind of card. */
export type CardKind = {
  readonly id: string;
  readonly name: string;
  /** What must be there, each by at least one path. */
  readonly needs: readonly RegExp[];
  /** A path of picture or sound; its first group is the clip, which may have many files. */
  readonly clip: RegExp;
  /** A path or folder name whose first group is the roll. */
  readonly reel?: RegExp;
  /** Segments of one clip: first group the clip, second the number, counted from 1. */
  readonly segment?: RegExp;
};

const ARRI_CLIP =
  /(?:^|\/)([A-Z]\d{3}C\d{3}_\d{6}_[A-Z0-9]{4})[^/]*(?:\/[^/]+)?\.(?:mxf|mov|ari|arx)$/i;
const ARRI_35_CLIP =
  /(?:^|\/)([A-Z]_\d{4}C\d{3}_\d{6}_\d{6}_[a-z0-9]+)[^/]*(?:\/[^/]+)?\.(?:mxf|mov|ari|arx)$/i;

/** Special ones before general ones: the first whose needs are met is the card. */
export const CARD_KINDS: readonly CardKind[] = [
  {
    id: 'red',
    name: 'RED (R3D)',
    needs: [/\.R3D$/i],
    clip: /(?:^|\/)([^/]+?)(?:_\d{3})?\.R3D$/i,
    reel: /(?:^|\/)([A-Z]\d{3})_[^/]*\.RD[MC](?:\/|$)/i,
    segment: /(?:^|\/)([^/]+)_(\d{3})\.R3D$/i,
  },
  {
    id: 'arri-35',
    name: 'ARRI ALEXA 35 / 265',
    needs: [ARRI_35_CLIP],
    clip: ARRI_35_CLIP,
    reel: /(?:^|\/)([A-Z]_\d{4})C\d{3}_/i,
  },
  {
    id: 'arri',
    name: 'ARRI ALEXA / AMIRA',
    needs: [ARRI_CLIP],
    clip: ARRI_CLIP,
    reel: /(?:^|\/)([A-Z]\d{3})C\d{3}_\d{6}_[A-Z0-9]{4}/i,
  },
  {
    id: 'blackmagic-raw',
    name: 'Blackmagic (BRAW)',
    needs: [/\.braw$/i],
    clip: /(?:^|\/)([^/]+)\.braw$/i,
    reel: /(?:^|\/)([A-Z]\d{3})_\d{8}_C\d{3}\.braw$/i,
  },
  {
    id: 'sony-xdroot',
    name: 'Sony XAVC / X-OCN (XDROOT)',
    needs: [/(?:^|\/)XDROOT\//i, /(?:^|\/)XDROOT\/Clip\/[^/]+\.(?:MXF|MP4)$/i],
    clip: /(?:^|\/)XDROOT\/Clip\/([^/]+?)\.(?:MXF|MP4)$/i,
    reel: /(?:^|\/)XDROOT\/Clip\/([A-Z]\d{3})C\d{3}/i,
  },
  {
    id: 'sony-m4root',
    name: 'Sony XAVC S (M4ROOT)',
    needs: [/(?:^|\/)M4ROOT\/CLIP\/[^/]+\.MP4$/i],
    clip: /(?:^|\/)M4ROOT\/CLIP\/([^/]+)\.MP4$/i,
  },
  {
    id: 'sony-bpav',
    name: 'Sony XDCAM EX (BPAV)',
    needs: [/(?:^|\/)BPAV\/CLPR\/[^/]+\/[^/]+\.MP4$/i],
    clip: /(?:^|\/)BPAV\/CLPR\/([^/]+)\/[^/]+\.MP4$/i,
  },
  {
    id: 'panasonic-p2',
    name: 'Panasonic P2',
    needs: [/(?:^|\/)CONTENTS\/CLIP\/[^/]+\.XML$/i, /(?:^|\/)CONTENTS\/VIDEO\/[^/]+\.MXF$/i],
    clip: /(?:^|\/)CONTENTS\/VIDEO\/([^/]+)\.MXF$/i,
  },
  {
    id: 'panasonic-avcintra',
    name: 'Panasonic (PANA_GRP)',
    needs: [/(?:^|\/)PANA_GRP\/[^/]+\/[^/]+\.(?:MOV|MP4|MXF)$/i],
    clip: /(?:^|\/)PANA_GRP\/[^/]+\/([^/]+)\.(?:MOV|MP4|MXF)$/i,
  },
  {
    id: 'canon-raw',
    name: 'Canon Cinema RAW Light',
    needs: [/(?:^|\/)CONTENTS\/CLIPS\d{3}\/(?:[^/]+\/)?[^/]+\.(?:CRM|RMF)$/i],
    clip: /(?:^|\/)CONTENTS\/CLIPS\d{3}\/(?:[^/]+\/)?([^/]+)\.(?:CRM|RMF)$/i,
    reel: /(?:^|\/)([A-Z]\d{3})C\d{3}_/i,
  },
  {
    id: 'canon-xf',
    name: 'Canon XF',
    needs: [/(?:^|\/)CONTENTS\/CLIPS\d{3}\/(?:[^/]+\/)?[^/]+\.(?:MXF|MP4)$/i],
    clip: /(?:^|\/)CONTENTS\/CLIPS\d{3}\/(?:[^/]+\/)?([^/]+)\.(?:MXF|MP4)$/i,
    reel: /(?:^|\/)([A-Z]\d{3})C\d{3}_/i,
  },
  {
    id: 'sony-xdcam',
    name: 'Sony XDCAM',
    needs: [/(?:^|\/)(?:INDEX|DISCMETA|MEDIAPRO)\.XML$/i, /(?:^|\/)Clip\/[^/]+\.MXF$/i],
    clip: /(?:^|\/)Clip\/([^/]+)\.MXF$/i,
  },
  {
    id: 'avchd',
    name: 'AVCHD',
    needs: [/(?:^|\/)BDMV\/STREAM\/[^/]+\.MTS$/i],
    clip: /(?:^|\/)BDMV\/STREAM\/([^/]+)\.MTS$/i,
  },
  {
    id: 'gopro',
    name: 'GoPro',
    needs: [/(?:^|\/)\d{3}GOPRO\/[^/]+\.MP4$/i],
    clip: /(?:^|\/)\d{3}GOPRO\/([^/]+)\.(?:MP4|360)$/i,
  },
  {
    id: 'dji',
    name: 'DJI',
    needs: [/(?:^|\/)DJI_[^/]*\.(?:MP4|MOV|DNG|JPG)$/i],
    clip: /(?:^|\/)(DJI_[^/]+)\.(?:MP4|MOV)$/i,
  },
  {
    id: 'insta360',
    name: 'Insta360',
    needs: [/\.ins[vp]$/i],
    clip: /(?:^|\/)([^/]+)\.insv$/i,
  },
  {
    id: 'nikon',
    name: 'Nikon',
    needs: [
      /(?:^|\/)\d{3}(?:NIKON|NC\w{3}|NZ\w{3}|N_Z\w{2})\/[^/]+\.(?:NEV|MOV|MP4|R3D|NEF|JPG)$/i,
    ],
    clip: /(?:^|\/)([^/]+)\.(?:NEV|MOV|MP4)$/i,
  },
  {
    id: 'canon-eos',
    name: 'Canon EOS',
    needs: [/(?:^|\/)DCIM\/\d{3}(?:CANON|EOS\w{2}|_\d{4})\/[^/]+\.(?:MP4|MOV|CRM|CR[23]|JPG)$/i],
    clip: /(?:^|\/)DCIM\/[^/]+\/([^/]+)\.(?:MP4|MOV|CRM)$/i,
  },
  {
    id: 'panasonic-lumix',
    name: 'Panasonic Lumix',
    needs: [/(?:^|\/)DCIM\/\d{3}_PANA\/[^/]+\.(?:MOV|MP4|RW2|JPG)$/i],
    clip: /(?:^|\/)DCIM\/\d{3}_PANA\/([^/]+)\.(?:MOV|MP4)$/i,
  },
  {
    id: 'fujifilm',
    name: 'Fujifilm',
    needs: [/(?:^|\/)DCIM\/\d{3}_FUJI\/[^/]+\.(?:MOV|MP4|RAF|JPG)$/i],
    clip: /(?:^|\/)DCIM\/\d{3}_FUJI\/([^/]+)\.(?:MOV|MP4)$/i,
  },
  {
    id: 'zcam',
    name: 'Z CAM',
    needs: [/(?:^|\/)DCIM\/\d{3}[A-Z]{5}\/[A-Z]\d{3}C\d{4}_[^/]+\.(?:MOV|MP4|ZRAW)$/i],
    clip: /(?:^|\/)([A-Z]\d{3}C\d{4}_[^/]+)\.(?:MOV|MP4|ZRAW)$/i,
    reel: /(?:^|\/)([A-Z]\d{3})C\d{4}_/i,
  },
  {
    id: 'kinefinity',
    name: 'Kinefinity',
    needs: [/\.(?:krw|kinemov)$/i],
    clip: /(?:^|\/)([^/]+)\.(?:krw|kinemov)$/i,
  },
  {
    id: 'phantom',
    name: 'Phantom',
    needs: [/\.cine$/i],
    clip: /(?:^|\/)([^/]+)\.cine$/i,
  },
  {
    id: 'atomos',
    name: 'Atomos',
    needs: [/(?:^|\/)[^/]*_S\d{3}_S\d{3}_T\d{3}[^/]*\.MOV$/i],
    clip: /(?:^|\/)([^/]*_S\d{3}_S\d{3}_T\d{3}[^/]*)\.MOV$/i,
  },
  {
    id: 'cinemadng',
    name: 'CinemaDNG',
    needs: [/(?:^|\/)[^/]+\/[^/]+_\d{4,}\.dng$/i],
    clip: /(?:^|\/)([^/]+)\/[^/]+\.dng$/i,
    reel: /(?:^|\/)([A-Z]\d{3})_[^/]*C\d{3}[^/]*\//i,
  },
  {
    id: 'iphone',
    name: 'Apple (DCIM)',
    needs: [/(?:^|\/)DCIM\/\d{3}APPLE\/[^/]+$/i],
    clip: /(?:^|\/)DCIM\/\d{3}APPLE\/([^/]+)\.(?:MOV|MP4)$/i,
  },
  {
    id: 'sound-devices',
    name: 'Sound Devices',
    needs: [/(?:^|\/)(?:SOUND_DEVICES|SETTINGS|TRASH|FALSETAKES|[^/]*MixPre[^/]*)\//i, /\.WAV$/i],
    clip: /(?:^|\/)([^/]+)\.WAV$/i,
  },
  {
    id: 'zoom',
    name: 'Zoom',
    needs: [/(?:^|\/)(?:ZOOM\d+|\d{6}[_-]\d{3,})[^/]*\.WAV$/i],
    clip: /(?:^|\/)([^/]+)\.WAV$/i,
  },
  {
    id: 'tascam',
    name: 'TASCAM',
    needs: [/(?:^|\/)(?:TASCAM|DR\d{4})[^/]*(?:\/|\.WAV$)/i, /\.WAV$/i],
    clip: /(?:^|\/)([^/]+)\.WAV$/i,
  },
  {
    id: 'zaxcom',
    name: 'Zaxcom',
    needs: [/\.ZAX$/i],
    clip: /(?:^|\/)([^/]+)\.(?:ZAX|WAV)$/i,
  },
  {
    id: 'dcim',
    name: 'DCIM',
    needs: [/(?:^|\/)DCIM\/[^/]+\/[^/]+\.(?:MP4|MOV|AVI|MTS)$/i],
    clip: /(?:^|\/)DCIM\/[^/]+\/([^/]+)\.(?:MP4|MOV|AVI|MTS)$/i,
  },
  {
    id: 'pictures',
    name: 'MXF / QuickTime / MP4',
    needs: [/\.(?:mxf|mov|mp4|m4v|avi|mkv)$/i],
    clip: /(?:^|\/)([^/]+)\.(?:mxf|mov|mp4|m4v|avi|mkv)$/i,
  },
  {
    id: 'sequences',
    name: 'DPX / EXR / TIFF',
    needs: [/(?:^|\/)[^/]+[._]\d{4,}\.(?:dpx|exr|tiff?)$/i],
    clip: /(?:^|\/)([^/]+?)[._]\d{4,}\.(?:dpx|exr|tiff?)$/i,
  },
  {
    id: 'sound',
    name: 'BWF / WAV',
    needs: [/\.(?:wav|bwf|rf64)$/i],
    clip: /(?:^|\/)([^/]+)\.(?:wav|bwf|rf64)$/i,
  },
];
