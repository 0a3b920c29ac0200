import type autocannon from 'autocannon';
import type { Destination } from '../journeys/journey.ts';
import type { Scenario } from './measure.ts';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

/** A machine's token for one service: client authentication, one signature, one durable event. */
export function clientCredentials(to: Destination): Scenario {
  const { id, secret } = to.clients.admin;
  const form = {
    grant_type: 'client_credentials',
    client_id: id,
    client_secret: secret,
    resource: to.services.authorization.url,
  };
  const body = new URLSearchParams(form).toString();
  return {
    name: 'client_credentials',
    request: { url: `${to.services.token.url}/oauth/token`, method: 'POST', headers: FORM, body },
  };
}

/** Each connection rotates a refresh token of its own, again and again. */
export function refresh(to: Destination, refreshTokens: readonly string[]): Scenario {
  const { id, secret } = to.clients.demo;
  const unused = [...refreshTokens];
  const setupClient = (client: autocannon.Client) => {
    const present = (token: string) => {
      const form = { grant_type: 'refresh_token', refresh_token: token, client_id: id, client_secret: secret };
      client.setBody(new URLSearchParams(form).toString());
    };
    present(unused.pop() ?? '');
    client.on('body', (body) => present((JSON.parse(String(body)) as { refresh_token: string }).refresh_token));
  };
  return {
    name: 'refresh',
    request: { url: `${to.services.token.url}/oauth/token`, method: 'POST', headers: FORM, setupClient },
  };
}

/** One permission of one user, from the database. */
export function check(
  to: Destination,
  token: string,
  question: { user_id: string; org_id: string; permission: string },
): Scenario {
  return {
    name: 'check',
    request: {
      url: `${to.services.authorization.url}/api/v1/authorization/check`,
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(question),
    },
  };
}
