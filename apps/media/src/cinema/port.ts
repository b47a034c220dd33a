import type { XyzPlanes } from '@yinglian/dcp';

/** One picture as a codestream of the digital cinema profile. */
export type CinemaCoded = {
  readonly codestream: Uint8Array;
  /** The first attempt was over the caps, so the picture was made again with fewer bytes. */
  readonly lowered: boolean;
};

/** What compresses pictures: the engine of this project, or a program that is started for each. */
export type CinemaEncoder = {
  encode(planes: XyzPlanes): Promise<CinemaCoded>;
  /** Ends what still runs and takes away what it left. */
  close(): Promise<void>;
};
