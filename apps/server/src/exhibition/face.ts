/** What other halls may use of this one. */
export { actsForCinema } from './acting.ts';
export { asDecided, standingFindings } from './cases/decided.ts';
export { cinemaClocks, type ScreenPlace, screenPlaces } from './clocks.ts';
export { logSpansOf } from './evidence/log-repository.ts';
export type { FacilityService } from './facilities.ts';
export { instantOfDay as dayBegins } from './local-time.ts';
export { monthFile } from './month-file.ts';
export type { ReportService } from './reports.ts';
export { devicesNow, listScreens, type ScreenRecord, type StoredDevice } from './repository.ts';
export { screenFinder } from './screen-finder.ts';
export { earlierVersions, listReports, listRows, type RowRecord } from './report-repository.ts';
export { reportsReachedBy } from './access.ts';
