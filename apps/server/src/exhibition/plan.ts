import type { Finding, Place } from '@yinglian/core';
import type { CinemaFields, CinemaRecord, ScreenRecord } from './repository.ts';

/** A cinema as a file tells it: a sheet by its rows, a facility list by its auditoriums. */
export type SheetCinema = {
  readonly at: Place;
  readonly circuit: string | null;
  /** IANA name; a sheet tells none. */
  readonly timeZone: string | null;
  readonly cinema: Omit<
    CinemaFields,
    | 'circuitId'
    | 'organisationId'
    | 'nameEnglish'
    | 'timeZone'
    | 'findings'
    | 'zone'
    | 'cityClass'
    | 'latitude'
    | 'longitude'
  >;
  readonly screens: {
    readonly at: Place;
    readonly name: string;
    readonly number: number | null;
    readonly seats: number | null;
    readonly formats: string[];
    /** Whether the file says so; else they are a guess. */
    readonly tellsFormats: boolean;
    /** PEM of the media block, or the thumbprint of one that stands there. */
    readonly certificate: string | null;
    readonly maker: string | null;
    readonly model: string | null;
    readonly serial: string | null;
  }[];
};

/** A screen of a file, with the one that is registered already where there is one. */
export type PlannedScreen = Omit<SheetCinema['screens'][number], 'at'> & {
  readonly known: ScreenRecord | undefined;
};
/** What an import is going to do with one cinema. */
export type PlannedCinema = {
  readonly circuit: string | null;
  /** Of a circuit that is registered already. */
  readonly circuitId: string | null;
  readonly cinema: Omit<CinemaFields, 'circuitId' | 'findings'>;
  readonly known: CinemaRecord | undefined;
  readonly tellsClock: boolean;
  readonly screens: readonly PlannedScreen[];
  /** What its record is to carry: oddities of its code. */
  readonly oddities: readonly Finding[];
  readonly findings: readonly Finding[];
};
