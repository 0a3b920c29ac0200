import { integer, secretUrl, setting, settings } from '@gatehouse/config';

/**
 * The settings of a service's database; `variable` names the one that holds its URL.
 *
 * @example const config = defineConfig(serviceSettings(...), databaseSettings('TOKEN_DATABASE_URL'));
 */
export function databaseSettings<const V extends string>(variable: V) {
  const url = setting(secretUrl(['postgres:', 'postgresql:']), {
    example: 'postgres://token:…@db.example.com:5432/token',
    description: "The service's own database, with a role that owns it.",
  });
  return settings({
    ...({ [variable]: url } as Record<V, typeof url>), // -- a computed key widens to string
    DATABASE_POOL_SIZE: setting(integer({ min: 2, max: 200 }).default(10), {
      example: '10',
      description: 'Most connections of one replica, beside the two that its relay keeps.',
    }),
  });
}
