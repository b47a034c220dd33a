import type { Certificate } from '@yinglian/certificates';
import type { InstantMs, Uuid } from '@yinglian/core';
import type { XmlDocument, XmlElement } from '@yinglian/xml';

/** Of log records, ST 430-4. */
export const LOG_NAMESPACE = 'http://www.smpte-ra.org/schemas/430-4/2008/LogRecord/';
/** Spellings of it that are met. Their records are the same. */
export const LOG_NAMESPACES: readonly string[] = [
  LOG_NAMESPACE,
  'http://www.smpte-ra.org/430-4/2008/LogRecord/',
  'http://www.smpte-ra.org/schemas/430-4/2008/LogRecord',
  'http://www.smpte-ra.org/ns/430-4/2023/LogRecord',
];
/** Of devices and parameters, ST 433. */
export const DCML_NAMESPACE = 'http://www.smpte-ra.org/schemas/433/2008/dcmlTypes/';
/** The class of security logs, ST 430-5 6.4. */
export const SECURITY_CLASS = 'http://www.smpte-ra.org/430-5/2008/SecurityLog/';

/** Types of events (ST 430-5 8.2). */
export const EVENT_TYPES = ['Playout', 'Validation', 'Key', 'ASM', 'Operations'] as const;
/** One of {@link EVENT_TYPES}. */
export type EventType = (typeof EVENT_TYPES)[number];

/** Subtypes of each type (ST 430-5 8.3). */
export const EVENT_SUBTYPES: Readonly<Record<EventType, readonly string[]>> = Object.freeze({
  Playout: ['FrameSequencePlayed', 'CPLStart', 'CPLEnd', 'PlayoutComplete'],
  Validation: ['CPLCheck'],
  Key: ['KDMKeysReceived', 'KDMDeleted'],
  ASM: ['LinkOpened', 'LinkClosed', 'LinkException', 'LogTransfer', 'KeyTransfer'],
  Operations: [
    'SPBOpen',
    'SPBClose',
    'SPBMarriage',
    'SPBDivorce',
    'SPBShutdown',
    'SPBStartup',
    'SPBClockAdjust',
    'SPBSoftware',
    'SPBSecurityAlert',
  ],
});

/** Exceptions of ST 430-5 8.4 that spoil what a playout proves. */
export const PLAYOUT_EXCEPTIONS: readonly string[] = [
  'FrameSequenceError',
  'FrameMICError',
  'TrackFileIDError',
  'CheckValueError',
  'AssetHashError',
  'AssetMissingError',
  'ContentAuthenticatorError',
  'ValidityWindowError',
  'TDLError',
  'SignatureError',
  'SoftwareFailure',
];

/** What a device is called by in a log. */
export type LogDeviceId = { readonly kind: string; readonly value: string };

/** Who reports. */
export type ReportingDevice = {
  readonly id: LogDeviceId | undefined;
  readonly type: string | undefined;
  readonly serial: string | undefined;
  readonly manufacturer: string | undefined;
  readonly name: string | undefined;
  readonly model: string | undefined;
};

/** A named value of an event. */
export type LogValue = { readonly name: string; readonly value: string };

/** The header of a record: what the chain of hashes runs over. */
export type LogRecordHeader = {
  readonly element: XmlElement;
  readonly eventId: Uuid | undefined;
  readonly time: InstantMs | undefined;
  /** Minutes east of UTC as written; undefined with the time. */
  readonly offsetMinutes: number | undefined;
  readonly sequence: number | undefined;
  readonly source: LogDeviceId | undefined;
  readonly secondarySource: LogDeviceId | undefined;
  readonly eventClass: string;
  readonly type: string;
  readonly contentId: Uuid | undefined;
  /** Base64 as written. */
  readonly previousHeaderHash: string | undefined;
  readonly recordBodyHash: string | undefined;
};

/** The body of a record; left out of a record that a filter took (ST 430-5 annex B). */
export type LogRecordBody = {
  readonly element: XmlElement;
  readonly eventId: Uuid | undefined;
  readonly subtype: string;
  readonly parameters: readonly LogValue[];
  readonly exceptions: readonly LogValue[];
  readonly references: readonly LogValue[];
};

/** The signature of a sequence of records, in one of them. */
export type LogRecordSignature = {
  readonly element: XmlElement;
  /** `start` or `stop`, as written. */
  readonly placement: string | undefined;
  readonly sequenceLength: number | undefined;
  /** What the signature covers: the hash of the header of its record. */
  readonly authData: XmlElement | undefined;
  readonly headerHash: string | undefined;
  readonly issuerName: string | undefined;
  readonly serialNumber: string | undefined;
  readonly signature: XmlElement | undefined;
};

/** One record of a log. */
export type LogRecord = {
  readonly element: XmlElement;
  readonly header: LogRecordHeader;
  readonly body: LogRecordBody | undefined;
  readonly signature: LogRecordSignature | undefined;
};

/** A log report as read: facts only, nothing judged. */
export type LogReport = {
  readonly document: XmlDocument;
  readonly reportDate: InstantMs | undefined;
  readonly device: ReportingDevice;
  readonly records: readonly LogRecord[];
};

/** What the chain of a report proves. */
export type LogProof = {
  /** For each record whether a signature and an unbroken chain stand behind it. */
  readonly proven: readonly boolean[];
  /** Who signed, leaf first; empty where nothing right was signed. */
  readonly signer: readonly Certificate[];
  /** Base64 hash of the last header: what the next report's first record should carry. */
  readonly lastHeaderHash: string | undefined;
};
