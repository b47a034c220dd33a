/** Limits that more than one package shares. A limit of one package stands in that package. */

/** Bytes of one XML document; the largest facility lists seen are about 30 MB. */
export const XML_BYTES_MAX = 64 * 1024 * 1024;
/** Elements inside one another; the deepest document of the trade uses about 20. */
export const XML_DEPTH_MAX = 64;
/** Findings kept of one examination; the rest is counted, not kept. */
export const FINDINGS_MAX = 10_000;
/** Bytes asked from a source in one read. */
export const READ_BYTES_MAX = 16 * 1024 * 1024;
