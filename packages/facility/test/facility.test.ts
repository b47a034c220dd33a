import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type Certificate,
  type KeyUsage,
  makeChain,
  thumbprintByText,
  thumbprintOf,
} from '@yinglian/certificates';
import { decodeUtf8, encodeUtf8, type Outcome } from '@yinglian/core';
import { generateRsaKey, nodeCryptography } from '@yinglian/host';
import { base64Lines } from '@yinglian/xml';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  checkFacility,
  checkSuccession,
  type Device,
  devicesOf,
  diffFacilities,
  type Facility,
  FINDING_TEXTS,
  readFacilityList,
  readSiteList,
  sitesChangedSince,
  suiteKeys,
  writeFacilityList,
} from '@yinglian/facility';

const FIXTURES = resolve(
  dirname(fileURLToPath(import.meta.url)),
  '../../../../shared/fixtures/dcp/generated/flm',
);
const HAS_FIXTURES = existsSync(FIXTURES);
if (!HAS_FIXTURES) console.warn('skipped: the fixtures are not beside the checkout');

function value<T>(outcome: Outcome<T>): T {
  if (!outcome.ok) throw new Error(outcome.findings.map((each) => each.code).join());
  return outcome.value;
}

const bytesOf = (name: string) => readFileSync(join(FIXTURES, `${name}.xml`));
const fixture = (name: string) => value(readFacilityList(bytesOf(name), nodeCryptography));
const read = (text: string) => readFacilityList(encodeUtf8(text), nodeCryptography);

const errors = (facility: Facility, check = {}) =>
  checkFacility(facility, check, nodeCryptography)
    .filter((each) => each.severity === 'error')
    .map((each) => each.code);

let manager: readonly Certificate[];
let second: readonly Certificate[];
let projector: readonly Certificate[];
let facility: Facility;

const NOW = Date.UTC(2026, 10, 22);
const YEAR = 365 * 86_400_000;

function device(
  type: string,
  chain: readonly Certificate[] | undefined,
  more: Partial<Device> = {},
): Device {
  return {
    type,
    ...(chain === undefined
      ? {}
      : {
          identifier: { kind: 'CertThumbprint', value: thumbprintOf(chain[0]!, nodeCryptography) },
        }),
    serial: `${type}-1`,
    manufacturer: 'Maker',
    model: 'Model',
    active: true,
    chains: chain === undefined ? [] : [chain],
    ...more,
  };
}

/** The chain with a leaf that is for one use only. */
function only(chain: readonly Certificate[], usage: KeyUsage): readonly Certificate[] {
  const [leaf, ...above] = chain;
  const keyUsage = { critical: true, usages: new Set([usage]) };
  return [{ ...leaf!, extensions: { ...leaf!.extensions, keyUsage } }, ...above];
}

beforeAll(async () => {
  const [root, intermediate, leaf] = await Promise.all([
    generateRsaKey(),
    generateRsaKey(),
    generateRsaKey(),
  ]);
  const keys = { root: root!, intermediate: intermediate!, leaf: leaf! };
  const chain = async (name: string, roles: string[], serial: bigint) =>
    value(
      await makeChain(
        {
          organization: 'maker.example',
          organizationUnit: 'maker.example',
          name,
          roles,
          notBefore: NOW,
          notAfter: NOW + YEAR,
          serials: { root: 1n, intermediate: 2n, leaf: serial },
        },
        keys,
        nodeCryptography,
      ),
    );
  manager = await chain('block.1', ['SM', 'MIC'], 3n);
  second = await chain('block.2', ['SM', 'MIC'], 4n);
  projector = await chain('projector.1', ['PR'], 5n);
  facility = {
    dialect: 'st430-16',
    messageId: 'a0000000-0000-4000-8000-000000000001',
    issueDate: NOW,
    annotation: '影联 & <test>',
    partial: false,
    id: 'urn:x-facilityID:yinglian.example:Hall-1',
    alternateIds: ['urn:x-facilityID:other.example:7'],
    name: '大光明 Grand',
    timeZone: 'Asia/Shanghai',
    circuit: 'none',
    contacts: [{ name: '王', email: 'a@b.example', phone: '1', kind: 'Technical Manager' }],
    addresses: {
      physical: { street: '1', city: '上海', country: 'CN' },
      billing: { addressee: 'x' },
    },
    kdmDelivery: [
      { kind: 'email', to: 'kdm@b.example' },
      { kind: 'network', to: 'https://b.example/' },
    ],
    dcpDelivery: [{ kind: 'physical', to: 'HDD' }],
    devices: [device('TMS', undefined, { identifier: { kind: 'DeviceUID', value: 'urn:uuid:1' } })],
    auditoriums: [
      {
        name: '1',
        installDate: '2020-01-01',
        screenWidth: { value: '12.5', unit: 'meter' },
        seatingCapacity: 300,
        suites: [
          { devices: [device('SM', manager), device('PR', projector, { resolution: '4K' })] },
        ],
        otherDevices: [device('PWR', undefined, { active: false })],
      },
    ],
  };
});

describe('reading and writing', () => {
  it.runIf(HAS_FIXTURES)('[FA1] reads a whole list', () => {
    const found = fixture('st430-16-two-screens');
    expect(found).toMatchObject({
      dialect: 'st430-16',
      messageId: 'a0000000-0000-4000-8000-000000000001',
      issueDate: Date.UTC(2026, 10, 22, 10),
      id: 'urn:x-facilityID:filmnet.example:Roxy-One',
      name: 'Roxy One',
      timeZone: 'Europe/Paris',
      partial: false,
      contacts: [
        { name: 'Projection', email: 'projection@example.com', kind: 'Technical Manager' },
      ],
      addresses: {
        physical: { street: '1 Street', city: 'Town', province: 'State', country: 'US' },
      },
      kdmDelivery: [{ kind: 'email', to: 'kdm@roxyone.example' }],
    });
    expect(found.auditoriums.map((each) => each.name)).toEqual(['1', 'Grande Salle']);
    const devices = [...devicesOf(found)];
    expect(devices.map((each) => each.device.type)).toEqual(['SM', 'PR', 'SM']);
    for (const { device: each } of devices) {
      expect(each.chains).toHaveLength(1);
      expect(each.chains[0]).toHaveLength(3);
      expect(thumbprintOf(each.chains[0]![0]!, nodeCryptography)).toBe(each.identifier!.value);
    }
    expect(errors(found)).toEqual([]);
  });

  it('[FA2] finds certificates in any order, with copies, comments and several leaves', () => {
    const text = decodeUtf8(value(writeFacilityList(facility)))!;
    const cert = (of: Certificate) =>
      `<ds:X509Certificate>${base64Lines(of.der)}</ds:X509Certificate>`;
    const commented = cert(manager[2]!).replace('\n', '\n<!-- a comment -->');
    const others = [manager[0], second[0], second[2], manager[1], manager[0], second[1]].map(
      (each) => cert(each!),
    );
    const mixed = [commented, ...others].join('');
    const info = `<KeyInfoList><ds:KeyInfo><ds:X509Data>${mixed}</ds:X509Data></ds:KeyInfo></KeyInfoList>`;
    const found = value(read(text.replace(/<KeyInfoList>.*?<\/KeyInfoList>/s, info)));
    const { chains } = found.auditoriums[0]!.suites[0]!.devices[0]!;
    expect(chains.map((chain) => chain.map((each) => each.serial))).toEqual([
      [3n, 2n, 1n],
      [4n, 2n, 1n],
    ]);
  });

  it('[FA2] bounds the certificates of one device', () => {
    const text = decodeUtf8(value(writeFacilityList(facility)))!;
    const many = text.replace(/<ds:X509Certificate>.*?<\/ds:X509Certificate>/s, (one) =>
      one.repeat(40),
    );
    const outcome = read(many);
    expect(outcome.ok).toBe(true);
    expect(outcome.findings.map((each) => each.code)).toContain('excessive_certificate_count');
  });

  it('[FA3] reads the older dialects', () => {
    const keyInfo = `<KeyInfoList>
<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data>${manager
      .map((each) => `<X509Certificate>${base64Lines(each.der)}</X509Certificate>`)
      .join('')}</X509Data></KeyInfo></KeyInfoList>`;
    const body = `<FLMPartial>true</FLMPartial><FacilityInfo>
<FacilityID>urn:x-facilityID:x.example:1</FacilityID><FacilityName>X</FacilityName>
<Circuit>c</Circuit></FacilityInfo>
<AuditoriumList><Auditorium><AuditoriumNumber>2</AuditoriumNumber><AuditoriumName>Big</AuditoriumName><DeviceGroupList>
<DeviceGroup><Device><DeviceTypeID>SM</DeviceTypeID>
<DeviceIdentifier idtype="CertThumbprint">x</DeviceIdentifier><ManufacturerName>M</ManufacturerName><IsActive>1</IsActive>${keyInfo}</Device></DeviceGroup>
</DeviceGroupList></Auditorium>
<Auditorium><AuditoriumName>Small</AuditoriumName><DeviceGroupList>
<Device><DeviceTypeID>PLY</DeviceTypeID><IsActive>false</IsActive></Device>
</DeviceGroupList></Auditorium></AuditoriumList>`;
    const flmx = value(
      read(
        `<FacilityListMessage xmlns="http://isdcf.com/2010/06/FLM"><IssueDate>2014-01-01T00:00:00+01</IssueDate>${body}</FacilityListMessage>`,
      ),
    );
    expect(flmx).toMatchObject({
      dialect: 'flm-x',
      partial: true,
      issueDate: Date.UTC(2013, 11, 31, 23),
    });
    expect(flmx.auditoriums.map((each) => each.name)).toEqual(['2', 'Small']);
    expect(flmx.auditoriums[0]!.suites[0]!.devices[0]).toMatchObject({
      type: 'SM',
      manufacturer: 'M',
      active: true,
    });
    expect(flmx.auditoriums[0]!.suites[0]!.devices[0]!.chains[0]).toHaveLength(3);
    expect(flmx.auditoriums[1]!.suites[0]!.devices[0]).toMatchObject({
      type: 'PLY',
      active: false,
    });
    const enveloped = value(
      read(
        `<DCinemaSecurityMessage xmlns="http://www.smpte-ra.org/schemas/430-3/2006/ETM"><AuthenticatedPublic>
<MessageId>urn:uuid:a0000000-0000-4000-8000-000000000009</MessageId>
<IssueDate>2014-01-01T00:00:00Z</IssueDate><RequiredExtensions><FLMRequiredExtensions xmlns="urn:older">${body}</FLMRequiredExtensions>
</RequiredExtensions></AuthenticatedPublic></DCinemaSecurityMessage>`,
      ),
    );
    expect(enveloped).toMatchObject({
      dialect: 'st430-7',
      messageId: 'a0000000-0000-4000-8000-000000000009',
      issueDate: Date.UTC(2014, 0, 1),
    });
    expect(read('<CompositionPlaylist/>').findings.map((each) => each.code)).toEqual([
      'unexpected_facility_root',
    ]);
  });

  it('[FA4] comes back as it was written', () => {
    const written = value(writeFacilityList(facility));
    expect(value(readFacilityList(written, nodeCryptography))).toEqual(facility);
    expect(
      errors(facility, { profile: 'strict', at: NOW, trustedRoots: [manager[2]!, projector[2]!] }),
    ).toEqual([]);
    const { timeZone: _, messageId: __, ...bare } = facility;
    const refusedCodes = writeFacilityList({ ...bare, id: '', name: '' }).findings.map(
      (each) => each.facts['name'],
    );
    expect(refusedCodes).toEqual(['MessageId', 'FacilityID', 'FacilityName', 'FacilityTimeZone']);
    for (const bad of ['\u0000', '\u000b', '\ud800', '\b']) {
      expect(
        writeFacilityList({ ...facility, name: `x${bad}` }).findings.map((each) => each.code),
      ).toEqual(['invalid_facility_text']);
    }
  });

  it.runIf(HAS_FIXTURES)('[FA4] rewrites the test data without loss', () => {
    for (const name of [
      'st430-16-two-screens',
      'st430-16-two-screens-update',
      'broken-two-sm-in-suite',
    ]) {
      const found = fixture(name);
      expect(value(readFacilityList(value(writeFacilityList(found)), nodeCryptography))).toEqual(
        found,
      );
    }
  });

  it('[FA13] never throws, whatever the bytes', () => {
    const bytes = value(writeFacilityList(facility));
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.nat(255), fc.nat(2)), {
          minLength: 1,
          maxLength: 4,
        }),
        (mutations) => {
          let changed = bytes.slice();
          for (const [at, byte, kind] of mutations) {
            if (kind === 0) changed[at % changed.length] = byte;
            else if (kind === 1) changed = changed.slice(0, Math.max(1, at));
            else changed.copyWithin(at % changed.length, 0, byte);
          }
          const outcome = readFacilityList(changed, nodeCryptography);
          if (outcome.ok) checkFacility(outcome.value, {}, nodeCryptography);
          else expect(outcome.findings.length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 500 },
    );
  });
});

function withSuite(devices: readonly Device[]): Facility {
  return { ...facility, auditoriums: [{ ...facility.auditoriums[0]!, suites: [{ devices }] }] };
}

describe('judging', () => {
  it.runIf(HAS_FIXTURES)('[FA5] finds the faults of the test data', () => {
    expect(errors(fixture('broken-two-sm-in-suite'))).toEqual(['duplicate_security_manager']);
    expect(errors(fixture('broken-thumbprint-differs'))).toEqual(['mismatched_device_thumbprint']);
    expect(errors(fixture('broken-no-time-zone'))).toEqual(['missing_time_zone']);
  });

  it('[FA5] wants one active security manager in each suite', () => {
    expect(errors(withSuite([device('PR', projector)]))).toEqual(['missing_security_manager']);
    expect(errors(withSuite([device('SM', manager, { active: false })]))).toEqual([
      'missing_security_manager',
    ]);
    expect(errors(withSuite([device('SM', manager), device('SM', second)]))).toEqual([
      'duplicate_security_manager',
    ]);
    expect(
      errors(withSuite([device('SM', manager), device('SM', second, { active: false })])),
    ).toEqual([]);
    const [found] = checkFacility(withSuite([]), {}, nodeCryptography);
    expect(found!.at).toEqual({ auditorium: '1', suite: 1 });
  });

  it('[FA6] compares identifiers with certificates', () => {
    const other = device('SM', manager, { identifier: { kind: 'CertThumbprint', value: 'AAAA' } });
    expect(errors(withSuite([other]))).toEqual(['mismatched_device_thumbprint']);
    const byText = {
      kind: 'CertThumbprint',
      value: thumbprintByText(manager[0]!, nodeCryptography),
    };
    const found = checkFacility(
      withSuite([device('SM', manager, { identifier: byText })]),
      {},
      nodeCryptography,
    );
    expect(found.map((each) => `${each.severity} ${each.code}`)).toEqual([
      'warning unusual_device_thumbprint',
    ]);
    expect(errors(withSuite([device('SM', undefined)]))).toEqual(['missing_device_certificate']);
    expect(errors(withSuite([device('SM', manager), device('', undefined)]))).toEqual([
      'missing_device_type',
    ]);
  });

  it('[FA7] judges the chains of devices', () => {
    const cut = withSuite([device('SM', manager.slice(0, 2))]);
    expect(errors(cut)).toEqual(['incomplete_chain']);
    expect(errors(facility, { trustedRoots: [] })).toEqual(['untrusted_root', 'untrusted_root']);
    const found = checkFacility(
      withSuite([device('SM', projector)]),
      { at: NOW + 2 * YEAR },
      nodeCryptography,
    );
    expect(new Set(found.map((each) => each.code))).toEqual(
      new Set(['mismatched_certificate_role', 'expired_certificate']),
    );
    expect(found[0]!.at).toMatchObject({ auditorium: '1', device: 'SM Model SM-1' });
  });

  it('[FA8] finds what a key would trip over', () => {
    const auditorium = facility.auditoriums[0]!;
    const { timeZone: _, ...zoneless } = facility;
    const cases: [Facility, string[]][] = [
      [zoneless, ['missing_time_zone']],
      [{ ...facility, timeZone: 'Mars/Base' }, ['unknown_time_zone']],
      [{ ...facility, timeZone: '+08:00' }, ['unknown_time_zone']],
      [{ ...facility, auditoriums: [] }, ['missing_auditorium']],
      [
        { ...facility, auditoriums: [auditorium, { ...auditorium, suites: [] }] },
        ['duplicate_auditorium'],
      ],
      [{ ...facility, auditoriums: [{ ...auditorium, name: '' }] }, ['missing_auditorium_name']],
      [{ ...facility, id: '', name: '' }, ['missing_facility_fact', 'missing_facility_fact']],
    ];
    for (const [changed, codes] of cases) expect(errors(changed)).toEqual(codes);
    const twice = { ...facility, auditoriums: [auditorium, { ...auditorium, name: '2' }] };
    const doubled = checkFacility(twice, {}, nodeCryptography);
    expect(doubled.map((each) => `${each.severity} ${each.code}`)).toEqual(
      Array(2).fill('warning duplicate_device'),
    );
    expect(doubled.length).toBe(2);
  });

  it.runIf(HAS_FIXTURES)(
    '[FA20] finds what stands twice, says nothing or is of another form',
    () => {
      const path = join(FIXTURES, 'st430-16-two-screens.xml');
      const text = readFileSync(path, 'utf8');
      const codes = (changed: string) =>
        readFacilityList(new TextEncoder().encode(changed), nodeCryptography).findings.map(
          (each) => each.code,
        );
      expect(codes(text)).toEqual([]);
      const faults: [RegExp | string, string, string][] = [
        ...['MessageId', 'FacilityInfo', 'FacilityTimeZone', 'ContactList', 'Country']
          .concat(['AuditoriumList', 'AuditoriumNumberOrName', 'SuiteList', 'DeviceTypeID'])
          .concat(['DeviceSerial', 'Manufacturer', 'ModelNumber', 'IsActive', 'KeyInfoList'])
          .map((name): [RegExp, string, string] => [
            new RegExp(`<${name}>.*?</${name}>`, 's'),
            '$&$&',
            'duplicate_list_element',
          ]),
        [/<Manufacturer>[^<]*/, '<Manufacturer>', 'empty_list_element'],
        ['<MessageId>urn:uuid:', '<MessageId>', 'unusual_message_id'],
        ['430-16/2017/FLM', '430-16/2050/FLM', 'unknown_list_namespace'],
        ['idtype="CertThumbprint"', 'idtype="Serial"', 'unknown_identifier_type'],
        [/<DeviceIdentifier.*?<\/DeviceIdentifier>/s, '', 'missing_device_identifier'],
      ];
      for (const [from, to, code] of faults) {
        const changed = text.replace(from, to);
        expect(changed, String(from)).not.toBe(text);
        expect(codes(changed), String(from)).toContain(code);
      }
    },
  );

  it('[FA19] finds lists of tomorrow and serials that two boxes have', () => {
    const auditorium = facility.auditoriums[0]!;
    const codes = (changed: Facility) =>
      checkFacility(changed, { at: facility.issueDate! }, nodeCryptography).map(
        (each) => each.code,
      );
    const before = codes(facility);
    const later = { ...facility, issueDate: facility.issueDate! + 3 * 86_400_000 };
    expect(codes(later)).toEqual(['premature_facility_list', ...before]);
    const suites = auditorium.suites.map(({ devices }) => ({
      devices: devices.map((each) => ({
        ...each,
        chains: [],
        identifier: { kind: 'DeviceUID' as const, value: `another ${each.type}` },
      })),
    }));
    const copied = { ...auditorium, name: 'another', suites, otherDevices: [] };
    const doubled = codes({ ...facility, auditoriums: [...facility.auditoriums, copied] });
    expect(doubled).toContain('duplicate_device_serial');
    expect(before).not.toContain('duplicate_device_serial');
  });

  it('[FA8] tells what is unusual', () => {
    const odd = {
      ...facility,
      id: 'Roxy',
      partial: true,
      kdmDelivery: [{ kind: 'email', to: 'nobody' } as const],
    };
    expect(checkFacility(odd, {}, nodeCryptography).map((each) => each.code)).toEqual([
      'unusual_facility_id',
      'partial_facility_list',
      'invalid_delivery_address',
    ]);
  });
});

describe('changes', () => {
  it.runIf(HAS_FIXTURES)('[FA9] tells what an update changes', () => {
    const [before, after] = [
      fixture('st430-16-two-screens'),
      fixture('st430-16-two-screens-update'),
    ];
    const changes = diffFacilities(before, after);
    expect(changes.map((each) => each.kind)).toEqual([
      'replaced_security_manager',
      'removed_auditorium',
    ]);
    expect(changes[0]).toMatchObject({ auditorium: '1', suite: 1, to: { serial: '1009' } });
    expect(changes[1]).toMatchObject({ auditorium: 'Grande Salle' });
    expect(checkSuccession(before, after)).toEqual([]);
    expect(checkSuccession(after, before).map((each) => each.code)).toEqual([
      'outdated_facility_list',
    ]);
  });

  it('[FA9] tells every kind of change, and nothing of the same message', () => {
    expect(diffFacilities(facility, facility)).toEqual([]);
    const kinds = (after: Facility) => diffFacilities(facility, after).map((each) => each.kind);
    const auditorium = facility.auditoriums[0]!;
    expect(kinds({ ...facility, name: 'New', timeZone: 'Asia/Urumqi' })).toEqual([
      'changed_fact',
      'changed_fact',
    ]);
    expect(kinds({ ...facility, kdmDelivery: [] })).toEqual(['changed_fact']);
    expect(
      kinds({ ...facility, auditoriums: [...facility.auditoriums, { ...auditorium, name: '2' }] }),
    ).toEqual(['added_auditorium']);
    expect(kinds({ ...facility, auditoriums: [] })).toEqual(['removed_auditorium']);
    expect(
      kinds(withSuite([device('SM', second), device('PR', projector, { resolution: '4K' })])),
    ).toEqual(['replaced_security_manager']);
    expect(kinds(withSuite([device('SM', manager)]))).toEqual(['removed_device']);
    expect(kinds(withSuite([device('SM', manager), device('PR', projector)]))).toEqual([
      'changed_device',
    ]);
    expect(
      kinds({ ...facility, devices: [...facility.devices, device('TAS', undefined)] }),
    ).toEqual(['added_device']);
    // The same identifier with another certificate is another device to a key.
    const swapped = device('SM', second, {
      identifier: facility.auditoriums[0]!.suites[0]!.devices[0]!.identifier!,
    });
    expect(kinds(withSuite([swapped, device('PR', projector, { resolution: '4K' })]))).toEqual([
      'replaced_security_manager',
    ]);
  });

  it('[FA10] does not let another facility, an older or a partial list pass unseen', () => {
    const codes = (after: Partial<Facility>) =>
      checkSuccession(facility, { ...facility, ...after }).map((each) => each.code);
    expect(codes({})).toEqual([]);
    expect(codes({ id: 'urn:x-facilityID:x:2' })).toEqual(['mismatched_facility']);
    expect(codes({ id: 'urn:x-facilityID:x:2', alternateIds: [facility.id] })).toEqual([]);
    expect(codes({ issueDate: NOW - 1 })).toEqual(['outdated_facility_list']);
    expect(codes({ partial: true })).toEqual(['partial_facility_list']);
  });

  it('[FA11] gives the recipients of keys', () => {
    const [keys, ...none] = suiteKeys(facility);
    expect(none).toEqual([]);
    expect(keys).toMatchObject({
      auditorium: '1',
      suite: 1,
      chain: manager,
      trustedDevices: [projector[0]],
    });
    const twoLeaves = device('SM', manager, { chains: [projector, manager] });
    expect(suiteKeys(withSuite([twoLeaves]))[0]!.chain).toBe(manager);
    const [signs, opens] = [only(manager, 'digitalSignature'), only(manager, 'keyEncipherment')];
    const dual = withSuite([device('SM', manager, { chains: [signs, opens] })]);
    expect(suiteKeys(dual)[0]!.chain).toBe(opens);
    expect(errors(dual)).toEqual([]);
    const unserved = withSuite([device('SM', manager, { chains: [signs] })]);
    expect(suiteKeys(unserved)).toEqual([]);
    expect(errors(unserved)).toEqual(['missing_key_usage']);
    const listed = withSuite([
      device('SM', manager),
      device('PR', undefined, { identifier: { kind: 'CertThumbprint', value: 'x' } }),
    ]);
    expect(suiteKeys(listed)[0]!.trustedDevices).toEqual(['x']);
    expect(suiteKeys(withSuite([device('SM', manager), device('SM', second)]))).toEqual([]);
    expect(suiteKeys(withSuite([device('SM', undefined)]))).toEqual([]);
  });

  it('[FA12] reads site lists', () => {
    const text = `<SiteList xmlns="http://isdcf.com/2010/04/SiteList"
 xmlns:xlink="http://www.w3.org/1999/xlink">
<Originator>http://x.example/</Originator><SystemName>S</SystemName><FacilityList>
<Facility id="a" modified="2014-01-01T10:00:00.250+01" xlink:href="http://x.example/a"
 xlink:type="simple"/>
<Facility id="b" modified="2014-01-01T10:00:00+0100" xlink:href="http://x.example/b"/>
<Facility id="c" modified="2014-01-01T10:00:00+01:00" xlink:href="http://x.example/c"/>
<Facility id="d" xlink:href="http://x.example/d"/><Facility id="e" modified="2014-01-01T10:00:00Z"/>
</FacilityList></SiteList>`;
    const outcome = readSiteList(encodeUtf8(text));
    const list = value(outcome);
    const nine = Date.UTC(2014, 0, 1, 9);
    expect(list.sites.map((each) => each.modified)).toEqual([
      nine + 250,
      nine,
      nine,
      undefined,
      nine + 3_600_000,
    ]);
    expect(list).toMatchObject({ originator: 'http://x.example/', systemName: 'S' });
    expect(outcome.findings.map((each) => each.code)).toEqual([
      'missing_site_time',
      'missing_site_link',
    ]);
    expect(sitesChangedSince(list, nine + 1).map((each) => each.id)).toEqual(['a', 'd', 'e']);
    expect(readSiteList(encodeUtf8('<x/>')).ok).toBe(false);
  });

  it('[FA14] has a text in both languages for every code', () => {
    for (const [code, text] of Object.entries(FINDING_TEXTS)) {
      expect(code).toMatch(/^[a-z]+(_[a-z]+)+$/);
      expect(text.zh && text.en).toBeTruthy();
    }
  });
});
