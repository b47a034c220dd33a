import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { findingList } from './problems.ts';
import {
  businessDate, byId, count, expectedVersion, fen, fileRecord, id, instant, name, page, pageQuery,
  versioned,
} from './shapes.ts';

/** Exhibition: cinemas, screens, devices and their certificates; what was shown and sold. */

const circuitFields = z.object({ name, code: z.string().max(40).nullable(),
  organisationId: id.nullable() });
export const circuitSchema = versioned.extend(circuitFields.shape).extend({ cinemas: count });

export const EQUIPMENT = ['owned', 'leased'] as const;
export const TAXPAYERS = ['general', 'small_scale'] as const;
const cinemaFields = z.object({
  name, nameEnglish: z.string().max(200).nullable(),
  /** 8-digit cinema code, 影院编码 */
  code: z.string().max(8).nullable(),
  circuitId: id.nullable(), organisationId: id.nullable(),
  province: z.string().max(40).nullable(), city: z.string().max(60).nullable(),
  address: z.string().max(300).nullable(),
  /** IANA name; key windows are meant in this clock. */
  timeZone: z.string().max(60).default('Asia/Shanghai'),
  email: z.email().nullable(),
  /** 设备归属: 自购 owned, 租赁 leased. */
  equipment: z.enum(EQUIPMENT).nullable(),
  /** 一般纳税人 general, 小规模纳税人 small_scale: by it terms choose the way of VAT. */
  taxpayer: z.enum(TAXPAYERS).nullable().default(null),
  /** 甲区, 乙区 … as notices divide the country. */
  zone: z.string().max(40).nullable().default(null),
  /** Of the settlement standard; lists are per notice, this is the usual one. */
  cityClass: z.string().max(40).nullable().default(null),
  latitude: z.number().min(-90).max(90).nullable().default(null),
  longitude: z.number().min(-180).max(180).nullable().default(null),
});
export const cinemaSchema = versioned.extend(cinemaFields.shape).extend({
  circuitName: z.string().nullable(), screens: count, devicesReady: count,
  findings: findingList,
});
const screenFields = z.object({
  cinemaId: id, name: z.string().min(1).max(60), number: z.number().int().positive().nullable(),
  seats: count.nullable(), formats: z.array(z.string().max(20)).max(20),
});
export const deviceSchema = z.object({
  id, screenId: id, kind: z.enum(['media_block', 'projector', 'server', 'other']),
  maker: z.string().nullable(), model: z.string().nullable(), serial: z.string().nullable(),
  certificate: z.object({
    thumbprint: z.string(), subject: z.string(), issuer: z.string(), notBefore: instant,
    notAfter: instant, roles: z.array(z.string()), findings: findingList,
  }).nullable(),
  from: instant, to: instant.nullable(),
});
export const screenSchema = versioned.extend(screenFields.shape).extend({
  cinemaName: z.string(), device: deviceSchema.nullable(),
});

/** Fields a column of a box-office file may hold, by the names of the box-office package. */
export const MAPPING_FIELDS = [
  'rowNumber', 'cinemaName', 'cinemaCode', 'filmName', 'filmCode', 'equipment', 'from', 'to',
  'date', 'start', 'hall', 'screeningId', 'screenings', 'admissions', 'grossFen',
  'serviceFeeFen', 'fundFen', 'vatRate', 'taxFen', 'netFen', 'shareRate', 'shareFen', 'circuit',
  'province', 'channel', 'seats', 'ticketId', 'ticketType', 'priceFen', 'operation', 'issuedOn',
  'issuedAt',
] as const;
const columnNames = z.partialRecord(z.enum(MAPPING_FIELDS), z.string().max(200));
/** Which column holds what; columns are named by their headings as the sender writes them. */
export const mappingSchema = z.object({
  format: z.literal('yinglian-mapping/1').default('yinglian-mapping/1'),
  name: z.string().max(200).default('detected'),
  level: z.enum(['ticket', 'screening', 'day', 'month']),
  columns: columnNames,
  constants: columnNames.optional(),
  moneyUnit: z.enum(['yuan', 'fen']).default('yuan'),
  rateUnit: z.enum(['fraction', 'percent']).default('fraction'),
});

const rowSchema = z.object({
  line: count, cinemaCode: z.string().nullable(), cinemaName: z.string().nullable(),
  filmCode: z.string().nullable(), filmName: z.string().nullable(), hall: z.string().nullable(),
  from: businessDate, to: businessDate, equipment: z.enum(EQUIPMENT).nullable(),
  screenings: count, admissions: count, grossFen: fen,
  /** As the sender computed them, kept for comparison. */
  stated: z.record(z.string(), z.string()),
});
export const reportSchema = versioned.extend({
  filmId: id.nullable(), sender: z.string(), level: z.enum(['ticket', 'screening', 'day', 'month']),
  file: fileRecord, state: z.enum(['draft', 'imported', 'superseded']),
  rows: count, quarantined: count, from: businessDate.nullable(), to: businessDate.nullable(),
  screenings: count, admissions: count, grossFen: fen, supersedes: id.nullable(),
  findings: findingList, mapping: mappingSchema,
});

export const exhibition = {
  circuits: endpoint({
    method: 'GET', path: '/api/exhibition/circuits', permission: 'exhibition.read',
    summary: { zh: '院线', en: 'Circuits' }, query: pageQuery, result: page(circuitSchema),
  }),
  createCircuit: endpoint({
    method: 'POST', path: '/api/exhibition/circuits', permission: 'exhibition.write', creates: true,
    summary: { zh: '登记院线', en: 'Register a circuit' }, body: circuitFields,
    result: circuitSchema, errors: ['invalid'],
  }),
  cinemas: endpoint({
    method: 'GET', path: '/api/exhibition/cinemas', permission: 'exhibition.read',
    summary: { zh: '影院', en: 'Cinemas' },
    query: pageQuery.extend({ circuitId: id.optional() }), result: page(cinemaSchema),
  }),
  cinema: endpoint({
    method: 'GET', path: '/api/exhibition/cinemas/:id', permission: 'exhibition.read',
    summary: { zh: '影院详情', en: 'One cinema' }, params: byId, result: cinemaSchema,
    errors: ['not_found'],
  }),
  createCinema: endpoint({
    method: 'POST', path: '/api/exhibition/cinemas', permission: 'exhibition.write', creates: true,
    summary: { zh: '登记影院', en: 'Register a cinema' }, body: cinemaFields,
    result: cinemaSchema, errors: ['invalid', 'conflict'],
  }),
  updateCinema: endpoint({
    method: 'PUT', path: '/api/exhibition/cinemas/:id', permission: 'exhibition.write',
    summary: { zh: '修改影院', en: 'Change a cinema' }, params: byId,
    body: cinemaFields.extend(expectedVersion.shape), result: cinemaSchema,
    errors: ['not_found', 'conflict', 'invalid'],
  }),
  screens: endpoint({
    method: 'GET', path: '/api/exhibition/screens', permission: 'exhibition.read',
    summary: { zh: '影厅', en: 'Screens' },
    query: pageQuery.extend({ cinemaId: id.optional(), circuitId: id.optional() }),
    result: page(screenSchema),
  }),
  createScreen: endpoint({
    method: 'POST', path: '/api/exhibition/screens', permission: 'exhibition.write', creates: true,
    summary: { zh: '登记影厅', en: 'Register a screen' }, body: screenFields,
    result: screenSchema, errors: ['not_found', 'invalid'],
  }),
  updateScreen: endpoint({
    method: 'PUT', path: '/api/exhibition/screens/:id', permission: 'exhibition.write',
    summary: { zh: '修改影厅', en: 'Change a screen' }, params: byId,
    body: screenFields.extend(expectedVersion.shape), result: screenSchema,
    errors: ['not_found', 'conflict'],
  }),
  installDevice: endpoint({
    method: 'POST', path: '/api/exhibition/screens/:id/device', permission: 'exhibition.write',
    creates: true,
    summary: { zh: '登记设备证书', en: "Install a device with its certificate; ends the former's time" },
    params: byId,
    body: z.object({ kind: z.enum(['media_block', 'projector', 'server', 'other']),
      maker: z.string().max(80).nullable().default(null),
      model: z.string().max(80).nullable().default(null),
      serial: z.string().max(80).nullable().default(null),
      /** Since when it stands there, where it is entered late. */
      since: instant.optional(),
      /** PEM; the chain may follow the leaf. */
      certificatePem: z.string().max(100_000) }),
    result: screenSchema, errors: ['not_found', 'invalid'],
  }),
  importFacilities: endpoint({
    method: 'POST', path: '/api/exhibition/import', permission: 'exhibition.write', creates: true,
    summary: { zh: '导入影院（FLM/CSV/XLSX）', en: 'Import cinemas from FLM, CSV or XLSX' },
    body: z.object({ fileId: id, commit: z.boolean().default(false) }),
    result: z.object({ cinemas: count, screens: count, devices: count, changed: count,
      findings: findingList }),
    errors: ['not_found', 'invalid'],
  }),
  exportFacilities: endpoint({
    method: 'GET', path: '/api/exhibition/export', permission: 'exhibition.read',
    summary: { zh: '导出影院', en: 'Export cinemas' },
    query: z.object({ format: z.enum(['csv', 'xlsx', 'flm']).default('xlsx') }), bytesOut: '*/*',
  }),
  reports: endpoint({
    method: 'GET', path: '/api/exhibition/reports', permission: 'exhibition.read',
    summary: { zh: '票房报表', en: 'Box-office reports' },
    query: pageQuery.extend({ filmId: id.optional() }), result: page(reportSchema),
  }),
  report: endpoint({
    method: 'GET', path: '/api/exhibition/reports/:id', permission: 'exhibition.read',
    summary: { zh: '票房报表详情', en: 'One report' }, params: byId, result: reportSchema,
    errors: ['not_found'],
  }),
  reportRows: endpoint({
    method: 'GET', path: '/api/exhibition/reports/:id/rows', permission: 'exhibition.read',
    summary: { zh: '票房报表的行', en: 'Rows of a report' }, params: byId, query: pageQuery,
    result: page(rowSchema), errors: ['not_found'],
  }),
  previewReport: endpoint({
    method: 'POST', path: '/api/exhibition/reports/preview', permission: 'exhibition.report',
    summary: { zh: '预览票房文件', en: 'Preview a box-office file' },
    body: z.object({ fileId: id, mapping: mappingSchema.optional(),
      /** Read as the last file of this sender was, where its headings are there. */
      sender: z.string().max(200).optional() }),
    result: z.object({
      level: z.string(), encoding: z.string().nullable(), header: z.array(z.string()),
      mapping: mappingSchema, sample: z.array(z.array(z.string())), rows: count, grossFen: fen,
      screenings: count, admissions: count, findings: findingList,
      /** Whose last file had these headings, and whether it was read as this preview is. */
      senders: z.array(z.object({ sender: z.string(), applied: z.boolean() })),
    }),
    errors: ['not_found', 'invalid'],
  }),
  importReport: endpoint({
    method: 'POST', path: '/api/exhibition/reports', permission: 'exhibition.report', creates: true,
    summary: { zh: '导入票房文件', en: 'Import a box-office file' },
    body: z.object({ fileId: id, filmId: id.optional(), sender: z.string().max(200).optional(),
      mapping: mappingSchema.optional(), faults: z.enum(['refuse', 'quarantine']).default('refuse'),
      supersedes: id.optional(),
      /** The approved application, for a correction after the free days. */
      correctionId: id.optional() }),
    result: reportSchema, errors: ['not_found', 'invalid', 'conflict'],
  }),
};
