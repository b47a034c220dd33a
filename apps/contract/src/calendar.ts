import { z } from 'zod';
import { endpoint } from './endpoint.ts';
import { findingList } from './problems.ts';
import { businessDate, count, id, page } from './shapes.ts';

/** Bookings and programmes by screen and day, and the country at a glance. */

const light = z.enum(['green', 'amber', 'red']);
export const calendar = {
  days: endpoint({
    method: 'GET',
    path: '/api/exhibition/calendar',
    permission: 'exhibition.read',
    summary: { zh: '排片与订片日历', en: 'Bookings and programme by screen and day' },
    query: z.object({
      from: businessDate,
      days: z.coerce.number().int().min(1).max(31).default(7),
      cinemaId: id.optional(),
      circuitId: id.optional(),
      filmId: id.optional(),
      worst: light.optional(),
      after: z.string().max(200).optional(),
      limit: z.coerce.number().int().min(1).max(100).default(30),
    }),
    result: page(
      z.object({
        screenId: id,
        screenName: z.string(),
        cinemaId: id,
        cinemaName: z.string(),
        days: z.array(
          z.object({
            date: businessDate,
            worst: light.nullable(),
            bookings: z.array(z.object({ id, filmTitle: z.string(), state: z.string() })),
            shows: z.array(
              z.object({
                id,
                start: z.string(),
                minutes: count,
                filmTitle: z.string(),
                /** Null: a film of another house, of which nothing is known here. */
                light: light.nullable(),
                findings: findingList,
              }),
            ),
          }),
        ),
      }),
    ),
    errors: ['invalid'],
  }),
  map: endpoint({
    method: 'GET',
    path: '/api/exhibition/map',
    permission: 'exhibition.read',
    summary: { zh: '影院地图', en: 'Cinemas on the map, by readiness' },
    query: z.object({
      hours: z.coerce.number().int().min(1).max(720).default(72),
      filmId: id.optional(),
      circuitId: id.optional(),
      /** Its cinemas one by one. */
      province: z.string().max(40).optional(),
    }),
    result: z.object({
      provinces: z.array(
        z.object({
          province: z.string(),
          cinemas: count,
          screens: count,
          shows: count,
          red: count,
          amber: count,
          green: count,
          booked: count,
        }),
      ),
      cinemas: z.array(
        z.object({
          id,
          name: z.string(),
          city: z.string().nullable(),
          latitude: z.number().nullable(),
          longitude: z.number().nullable(),
          shows: count,
          worst: light.nullable(),
        }),
      ),
    }),
  }),
};
