import { describe, expect, it } from 'vitest';
import { type Auditorium, diffFacilities, type Facility } from '@yinglian/facility';

const hall: Auditorium = {
  name: '1',
  installDate: '2020-01-01',
  screenWidth: { value: '12.5', unit: 'meter' },
  seatingCapacity: 300,
  suites: [],
  otherDevices: [],
};
const facility: Facility = {
  dialect: 'st430-16',
  partial: false,
  id: 'urn:x-facilityID:yinglian.example:Hall-1',
  alternateIds: [],
  name: 'Grand',
  contacts: [],
  addresses: {},
  kdmDelivery: [],
  dcpDelivery: [],
  devices: [],
  auditoriums: [hall],
};

describe('halls', () => {
  it('[FA21] tells of seats, screens and dates of halls', () => {
    const grown = { ...hall, seatingCapacity: 280, screenWidth: { value: '14', unit: 'meter' } };
    const { installDate: _date, ...undated } = grown;
    const kind = 'changed_auditorium';
    expect(diffFacilities(facility, { ...facility, auditoriums: [undated] })).toEqual([
      { kind, auditorium: '1', fact: 'seatingCapacity', from: '300', to: '280' },
      { kind, auditorium: '1', fact: 'screenWidth', from: '12.5 meter', to: '14 meter' },
      { kind, auditorium: '1', fact: 'installDate', from: '2020-01-01', to: undefined },
    ]);
    expect(diffFacilities(facility, facility)).toEqual([]);
  });
});
