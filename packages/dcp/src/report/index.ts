export type { ReportExtras } from './content.ts';
export { reportHtml } from './html.ts';
export {
  documentPdf,
  type PdfBar,
  type PdfBlock,
  type PdfPages,
  type PdfTable,
  reportPdf,
} from './pdf.ts';
export { pngOf, type PreviewOptions, type ReportPicture, reportPictures } from './preview.ts';
