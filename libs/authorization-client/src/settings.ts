import { baseUrl, setting, settings } from '@gatehouse/config';
import type { ConfigOf } from '@gatehouse/config';

/** Where a service asks for permissions. */
export const authorizationClientSettings = settings({
  AUTHORIZATION_URL: setting(baseUrl(), {
    example: 'https://authorization.example.com',
    description: "The authorization service's base URL, the same as its SERVICE_URL.",
  }),
});
export type AuthorizationClientSettings = ConfigOf<typeof authorizationClientSettings>;
