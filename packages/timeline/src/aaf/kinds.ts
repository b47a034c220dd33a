/**
 * Data definitions by the identification in the file (first group little-endian): picture and
 * sound of AAF 1.0 and 1.1, and the data tracks that Avid keeps markers on.
 */
const KINDS: Readonly<Record<string, string>> = {
  '0202030100010000060e2b3404010101': 'Video',
  '0202030100020000060e2b3404010101': 'Audio',
  e18c3c6fef6cd211807d006008143e6f: 'Video',
  e1ebe178ef6cd211807d006008143e6f: 'Audio',
  '0202030100030000060e2b3404010101': 'AAF_DataEssenceTrack',
  '0101040e01010000060e2b3404010101': 'AAF_DataEssenceTrack',
};

/** What kind of track a data definition means; undefined for timecode, edge code and the like. */
export function trackKindOf(dataDefinition: string | undefined): string | undefined {
  return dataDefinition === undefined ? undefined : KINDS[dataDefinition];
}
