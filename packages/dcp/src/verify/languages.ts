/** Codes of ISO 639-1, with those that RFC 5646 still takes for them. */
const LANGUAGES: ReadonlySet<string> = new Set(
  (
    'aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu ' +
    'cv cy da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ' +
    'ho hr ht hu hy hz ia id ie ig ii ik in io is it iu iw ja ji jv jw ka kg ki kj kk kl km ' +
    'kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mo mr ms mt my na ' +
    'nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd ' +
    'se sg sh si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ' +
    'ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu'
  ).split(' '),
);

/** Codes of ISO 3166-1, and the few that are reserved and in the registry of RFC 5646. */
const REGIONS: ReadonlySet<string> = new Set(
  (
    'AC AD AE AF AG AI AL AM AN AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM ' +
    'BN BO BQ BR BS BT BU BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CP CR CS CU CV CW ' +
    'CX CY CZ DD DE DG DJ DK DM DO DZ EA EC EE EG EH ER ES ET EU EZ FI FJ FK FM FO FR FX GA ' +
    'GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU IC ID IE IL IM ' +
    'IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT ' +
    'LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE ' +
    'NF NG NI NL NO NP NR NT NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS ' +
    'RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SU SV SX SY SZ TA TC TD TF TG ' +
    'TH TJ TK TL TM TN TO TP TR TT TV TW TZ UA UG UM UN US UY UZ VA VC VE VG VI VN VU WF WS ' +
    'XK YD YE YT YU ZA ZM ZR ZW'
  ).split(' '),
);

/** Whether a text is a code of ISO 3166-1, or the three digits of a region of UN M.49. */
export function isKnownRegion(text: string): boolean {
  return /^\d{3}$/.test(text) || REGIONS.has(text);
}

/** Languages that have registered extended subtags (RFC 5646 2.2.2), and those of Chinese. */
const EXTENDED: Readonly<Record<string, RegExp>> = {
  zh: /^(?:cmn|yue|gan|hak|hsn|nan|wuu|cdo|cjy|cpx|czh|czo|mnp|lzh|csp|cnp)$/,
  ar: /^[a-z]{3}$/,
  kok: /^[a-z]{3}$/,
  lv: /^[a-z]{3}$/,
  ms: /^[a-z]{3}$/,
  sgn: /^[a-z]{3}$/,
  sw: /^[a-z]{3}$/,
  uz: /^[a-z]{3}$/,
};

/**
 * Whether a language tag (RFC 5646) names something there is: a language of ISO 639 and, where it
 * has one, a region of ISO 3166 or UN M.49. Codes of three letters are taken as they are: there are
 * thousands of them.
 */
export function isKnownLanguage(tag: string): boolean {
  const [primary = '', ...rest] = tag.split('-');
  const language = primary.toLowerCase();
  if (language === 'x' || language === 'i') return rest.length > 0;
  if (!(language.length === 3 ? /^[a-z]{3}$/.test(language) : LANGUAGES.has(language)))
    return false;
  const next = rest[0]?.toLowerCase();
  if (next !== undefined && /^[a-z]{3}$/.test(next)) {
    if (EXTENDED[language]?.test(next) !== true) return false;
    rest.shift();
  }
  if (/^[a-z]{4}$/i.test(rest[0] ?? '')) rest.shift();
  const region = rest[0];
  if (region === undefined) return true;
  if (/^[a-z]{2}$/i.test(region)) return REGIONS.has(region.toUpperCase());
  // A region of digits, a variant, an extension or private use.
  return /^(?:\d{3}|[a-z0-9]{5,8}|\d[a-z0-9]{3}|[a-z0-9])$/i.test(region);
}

/** The language alone, by its code of two letters where the tag has one: `en` of `en-US`. */
export function primaryLanguage(tag: string): string {
  const language = tag.split('-')[0]!.toLowerCase();
  return CHINESE.has(language) ? 'zh' : language;
}

/** Mandarin and Cantonese by their own codes are Chinese where names have one word for it. */
const CHINESE: ReadonlySet<string> = new Set(['cmn', 'yue', 'zho', 'chi']);
