import { groupBy } from '@yinglian/core';
import { sql } from 'kysely';
import type { Queryable } from '../../kernel/database/database.ts';
import { type NamedScreen, screenFinder } from '../screen-finder.ts';

/** A screen that a device stood in, from its installation there until its next one. */
export type DevicePlace = {
  readonly screenId: string;
  readonly from: number;
  readonly until: number;
};

/** Where devices stood, by what they are called in logs. */
export type DevicePlaces = ReadonlyMap<string, readonly DevicePlace[]>;

/** The screen that a device stood in at a time. */
export function screenAt(places: DevicePlaces, device: string, at: number): string | undefined {
  return places.get(device)?.find((place) => place.from <= at && at < place.until)?.screenId;
}

/**
 * The screens of devices by thumbprint or serial, past ones too, or by the screen's own name or
 * number. A device is often registered long after it was installed: what is older than its first
 * place is of that place. One that nobody registered stands where somebody last said.
 */
export async function placesOfDevices(
  database: Queryable,
  cinemaId: string,
  devices: readonly string[],
): Promise<DevicePlaces> {
  const names = devices.filter((each) => each !== '');
  if (names.length === 0) return new Map();
  const stood = await sql<{ name: string; screen_id: string; installed_at: Date }>`
    select named.name, device.screen_id, device.installed_at
    from unnest(${names}::text[]) as named (name)
    join exhibition.screen on screen.cinema_id = ${cinemaId}
    join exhibition.device on device.screen_id = screen.id
      and (device.thumbprint = named.name or device.serial = named.name)
    order by device.installed_at, device.removed_at nulls last`.execute(database);
  const screens = await sql<NamedScreen>`select id, name, number from exhibition.screen
    where cinema_id = ${cinemaId}`.execute(database);
  const told = await sql<{ device: string; screen_id: string }>`
    select distinct on (device) device, screen_id from exhibition.log_piece
    where cinema_id = ${cinemaId} and device = any(${names}::text[]) and screen_id is not null
    order by device, last_at desc`.execute(database);
  const toldOf = new Map(told.rows.map((row) => [row.device, row.screen_id]));
  const screenOf = screenFinder(screens.rows);
  const byName = groupBy(stood.rows, (each) => each.name);
  const places = new Map<string, readonly DevicePlace[]>();
  for (const name of names) {
    const own = byName.get(name) ?? [];
    const called = screenOf(name) ?? toldOf.get(name);
    if (own.length > 0) {
      places.set(name, own.map((each, index) => placeOf(each, index, own[index + 1])));
    } else if (called !== undefined) {
      places.set(name, [{ screenId: called, from: -Infinity, until: Infinity }]);
    }
  }
  return places;
}

type Stood = { readonly screen_id: string; readonly installed_at: Date };

function placeOf(stood: Stood, index: number, next: Stood | undefined): DevicePlace {
  return {
    screenId: stood.screen_id,
    from: index === 0 ? -Infinity : stood.installed_at.getTime(),
    until: next?.installed_at.getTime() ?? Infinity,
  };
}
