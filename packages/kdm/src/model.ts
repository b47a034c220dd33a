import type { InstantMs, Uuid } from '@yinglian/core';

/** Of the envelope, ST 430-3. */
export const ETM_NAMESPACE = 'http://www.smpte-ra.org/schemas/430-3/2006/ETM';
/** Of the key message inside, ST 430-1. */
export const KDM_NAMESPACE = 'http://www.smpte-ra.org/schemas/430-1/2006/KDM';
/** MessageType of a KDM, and the scope of the key types of ST 430-1. */
export const KDM_MESSAGE_TYPE = 'http://www.smpte-ra.org/430-1/2006/KDM#kdm-key-type';
/** Scope of MDEK, the key type of Atmos and other auxiliary data. */
export const DOLBY_KEY_SCOPE = 'http://www.dolby.com/cp850/2012/KDM#kdm-key-type';

/** Id of the part in the clear (ST 430-3 5). */
export const PUBLIC_ID = 'ID_AuthenticatedPublic';
/** Id of the part with the encrypted keys (ST 430-3 5). */
export const PRIVATE_ID = 'ID_AuthenticatedPrivate';

/** Key types (ST 430-1 6.1.7): picture, sound, subtitle, marking of both, auxiliary data. */
export const KEY_TYPES = ['MDIK', 'MDAK', 'MDSK', 'FMIK', 'FMAK', 'MDEK'] as const;
/** One of {@link KEY_TYPES}. */
export type KeyType = (typeof KEY_TYPES)[number];

/** Whether a text is one of {@link KEY_TYPES}. */
export function isKeyType(text: string): text is KeyType {
  return (KEY_TYPES as readonly string[]).includes(text);
}

/** The scope a key type is written with. */
export function keyTypeScope(type: KeyType): string {
  return type === 'MDEK' ? DOLBY_KEY_SCOPE : KDM_MESSAGE_TYPE;
}

/**
 * How devices are trusted (ISDCF Doc 5).
 * - `modified-transitional-1`: no ContentAuthenticator, only the assume-trust thumbprint
 * - `multiple-modified-transitional-1`: no ContentAuthenticator, real device thumbprints
 * - `dci-any`: ContentAuthenticator, only the assume-trust thumbprint
 * - `dci-specific`: ContentAuthenticator, real device thumbprints
 */
export const FORMULATIONS = [
  'modified-transitional-1',
  'multiple-modified-transitional-1',
  'dci-any',
  'dci-specific',
] as const;
/** One of {@link FORMULATIONS}. */
export type Formulation = (typeof FORMULATIONS)[number];

/** Whether a formulation lists real devices instead of assuming trust. */
export function listsDevices(formulation: Formulation): boolean {
  return formulation === 'multiple-modified-transitional-1' || formulation === 'dci-specific';
}

/** Whether a formulation carries a ContentAuthenticator: the two of DCI. */
export function hasAuthenticator(formulation: Formulation): boolean {
  return formulation === 'dci-any' || formulation === 'dci-specific';
}

/** A moment with the offset it is written with. */
export type KdmTime = {
  readonly instant: InstantMs;
  /** Minutes east of UTC. */
  readonly offsetMinutes: number;
};

/** When keys may be used; both ends belong to it. */
export type KdmWindow = { readonly notBefore: KdmTime; readonly notAfter: KdmTime };

/** A content key. The key never stands in a finding, an error or a log. */
export type ContentKey = {
  readonly keyId: Uuid;
  readonly keyType: KeyType;
  /** 16 bytes of AES-128. */
  readonly key: Uint8Array;
};

/** Which forensic marking the message switches off. */
export type ForensicMarking = {
  readonly picture?: 'off';
  /** `{ aboveChannel }` leaves channels up to that one marked (1 to 99). */
  readonly audio?: 'off' | { readonly aboveChannel: number };
};

const FLAG_PREFIX = 'http://www.smpte-ra.org/430-1/2006/KDM#mrkflg-';
/** The ISDCF registry has this flag under another authority than the other two. */
const CHANNEL_PREFIX =
  'http://www.dcimovies.com/430-1/2006/KDM#mrkflg-audio-disable-above-channel-';
const CHANNEL_FLAG =
  /^http:\/\/www\.(?:dcimovies\.com|smpte-ra\.org)\/430-1\/2006\/KDM#mrkflg-audio-disable-above-channel-(\d{1,2})$/;

/** Flags as URIs, in the order picture, audio. */
export function forensicFlags(marking: ForensicMarking): string[] {
  const { picture, audio } = marking;
  const flags = picture === 'off' ? [`${FLAG_PREFIX}picture-disable`] : [];
  if (audio === 'off') flags.push(`${FLAG_PREFIX}audio-disable`);
  else if (audio !== undefined) {
    flags.push(`${CHANNEL_PREFIX}${String(audio.aboveChannel).padStart(2, '0')}`);
  }
  return flags;
}

/** What flags mean; a flag nobody knows is listed. Both spellings of the channel flag are met. */
export function readForensicFlags(flags: readonly string[]): {
  readonly marking: ForensicMarking;
  readonly unknown: readonly string[];
} {
  let marking: ForensicMarking = {};
  const unknown: string[] = [];
  for (const flag of flags) {
    const channel = CHANNEL_FLAG.exec(flag)?.[1];
    if (flag === `${FLAG_PREFIX}picture-disable`) marking = { ...marking, picture: 'off' };
    else if (flag === `${FLAG_PREFIX}audio-disable`) marking = { ...marking, audio: 'off' };
    else if (channel !== undefined) {
      marking = { ...marking, audio: { aboveChannel: Number(channel) } };
    } else unknown.push(flag);
  }
  return { marking, unknown };
}
